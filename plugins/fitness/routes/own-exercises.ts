import { ApiError, Type, created, cursorPosition, page, type PluginKernel, type RouteRegistrar, type Static, type Transaction } from 'musclemap';
import { EQUIPMENT, EXERCISE_TYPES, LOCATIONS, MOVEMENT_PATTERNS } from '../catalogue/types.ts';
import type { Catalogue } from '../models/catalogue.ts';
import {
  MOST_OWN_EXERCISES,
  NameTakenError,
  USUAL_EXERCISE,
  countOwnExercises,
  findOwnExercises,
  insertOwnExercise,
  removeOwnExercise,
  updateOwnExercise,
  type OwnExercise,
  type OwnExerciseRow,
} from '../models/own-exercises.ts';
import { ExerciseWithActivations, Nullable } from './schemas.ts';

const Words = <Word extends string>(words: readonly Word[]) =>
  Type.Optional(Type.Array(Type.Enum([...words]), { maxItems: 20, uniqueItems: true }));

const fields = {
  type: Type.Optional(Type.Enum([...EXERCISE_TYPES], { default: 'strength' })),
  difficulty: Type.Optional(Type.Integer({ minimum: 1, maximum: 5, default: 2 })),
  description: Type.Optional(Nullable(Type.String({ maxLength: 2000 }))),
  cues: Type.Optional(Nullable(Type.String({ maxLength: 2000 }))),
  equipmentRequired: Words(EQUIPMENT),
  equipmentOptional: Words(EQUIPMENT),
  locations: Words(LOCATIONS),
  isCompound: Type.Optional(Type.Boolean({ default: false })),
  estimatedSeconds: Type.Optional(Type.Integer({ minimum: 1, maximum: 7200, default: 45 })),
  restSeconds: Type.Optional(Type.Integer({ minimum: 0, maximum: 1800, default: 60 })),
  movementPattern: Type.Optional(Nullable(Type.Enum([...MOVEMENT_PATTERNS]))),
};
const name = Type.String({ minLength: 1, maxLength: 100, pattern: '[\\p{L}\\p{N}]' });
const activations = Type.Record(Type.String({ maxLength: 50 }), Type.Integer({ minimum: 1, maximum: 100 }), {
  maxProperties: 40,
  description: 'Percent by muscle id',
});

const OwnBody = Type.Object({ name, ...fields, activations: Type.Optional(activations) });
const OwnPatch = Type.Object(
  { name: Type.Optional(name), ...fields, activations: Type.Optional(activations) },
  { minProperties: 1 },
);

export interface OwnExerciseContext {
  kernel: PluginKernel;
  catalogue: (trx?: Transaction) => Promise<Catalogue>;
}

/** /exercises/mine: what a member trains that the catalogue does not have. */
export function registerOwnExerciseRoutes(routes: RouteRegistrar, context: OwnExerciseContext): void {
  registerReading(routes, context.kernel);
  registerWriting(routes, context);
}

function registerReading(routes: RouteRegistrar, { database: { knex } }: PluginKernel): void {
  routes.get(
    '/exercises/mine',
    {
      summary: "The caller's own exercises by name; nobody else sees them",
      list: true,
      query: Type.Object({ search: Type.Optional(Type.String({ minLength: 1, maxLength: 100 })) }),
      response: Type.Array(ExerciseWithActivations),
    },
    async ({ user, query: { search, ...query } }) => {
      const after = cursorPosition(query.cursor, ['string', 'string']);
      const rows = await findOwnExercises(knex, user.id, { search, after, limit: query.limit + 1 });
      return page(rows, query, ({ name: label, id }) => [label, id]);
    },
  );
  routes.get(
    '/exercises/mine/:id',
    { summary: "One of the caller's own exercises", response: ExerciseWithActivations, errors: ['NOT_FOUND'] },
    async ({ user, params: { id = '' } }) => (await findOwnExercises(knex, user.id, { id, limit: 1 }))[0] ?? unknown(),
  );
}

function registerWriting(routes: RouteRegistrar, { catalogue }: OwnExerciseContext): void {
  const common = { transaction: true, response: ExerciseWithActivations } as const;
  routes.post(
    '/exercises/mine',
    { ...common, summary: 'Adds an exercise of one’s own', status: 201, body: OwnBody, errors: ['CONFLICT'] },
    async ({ user, body, trx }) => {
      refuseUnknownMuscles(body.activations, await catalogue(trx));
      if ((await countOwnExercises(trx, user.id)) >= MOST_OWN_EXERCISES) {
        throw new ApiError('CONFLICT', `There can be ${String(MOST_OWN_EXERCISES)} exercises of your own.`);
      }
      const id = await naming(() => insertOwnExercise(trx, user.id, { ...USUAL_EXERCISE, ...body }));
      const [exercise] = await findOwnExercises(trx, user.id, { id, limit: 1 });
      return created(`/api/exercises/mine/${id}`, exercise);
    },
  );
  routes.patch(
    '/exercises/mine/:id',
    {
      ...common,
      summary: 'Changes an exercise of one’s own; workouts keep the Training Units they had',
      body: OwnPatch,
      errors: ['NOT_FOUND', 'CONFLICT'],
    },
    async ({ user, params: { id = '' }, body, trx }) => {
      refuseUnknownMuscles(body.activations, await catalogue(trx));
      const [before = unknown()] = await findOwnExercises(trx, user.id, { id, limit: 1 });
      await naming(() => updateOwnExercise(trx, id, { ...toOwnExercise(before), ...body }));
      return (await findOwnExercises(trx, user.id, { id, limit: 1 }))[0];
    },
  );
  routes.delete(
    '/exercises/mine/:id',
    { summary: 'Removes an exercise of one’s own; workouts keep it', transaction: true, status: 204, errors: ['NOT_FOUND'] },
    async ({ user, params: { id = '' }, trx }) => {
      if (!(await removeOwnExercise(trx, user.id, id))) unknown();
    },
  );
}

function toOwnExercise({ activations: known, ...row }: OwnExerciseRow): OwnExercise {
  return { ...row, activations: Object.fromEntries(known.map(({ muscleId, activation }) => [muscleId, activation])) };
}

function refuseUnknownMuscles(given: Static<typeof activations> | undefined, catalogue: Catalogue): void {
  const problems = Object.keys(given ?? {})
    .filter((muscle) => !catalogue.muscles.has(muscle))
    .map((muscle) => ({ path: `/body/activations/${muscle}`, message: 'is not a muscle of the catalogue' }));
  if (problems.length > 0) throw new ApiError('VALIDATION_ERROR', undefined, { details: problems });
}

async function naming<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof NameTakenError) throw new ApiError('CONFLICT', 'You have an exercise of this name.', { cause: error });
    throw error;
  }
}

function unknown(): never {
  throw new ApiError('NOT_FOUND', 'You have no exercise of this id.');
}
