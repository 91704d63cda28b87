import type { PluginContracts, PluginKernel } from 'musclemap';
import { addDays, dayOf } from '../days.ts';
import { findCandidates, findChosen, lockChoice, storeChosen, type Tip } from '../models/tips.ts';
import { choose } from './choose.ts';
import { readFacts, type ToldFacts } from './facts.ts';
import { partOfDay } from './time-of-day.ts';
import { fitOf, isTrigger } from './triggers.ts';

/** Choices older than this no longer keep a tip from being chosen. */
const REMEMBERED_DAYS = 90;

export interface TipsContext {
  kernel: PluginKernel;
  hooks: PluginContracts['tips']['hooks'];
}

export interface TipsQuestion extends ToldFacts {
  userId: string;
  /** Where they are shown. */
  place: string;
  limit: number;
}

/** The tips for a member in a place today: chosen once a day, and again only for those that no longer hold. */
export async function contextualTips(context: TipsContext, question: TipsQuestion): Promise<Tip[]> {
  const { database, clock } = context.kernel;
  const { userId, limit } = question;
  const now = clock.now();
  const day = dayOf(now);
  const key = [question.place, question.exerciseId, question.goal].filter((part) => part !== undefined).join(':');
  const part = partOfDay(now, question.timeZone);
  const find = async (knex: PluginKernel['database']['knex']): Promise<Tip[]> =>
    (await findChosen(knex, userId, day, key))
      .filter(({ triggerType, triggerValue }) => triggerType !== 'time_of_day' || triggerValue === part)
      .slice(0, limit);
  const chosen = await find(database.knex);
  if (chosen.length === limit) return chosen;
  const more = await chooseMore(context, question, { day, key, count: limit - chosen.length });
  if (more.length === 0) return chosen;
  return database.transaction(async (trx) => {
    await lockChoice(trx, userId);
    const before = await find(trx);
    const tipIds = more.slice(0, limit - before.length);
    if (tipIds.length === 0) return before;
    await storeChosen(trx, { userId, day, context: key, tipIds, forgetBefore: addDays(day, -REMEMBERED_DAYS) });
    return find(trx);
  });
}

async function chooseMore(
  context: TipsContext,
  question: TipsQuestion,
  { day, key, count }: { day: string; key: string; count: number },
): Promise<string[]> {
  const { kernel } = context;
  const { userId, place } = question;
  const level = (await kernel.users.profiles([userId])).get(userId)?.currentLevel ?? 1;
  const [candidates, facts] = await Promise.all([
    findCandidates(kernel.database.knex, { userId, day, context: key, place, level }),
    readFacts(kernel, userId, level, question),
  ]);
  const answers = await askPlugins(context, question, new Set(candidates.map(({ triggerType }) => triggerType)));
  const fitting = candidates.map((tip) => ({ ...tip, fit: fitOf(tip, facts, answers) }));
  return choose(fitting, userId, day, count);
}

/** What other plugins say of the triggers that are not ours, by type. */
async function askPlugins(
  { hooks }: TipsContext,
  { userId, place }: TipsQuestion,
  types: ReadonlySet<string>,
): Promise<Map<string, readonly string[]>> {
  const answers = new Map<string, readonly string[]>();
  await Promise.all(
    [...types]
      .filter((type) => !isTrigger(type))
      .map(async (type) => {
        const values: unknown = await hooks.triggerValues.promise({ type, userId, context: place });
        if (Array.isArray(values)) answers.set(type, values.filter((value) => typeof value === 'string'));
      }),
  );
  return answers;
}
