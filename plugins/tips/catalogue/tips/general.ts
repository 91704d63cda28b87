import type { CatalogueTip } from '../types.ts';

/** For anybody, on any day. */
export const GENERAL_TIPS: readonly CatalogueTip[] = [
  {
    slug: 'sleep-hours', value: null, category: 'recovery', title: 'Seven hours and more',
    content: 'Adults who train do best with seven to nine hours of sleep. The same time of getting up every day matters more than the time of going to bed.',
  },
  {
    slug: 'water', value: null, category: 'nutrition', title: 'Drink to thirst',
    content: 'In sessions under an hour, water when you are thirsty is enough. In the heat, weigh yourself before and after: drink back what you have lost.',
  },
  {
    slug: 'creatine', value: null, category: 'nutrition', title: 'The one supplement that works',
    content: 'Creatine monohydrate, 3 to 5 g a day at any time, is well studied and helps in strength training. Ask your doctor first if you have kidney trouble.',
    minLevel: 2,
  },
  {
    slug: 'protein-breakfast', value: null, category: 'nutrition', title: 'Start with protein',
    content: 'Most people eat little protein in the morning and a lot at night. Eggs, quark or tofu at breakfast spread it better over the day.',
  },
  {
    slug: 'warm-up-specific', value: null, category: 'safety', title: 'Warm up with what you will do',
    content: 'Two or three light sets of the first exercise prepare better than ten minutes on a bike. Add the bike when it is cold.', contexts: ['workout', 'prescription', 'dashboard'],
  },
  {
    slug: 'static-stretch-after', value: null, category: 'mobility', title: 'Long stretches come after',
    content: 'Holding a stretch for more than a minute right before heavy sets makes you a little weaker. Move before, hold after.', contexts: ['workout', 'rest', 'dashboard'],
  },
  {
    slug: 'pain-rule', value: null, category: 'safety', title: 'Pain has a scale',
    content: 'Up to 3 of 10, gone by the next morning: usually fine to train on. Sharp, rising or lasting pain: stop the exercise and have it looked at.', priority: 1,
  },
  {
    slug: 'rest-timer', value: null, category: 'programming', title: 'Time your rests for a week',
    content: 'Most people rest either far less or far more than they think. Two minutes for big lifts and one for small ones are a good start.', contexts: ['workout', 'dashboard'],
  },
  {
    slug: 'tempo-down', value: null, category: 'technique', title: 'Two seconds down',
    content: 'Lower every weight under control, about two seconds. It costs nothing, keeps joints happy and gives the muscle the half of the work that it often misses.',
    contexts: ['workout', 'exercise', 'dashboard'],
  },
  {
    slug: 'order', value: null, category: 'programming', title: 'Big before small',
    content: 'Compound lifts first, isolation after: what comes first gets your freshest sets. Unless a small muscle is your priority, then break the rule.',
    contexts: ['workout', 'prescription', 'dashboard'],
  },
  {
    slug: 'minimum', value: null, category: 'mindset', title: 'Know your minimum session',
    content: 'Decide now what you do on a bad day: two exercises, two sets. Having a minimum keeps a bad week from becoming a bad month.',
  },
  {
    slug: 'superset', value: null, category: 'programming', title: 'Short on time? Pair opposites',
    content: 'A push and a pull in turn save about a third of the time at the same work: bench and row, curl and pushdown, squat and hanging raise.',
    contexts: ['workout', 'prescription', 'dashboard'],
  },
  {
    slug: 'single-side', value: null, category: 'technique', title: 'Start with the weaker side',
    content: 'In one-sided exercises let the weaker side choose weight and repetitions, and match them with the stronger one. The gap closes by itself.',
    contexts: ['workout', 'exercise', 'dashboard'],
  },
  {
    slug: 'breathing', value: null, category: 'technique', title: 'When to breathe',
    content: 'For lighter sets breathe out on the effort. For heavy ones hold a braced breath through the hard part. With high blood pressure avoid long holds.',
    contexts: ['workout', 'exercise'],
  },
  {
    slug: 'deload-signs', value: null, category: 'recovery', title: 'When to ease off',
    content: 'Weights fall in two sessions in a row, sleep is poor, joints grumble: take a week at half the sets. It is cheaper than being stopped.', minLevel: 3,
  },
  {
    slug: 'walk', value: null, category: 'recovery', title: 'Walk on rest days',
    content: 'Twenty to thirty easy minutes move blood through sore muscles and clear the head. They take nothing away from the next session.', contexts: ['rest', 'dashboard'],
  },
  {
    slug: 'alcohol', value: null, category: 'nutrition', title: 'After a hard session, skip the drinks',
    content: 'Several drinks after training reduce muscle building by a quarter and more, even with enough protein. Celebrate with dinner.', contexts: ['rest', 'dashboard'],
  },
  {
    slug: 'log-notes', value: null, category: 'progress', title: 'One word per session',
    content: 'Add a word to each log: slept badly, fresh, rushed. In three months you will know what your good days have in common.', contexts: ['history', 'dashboard', 'workout'],
  },
  {
    slug: 'compare', value: null, category: 'mindset', title: 'Compare with yourself',
    content: 'Somebody is always stronger, and always was younger, heavier or longer at it. The only fair race is against last month.', contexts: ['history', 'journey', 'dashboard'],
  },
  {
    slug: 'variety', value: null, category: 'programming', title: 'Change little, rarely',
    content: 'Keep your main exercises for eight weeks or more, so that progress can show. Vary the small ones when they bore you.', contexts: ['prescription', 'history', 'dashboard'],
  },
  {
    slug: 'shoes', value: null, category: 'safety', title: 'Flat soles to lift',
    content: 'Soft running shoes wobble under a heavy squat or deadlift. Flat shoes, lifting shoes or socks (where allowed) give you a floor to push on.',
    contexts: ['workout', 'exercise'],
  },
  {
    slug: 'fibre-carbs', value: null, category: 'nutrition', title: 'Carbohydrates are fuel',
    content: 'Hard sessions run on carbohydrates. A meal with rice, potatoes, oats or bread two to three hours before makes the last sets better.', contexts: ['dashboard', 'workout'],
  },
];
