import type { Knex } from 'knex';
import type { PluginContracts, PluginKernel, Transaction } from 'musclemap';
import type { ReadOptions } from './hooks.ts';
import type { Catalogue } from './models/catalogue.ts';
import { findExerciseFacts } from './models/exercises.ts';
import { setListed } from './models/leaderboard.ts';
import { findMusclesTrained, findMuscleTraining } from './models/muscle-training.ts';
import { findRecords } from './models/records.ts';
import { findMembersAfter, findStreaks, findTotals, findWeeks } from './models/totals.ts';
import { findWorkouts, findWorkoutsBetween } from './models/workouts.ts';
import { figuresOf } from './workout-figures.ts';

type Services = PluginContracts['fitness']['services'];

const USUAL_LIMIT = 20;
const MOST_RECORDS = 100;

/** What fitness does for other plugins. */
export function createServices(kernel: PluginKernel, catalogue: (trx?: Transaction) => Promise<Catalogue>): Services {
  const { clock, database } = kernel;
  const on = (options?: ReadOptions): Knex => options?.trx ?? database.knex;
  return {
    history: {
      totals: (ids, options) => findTotals(on(options), ids, options),
      musclesTrained: (ids, options) => findMusclesTrained(on(options), ids),
      streaks: (ids, options) => findStreaks(on(options), ids, clock.now()),
      weeks: (ids, options) => findWeeks(on(options), ids, bounded('weeks', options.weeks, 104), clock.now()),
      muscles: async (ids, options) => {
        const muscles = [...(await catalogue(options.trx)).muscles.values()];
        return findMuscleTraining(on(options), ids, bounded('days', options.days, 90), muscles, clock.now());
      },
      records: (id, options) => findRecords(on(options), id, { limit: options?.limit ?? MOST_RECORDS }),
      recentWorkouts: async (id, options) =>
        (await findWorkouts(on(options), id, {}, undefined, options?.limit ?? USUAL_LIMIT)).map(figuresOf),
      workoutsBetween: async (ids, options) => {
        bounded('userIds.length', ids.length, 100);
        const found = await findWorkoutsBetween(on(options), ids, options);
        return new Map(ids.map((id) => [id, (found.get(id) ?? []).map(figuresOf)]));
      },
      membersAfter: (after, limit, options) => findMembersAfter(on(options), after, limit),
    },
    catalogue: {
      muscles: async () => (await catalogue()).muscles,
      exercises: (ids) => findExerciseFacts(database.knex, ids),
    },
    leaderboard: { setListed },
  };
}

function bounded(name: string, value: number, most: number): number {
  if (!Number.isInteger(value) || value < 1 || value > most) {
    throw new RangeError(`${name} is a whole number from 1 to ${String(most)}, not ${String(value)}.`);
  }
  return value;
}
