import type { Knex } from 'knex';
import type { PersonalData } from 'musclemap';

/** The exercises that a member made for themselves: with them goes everything that names them, the member's workouts first. */
export function ownExercises(knex: Knex): PersonalData {
  return {
    name: 'exercises',
    export: async (userId) => ({
      own: await knex('own_exercises as o')
        .join('exercises as e', 'e.id', 'o.exercise_id')
        .where('o.user_id', userId)
        .orderBy('e.id')
        .select('e.*', 'o.retired_at'),
    }),
    erase: async (trx, userId) => {
      await trx('workouts').where({ user_id: userId }).delete();
      await trx.raw('DELETE FROM exercises e USING own_exercises o WHERE o.exercise_id = e.id AND o.user_id = ?', [userId]);
    },
  };
}
