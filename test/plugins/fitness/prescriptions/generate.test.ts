import assert from 'node:assert/strict';
import fc from 'fast-check';
import { EQUIPMENT } from '../../../../plugins/fitness/catalogue/types.ts';
import { generatePlan, InfeasiblePlanError } from '../../../../plugins/fitness/prescriptions/generate.ts';
import type { Plan, PlanHistory, PlanRequest } from '../../../../plugins/fitness/prescriptions/plan.ts';
import { checkPlan } from './invariants.ts';
import { CATALOGUE, planHistory, planRequest } from './requests.ts';

const RUNS = Number(process.env.PLAN_RUNS ?? 1000);
const NO_HISTORY: PlanHistory = { hoursSince: new Map(), weeklySets: new Map() };
const USUAL: PlanRequest = {
  minutes: 45,
  location: 'gym',
  equipment: [...EQUIPMENT],
  goal: 'hypertrophy',
  level: 'intermediate',
  targetMuscles: [],
  excludeMuscles: [],
  excludeExercises: [],
  seed: 1,
};

/** Undefined when nothing fits, which must be explained. */
function planOf(request: PlanRequest, history: PlanHistory): Plan | undefined {
  try {
    return generatePlan(request, { catalogue: CATALOGUE, history });
  } catch (error) {
    if (!(error instanceof InfeasiblePlanError)) throw error;
    assert.ok(error.reasons.length > 0 && error.reasons.every((reason) => reason.length > 10), error.reasons.join());
    return undefined;
  }
}

const setsOf = (plan: Plan): number => plan.exercises.reduce((sum, { sets }) => sum + sets, 0);
const idsOf = (plan: Plan): string[] => [
  ...[...plan.exercises, ...plan.warmup, ...plan.cooldown, ...Object.values(plan.substitutions).flat()].map(({ exerciseId }) => exerciseId),
];
const choicesOf = ({ shortfalls: _shortfalls, ...choices }: Plan): object => choices;

describe('a generated plan', function () {
  this.timeout(120_000);

  it(`holds what is promised of plans, for ${String(RUNS)} requests`, () => {
    let plans = 0;
    fc.assert(
      fc.property(planRequest, planHistory, (request, history) => {
        const plan = planOf(request, history);
        if (plan === undefined) return;
        plans += 1;
        checkPlan({ request, catalogue: CATALOGUE, history, plan });
      }),
      { numRuns: RUNS },
    );
    assert.ok(plans > RUNS / 2, `only ${String(plans)} of ${String(RUNS)} requests were feasible`);
  });

  it('is the same to the byte for the same request', () => {
    fc.assert(
      fc.property(planRequest, planHistory, (request, history) => {
        assert.equal(JSON.stringify(planOf({ ...request }, history)), JSON.stringify(planOf(request, history)));
      }),
      { numRuns: RUNS / 5 },
    );
  });

  it('has other exercises with another seed', () => {
    const plans = [1, 2, 3, 4, 5].map((seed) => planOf({ ...USUAL, seed }, NO_HISTORY));
    const choices = plans.map((plan) => plan?.exercises.map(({ exerciseId }) => exerciseId).join());
    assert.equal(new Set(choices).size, 5, choices.join('\n'));
  });

  it('has no fewer sets in more minutes, and stays possible with more equipment', () => {
    fc.assert(
      fc.property(planRequest, planHistory, fc.integer({ min: 1, max: 40 }), (request, history, more) => {
        const plan = planOf(request, history);
        if (plan === undefined) return;
        const longer = planOf({ ...request, minutes: Math.min(180, request.minutes + more) }, history);
        assert.ok(longer && setsOf(longer) >= setsOf(plan), 'fewer sets in more minutes');
        assert.ok(planOf({ ...request, equipment: [...EQUIPMENT] }, history), 'impossible with more equipment');
      }),
      { numRuns: RUNS / 2 },
    );
  });

  it('does not change when an exercise is excluded that it does not hold', () => {
    const ids = CATALOGUE.exercises.map(({ id }) => id);
    fc.assert(
      fc.property(planRequest, planHistory, fc.subarray(ids, { minLength: 1, maxLength: 10 }), (request, history, excluded) => {
        const plan = planOf(request, history);
        if (plan === undefined) return;
        const held = new Set(idsOf(plan));
        const others = excluded.filter((id) => !held.has(id));
        const same = planOf({ ...request, excludeExercises: [...request.excludeExercises, ...others] }, history);
        assert.deepEqual(same && choicesOf(same), choicesOf(plan), others.join());
      }),
      { numRuns: RUNS / 2 },
    );
  });

  it('does not wait for an exercise that it does not hold in the end', () => {
    const request: PlanRequest = { ...USUAL, minutes: 15, equipment: ['dumbbell', 'bench', 'pull_up_bar'], goal: 'endurance', level: 'advanced', seed: 191_855 };
    const plan = generatePlan(request, { catalogue: CATALOGUE, history: NO_HISTORY });
    const others = CATALOGUE.exercises.map(({ id }) => id).filter((id) => !idsOf(plan).includes(id));
    for (const id of others) {
      const same = generatePlan({ ...request, excludeExercises: [id] }, { catalogue: CATALOGUE, history: NO_HISTORY });
      assert.deepEqual(choicesOf(same), choicesOf(plan), id);
    }
  });

  it('trains what is asked for, and what the member trains for', () => {
    const plan = planOf({ ...USUAL, targetMuscles: ['biceps', 'latissimus_dorsi'] }, NO_HISTORY);
    const top = Object.entries(plan?.muscleCoverage ?? {}).sort(([, a], [, b]) => b - a).slice(0, 3).map(([muscle]) => muscle);
    assert.ok(top.includes('biceps') || top.includes('latissimus_dorsi'), top.join());
    const focused = generatePlan(USUAL, { catalogue: CATALOGUE, history: NO_HISTORY, focus: { gastrocnemius: 1, soleus: 1 } });
    const plain = generatePlan(USUAL, { catalogue: CATALOGUE, history: NO_HISTORY });
    assert.ok((focused.muscleCoverage.gastrocnemius ?? 0) > (plain.muscleCoverage.gastrocnemius ?? 0));
  });

  it('says why nothing fits', () => {
    const hoursSince = new Map([['biceps', 1]]);
    assert.throws(
      () => generatePlan({ ...USUAL, targetMuscles: ['biceps'] }, { catalogue: CATALOGUE, history: { hoursSince, weeklySets: new Map() } }),
      (error: unknown) => error instanceof InfeasiblePlanError && /Biceps has not recovered/.test(error.reasons.join()),
    );
    assert.throws(
      () => generatePlan({ ...USUAL, location: 'moon' }, { catalogue: CATALOGUE, history: NO_HISTORY }),
      (error: unknown) => error instanceof InfeasiblePlanError && /can be done there/.test(error.reasons.join()),
    );
  });
});
