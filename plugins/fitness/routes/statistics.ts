import { ApiError, Type, cursorPosition, invalid, page, type PluginKernel, type RouteRegistrar } from 'musclemap';
import { addDays, latestDay, today } from '../dates.ts';
import type { Catalogue } from '../models/catalogue.ts';
import { findMuscleTraining } from '../models/muscle-training.ts';
import { findExerciseHistory, findRecords } from '../models/records.ts';
import { findDays, findSpans, findStreaks, findTotals, findWeeks } from '../models/totals.ts';
import { CalendarDay, Day, MuscleWork, PastExercise, RecordEntry, Statistics } from './schemas.ts';

const WEEK = 7;
const MONTH = 30;
const YEAR = 365;
const WEEKS_SHOWN = 12;
const HEAT_LEVELS = 4;

export interface StatisticsContext {
  kernel: PluginKernel;
  catalogue: () => Promise<Catalogue>;
}

/** What a member's own workouts amount to. Each route reads kept sums or a window of days, never the whole history. */
export function registerStatisticsRoutes(routes: RouteRegistrar, context: StatisticsContext): void {
  registerSums(routes, context.kernel);
  registerMuscles(routes, context);
  registerRecords(routes, context.kernel);
}

function registerSums(routes: RouteRegistrar, { clock, database: { knex } }: PluginKernel): void {
  routes.get(
    '/workouts/stats',
    { summary: 'Totals of the last 7 and 30 days and of all time, the streak, and the last 12 weeks', response: Statistics },
    async ({ user: { id } }) => {
      const now = clock.now();
      const day = today(now);
      const [spans, totals, streaks, weeks] = await Promise.all([
        findSpans(knex, id, [addDays(day, 1 - WEEK), addDays(day, 1 - MONTH)]),
        findTotals(knex, [id]),
        findStreaks(knex, [id], now),
        findWeeks(knex, [id], WEEKS_SHOWN, now),
      ]);
      const [week, month] = spans;
      return { week, month, all: totals.get(id), streak: streaks.get(id), weeks: weeks.get(id) };
    },
  );
  routes.get(
    '/workouts/calendar',
    {
      summary: 'The days with a workout, for a heat map: the last 365 unless said, 366 at most',
      query: Type.Object({ from: Type.Optional(Day), to: Type.Optional(Day) }),
      response: Type.Array(CalendarDay),
    },
    async ({ user, query }) => {
      const to = query.to ?? latestDay(clock.now());
      const from = query.from ?? addDays(to, 1 - YEAR);
      if (from > to) throw invalid('/query/from', 'lies after to');
      if (addDays(from, YEAR) < to) throw invalid('/query/from', 'lies more than 366 days before to');
      const days = await findDays(knex, user.id, from, to);
      const most = Math.max(0.01, ...days.map(({ totalTU }) => totalTU));
      return days.map((day) => ({ ...day, level: Math.max(1, Math.ceil((day.totalTU / most) * HEAT_LEVELS)) }));
    },
  );
}

function registerMuscles(routes: RouteRegistrar, { kernel, catalogue }: StatisticsContext): void {
  routes.get(
    '/workouts/muscles',
    {
      summary: 'Effective sets of each muscle against its weekly volume, and how far it has recovered',
      query: Type.Object({ days: Type.Optional(Type.Integer({ minimum: 1, maximum: 90, default: WEEK })) }),
      response: Type.Array(MuscleWork),
    },
    async ({ user: { id }, query: { days = WEEK } }) => {
      const muscles = [...(await catalogue()).muscles.values()];
      const trained = await findMuscleTraining(kernel.database.knex, [id], days, muscles, kernel.clock.now());
      return trained.get(id);
    },
  );
}

function registerRecords(routes: RouteRegistrar, { database: { knex } }: PluginKernel): void {
  routes.get(
    '/workouts/records',
    {
      summary: 'Personal records and estimated one-rep maxima (Epley, from 1 to 12 repetitions), the latest first',
      list: true,
      query: Type.Object({ exerciseId: Type.Optional(Type.String({ maxLength: 100 })) }),
      response: Type.Array(RecordEntry),
    },
    async ({ user, query }) => {
      const after = cursorPosition(query.cursor, ['date', 'string', 'string']);
      const records = await findRecords(knex, user.id, { exerciseId: query.exerciseId, limit: query.limit + 1, after });
      return page(records, query, ({ date, exerciseId, kind }) => [date, exerciseId, kind]);
    },
  );
  routes.get(
    '/exercises/:id/history',
    { summary: 'When and how the caller did an exercise, newest first', list: true, response: Type.Array(PastExercise) },
    async ({ user, params: { id }, query }) => {
      if (id === undefined) throw new ApiError('NOT_FOUND');
      const after = cursorPosition(query.cursor, ['date', 'string', 'number']);
      const past = await findExerciseHistory(knex, user.id, id, after, query.limit + 1);
      return page(past, query, ({ date, workoutId, position }) => [date, workoutId, position]);
    },
  );
}
