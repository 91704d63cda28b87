import { invalid, type PluginKernel, type Static } from 'musclemap';
import { GOALS } from '../choice/goals.ts';
import { PARTS_OF_DAY } from '../choice/time-of-day.ts';
import type { AddedType } from '../hooks.ts';
import { isTrigger } from '../choice/triggers.ts';
import { OWN_CONDITIONS, allConditions, collectTypes, type ConditionContext } from '../milestones/conditions.ts';
import type { MilestoneFields } from '../models/milestones.ts';
import { MILESTONE_SIGNS } from '../models/progress.ts';
import { findTriggerValues, type TipFields } from '../models/tips.ts';
import type { TriggerValue } from './schemas.ts';
import type { Trigger } from '../catalogue/types.ts';
import { fitnessOf } from '../training.ts';

const DAYS = /^[1-9]\d{0,3}$/;

/** The triggers whose values are words of our own. */
const WORDS: Partial<Record<Trigger, readonly string[]>> = {
  goal: GOALS,
  milestone: MILESTONE_SIGNS,
  time_of_day: PARTS_OF_DAY,
};

/** What the triggers of our own stand for. */
const SUMMARIES: Record<Trigger, string> = {
  exercise: 'The member does an exercise: its id',
  muscle: 'A muscle is trained too little: its id',
  goal: `What the member trains for: ${GOALS.join(', ')}`,
  milestone: `How a milestone stands: ${MILESTONE_SIGNS.join(', ')}`,
  level: 'The member is on a level: its number',
  inactivity: 'Days without a workout, or never',
  streak: 'Days in a row with a workout',
  time_of_day: `When it is: ${PARTS_OF_DAY.join(', ')}`,
  random: 'Fits at any time, without a value',
};

/** Every trigger type there is now, our own and those of other plugins. */
export function allTriggers({ hooks }: Pick<ConditionContext, 'hooks'>): Promise<readonly AddedType[]> {
  return collectTypes(hooks.triggers, Object.entries(SUMMARIES).map(([type, summary]) => ({ type, summary })));
}

/** The values that are known: words of our own, muscles, and what tips compare with already. */
export async function knownValues({ kernel }: ConditionContext): Promise<Static<typeof TriggerValue>[]> {
  const { catalogue } = fitnessOf(kernel);
  const [muscles, used] = await Promise.all([catalogue.muscles(), findTriggerValues(kernel.database.knex)]);
  const exercises = await catalogue.exercises(used.filter(({ type }) => type === 'exercise').map(({ value }) => value));
  const own = Object.entries(WORDS).flatMap(([type, words]) => words.map((value) => ({ type, value })));
  const all = [...own, ...[...muscles.keys()].map((value) => ({ type: 'muscle', value })), { type: 'inactivity', value: 'never' }, ...used];
  const known = new Map(all.map((one) => [JSON.stringify([one.type, one.value]), one]));
  const namesOf: Partial<Record<string, ReadonlyMap<string, { name: string }>>> = { muscle: muscles, exercise: exercises };
  return [...known.values()].map(({ type, value }) => ({ type, value, label: namesOf[type]?.get(value)?.name ?? value.replaceAll('_', ' ') }));
}

/** @throws ApiError naming the field that does not go with the others. */
export async function checkTip({ kernel, hooks }: ConditionContext, tip: TipFields): Promise<void> {
  const { triggerType, triggerValue, minLevel, maxLevel } = tip;
  if (maxLevel !== null && maxLevel < minLevel) throw invalid('/body/maxLevel', 'lies below minLevel');
  if (!isTrigger(triggerType)) {
    if ((await allTriggers({ hooks })).some(({ type }) => type === triggerType)) return;
    throw invalid('/body/triggerType', 'is no trigger of an enabled plugin');
  }
  const problem = await problemOf(kernel, triggerType, triggerValue);
  if (problem !== undefined) throw invalid('/body/triggerValue', problem);
}

async function problemOf(kernel: PluginKernel, trigger: Trigger, value: string | null): Promise<string | undefined> {
  if (trigger === 'random') return value === null ? undefined : 'must be null for random';
  if (value === null) return `is needed for ${trigger}`;
  const words = WORDS[trigger];
  if (words !== undefined) return words.includes(value) ? undefined : `must be one of ${words.join(', ')}`;
  if (trigger === 'exercise' || trigger === 'muscle') return problemOfName(kernel, trigger, value);
  return DAYS.test(value) || (trigger === 'inactivity' && value === 'never') ? undefined : 'must be a whole number from 1';
}

async function problemOfName(kernel: PluginKernel, kind: 'exercise' | 'muscle', id: string): Promise<string | undefined> {
  const { catalogue } = fitnessOf(kernel);
  const known = kind === 'exercise' ? await catalogue.exercises([id]) : await catalogue.muscles();
  return known.has(id) ? undefined : `is not in the catalogue of ${kind}s`;
}

/** @throws ApiError naming the field. */
export async function checkMilestone(
  context: ConditionContext,
  { conditionType, conditionValue }: Pick<MilestoneFields, 'conditionType' | 'conditionValue'>,
): Promise<void> {
  if (!(await allConditions(context)).some(({ type }) => type === conditionType)) {
    throw invalid('/body/conditionType', 'is measured by no enabled plugin');
  }
  const isOwn = OWN_CONDITIONS.some(({ type }) => type === conditionType);
  const unknown = isOwn ? Object.keys(conditionValue).find((key) => key !== 'target') : undefined;
  if (unknown !== undefined) throw invalid(`/body/conditionValue/${unknown}`, 'is not known to this condition');
}
