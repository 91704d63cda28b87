import { EQUIPMENT } from '../../plugins/fitness/catalogue/types.ts';
import { generatePlan } from '../../plugins/fitness/prescriptions/generate.ts';
import type { PlanCatalogue, PlanRequest } from '../../plugins/fitness/prescriptions/plan.ts';
import { CATALOGUE } from '../plugins/fitness/prescriptions/requests.ts';

const EXERCISES = 1000;
const PLANS = 100;
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

const catalogue = enlarge(EXERCISES);
let isKept = true;
for (const minutes of [20, 45, 90, 180]) {
  const milliseconds = measure(catalogue, minutes);
  isKept &&= milliseconds < PROMISED_MS;
  console.log(`${String(minutes)} minutes, ${String(EXERCISES)} exercises: ${milliseconds.toFixed(1)} ms of CPU for a plan (promise: < ${String(PROMISED_MS)})`);
}
process.exitCode = isKept ? 0 : 1;
