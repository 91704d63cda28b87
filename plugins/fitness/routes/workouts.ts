import { ApiError, Reply, Type, created, cursorPosition, invalid, page } from 'musclemap';
import type { PluginKernel, RouteRegistrar, Static } from 'musclemap';
import { importWorkouts } from '../import-workouts.ts';
import type { Catalogue } from '../models/catalogue.ts';
import { findLeaderboard } from '../models/leaderboard.ts';
import { findWorkout, findWorkouts, insertWorkout, type WorkoutExercise } from '../models/workouts.ts';
import { tellLogged, type FitnessHooks } from '../moments.ts';
import { muscleLoad, trainingEffect } from '../training-units.ts';
import { ImportQuery, ImportReport, LeaderboardEntry, Preview, Workout, WorkoutBody } from './schemas.ts';

const IMPORT_LIMIT = 50 * 1024 * 1024;
const TOMORROW_MS = 14 * 3_600_000;

export interface WorkoutContext {
  kernel: PluginKernel;
  hooks: FitnessHooks;
  catalogue: () => Promise<Catalogue>;
}

/** /workouts… and /leaderboard */
export function registerWorkoutRoutes(routes: RouteRegistrar, context: WorkoutContext): void {
  registerLogging(routes, context);
  registerReading(routes, context);
  registerImport(routes, context);
  registerLeaderboard(routes, context);
}

function registerLogging(routes: RouteRegistrar, { kernel, hooks, catalogue }: WorkoutContext): void {
  routes.post(
    '/workouts',
    { summary: 'Logs a workout', status: 201, body: WorkoutBody, response: Workout, priced: 'workout.log' },
    async ({ user, body, trx, charge }) => {
      const exerciseData = toExercises(body, await catalogue());
      const effect = trainingEffect(exerciseData, await catalogue());
      const workout = await insertWorkout(trx, {
        userId: user.id,
        date: workoutDate(body.date, kernel.clock.now()),
        ...effect,
        creditsUsed: charge.amount,
        notes: body.notes ?? null,
        isPublic: body.isPublic ?? true,
        exerciseData,
      });
      const { id: workoutId, userId, date, totalTU, isPublic } = workout;
      await tellLogged(hooks, trx, workout);
      kernel.events.emit(trx, 'workout.logged', { userId, workoutId, date, totalTU, isPublic });
      return created(`/api/workouts/${workoutId}`, workout);
    },
  );
  routes.post(
    '/workouts/preview',
    { summary: 'What a workout would do; nothing is stored', body: WorkoutBody, response: Preview },
    async ({ body }) => {
      const known = await catalogue();
      const effect = trainingEffect(toExercises(body, known), known);
      const muscles = Object.entries(effect.muscleActivations).flatMap(([muscleId, effectiveSets]) => {
        const muscle = known.muscles.get(muscleId);
        if (muscle === undefined) return [];
        const { name: muscleName, muscleGroup, biasWeight } = muscle;
        return { muscleId, muscleName, muscleGroup, effectiveSets, ...muscleLoad(effectiveSets, biasWeight) };
      });
      return { ...effect, muscles: muscles.sort((a, b) => b.normalizedActivation - a.normalizedActivation) };
    },
  );
}

function registerReading(routes: RouteRegistrar, { kernel }: WorkoutContext): void {
  const { knex } = kernel.database;
  const Day = Type.Optional(Type.String({ format: 'date' }));
  routes.get(
    '/workouts',
    {
      summary: "The caller's workouts, newest first",
      list: true,
      query: Type.Object({ from: Day, to: Day }),
      response: Type.Array(Workout),
    },
    async ({ user, query }) => {
      const after = cursorPosition(query.cursor, ['date', 'string']);
      return page(await findWorkouts(knex, user.id, query, after, query.limit + 1), query, ({ date, id }) => [date, id]);
    },
  );
  routes.get(
    '/workouts/:id',
    { summary: 'A workout of the caller, or a public one', response: Workout, errors: ['NOT_FOUND'] },
    async ({ user, params }) => {
      const workout = await findWorkout(knex, params.id ?? '', user.id);
      if (workout === undefined) throw new ApiError('NOT_FOUND', 'No workout has this id.');
      return workout;
    },
  );
}

function registerImport(routes: RouteRegistrar, { kernel, hooks, catalogue }: WorkoutContext): void {
  routes.post(
    '/workouts/import',
    {
      summary: 'Imports the CSV of Strong, Hevy or FitNotes; importing twice adds nothing',
      query: ImportQuery,
      response: ImportReport,
      rawBody: true,
      bodyLimit: IMPORT_LIMIT,
      errors: ['UNPROCESSABLE'],
    },
    async ({ user, query, rawBody }) => {
      if (rawBody === undefined || rawBody.length === 0) throw invalid('/body', 'is empty; send the file itself');
      const { dryRun = false, isPublic = true, unit = 'kg' } = query;
      return importWorkouts({ kernel, hooks, catalogue: await catalogue() }, user.id, rawBody, {
        dryRun,
        isPublic,
        unit,
        now: kernel.clock.now(),
      });
    },
  );
}

function registerLeaderboard(routes: RouteRegistrar, { kernel }: WorkoutContext): void {
  const Query = Type.Object({
    period: Type.Optional(Type.Enum(['week', 'month', 'all'], { default: 'all' })),
    archetypeId: Type.Optional(Type.String({ maxLength: 50 })),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 100, default: 20 })),
  });
  routes.get(
    '/leaderboard',
    { summary: 'Members by Training Units', auth: 'optional', query: Query, response: Type.Array(LeaderboardEntry) },
    async ({ user, query }) => {
      const { period = 'all', limit = 20, archetypeId } = query;
      const { top, me } = await findLeaderboard(kernel.database.knex, { period, archetypeId, limit, me: user?.id });
      return new Reply(top, { meta: { limit, nextCursor: null, me } });
    },
  );
}

/** @throws ApiError naming every exercise that is not in the catalogue. */
function toExercises(body: Static<typeof WorkoutBody>, catalogue: Catalogue): WorkoutExercise[] {
  const problems = body.exercises.flatMap(({ exerciseId }, index) =>
    catalogue.activations.has(exerciseId)
      ? []
      : [{ path: `/body/exercises/${String(index)}/exerciseId`, message: 'is not an exercise of the catalogue' }],
  );
  if (problems.length > 0) throw new ApiError('VALIDATION_ERROR', undefined, { details: problems });
  return body.exercises.map(({ exerciseId, sets, reps, weight, duration, notes }) => ({
    exerciseId,
    sets,
    reps: reps ?? null,
    weight: weight ?? null,
    duration: duration ?? null,
    notes: notes ?? null,
  }));
}

/** Today unless said; not later than today is anywhere on earth. */
function workoutDate(date: string | undefined, now: Date): string {
  const latest = new Date(now.getTime() + TOMORROW_MS).toISOString().slice(0, 10);
  if (date !== undefined && date > latest) throw invalid('/body/date', 'lies in the future');
  return date ?? now.toISOString().slice(0, 10);
}
