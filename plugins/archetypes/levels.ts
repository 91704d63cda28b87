import { ApiError, type PluginKernel, type Transaction } from 'musclemap';
import { findLevels, findThresholds, type Thresholds } from './models/catalogue.ts';
import { findStandings, storeStandings, type Standing } from './models/members.ts';
import { historyOf } from './training.ts';

export interface LevelsContext {
  kernel: PluginKernel;
  thresholds: () => Promise<Thresholds>;
}

/** Reads the thresholds once; they change only when the plugin starts with another catalogue. */
export function rememberThresholds(kernel: PluginKernel): { read: () => Promise<Thresholds>; forget: () => void } {
  let known: Promise<Thresholds> | undefined;
  return {
    read: () => {
      known ??= findThresholds(kernel.database.knex).catch((error: unknown) => {
        known = undefined;
        throw error;
      });
      return known;
    },
    forget: () => {
      known = undefined;
    },
  };
}

/**
 * Brings the levels of members to what their Training Units have earned. A level only falls with `mayFall`: when workouts
 * have been taken away, not when more have been added.
 */
export async function updateLevels(
  context: LevelsContext,
  trx: Transaction,
  userIds: readonly string[],
  options: { mayFall: boolean },
): Promise<void> {
  const standings = await findStandings(trx, userIds);
  if (standings.length === 0) return;
  const thresholds = await context.thresholds();
  const totals = await historyOf(context.kernel).totals(standings.map(({ userId }) => userId), { trx });
  const moved = standings.flatMap(({ userId, archetypeId, level }) => {
    const earned = levelFor(thresholds.get(archetypeId) ?? [], totals.get(userId)?.totalTU ?? 0);
    const next = options.mayFall ? earned : Math.max(level, earned);
    return next === level ? [] : { userId, archetypeId, level: next };
  });
  await move(context, trx, moved, (userId) => totals.get(userId)?.totalTU ?? 0);
}

/**
 * Gives a member an archetype with the level that their history has earned in it.
 *
 * @throws ApiError NOT_FOUND.
 */
export async function selectArchetype(
  context: LevelsContext,
  trx: Transaction,
  userId: string,
  archetypeId: string,
): Promise<{ archetypeId: string; level: number; levelName: string; totalTU: number }> {
  const levels = await findLevels(trx, archetypeId);
  // Held until the commit, as by who logs a workout: otherwise each could miss what the other one does.
  const totals = await historyOf(context.kernel).totals([userId], { trx, lock: true });
  const totalTU = totals.get(userId)?.totalTU ?? 0;
  const reached = levels.findLast((level) => level.totalTU <= totalTU);
  if (reached === undefined) throw new ApiError('NOT_FOUND', 'No archetype has this id.');
  const [before] = await findStandings(trx, [userId]);
  if (before?.archetypeId !== archetypeId) {
    const previousId = before?.archetypeId ?? null;
    context.kernel.events.emit(trx, 'archetype.selected', { userId, archetypeId, previousId });
  }
  await move(context, trx, [{ userId, archetypeId, level: reached.level }], () => totalTU);
  return { archetypeId, level: reached.level, levelName: reached.name, totalTU };
}

async function move(
  { kernel }: LevelsContext,
  trx: Transaction,
  standings: readonly Standing[],
  totalTU: (userId: string) => number,
): Promise<void> {
  if (standings.length === 0) return;
  for (const { userId, archetypeId, level, name } of await storeStandings(trx, standings, kernel.clock.now())) {
    kernel.events.emit(trx, 'level.reached', { userId, archetypeId, level, levelName: name, totalTU: totalTU(userId) });
  }
}

function levelFor(thresholds: readonly number[], totalTU: number): number {
  return Math.max(1, thresholds.filter((needed) => needed <= totalTU).length);
}
