import type { CatalogueTip } from '../types.ts';

/** Shown to who trains for the goal, as the repetitions and kinds of the last four weeks show it or the client says. */
export const GOAL_TIPS: readonly CatalogueTip[] = [
  {
    slug: 'strength-rest', value: 'strength', category: 'programming', title: 'Rest longer to lift more',
    content: 'For sets of one to five, rest three minutes or more. Shorter rests feel harder but cost you weight on the bar, and the weight is ' +
      'what makes you stronger.',
  },
  {
    slug: 'strength-practice', value: 'strength', category: 'programming', title: 'Strength is a skill',
    content: 'Lift your main lift two or three times a week, mostly with weights you could lift two or three times more. Testing your maximum ' +
      'every week is not training.',
  },
  {
    slug: 'strength-warm-up', value: 'strength', category: 'safety', title: 'Climb to your top set',
    content: 'Warm up with fewer repetitions as the weight rises: for a set at 100 kg, for example 20 × 8, 50 × 5, 70 × 3, 85 × 1. You arrive warm, not tired.',
  },
  {
    slug: 'strength-small-steps', value: 'strength', category: 'progress', title: 'Small plates, long progress',
    content: 'When 2.5 kg more stops working, add 1 kg or one repetition. A kilogram a month is twelve in a year.', minLevel: 3,
  },
  {
    slug: 'hypertrophy-sets', value: 'hypertrophy', category: 'programming', title: 'Ten hard sets a week',
    content: 'Muscles grow with the number of hard sets a week: fewer than five does a little, ten or more clearly more. Spread them over two ' +
      'days so that the last ones still count.',
  },
  {
    slug: 'hypertrophy-failure', value: 'hypertrophy', category: 'programming', title: 'Close to failure, not beyond',
    content: 'Stop most sets one to three repetitions before you would fail. You get nearly all of the growth with much less fatigue; keep ' +
      'failure for the last set of small exercises.',
  },
  {
    slug: 'hypertrophy-protein', value: 'hypertrophy', category: 'nutrition', title: 'Protein: a daily number',
    content: 'About 1.6 g per kilogram of bodyweight a day is enough for nearly everybody who lifts. Three or four meals with 25 to 40 g each ' +
      'make it easy.',
  },
  {
    slug: 'hypertrophy-range', value: 'hypertrophy', category: 'technique', title: 'Train the stretched position',
    content: 'Repetitions that reach the stretched end of the movement build at least as much muscle as any. Give up some weight before you give ' +
      'up the bottom half.',
  },
  {
    slug: 'endurance-easy', value: 'endurance', category: 'programming', title: 'Slow makes fast',
    content: 'About four fifths of endurance training should be easy. Keep the hard day hard by not turning the easy ones into medium.',
  },
  {
    slug: 'endurance-growth', value: 'endurance', category: 'safety', title: 'Grow the long one slowly',
    content: 'Let the longest session of the week grow by about ten percent at most, and take every fourth week shorter. Lungs adapt in weeks, ' +
      'tendons in months.',
  },
  {
    slug: 'endurance-strength', value: 'endurance', category: 'programming', title: 'Lift to run and ride better',
    content: 'Two short sessions of heavy leg work a week improve running and cycling economy. Do them after an easy day, not before intervals.',
  },
  {
    slug: 'fat-loss-keep-weights', value: 'fat_loss', category: 'programming', title: 'Keep the weights heavy',
    content: 'When you eat less, lifting heavy tells the body to keep its muscle. Cut the number of sets by a third if you must, never the weight.',
  },
  {
    slug: 'fat-loss-pace', value: 'fat_loss', category: 'nutrition', title: 'Half a percent a week',
    content: 'Losing 0.5 to 1 percent of bodyweight a week keeps most of the muscle. Weigh yourself daily and compare weekly averages: ' +
      'single days are mostly water.',
  },
  {
    slug: 'fat-loss-steps', value: 'fat_loss', category: 'programming', title: 'Steps beat sprints',
    content: 'A daily walk of 30 to 45 minutes burns more over the week than one hard class, costs no recovery and does not make you hungry.',
  },
  {
    slug: 'mobility-strength', value: 'mobility', category: 'mobility', title: 'Own the range you gain',
    content: 'A new range stays when you use it with load. After stretching, do a light set of a movement that ends there: goblet squats ' +
      'after the hips, pullovers after the lats.',
  },
  {
    slug: 'mobility-minutes', value: 'mobility', category: 'mobility', title: 'Five minutes a muscle a week',
    content: 'Flexibility follows the weekly total. Twice 30 seconds on five days does more than one long session, and it fits into a coffee break.',
  },
];
