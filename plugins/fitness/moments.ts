import type { PluginContracts, Transaction } from 'musclemap';
import type { Workout } from './models/workouts.ts';
import { figuresOf } from './workout-figures.ts';

export type FitnessHooks = PluginContracts['fitness']['hooks'];
type CountedWorkout = Parameters<typeof figuresOf>[0];

export async function tellLogged(hooks: FitnessHooks, trx: Transaction, stored: Workout): Promise<void> {
  if (!hooks.workoutLogged.isUsed()) return;
  const { id: workoutId, userId, totalTU } = stored;
  await hooks.workoutLogged.promise({ trx, userId, workoutId, totalTU, workout: figuresOf(stored) });
}

/** Tells the taps of `workoutsImported`: some hundred of the workouts that an import has stored, once all are counted. */
export async function tellImported(
  hooks: FitnessHooks,
  trx: Transaction,
  userId: string,
  stored: readonly CountedWorkout[],
): Promise<void> {
  if (stored.length === 0 || !hooks.workoutsImported.isUsed()) return;
  await hooks.workoutsImported.promise({ trx, userId, workouts: stored.map(figuresOf) });
}

/** Tells the taps of `workoutChanged` what one statement has changed; without `after` a workout is gone. */
export async function tellChanged(
  hooks: FitnessHooks,
  trx: Transaction,
  moment: {
    userId: string;
    reason: 'edited' | 'deleted' | 'import-undone';
    changes: readonly { before: Workout; after?: Workout }[];
  },
): Promise<void> {
  if (moment.changes.length === 0 || !hooks.workoutChanged.isUsed()) return;
  const changes = moment.changes.map(({ before, after }) => ({
    before: figuresOf(before),
    after: after === undefined ? null : figuresOf(after),
  }));
  await hooks.workoutChanged.promise({ trx, ...moment, changes });
}
