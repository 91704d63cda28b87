import { ApiError, Reply, Type, cursorPosition, page, type Reader, type RouteRegistrar } from 'musclemap';
import { findExercise, findExercises, listMuscles } from '../models/exercises.ts';
import { Activations, Exercise, ExerciseWithActivations, Muscle } from './schemas.ts';

const CACHE_SECONDS = 300;

const ExerciseQuery = Type.Object({
  type: Type.Optional(Type.String({ maxLength: 50 })),
  muscle: Type.Optional(Type.String({ maxLength: 50 })),
  location: Type.Optional(Type.String({ maxLength: 50 })),
  equipment: Type.Optional(Type.String({ maxLength: 500, description: 'What there is, separated by commas' })),
  difficulty: Type.Optional(Type.Integer({ minimum: 1, maximum: 5 })),
  maxDifficulty: Type.Optional(Type.Integer({ minimum: 1, maximum: 5 })),
  compound: Type.Optional(Type.Boolean()),
  search: Type.Optional(Type.String({ minLength: 1, maxLength: 100 })),
});

/** GET /muscles… and /exercises… */
export function registerCatalogueRoutes(routes: RouteRegistrar): void {
  registerMuscleRoutes(routes);
  routes.get(
    '/exercises',
    {
      summary: 'Exercises by name, or the best match of a search first',
      auth: 'none',
      list: true,
      replica: true,
      query: ExerciseQuery,
      response: Type.Array(Exercise),
      cacheSeconds: CACHE_SECONDS,
    },
    async ({ query, reader }) => {
      const { equipment, limit, cursor, ...filter } = query;
      const after = cursorPosition(cursor, [filter.search === undefined ? 'string' : 'number', 'string'] as const);
      const wanted = { ...filter, ...(equipment !== undefined && { equipment: equipment.split(',').map((name) => name.trim()) }) };
      const rows = await findExercises(reader, wanted, after, limit + 1);
      const answer = page(rows, query, ({ relevance, name, id }) => [relevance ?? name, id]);
      return new Reply(answer.data.map(({ relevance: _relevance, ...exercise }) => exercise), answer.options);
    },
  );
  const one = { auth: 'none', replica: true, cacheSeconds: CACHE_SECONDS, errors: ['NOT_FOUND'] } as const;
  const getExercise = async (reader: Reader, id: string | undefined): Promise<{ activations: object[] }> => {
    const exercise = await findExercise(reader, id ?? '');
    if (exercise === undefined) throw new ApiError('NOT_FOUND', 'No exercise has this id.');
    return exercise;
  };
  routes.get(
    '/exercises/:id',
    { ...one, summary: 'An exercise with its activations', response: ExerciseWithActivations },
    ({ params, reader }) => getExercise(reader, params.id),
  );
  routes.get(
    '/exercises/:id/activations',
    { ...one, summary: 'How strongly an exercise works each muscle', response: Activations },
    async ({ params, reader }) => (await getExercise(reader, params.id)).activations,
  );
}

function registerMuscleRoutes(routes: RouteRegistrar): void {
  const common = { auth: 'none', replica: true, cacheSeconds: CACHE_SECONDS } as const;
  routes.get('/muscles', { ...common, summary: 'All muscles', response: Type.Array(Muscle) }, ({ reader }) => listMuscles(reader));
  routes.get(
    '/muscles/groups',
    { ...common, summary: 'The muscles by group', response: Type.Record(Type.String(), Type.Array(Muscle)) },
    async ({ reader }) => {
      const groups: Record<string, object[]> = {};
      for (const muscle of await listMuscles(reader)) (groups[muscle.muscleGroup] ??= []).push(muscle);
      return groups;
    },
  );
  routes.get(
    '/muscles/:id',
    { ...common, summary: 'One muscle', response: Muscle, errors: ['NOT_FOUND'] },
    async ({ params, reader }) => {
      const muscle = (await listMuscles(reader)).find(({ id }) => id === params.id);
      if (muscle === undefined) throw new ApiError('NOT_FOUND', 'No muscle has this id.');
      return muscle;
    },
  );
}
