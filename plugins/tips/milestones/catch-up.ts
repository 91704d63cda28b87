import type { Transaction } from 'musclemap';
import { findIdsByCondition } from '../models/milestones.ts';
import { CALENDAR_CONDITIONS, type ConditionContext } from './conditions.ts';
import { evaluateMilestones } from './evaluate.ts';

const MEMBERS_AT_ONCE = 100;

/** One page of a catch-up. */
export interface CatchUpPage {
  /** The last member of the page before; null for the first page. */
  after: string | null;
  /** Null for all. */
  milestoneIds: readonly string[] | null;
}

/** Queues a measuring of milestones for everybody: after the plugin was off, or when a milestone is new. */
export async function requestCatchUp(
  { kernel }: ConditionContext,
  milestoneIds: readonly string[] | null,
  trx?: Transaction,
): Promise<void> {
  const first: CatchUpPage = { after: null, milestoneIds };
  await kernel.jobs.enqueue('catch-up', first, trx === undefined ? {} : { trx });
}

/** Measures one page of members and queues the next one in the same transaction. */
export async function catchUp(context: ConditionContext, { after, milestoneIds }: CatchUpPage): Promise<void> {
  const { jobs, users } = context.kernel;
  const ids = await users.idsAfter(after ?? undefined, MEMBERS_AT_ONCE);
  const last = ids.at(-1);
  if (last === undefined) return;
  await evaluateMilestones(context, ids, {
    milestoneIds,
    alongside: async (trx) => {
      const next: CatchUpPage = { after: last, milestoneIds };
      if (ids.length === MEMBERS_AT_ONCE) await jobs.enqueue('catch-up', next, { trx });
    },
  });
}

/** Measures, for everybody, what only the calendar moves. */
export async function catchUpWithCalendar(context: ConditionContext): Promise<void> {
  const ids = await findIdsByCondition(context.kernel.database.knex, CALENDAR_CONDITIONS);
  if (ids.length > 0) await requestCatchUp(context, ids);
}
