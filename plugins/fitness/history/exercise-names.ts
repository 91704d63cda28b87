import type { Catalogue } from '../models/catalogue.ts';

/** Names of exercises by id; an exercise that is gone is called by its id. */
export function exerciseNames(catalogue: Catalogue): (exerciseId: string) => string {
  const names = new Map(catalogue.exercises.map(({ id, name }) => [id, name]));
  return (exerciseId) => names.get(exerciseId) ?? exerciseId;
}
