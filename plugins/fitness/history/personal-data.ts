import type { PersonalData } from 'musclemap';
import { findNames } from './exercise-names.ts';
import { exportSessions } from './export.ts';
import type { ImportsContext } from './imports.ts';

/** What the plugin keeps of a member: their workouts as they would be exported, their imports and names of exercises. */
export function personalData({ kernel, catalogue }: ImportsContext): PersonalData[] {
  const { knex } = kernel.database;
  return [
    {
      name: 'workouts',
      export: async function* (userId) {
        yield* exportSessions(knex, userId, {}, await findNames(knex, await catalogue(), userId));
      },
      erase: async (trx, userId) => {
        await trx('workouts').where({ user_id: userId }).delete();
      },
    },
    {
      name: 'imports',
      export: async (userId) => ({
        files: await knex('workout_imports')
          .where({ user_id: userId })
          .orderBy('id')
          .select('id', 'state', 'settings', 'bytes', 'report', 'created_at', 'finished_at'),
        exerciseNames: await knex('exercise_names').where({ user_id: userId }).orderBy('name').select('label', 'exercise_id'),
      }),
      erase: async (trx, userId) => {
        await trx('workout_imports').where({ user_id: userId }).delete();
        await trx('exercise_names').where({ user_id: userId }).delete();
      },
    },
  ];
}
