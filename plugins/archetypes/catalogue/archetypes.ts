import { BODYBUILDER } from './bodybuilder.ts';
import { CLIMBER } from './climber.ts';
import { CROSSFIT } from './crossfit.ts';
import { FUNCTIONAL } from './functional.ts';
import { GYMNAST } from './gymnast.ts';
import { MARTIAL_ARTIST } from './martial-artist.ts';
import { POWERLIFTER } from './powerlifter.ts';
import { RUNNER } from './runner.ts';
import { STRONGMAN } from './strongman.ts';
import { SWIMMER } from './swimmer.ts';
import type { CatalogueArchetype, MuscleTargets, Stage } from './types.ts';

export const ARCHETYPES: readonly CatalogueArchetype[] = [
  BODYBUILDER,
  POWERLIFTER,
  GYMNAST,
  CROSSFIT,
  MARTIAL_ARTIST,
  RUNNER,
  CLIMBER,
  STRONGMAN,
  FUNCTIONAL,
  SWIMMER,
];

/** After how many usual weeks each level is reached: the second after one, the tenth after two and a half years. */
const LEVEL_WEEKS = [0, 1, 3, 7, 14, 26, 42, 65, 95, 135, 190, 260];
/** The last level of the first two stages. */
const STAGE_ENDS = { foundation: 3, building: 7 };

export interface ArchetypeLevel {
  level: number;
  name: string;
  /** Training Units needed. */
  totalTU: number;
  description: string;
  muscleTargets: MuscleTargets;
}

/** The levels of an archetype with their thresholds. */
export function levelsOf(archetype: CatalogueArchetype): ArchetypeLevel[] {
  return archetype.levels.map(({ name, description }, index) => ({
    level: index + 1,
    name,
    description,
    totalTU: archetype.weeklyTU * (LEVEL_WEEKS[index] ?? Infinity),
    muscleTargets: archetype.targets[stageOf(index + 1)],
  }));
}

function stageOf(level: number): Stage {
  if (level <= STAGE_ENDS.foundation) return 'foundation';
  return level <= STAGE_ENDS.building ? 'building' : 'mastery';
}
