import type { Knex } from 'knex';
import type { PersonalData } from 'musclemap';
import { findLevelsReached } from './models/members.ts';

/** The levels that a member has reached, for their export and erasure. The archetype itself is part of the account. */
export function personalData(knex: Knex): PersonalData {
  return {
    export: async (userId) => ({ levelsReached: await findLevelsReached(knex, userId) }),
    erase: async (trx, userId) => {
      await trx('levels_reached').where({ user_id: userId }).delete();
      await trx('users').where({ id: userId }).update({ current_archetype_id: null, current_level: 1 });
    },
  };
}
