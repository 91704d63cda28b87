/** How strongly a muscle is trained for, above 0 to 1, by muscle id. A muscle that is not named gets maintenance only. */
export type MuscleTargets = Readonly<Record<string, number>>;

/** What a level asks of the body: a broad base first, then the archetype's own muscles, then both. */
export type Stage = 'foundation' | 'building' | 'mastery';

export interface CatalogueLevel {
  name: string;
  description: string;
}

/** One archetype as the catalogue ships it, its levels in order from 1. */
export interface CatalogueArchetype {
  id: string;
  name: string;
  philosophy: string;
  description: string;
  /** Muscle groups, the most important first. */
  focusAreas: readonly string[];
  /** Training Units of a usual week of this training: what the thresholds of its levels are measured in. */
  weeklyTU: number;
  targets: Readonly<Record<Stage, MuscleTargets>>;
  levels: readonly CatalogueLevel[];
}
