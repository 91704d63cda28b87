import { EQUIPMENT } from '../../plugins/fitness/catalogue/types.ts';
import { generatePlan } from '../../plugins/fitness/prescriptions/generate.ts';
import type { PlanCatalogue, PlanRequest } from '../../plugins/fitness/prescriptions/plan.ts';
import { CATALOGUE } from '../plugins/fitness/prescriptions/requests.ts';
import { atMost, isQuick, runBench } from './figure.ts';

/** node --import ./kernel/typescript/register.mjs test/bench/prescriptions.ts [--quick] [--json] */
const EXERCISES = 1000;
const PLANS = isQuick ? 20 : 100;
const PROMISED_MS = 20;

/** The shipped catalogue, several times over. */
function enlarge(size: number): PlanCatalogue {
  const exercises = Array.from({ length: size }, (_, index) => {
    const exercise = CATALOGUE.exercises[index % CATALOGUE.exercises.length];
    if (exercise === undefined) throw new Error('The catalogue is empty.');
    return { ...exercise, id: `${exercise.id}_${String(Math.floor(index / CATALOGUE.exercises.length))}` };
  });
  return { ...CATALOGUE, exercises };
}

function requestOf(minutes: number, seed: number): PlanRequest {
  const nothing = { targetMuscles: [], excludeMuscles: [], excludeExercises: [] };
  return { minutes, location: 'gym', equipment: [...EQUIPMENT], goal: 'hypertrophy', level: 'advanced', seed, ...nothing };
}

/** Milliseconds of CPU for one plan. */
function measure(catalogue: PlanCatalogue, minutes: number): number {
  const context = { catalogue, history: { hoursSince: new Map<string, number>(), weeklySets: new Map<string, number>() } };
  for (let seed = 0; seed < PLANS / 4; seed += 1) generatePlan(requestOf(minutes, seed), context);
  const start = process.cpuUsage();
  for (let seed = 0; seed < PLANS; seed += 1) generatePlan(requestOf(minutes, seed), context);
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1000 / PLANS;
}

await runBench(() => {
  const catalogue = enlarge(EXERCISES);
  const what = (minutes: number): string => `CPU of a plan for ${String(minutes)} minutes from ${String(EXERCISES)} exercises`;
  return Promise.resolve([20, 45, 90, 180].map((minutes) => atMost(what(minutes), measure(catalogue, minutes), 'ms', PROMISED_MS)));
});
