import assert from 'node:assert/strict';
import type { TestKernel, TestUser } from '../../../kernel/testing.ts';
import { until } from '../../support/plugins.ts';

/** A member's milestone as GET /milestones shows it. */
export interface ShownMilestone {
  id: string;
  name: string;
  conditionType: string;
  target: number;
  progress: number;
  progressPercent: number;
  completedAt: string | null;
  rewardCredits: number;
  rewardClaimed: boolean;
}

/** The UTC day so many days before `from`. */
export function daysAgo(days: number, from = Date.now()): string {
  return new Date(from - days * 86_400_000).toISOString().slice(0, 10);
}

let keys = 0;

/** Logs a workout of one exercise and answers its id. */
export async function train(
  kernel: TestKernel,
  as: TestUser,
  exercise: { exerciseId?: string; sets?: number; reps?: number; weight?: number; duration?: number } = {},
  date?: string,
): Promise<string> {
  const body = { exercises: [{ exerciseId: 'back_squat', sets: 3, reps: 5, ...exercise }], ...(date !== undefined && { date }) };
  const answer = await kernel.post('/api/workouts', { as, key: `train-${String(++keys)}`, body });
  assert.equal(answer.status, 201, JSON.stringify(answer.body));
  return answer.body.data.id;
}

export async function milestonesOf(kernel: TestKernel, as: TestUser): Promise<ShownMilestone[]> {
  const answer = await kernel.get('/api/milestones', { as });
  assert.equal(answer.status, 200, JSON.stringify(answer.body));
  return answer.body.data;
}

/** Waits until one of the member's milestones is as it should be. */
export function untilMilestone(
  kernel: TestKernel,
  as: TestUser,
  name: string,
  holds: (milestone: ShownMilestone) => boolean,
): Promise<ShownMilestone> {
  return until(async () => (await milestonesOf(kernel, as)).find((one) => one.name === name && holds(one)), `the milestone ${name}`);
}
