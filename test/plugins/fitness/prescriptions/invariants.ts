import assert from 'node:assert/strict';
import type { Plan, PlanCatalogue, PlanExercise, PlanHistory, PlanRequest } from '../../../../plugins/fitness/prescriptions/plan.ts';

/**
 * The invariants of a plan, as they are promised and without a look at how plans are made: each function is one of them by
 * its number. What needs several plans (18, 19) or a server (20) is with the tests.
 */
export interface Case {
  request: PlanRequest;
  catalogue: PlanCatalogue;
  history: PlanHistory;
  plan: Plan;
}

const BANDS = {
  strength: { reps: [3, 6], rest: [120, 180] },
  hypertrophy: { reps: [6, 12], rest: [60, 120] },
  endurance: { reps: [12, 25], rest: [30, 60] },
  fat_loss: { reps: [10, 15], rest: [30, 60] },
} as const;
const CAPS = { beginner: 2, intermediate: 3, advanced: 5 };
const CORE = ['core', 'rotation'];

class Facts {
  readonly byId: Map<string, PlanExercise>;
  readonly main: PlanExercise[];
  readonly substitutes: PlanExercise[];

  constructor({ catalogue, plan }: Case) {
    this.byId = new Map(catalogue.exercises.map((exercise) => [exercise.id, exercise]));
    this.main = plan.exercises.map(({ exerciseId }) => this.get(exerciseId));
    this.substitutes = Object.values(plan.substitutions).flat().map(({ exerciseId }) => this.get(exerciseId));
  }

  get(id: string): PlanExercise {
    const exercise = this.byId.get(id);
    assert.ok(exercise, `1: ${id} is not in the catalogue`);
    return exercise;
  }
}

const strength = (exercise: PlanExercise, muscle: string): number => exercise.activations.get(muscle) ?? 0;
const primaries = (exercise: PlanExercise): string[] => [...exercise.activations.keys()].filter((muscle) => strength(exercise, muscle) >= 60);
const share = (activation: number): number => (activation >= 60 ? 1 : activation >= 20 ? 0.5 : 0);

function fits(exercise: PlanExercise, { request }: Case): boolean {
  return (
    exercise.equipmentRequired.every((item) => request.equipment.includes(item)) &&
    exercise.locations.includes(request.location) &&
    exercise.difficulty <= CAPS[request.level] &&
    !request.excludeExercises.includes(exercise.id) &&
    request.excludeMuscles.every((muscle) => strength(exercise, muscle) < 40)
  );
}

function isRested(exercise: PlanExercise, { catalogue, history }: Case): boolean {
  return primaries(exercise).every(
    (muscle) => (history.hoursSince.get(muscle) ?? Infinity) >= (catalogue.muscles.get(muscle)?.recoveryTime ?? 0) / 2,
  );
}

function setsOfMuscles({ plan }: Case, facts: Facts): Map<string, number> {
  const sets = new Map<string, number>();
  for (const planned of plan.exercises) {
    for (const [muscle, activation] of facts.get(planned.exerciseId).activations) {
      sets.set(muscle, (sets.get(muscle) ?? 0) + planned.sets * share(activation));
    }
  }
  return sets;
}

function mainSeconds(planned: Plan['exercises'][number], exercise: PlanExercise): number {
  const setup = exercise.equipmentRequired.length > 0 ? 30 : 0;
  return planned.sets * exercise.estimatedSeconds + (planned.sets - 1) * planned.restSeconds + setup;
}

function patternSets({ plan }: Case, facts: Facts, patterns: readonly string[]): number {
  return plan.exercises
    .filter(({ exerciseId }) => patterns.includes(facts.get(exerciseId).movementPattern ?? ''))
    .reduce((sum, { sets }) => sum + sets, 0);
}

const OPPOSITES: [string[], string[]][] = [
  [['horizontal_push', 'vertical_push'], ['horizontal_pull', 'vertical_pull']],
  [['horizontal_push', 'vertical_push', 'isolation_push'], ['horizontal_pull', 'vertical_pull', 'isolation_pull']],
  [['squat'], ['hinge']],
  [['squat', 'lunge'], ['hinge']],
];
const LOADED = ['strength', 'powerlifting', 'olympic_weightlifting', 'strongman', 'plyometrics'];

export const INVARIANTS: Record<string, (one: Case, facts: Facts) => void> = {
  '1 every exercise exists': ({ plan }, facts) => {
    for (const { exerciseId } of [...plan.warmup, ...plan.cooldown]) facts.get(exerciseId);
    assert.ok(facts.main.length > 0);
  },
  '2 nothing needs equipment that is not there': ({ request, plan }, facts) => {
    const all = [...facts.main, ...facts.substitutes, ...[...plan.warmup, ...plan.cooldown].map(({ exerciseId }) => facts.get(exerciseId))];
    for (const exercise of all) {
      for (const item of exercise.equipmentRequired) assert.ok(request.equipment.includes(item), `${exercise.id} needs ${item}`);
    }
  },
  '3 everything can be done there': ({ request, plan }, facts) => {
    const moves = [...plan.warmup, ...plan.cooldown].map(({ exerciseId }) => facts.get(exerciseId));
    for (const exercise of [...facts.main, ...moves]) assert.ok(exercise.locations.includes(request.location), exercise.id);
  },
  '4 nothing is above the level': ({ request, plan }, facts) => {
    const moves = [...plan.warmup, ...plan.cooldown].map(({ exerciseId }) => facts.get(exerciseId));
    for (const exercise of [...facts.main, ...moves]) assert.ok(exercise.difficulty <= CAPS[request.level], exercise.id);
  },
  '5 nothing excluded is anywhere': ({ request, plan }, facts) => {
    const ids = [...plan.exercises, ...plan.warmup, ...plan.cooldown, ...Object.values(plan.substitutions).flat()];
    for (const { exerciseId } of ids) assert.ok(!request.excludeExercises.includes(exerciseId), exerciseId);
    for (const exercise of [...facts.main, ...facts.substitutes]) {
      for (const muscle of request.excludeMuscles) assert.ok(strength(exercise, muscle) < 40, `${exercise.id} works ${muscle}`);
    }
  },
  '6 no exercise is there twice': ({ plan }) => {
    const ids = plan.exercises.map(({ exerciseId }) => exerciseId);
    assert.equal(new Set(ids).size, ids.length);
    for (const [id, list] of Object.entries(plan.substitutions)) {
      const slot = [id, ...list.map(({ exerciseId }) => exerciseId)];
      assert.equal(new Set(slot).size, slot.length, id);
    }
  },
  '7 the duration is that of the time model, and within the request': ({ request, plan }, facts) => {
    const main = plan.exercises.reduce((sum, planned) => sum + mainSeconds(planned, facts.get(planned.exerciseId)), 0);
    const around = [...plan.warmup, ...plan.cooldown].reduce((sum, { seconds }) => sum + seconds, 0);
    assert.equal(plan.estimatedDuration, main + around);
    assert.ok(plan.estimatedDuration <= request.minutes * 60);
  },
  '8 no candidate is left that would fit': (one, facts) => {
    const { request, catalogue, history, plan } = one;
    const idle = request.minutes * 60 - plan.estimatedDuration;
    if (idle <= request.minutes * 6) return;
    const sets = setsOfMuscles(one, facts);
    const chosen = new Set(plan.exercises.map(({ exerciseId }) => exerciseId));
    for (const exercise of catalogue.exercises) {
      if (chosen.has(exercise.id) || !fits(exercise, one) || !isRested(exercise, one)) continue;
      const isOfKind = request.goal === 'mobility' ? ['mobility', 'stretching'].includes(exercise.type) : LOADED.includes(exercise.type);
      if (!isOfKind || exercise.estimatedSeconds + (exercise.equipmentRequired.length > 0 ? 30 : 0) > idle) continue;
      const hasRoom = [...exercise.activations].every(([muscle, activation]) => {
        const weekly = (catalogue.muscles.get(muscle)?.optimalWeeklyVolume ?? 0) - (history.weeklySets.get(muscle) ?? 0);
        return share(activation) === 0 || (sets.get(muscle) ?? 0) + share(activation) <= Math.min(10, weekly);
      });
      const keepsBalance = OPPOSITES.every(([a, b]) => {
        const side = Number(a.includes(exercise.movementPattern ?? '')) - Number(b.includes(exercise.movementPattern ?? ''));
        return side === 0 || Math.abs(patternSets(one, facts, a) - patternSets(one, facts, b) + side) <= 2;
      });
      const keepsOrder = CORE.includes(exercise.movementPattern ?? '') !== exercise.isCompound;
      assert.ok(!hasRoom || !keepsBalance || !keepsOrder, `${exercise.id} would fit into ${String(idle)} s`);
    }
  },
  '9 warm-up and cool-down are there, as long as they should be, and for the muscles of the main block': ({ request, plan }, facts) => {
    const worked = new Set(facts.main.flatMap((exercise) => [...exercise.activations.keys(), ...exercise.stretches]));
    for (const part of [plan.warmup, plan.cooldown]) {
      assert.ok(part.length > 0);
      const seconds = part.reduce((sum, move) => sum + move.seconds, 0);
      assert.ok(seconds >= (request.minutes >= 20 ? 180 : 120) && seconds <= 600, String(seconds));
    }
    for (const { exerciseId } of plan.warmup) {
      const exercise = facts.get(exerciseId);
      assert.ok([...exercise.activations.keys(), ...exercise.stretches].some((muscle) => worked.has(muscle)), exerciseId);
    }
  },
  '10 compounds come first, and the core last unless it is a target': ({ request, catalogue }, facts) => {
    const isCoreTargeted = request.targetMuscles.some((muscle) => catalogue.muscles.get(muscle)?.muscleGroup === 'core');
    facts.main.forEach((later, index) => {
      for (const earlier of facts.main.slice(0, index)) {
        const shares = primaries(earlier).some((muscle) => primaries(later).includes(muscle));
        if (shares) assert.ok(earlier.isCompound || !later.isCompound, `${earlier.id} before ${later.id}`);
        const [first, second] = [earlier, later].map(({ movementPattern }) => CORE.includes(movementPattern ?? ''));
        if (isCoreTargeted || first === second) assert.ok(earlier.isCompound || !later.isCompound, `${earlier.id} before ${later.id}`);
        if (!isCoreTargeted) assert.ok(first !== true || second === true, `core ${earlier.id} before ${later.id}`);
      }
    });
  },
  '11 no muscle is trained that has not recovered half of the way': (one, facts) => {
    for (const exercise of facts.main) assert.ok(isRested(exercise, one), exercise.id);
  },
  '12 no muscle gets more than its week, or than ten sets': (one, facts) => {
    for (const [muscle, sets] of setsOfMuscles(one, facts)) {
      if (sets === 0) continue;
      const week = (one.catalogue.muscles.get(muscle)?.optimalWeeklyVolume ?? 0) - (one.history.weeklySets.get(muscle) ?? 0);
      assert.ok(sets <= week && sets <= 10, `${muscle}: ${String(sets)} of ${String(week)}`);
    }
  },
  '13 each target is trained, or said to be uncovered': ({ request, plan }, facts) => {
    const uncovered = plan.shortfalls.filter(({ about }) => about === 'muscle').map(({ id }) => id);
    for (const muscle of request.targetMuscles) {
      const isTrained = facts.main.some((exercise) => strength(exercise, muscle) >= 60);
      assert.equal(uncovered.includes(muscle), !isTrained, muscle);
    }
    assert.ok(plan.shortfalls.every(({ reason }) => reason.length > 10));
  },
  '14 the coverage is that of the exercises': ({ plan }, facts) => {
    const expected = new Map<string, number>();
    for (const planned of plan.exercises) {
      for (const [muscle, activation] of facts.get(planned.exerciseId).activations) {
        expected.set(muscle, (expected.get(muscle) ?? 0) + (planned.sets * activation) / 100);
      }
    }
    assert.deepEqual(Object.keys(plan.muscleCoverage).sort(), [...expected.keys()].sort());
    for (const [muscle, sets] of expected) assert.ok(Math.abs((plan.muscleCoverage[muscle] ?? 0) - sets) <= 0.01, muscle);
  },
  '15 pushes and pulls, squats and hinges are in balance': (one, facts) => {
    const feasible = one.catalogue.exercises.filter((exercise) => fits(exercise, one) && isRested(exercise, one) && hasWeek(exercise, one));
    for (const [a, b] of OPPOSITES) {
      const exist = [a, b].every((side) => feasible.some(({ movementPattern }) => side.includes(movementPattern ?? '')));
      const [left, right] = [patternSets(one, facts, a), patternSets(one, facts, b)];
      if (exist) assert.ok(Math.abs(left - right) <= Math.max(2, Math.min(left, right) / 4), `${a.join()} ${String(left)}, ${b.join()} ${String(right)}`);
    }
  },
  '16 sets, repetitions and rests are in the band of the goal': ({ request, plan }, facts) => {
    for (const { exerciseId, sets, reps, restSeconds, holdSeconds } of plan.exercises) {
      assert.ok(sets >= 1 && sets <= 6, exerciseId);
      if (facts.get(exerciseId).isCompound) assert.ok(restSeconds >= 30, exerciseId);
      if (request.goal === 'mobility') {
        assert.ok(holdSeconds !== null && holdSeconds >= 20 && holdSeconds <= 60, exerciseId);
        continue;
      }
      const band = BANDS[request.goal];
      assert.ok(reps !== null && reps >= band.reps[0] && reps <= band.reps[1], `${exerciseId}: ${String(reps)} repetitions`);
      assert.ok(restSeconds >= band.rest[0] && restSeconds <= band.rest[1], `${exerciseId}: ${String(restSeconds)} s of rest`);
    }
  },
  '17 each exercise has substitutes of the same movement for the same muscles, or a reason why not': (one, facts) => {
    for (const exercise of facts.main) {
      const list = one.plan.substitutions[exercise.id];
      assert.ok(list && list.length <= 4, exercise.id);
      if (list.length === 0) assert.ok(one.plan.shortfalls.some(({ about, id }) => about === 'substitutes' && id === exercise.id));
      for (const { exerciseId } of list) {
        const other = facts.get(exerciseId);
        assert.ok(fits(other, one), exerciseId);
        assert.equal(other.movementPattern, exercise.movementPattern);
        const common = primaries(exercise).filter((muscle) => primaries(other).includes(muscle)).length;
        const all = new Set([...primaries(exercise), ...primaries(other)]).size;
        assert.ok(common / all >= 0.3, `${exerciseId} for ${exercise.id}`);
      }
    }
  },
};

function hasWeek(exercise: PlanExercise, { catalogue, history }: Case): boolean {
  return [...exercise.activations].every(
    ([muscle, activation]) =>
      share(activation) <= Math.max(0, (catalogue.muscles.get(muscle)?.optimalWeeklyVolume ?? 0) - (history.weeklySets.get(muscle) ?? 0)),
  );
}

/** @throws AssertionError naming the invariant that does not hold. */
export function checkPlan(one: Case): void {
  const facts = new Facts(one);
  for (const [name, check] of Object.entries(INVARIANTS)) {
    try {
      check(one, facts);
    } catch (error) {
      throw new Error(`Invariant ${name}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
    }
  }
}
