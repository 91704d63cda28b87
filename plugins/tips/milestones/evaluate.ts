import type { Transaction } from 'musclemap';
import { findConditions, type Milestone } from '../models/milestones.ts';
import { lockMeasuring, storeProgress, type Progress } from '../models/progress.ts';
import { askMeasure, createMeasure, type ConditionContext, type Measured } from './conditions.ts';

export interface EvaluationOptions {
  /** All unless said. */
  milestoneIds?: readonly string[] | null;
  /** Runs in the same transaction. */
  alongside?: (trx: Transaction) => Promise<void>;
}

type Condition = Pick<Milestone, 'id' | 'name' | 'conditionType' | 'conditionValue' | 'rewardCredits'>;

/**
 * Measures milestones for members from what is known of them now, and emits `milestone.completed` for each that has just been
 * completed. It may run any number of times: what happened is not counted but read.
 */
export async function evaluateMilestones(
  context: ConditionContext,
  userIds: readonly string[],
  { milestoneIds = null, alongside }: EvaluationOptions = {},
): Promise<void> {
  const { kernel, hooks } = context;
  const milestones = await findConditions(kernel.database.knex, milestoneIds);
  // Asked outside the transaction: what other plugins do in it could not be undone on its own.
  const asked = new Map<string, Measured>();
  for (const { id, conditionType: type, conditionValue: parameters } of milestones) {
    const measured = await askMeasure({ hooks }, { type, parameters, userIds });
    if (measured !== undefined) asked.set(id, measured);
  }
  await kernel.database.transaction(async (trx) => {
    await lockMeasuring(trx, userIds);
    const measure = createMeasure(kernel, trx, userIds);
    const progress: Progress[] = [];
    for (const { id, conditionType, conditionValue } of milestones) {
      const measured = asked.get(id) ?? (await measure(conditionType));
      progress.push(...compare(id, measured ?? new Map(), conditionValue.target));
    }
    await complete(context, trx, milestones, progress);
    await alongside?.(trx);
  });
}

async function complete(
  { kernel }: ConditionContext,
  trx: Transaction,
  milestones: readonly Condition[],
  progress: readonly Progress[],
): Promise<void> {
  if (progress.length === 0) return;
  const byId = new Map(milestones.map((milestone) => [milestone.id, milestone]));
  for (const { userId, milestoneId } of await storeProgress(trx, progress, kernel.clock.now())) {
    const { name = '', rewardCredits = 0 } = byId.get(milestoneId) ?? {};
    kernel.events.emit(trx, 'milestone.completed', { userId, milestoneId, name, rewardCredits });
  }
}

function compare(milestoneId: string, measured: Measured, target: number): Progress[] {
  return [...measured].map(([userId, value]) => {
    const isComplete = value >= target;
    return { userId, milestoneId, isComplete, progress: isComplete ? Math.ceil(target) : Math.max(0, Math.floor(value)) };
  });
}
