import type { Transaction } from 'musclemap';
import { updateLevels, type LevelsContext } from './levels.ts';
import { findMembersAfter } from './models/members.ts';
import { historyOf } from './training.ts';

const MEMBERS_AT_ONCE = 200;

/** One page of a catch-up. */
export interface CatchUpPage {
  /** The last member of the page before. */
  after: string;
  /** Whether workouts may have been taken away as well. */
  mayFall: boolean;
}

/** Queues a recomputing of all levels: for what happened while the plugin was off, or when thresholds are new. */
export async function requestCatchUp({ kernel }: LevelsContext, trx: Transaction, options: { mayFall: boolean }): Promise<void> {
  await kernel.jobs.enqueue('catch-up', { after: '', ...options } satisfies CatchUpPage, { trx });
}

/** Recomputes the levels of one page of members and queues the next page in the same transaction. */
export async function catchUpLevels(context: LevelsContext, { after, mayFall }: CatchUpPage): Promise<void> {
  const { database, jobs } = context.kernel;
  await database.transaction(async (trx) => {
    const ids = await findMembersAfter(trx, after, MEMBERS_AT_ONCE);
    const last = ids.at(-1);
    if (last === undefined) return;
    await historyOf(context.kernel).totals(ids, { trx, lock: true });
    await updateLevels(context, trx, ids, { mayFall });
    if (ids.length === MEMBERS_AT_ONCE) await jobs.enqueue('catch-up', { after: last, mayFall } satisfies CatchUpPage, { trx });
  });
}

/** Recomputes one member's level after the commit, in case that it could not be done in the workout's own transaction. */
export async function catchUpMember(context: LevelsContext, userId: string, options: { mayFall: boolean }): Promise<void> {
  await context.kernel.database.transaction(async (trx) => {
    await historyOf(context.kernel).totals([userId], { trx, lock: true });
    await updateLevels(context, trx, [userId], options);
  });
}
