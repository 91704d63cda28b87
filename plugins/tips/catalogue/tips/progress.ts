import type { CatalogueTip } from '../types.ts';

/** `near` at 80 % of a milestone, `completed` in the week after one, `unclaimed` while a reward waits. */
export const MILESTONE_TIPS: readonly CatalogueTip[] = [
  {
    slug: 'milestone-near', value: 'near', category: 'mindset', title: 'You are nearly there',
    content: 'One of your milestones is more than four fifths done. Look which one it is and put the session that finishes it into your calendar.',
    contexts: ['dashboard', 'journey', 'history'],
  },
  {
    slug: 'milestone-unclaimed', value: 'unclaimed', category: 'progress', title: 'There is a reward waiting',
    content: 'You have reached a milestone and not claimed its credits yet. They do not expire, but they do not add themselves either.', priority: 5,
    contexts: ['dashboard', 'journey'],
  },
  {
    slug: 'milestone-completed', value: 'completed', category: 'mindset', title: 'Let it sink in',
    content: 'You reached a milestone this week. Write down in one sentence what made it possible: that is the habit to protect next.',
    contexts: ['dashboard', 'journey', 'rest'],
  },
  {
    slug: 'milestone-completed-next', value: 'completed', category: 'progress', title: 'Pick the next one on purpose',
    content: 'After a milestone, motivation dips for many people. Choose one new aim for the coming month, small enough to be nearly certain.',
    contexts: ['journey', 'history'],
  },
];

/** Shown to who is at the level. */
export const LEVEL_TIPS: readonly CatalogueTip[] = [
  {
    slug: 'level-1-log', value: '1', category: 'progress', title: 'Write it down',
    content: 'Note weight and repetitions of every set from the first day. "One more than last time" is the simplest programme there is, and it ' +
      'works for months.',
  },
  {
    slug: 'level-1-soreness', value: '1', category: 'recovery', title: 'Soreness is not a score',
    content: 'Being sore after new exercises is normal and fades in two to three days. Light movement helps; the second time it will be much less.',
  },
  {
    slug: 'level-1-few-exercises', value: '1', category: 'programming', title: 'Six movements are enough',
    content: 'A squat, a hinge, a push, a pull, a carry and something for the trunk: learn these six well before you collect more exercises.',
  },
  {
    slug: 'level-2-double-progression', value: '2', category: 'programming', title: 'Add repetitions, then weight',
    content: 'Choose a range, say 8 to 12. Stay with a weight until all sets reach 12, then take the next one and start at 8 again.',
  },
  {
    slug: 'level-3-technique-video', value: '3', category: 'technique', title: 'Film one set a week',
    content: 'Put the phone at hip height, from the side, for your last hard set. What you see in ten seconds tells more than a month of guessing.',
  },
  {
    slug: 'level-4-deload', value: '4', category: 'recovery', title: 'Plan your first light week',
    content: 'After five to eight hard weeks, take one with half the sets at the same weights. You come back stronger because you let the work arrive.',
  },
  {
    slug: 'level-5-weak-point', value: '5', category: 'programming', title: 'Train the weak point first',
    content: 'Whatever comes first in a session improves most. For the next six weeks, start with the muscle or lift you like least.',
  },
  {
    slug: 'level-6-phases', value: '6', category: 'programming', title: 'Work in blocks',
    content: 'Four to six weeks of more sets, then three or four of heavier ones: phases give the body something new before it is bored.',
  },
  {
    slug: 'level-7-frequency', value: '7', category: 'programming', title: 'Spread the load',
    content: 'If a session has more than about ten hard sets for one muscle, the last ones add little. Move some to another day.',
  },
  {
    slug: 'level-8-patience', value: '8', category: 'mindset', title: 'Measure in seasons',
    content: 'At your level, progress hides in weeks and shows in months. Compare this quarter with the same one last year.',
  },
  {
    slug: 'level-9-teach', value: '9', category: 'mindset', title: 'Teach one person',
    content: 'Explaining a lift shows you what you do without thinking. Offer a beginner ten minutes; both of you will lift better.',
  },
  {
    slug: 'level-10-health', value: '10', category: 'safety', title: 'Keep something in reserve',
    content: 'Those who lift for decades miss few sessions and few of them to injuries. Leave one repetition in most sets, and go to the doctor early.',
  },
];
