import { ApiError, Type, created, cursorPosition, page } from 'musclemap';
import type { PluginKernel, RouteRegistrar, Transaction } from 'musclemap';
import type { Catalogue } from '../models/catalogue.ts';
import { catalogueWith } from '../models/own-exercises.ts';
import {
  deleteWorkout,
  findWorkout,
  findWorkouts,
  insertWorkout,
  lockWorkout,
  updateWorkout,
} from '../models/workouts.ts';
import { tellChanged, tellLogged, type FitnessHooks } from '../moments.ts';
import { muscleLoad, trainingEffect } from '../training-units.ts';
import { toExercises, workoutDate } from '../workout-body.ts';
import { Day, Preview, Workout, WorkoutBody, WorkoutPatch } from './schemas.ts';

export interface WorkoutContext {
  kernel: PluginKernel;
  hooks: FitnessHooks;
  catalogue: (trx?: Transaction) => Promise<Catalogue>;
}

/** POST, GET, PATCH and DELETE of /workouts, and the import */
export function registerWorkoutRoutes(routes: RouteRegistrar, context: WorkoutContext): void {
  registerLogging(routes, context);
  registerReading(routes, context);
  registerChanging(routes, context);
}

function registerLogging(routes: RouteRegistrar, { kernel, hooks, catalogue }: WorkoutContext): void {
  routes.post(
    '/workouts',
    { summary: 'Logs a workout', status: 201, body: WorkoutBody, response: Workout, priced: 'workout.log' },
    async ({ user, body, trx, charge }) => {
      const known = await catalogueWith(trx, await catalogue(trx), user.id, body.exercises);
      const exerciseData = toExercises(body.exercises, known);
      const effect = trainingEffect(exerciseData, known);
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
    async ({ user, body }) => {
      const known = await catalogueWith(kernel.database.knex, await catalogue(), user.id, body.exercises);
      const effect = trainingEffect(toExercises(body.exercises, known), known);
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
  routes.get(
    '/workouts',
    {
      summary: "The caller's workouts, newest first",
      list: true,
      query: Type.Object({ from: Type.Optional(Day), to: Type.Optional(Day) }),
      response: Type.Array(Workout),
    },
    async ({ user, query }) => {
      const after = cursorPosition(query.cursor, ['date', 'string']);
      return page(await findWorkouts(knex, user.id, query, after, query.limit + 1), query, ({ date, id }) => [date, id]);
    },
  );
  routes.get(
    '/workouts/:id',
    { summary: 'A workout of the caller, or a public one', auth: 'optional', response: Workout, errors: ['NOT_FOUND'] },
    async ({ user, params }) => (await findWorkout(knex, params.id ?? '', user?.id)) ?? unknownWorkout(),
  );
}

function registerChanging(routes: RouteRegistrar, { kernel, hooks, catalogue }: WorkoutContext): void {
  routes.patch(
    '/workouts/:id',
    {
      summary: 'Changes a workout of the caller; other exercises mean other Training Units, at no charge',
      transaction: true,
      body: WorkoutPatch,
      response: Workout,
      errors: ['NOT_FOUND'],
    },
    async ({ user, params, body, trx }) => {
      const known = await catalogueWith(trx, await catalogue(trx), user.id, body.exercises ?? []);
      const exerciseData = body.exercises && toExercises(body.exercises, known);
      const before = (await lockWorkout(trx, params.id ?? '', user.id)) ?? unknownWorkout();
      const after = await updateWorkout(trx, {
        ...before,
        ...(exerciseData && { exerciseData, ...trainingEffect(exerciseData, known) }),
        date: body.date === undefined ? before.date : workoutDate(body.date, kernel.clock.now()),
        notes: body.notes === undefined ? before.notes : body.notes,
        isPublic: body.isPublic ?? before.isPublic,
      });
      const { id: workoutId, userId, date, totalTU, isPublic } = after;
      await tellChanged(hooks, trx, { userId, reason: 'edited', changes: [{ before, after }] });
      kernel.events.emit(trx, 'workout.changed', { userId, workoutId, date, totalTU, isPublic });
      return after;
    },
  );
  routes.delete(
    '/workouts/:id',
    {
      summary: 'Deletes a workout of the caller and all that was counted of it',
      transaction: true,
      status: 204,
      errors: ['NOT_FOUND'],
    },
    async ({ user, params, trx }) => {
      const before = (await deleteWorkout(trx, params.id ?? '', user.id)) ?? unknownWorkout();
      await tellChanged(hooks, trx, { userId: user.id, reason: 'deleted', changes: [{ before }] });
      kernel.events.emit(trx, 'workout.deleted', { userId: user.id, workoutId: before.id });
    },
  );
}

function unknownWorkout(): never {
  throw new ApiError('NOT_FOUND', 'No workout has this id.');
}
