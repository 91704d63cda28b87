/** Where a tip may be shown. */
export const CONTEXTS = ['dashboard', 'workout', 'exercise', 'prescription', 'history', 'journey', 'rest'] as const;
export type Context = (typeof CONTEXTS)[number];

export const TIP_CATEGORIES = [
  'technique',
  'programming',
  'recovery',
  'nutrition',
  'mobility',
  'safety',
  'mindset',
  'progress',
] as const;
export type TipCategory = (typeof TIP_CATEGORIES)[number];

/** What makes a tip fit a member. */
export const TRIGGERS = [
  'exercise',
  'muscle',
  'goal',
  'milestone',
  'level',
  'inactivity',
  'streak',
  'time_of_day',
  'random',
] as const;
export type Trigger = (typeof TRIGGERS)[number];

/** One tip as the catalogue ships it. */
export interface CatalogueTip {
  /** Names it for ever: its id is made of it. */
  slug: string;
  /** What the trigger compares with, as an exercise's id or a number of days; null for `random`. */
  value: string | null;
  category: TipCategory;
  title: string;
  content: string;
  /** Above 0 comes first among tips that fit as well. */
  priority?: number;
  /** Everywhere unless said. */
  contexts?: readonly Context[];
  /** 1 unless said. */
  minLevel?: number;
  maxLevel?: number;
}

export const MILESTONE_CATEGORIES = ['consistency', 'volume', 'variety', 'strength', 'growth', 'community'] as const;
export type MilestoneCategory = (typeof MILESTONE_CATEGORIES)[number];

/** One milestone as the catalogue ships it. */
export interface CatalogueMilestone {
  slug: string;
  name: string;
  description: string;
  category: MilestoneCategory;
  condition: string;
  /** What the condition has to reach, with what else it needs to be measured. */
  value: { target: number } & Readonly<Record<string, unknown>>;
  rewardCredits: number;
}
