import type { CatalogueTip } from '../types.ts';

/** Shown after as many days without a workout; `never` before the first one. */
export const INACTIVITY_TIPS: readonly CatalogueTip[] = [
  {
    slug: 'inactivity-never', value: 'never', category: 'mindset', title: 'The first one may be short',
    content: 'Twenty minutes count. Squats to a chair, push-ups against a wall and a brisk walk make a real first workout: log it, and the hardest one is done.',
    priority: 3,
  },
  {
    slug: 'inactivity-never-time', value: 'never', category: 'mindset', title: 'Choose the when before the what',
    content: 'People who decide on day, hour and place are about twice as likely to train. Put two appointments with yourself into this week.',
    priority: 2,
  },
  {
    slug: 'inactivity-3', value: '3', category: 'recovery', title: 'Well rested?',
    content: 'Three days without training: every muscle has had time to recover. Today is a good day for what you usually put off.',
  },
  {
    slug: 'inactivity-5', value: '5', category: 'mindset', title: 'Just the warm-up',
    content: 'No drive today? Promise yourself only the warm-up, with leave to go home after it. Most people stay.',
  },
  {
    slug: 'inactivity-7', value: '7', category: 'mindset', title: 'A week off costs nothing',
    content: 'You lose practically no strength in a week. Come back with your usual weights and one set less per exercise.', priority: 1,
  },
  {
    slug: 'inactivity-14', value: '14', category: 'programming', title: 'After two weeks, start at 90 percent',
    content: 'Take about ten percent off your weights and leave two or three repetitions in every set. In a week you are where you were.', priority: 2,
  },
  {
    slug: 'inactivity-30', value: '30', category: 'safety', title: 'A month away: half the sets',
    content: 'Strength comes back within weeks, tendons want more time. Start with half the sets and two thirds of the weight, and add a little each session.',
    priority: 3,
  },
  {
    slug: 'inactivity-90', value: '90', category: 'mindset', title: 'Muscles remember',
    content: 'Who was strong once gets there again in a fraction of the time. Begin as a beginner would, for three weeks, and let the weights come to you.',
    priority: 4,
  },
];

/** Shown from as many days in a row on. */
export const STREAK_TIPS: readonly CatalogueTip[] = [
  {
    slug: 'streak-2', value: '2', category: 'mindset', title: 'Two in a row',
    content: 'Twice is the start of a pattern. Lay out your things for the next session tonight: it is one decision less.',
  },
  {
    slug: 'streak-3', value: '3', category: 'programming', title: 'Three days, three parts',
    content: 'On the third day in a row, train what the first two did not: muscles need about 48 hours before they are hit hard again.',
  },
  {
    slug: 'streak-5', value: '5', category: 'recovery', title: 'Make one day easy',
    content: 'Five days in a row is strong. Let the next one be a walk, mobility or easy cardio: it counts, and the muscles catch up.', priority: 1,
  },
  {
    slug: 'streak-7', value: '7', category: 'recovery', title: 'A week without a break',
    content: 'Watch three signs of too much: sleep gets worse, resting pulse rises, usual weights feel heavy. Two of three mean a day off.', priority: 2,
  },
  {
    slug: 'streak-10', value: '10', category: 'recovery', title: 'Rest is part of it',
    content: 'Progress happens between sessions. A planned day off will not undo ten days of work; an injury would.', priority: 3,
  },
  {
    slug: 'streak-14', value: '14', category: 'mindset', title: 'What carries you?',
    content: 'Two weeks in a row is not willpower any more, it is a system. Find out which part of it would survive a holiday.', priority: 3,
  },
  {
    slug: 'streak-30', value: '30', category: 'recovery', title: 'Thirty days: take stock',
    content: 'Compare the weights of this week with those a month ago. If they stand still, more rest will probably help more than more training.', priority: 4,
  },
];

/** Shown in the part of the day that it is for the member. */
export const TIME_TIPS: readonly CatalogueTip[] = [
  {
    slug: 'morning-warm-up', value: 'morning', category: 'safety', title: 'Longer warm-up in the morning',
    content: 'Body temperature is lowest in the early hours. Give yourself ten minutes instead of five, and leave heavy bending for the end of the first hour after getting up.',
    contexts: ['dashboard', 'workout', 'prescription'],
  },
  {
    slug: 'morning-breakfast', value: 'morning', category: 'nutrition', title: 'Training before breakfast?',
    content: 'For up to an hour an empty stomach is fine if you feel well. For longer or heavier sessions, a banana half an hour before is enough.',
    contexts: ['dashboard', 'workout'],
  },
  {
    slug: 'morning-light', value: 'morning', category: 'recovery', title: 'Get some morning light',
    content: 'Ten minutes outside soon after waking help you to fall asleep in the evening, and sleep is your best supplement.', contexts: ['dashboard', 'rest'],
  },
  {
    slug: 'afternoon-peak', value: 'afternoon', category: 'programming', title: 'Your strongest hours',
    content: 'Most people are strongest between late afternoon and early evening. If you can choose, put the heaviest session there.',
    contexts: ['dashboard', 'workout', 'prescription'],
  },
  {
    slug: 'afternoon-caffeine', value: 'afternoon', category: 'nutrition', title: 'Last coffee at two',
    content: 'Half of the caffeine is still there after five to six hours. A late espresso may cost more in sleep than it gives in the gym.', contexts: ['dashboard', 'rest'],
  },
  {
    slug: 'evening-wind-down', value: 'evening', category: 'recovery', title: 'Train late, sleep well',
    content: 'Evening training does not harm sleep if it ends an hour or more before bed. A warm shower and dim light help the body to cool down.',
    contexts: ['dashboard', 'workout', 'rest'],
  },
  {
    slug: 'evening-stretch', value: 'evening', category: 'mobility', title: 'Stretch while you read',
    content: 'A calm ten minutes on the floor in the evening, hips, calves and chest, 30 to 60 seconds each, add up to real range over months.',
    contexts: ['dashboard', 'rest'],
  },
  {
    slug: 'night-sleep', value: 'night', category: 'recovery', title: 'Bed beats one more set',
    content: 'After a week of six hours or less, strength falls and injuries rise. If it is the session or the sleep tonight, take the sleep.',
    contexts: ['dashboard', 'workout', 'rest'],
  },
  {
    slug: 'night-short', value: 'night', category: 'programming', title: 'Late shift? Keep it short',
    content: 'Training at night works if it is your rhythm. Two big exercises, three sets each, half an hour, and home.', contexts: ['workout', 'prescription'],
  },
];
