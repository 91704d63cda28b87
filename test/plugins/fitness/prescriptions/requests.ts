import fc from 'fast-check';
import { EXERCISES } from '../../../../plugins/fitness/catalogue/exercises.ts';
import { MUSCLES } from '../../../../plugins/fitness/catalogue/muscles.ts';
import { EQUIPMENT, LOCATIONS } from '../../../../plugins/fitness/catalogue/types.ts';
import { GOALS, LEVELS, type PlanCatalogue, type PlanHistory, type PlanRequest } from '../../../../plugins/fitness/prescriptions/plan.ts';

/** The catalogue that ships, as plans are made from it. */
export const CATALOGUE: PlanCatalogue = {
  exercises: EXERCISES.map((exercise) => ({
    ...exercise,
    activations: new Map(Object.entries(exercise.activations)),
    stretches: exercise.stretches ?? [],
  })),
  muscles: new Map(MUSCLES.map((muscle) => [muscle.id, muscle])),
};

const muscle = fc.constantFrom(...MUSCLES.map(({ id }) => id));
const equipment = fc.oneof(
  fc.constant<string[]>([]),
  fc.constant(['dumbbell']),
  fc.constant(['dumbbell', 'bench', 'pull_up_bar']),
  fc.constant(['barbell', 'rack', 'bench']),
  fc.constant(['resistance_band']),
  fc.constant<string[]>([...EQUIPMENT]),
  fc.subarray<string>([...EQUIPMENT]),
);

export const planRequest: fc.Arbitrary<PlanRequest> = fc.record({
  minutes: fc.integer({ min: 10, max: 180 }),
  location: fc.constantFrom(...LOCATIONS),
  equipment,
  goal: fc.constantFrom(...GOALS),
  level: fc.constantFrom(...LEVELS),
  targetMuscles: fc.oneof({ weight: 2, arbitrary: fc.constant<string[]>([]) }, fc.uniqueArray(muscle, { maxLength: 5 })),
  excludeMuscles: fc.oneof({ weight: 3, arbitrary: fc.constant<string[]>([]) }, fc.uniqueArray(muscle, { maxLength: 3 })),
  excludeExercises: fc.oneof(
    { weight: 2, arbitrary: fc.constant<string[]>([]) },
    fc.uniqueArray(fc.constantFrom(...EXERCISES.map(({ id }) => id)), { maxLength: 20 }),
  ),
  seed: fc.integer({ min: 0, max: 1_000_000 }),
});

/** What somebody may have done in the last week. */
export const planHistory: fc.Arbitrary<PlanHistory> = fc.oneof(
  fc.constant<PlanHistory>({ hoursSince: new Map(), weeklySets: new Map() }),
  fc.record({
    hoursSince: fc.uniqueArray(fc.tuple(muscle, fc.integer({ min: 0, max: 168 })), { selector: ([id]) => id, maxLength: 20 }).map((entries) => new Map(entries)),
    weeklySets: fc
      .uniqueArray(fc.tuple(muscle, fc.integer({ min: 0, max: 30 }).map((halves) => halves / 2)), { selector: ([id]) => id, maxLength: 30 })
      .map((entries) => new Map(entries)),
  }),
);
