import type { PluginContracts, PluginKernel } from 'musclemap';
import type { Insight } from '../hooks.ts';
import { findOverreaching, findPlateaus } from './load.ts';
import { findImbalances, findNeglected } from './muscles.ts';
import { findBreak, findStreakAtRisk } from './rhythm.ts';
import { readTrainingLog, type TrainingLog } from './training-log.ts';

const RULES: readonly ((log: TrainingLog) => Insight[])[] = [
  findOverreaching,
  findBreak,
  findStreakAtRisk,
  findImbalances,
  findNeglected,
  findPlateaus,
];
const ORDER: readonly Insight['severity'][] = ['warning', 'attention', 'info'];

/** What the rules, and those of other plugins, see in a member's training; the most urgent first. */
export async function findInsights(
  kernel: PluginKernel,
  hooks: PluginContracts['tips']['hooks'],
  userId: string,
): Promise<Insight[]> {
  const log = await readTrainingLog(kernel, userId);
  const own = RULES.flatMap((rule) => rule(log));
  const all: unknown = hooks.insights.isUsed() ? await hooks.insights.promise(own, { userId }) : own;
  return (Array.isArray(all) ? all.filter(isInsight) : own).sort((a, b) => ORDER.indexOf(a.severity) - ORDER.indexOf(b.severity));
}

/** Whether another plugin has added something that can be shown. */
function isInsight(value: unknown): value is Insight {
  if (typeof value !== 'object' || value === null) return false;
  const { rule, subject = null, severity, title, message, numbers } = value as Partial<Insight>;
  const texts = [rule, title, message, subject ?? ''];
  return texts.every((text) => typeof text === 'string') && ORDER.includes(severity ?? 'info') && typeof numbers === 'object';
}
