import type { CatalogueMilestone } from './types.ts';

/** The milestones that ship. Rewards are worth two workouts at most, so that they please and do not pay for a membership. */
export const MILESTONES: readonly CatalogueMilestone[] = [
  {
    slug: 'workouts-1', name: 'Day One', description: 'Log your first workout.',
    category: 'consistency', condition: 'workouts', value: { target: 1 }, rewardCredits: 10,
  },
  {
    slug: 'workouts-10', name: 'Double Digits', description: 'Log 10 workouts.',
    category: 'consistency', condition: 'workouts', value: { target: 10 }, rewardCredits: 15,
  },
  {
    slug: 'workouts-50', name: 'Regular', description: 'Log 50 workouts.',
    category: 'consistency', condition: 'workouts', value: { target: 50 }, rewardCredits: 25,
  },
  {
    slug: 'workouts-100', name: 'Centurion', description: 'Log 100 workouts.',
    category: 'consistency', condition: 'workouts', value: { target: 100 }, rewardCredits: 50,
  },
  {
    slug: 'workouts-500', name: 'Part of the Furniture', description: 'Log 500 workouts.',
    category: 'consistency', condition: 'workouts', value: { target: 500 }, rewardCredits: 50,
  },
  {
    slug: 'days-30', name: 'Thirty Good Days', description: 'Train on 30 different days.',
    category: 'consistency', condition: 'days_trained', value: { target: 30 }, rewardCredits: 20,
  },
  {
    slug: 'days-365', name: 'A Year of Days', description: 'Train on 365 different days.',
    category: 'consistency', condition: 'days_trained', value: { target: 365 }, rewardCredits: 50,
  },
  {
    slug: 'streak-3', name: 'Hat Trick', description: 'Train on three days in a row.',
    category: 'consistency', condition: 'streak', value: { target: 3 }, rewardCredits: 10,
  },
  {
    slug: 'streak-7', name: 'Full Week', description: 'Train on seven days in a row; easy days count.',
    category: 'consistency', condition: 'streak', value: { target: 7 }, rewardCredits: 25,
  },
  {
    slug: 'streak-14', name: 'Fortnight', description: 'Train on 14 days in a row, with easy days among them.',
    category: 'consistency', condition: 'streak', value: { target: 14 }, rewardCredits: 40,
  },
  {
    slug: 'tu-1000', name: 'First Thousand', description: 'Collect 1,000 Training Units.',
    category: 'growth', condition: 'total_tu', value: { target: 1_000 }, rewardCredits: 10,
  },
  {
    slug: 'tu-10000', name: 'Ten Thousand', description: 'Collect 10,000 Training Units.',
    category: 'growth', condition: 'total_tu', value: { target: 10_000 }, rewardCredits: 25,
  },
  {
    slug: 'tu-50000', name: 'Fifty Thousand', description: 'Collect 50,000 Training Units.',
    category: 'growth', condition: 'total_tu', value: { target: 50_000 }, rewardCredits: 40,
  },
  {
    slug: 'tu-250000', name: 'Quarter Million', description: 'Collect 250,000 Training Units.',
    category: 'growth', condition: 'total_tu', value: { target: 250_000 }, rewardCredits: 50,
  },
  {
    slug: 'exercises-5', name: 'Curious', description: 'Try 5 different exercises.',
    category: 'variety', condition: 'exercises', value: { target: 5 }, rewardCredits: 10,
  },
  {
    slug: 'exercises-20', name: 'Explorer', description: 'Try 20 different exercises.',
    category: 'variety', condition: 'exercises', value: { target: 20 }, rewardCredits: 20,
  },
  {
    slug: 'exercises-60', name: 'Walking Catalogue', description: 'Try 60 different exercises.',
    category: 'variety', condition: 'exercises', value: { target: 60 }, rewardCredits: 40,
  },
  {
    slug: 'reps-1000', name: 'Thousand Strong', description: 'Do 1,000 repetitions, warm-ups apart.',
    category: 'volume', condition: 'reps', value: { target: 1_000 }, rewardCredits: 10,
  },
  {
    slug: 'reps-10000', name: 'Ten Thousand Times', description: 'Do 10,000 repetitions.',
    category: 'volume', condition: 'reps', value: { target: 10_000 }, rewardCredits: 25,
  },
  {
    slug: 'reps-100000', name: 'Never Tired of It', description: 'Do 100,000 repetitions.',
    category: 'volume', condition: 'reps', value: { target: 100_000 }, rewardCredits: 50,
  },
  {
    slug: 'sets-500', name: 'Set in Your Ways', description: 'Do 500 working sets.',
    category: 'volume', condition: 'sets', value: { target: 500 }, rewardCredits: 15,
  },
  {
    slug: 'sets-5000', name: 'Five Thousand Sets', description: 'Do 5,000 working sets.',
    category: 'volume', condition: 'sets', value: { target: 5_000 }, rewardCredits: 40,
  },
  {
    slug: 'volume-10000', name: 'Elephant', description: 'Lift 10,000 kg in total: about two elephants.',
    category: 'strength', condition: 'volume_kg', value: { target: 10_000 }, rewardCredits: 10,
  },
  {
    slug: 'volume-100000', name: 'Blue Whale', description: 'Lift 100,000 kg in total: the weight of a small blue whale.',
    category: 'strength', condition: 'volume_kg', value: { target: 100_000 }, rewardCredits: 25,
  },
  {
    slug: 'volume-1000000', name: 'Freight Train', description: 'Lift a thousand tonnes in total.',
    category: 'strength', condition: 'volume_kg', value: { target: 1_000_000 }, rewardCredits: 50,
  },
  {
    slug: 'minutes-60', name: 'The First Hour', description: 'Log 60 minutes of timed exercise.',
    category: 'volume', condition: 'minutes', value: { target: 60 }, rewardCredits: 10,
  },
  {
    slug: 'minutes-600', name: 'Ten Hours', description: 'Log 600 minutes of timed exercise.',
    category: 'volume', condition: 'minutes', value: { target: 600 }, rewardCredits: 20,
  },
  {
    slug: 'minutes-6000', name: 'Hundred Hours', description: 'Log 6,000 minutes of timed exercise.',
    category: 'volume', condition: 'minutes', value: { target: 6_000 }, rewardCredits: 50,
  },
  {
    slug: 'muscles-10', name: 'On the Map', description: 'Train 10 different muscles as the main ones of an exercise.',
    category: 'variety', condition: 'muscles_covered', value: { target: 10 }, rewardCredits: 10,
  },
  {
    slug: 'muscles-25', name: 'Well Rounded', description: 'Train 25 different muscles as the main ones of an exercise.',
    category: 'variety', condition: 'muscles_covered', value: { target: 25 }, rewardCredits: 25,
  },
  {
    slug: 'muscles-37', name: 'Whole Map', description: 'Train every one of the 37 muscles as the main one of an exercise.',
    category: 'variety', condition: 'muscles_covered', value: { target: 37 }, rewardCredits: 50,
  },
  {
    slug: 'level-2', name: 'Next Floor', description: 'Reach level 2 of your archetype.',
    category: 'growth', condition: 'level', value: { target: 2 }, rewardCredits: 10,
  },
  {
    slug: 'level-5', name: 'Halfway Up', description: 'Reach level 5 of your archetype.',
    category: 'growth', condition: 'level', value: { target: 5 }, rewardCredits: 30,
  },
  {
    slug: 'level-10', name: 'Top Shelf', description: 'Reach level 10 of your archetype.',
    category: 'growth', condition: 'level', value: { target: 10 }, rewardCredits: 50,
  },
  {
    slug: 'competitions-1', name: 'At the Start Line', description: 'Finish your first competition.',
    category: 'community', condition: 'competitions', value: { target: 1 }, rewardCredits: 15,
  },
  {
    slug: 'competitions-5', name: 'Competitor', description: 'Finish 5 competitions.',
    category: 'community', condition: 'competitions', value: { target: 5 }, rewardCredits: 30,
  },
  {
    slug: 'competitions-20', name: 'Old Hand', description: 'Finish 20 competitions.',
    category: 'community', condition: 'competitions', value: { target: 20 }, rewardCredits: 50,
  },
  {
    slug: 'months-1', name: 'Settled In', description: 'Be a member for one month.',
    category: 'community', condition: 'months_member', value: { target: 1 }, rewardCredits: 10,
  },
  {
    slug: 'months-6', name: 'Half a Year', description: 'Be a member for six months.',
    category: 'community', condition: 'months_member', value: { target: 6 }, rewardCredits: 20,
  },
  {
    slug: 'months-12', name: 'Anniversary', description: 'Be a member for a year.',
    category: 'community', condition: 'months_member', value: { target: 12 }, rewardCredits: 40,
  },
  {
    slug: 'months-36', name: 'Family', description: 'Be a member for three years.',
    category: 'community', condition: 'months_member', value: { target: 36 }, rewardCredits: 50,
  },
];
