import type { Knex } from 'knex';
import type { Catalogue } from '../models/catalogue.ts';
import { findOwnNames } from '../models/own-exercises.ts';

/** Names of exercises by id, as a member knows them; an exercise that is gone is called by its id. */
export async function findNames(
  knex: Knex,
  catalogue: Pick<Catalogue, 'exercises'>,
  userId: string,
): Promise<(exerciseId: string) => string> {
  const shared = new Map(catalogue.exercises.map(({ id, name }) => [id, name]));
  const own = await findOwnNames(knex, userId);
  return (exerciseId) => own.get(exerciseId) ?? shared.get(exerciseId) ?? exerciseId;
}
