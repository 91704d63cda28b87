import { updateLevels, type LevelsContext } from './levels.ts';
import { findMembersAfter } from './models/members.ts';
import { historyOf } from './training.ts';

const MEMBERS_AT_ONCE = 200;

/** Where a catch-up goes on. */
export interface CatchUpPage {
  after: string;
}

/** Recomputes the levels of one page of members and queues the next page: for what happened while the plugin was off. */
export async function catchUpLevels(context: LevelsContext, { after }: CatchUpPage): Promise<void> {
  const { database, jobs } = context.kernel;
  await database.transaction(async (trx) => {
    const ids = await findMembersAfter(trx, after, MEMBERS_AT_ONCE);
    const last = ids.at(-1);
    if (last === undefined) return;
    await historyOf(context.kernel).totals(ids, { trx, lock: true });
    await updateLevels(context, trx, ids, { mayFall: true });
    if (ids.length === MEMBERS_AT_ONCE) await jobs.enqueue('catch-up', { after: last } satisfies CatchUpPage, { trx });
  });
}
