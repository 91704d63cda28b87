import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { APP_NAMES } from '../../../plugins/fitness/catalogue/app-names.ts';
import { EXERCISES } from '../../../plugins/fitness/catalogue/exercises.ts';
import { MUSCLES } from '../../../plugins/fitness/catalogue/muscles.ts';
import { normalizeExerciseName } from '../../../plugins/fitness/catalogue/names.ts';
import { LOCATIONS } from '../../../plugins/fitness/catalogue/types.ts';
import { trainingEffect } from '../../../plugins/fitness/training-units.ts';

const PATTERNS = {
  push: ['horizontal_push', 'vertical_push'],
  pull: ['horizontal_pull', 'vertical_pull'],
  squat: ['squat', 'lunge'],
  hinge: ['hinge'],
};

describe('the catalogue', () => {
  const muscles = new Set(MUSCLES.map(({ id }) => id));

  it('has 37 muscles with sizes, weekly sets and hours of recovery in their ranges', () => {
    assert.equal(muscles.size, 37);
    for (const { id, biasWeight, optimalWeeklyVolume, recoveryTime } of MUSCLES) {
      assert.ok(biasWeight >= 4 && biasWeight <= 22, id);
      assert.ok(optimalWeeklyVolume >= 6 && optimalWeeklyVolume <= 16, id);
      assert.ok([24, 48, 72].includes(recoveryTime), id);
    }
  });

  it('has at least 150 exercises of their own ids, names and texts', () => {
    assert.ok(EXERCISES.length >= 150, String(EXERCISES.length));
    for (const field of ['id', 'name', 'description'] as const) {
      assert.equal(new Set(EXERCISES.map((exercise) => exercise[field])).size, EXERCISES.length, field);
    }
  });

  it('gives every name and alias to one exercise', () => {
    const owners = new Map<string, string>();
    for (const { id, name, aliases } of EXERCISES) {
      for (const label of new Set([name, ...aliases].map(normalizeExerciseName))) {
        assert.equal(owners.get(label) ?? id, id, label);
        owners.set(label, id);
      }
    }
  });

  it('activates only muscles that there are, and one by 60 or more in all but stretches and warm-ups', () => {
    for (const { id, type, activations } of EXERCISES) {
      for (const [muscle, value] of Object.entries(activations)) {
        assert.ok(muscles.has(muscle), `${id}: ${muscle}`);
        assert.ok(Number.isInteger(value) && value >= 5 && value <= 95, `${id}: ${muscle} ${String(value)}`);
      }
      const strongest = Math.max(0, ...Object.values(activations));
      if (type === 'stretching') assert.equal(strongest, 0, id);
      else if (type === 'mobility') assert.ok(strongest >= 5 && strongest < 40, `${id}: ${String(strongest)}`);
      else if (type !== 'cardio') assert.ok(strongest >= 60, id);
    }
  });

  it('warms every muscle up without equipment', () => {
    const moves = EXERCISES.filter(({ type, equipmentRequired }) => type === 'mobility' && equipmentRequired.length === 0);
    for (const muscle of muscles) assert.ok(moves.some(({ activations }) => (activations[muscle] ?? 0) > 0), muscle);
  });

  it('takes 20 to 90 seconds for a set and half a minute to four for a rest, but for stretches, warm-ups and cardio', () => {
    for (const { id, type, estimatedSeconds, restSeconds } of EXERCISES) {
      if (['stretching', 'mobility'].includes(type)) assert.ok(estimatedSeconds >= 20 && estimatedSeconds <= 90 && restSeconds <= 30, id);
      else if (type !== 'cardio') assert.ok(estimatedSeconds >= 20 && estimatedSeconds <= 90 && restSeconds >= 30 && restSeconds <= 240, id);
    }
  });

  it('has more names for exercises that it has', () => {
    const ids = new Set(EXERCISES.map(({ id }) => id));
    assert.deepEqual(Object.keys(APP_NAMES).filter((id) => !ids.has(id)), []);
  });

  it('knows the names that the real rows of Strong, Hevy and FitNotes have', () => {
    const known = new Set(EXERCISES.flatMap(({ name, aliases }) => [name, ...aliases].map(normalizeExerciseName)));
    const names = [
      'Incline Bench Press (Dumbbell)', 'Plank', 'Deadlift (Dumbbell)', 'Chest Press (Machine)', 'Squat (Barbell)',
      'Single Arm Triceps Pushdown (Cable)', 'Lateral Raise (Dumbbell)', 'Dead Hang', 'Bench Press (Touch and Go)',
      'Seated Machine Fly', 'Running (Treadmill)', 'Side Plank', 'Farmer’s Walk', 'Farmers Walk',
    ];
    assert.deepEqual(names.filter((name) => !known.has(normalizeExerciseName(name))), []);
  });

  it('trains every muscle, and in every place pushes, pulls, squats and hinges', () => {
    for (const muscle of muscles) {
      assert.ok(EXERCISES.some(({ activations }) => (activations[muscle] ?? 0) >= 60), muscle);
    }
    for (const location of LOCATIONS) {
      for (const [movement, patterns] of Object.entries(PATTERNS)) {
        const found = EXERCISES.some((e) => e.locations.includes(location) && patterns.includes(e.movementPattern));
        assert.ok(found, `${movement} in ${location}`);
      }
    }
  });

  for (const file of ['strong-classic.csv', 'strong-2026.csv']) {
    it(`knows every exercise of ${file}`, function () {
      const path = resolve('..', 'shared', 'data', file);
      if (!existsSync(path)) {
        console.log(`      skipped: ${file} is not here`);
        this.skip();
      }
      const known = new Set(EXERCISES.flatMap(({ name, aliases }) => [name, ...aliases].map(normalizeExerciseName)));
      const names = new Set([...readFileSync(path, 'utf8').matchAll(/^[^,]*,"[^"]*",[^,]*,"([^"]*)"/gm)].map(([, name = '']) => name));
      assert.ok(names.size > 10);
      assert.deepEqual([...names].filter((name) => !known.has(normalizeExerciseName(name))), []);
    });
  }
});

describe('Training Units', () => {
  const catalogue = {
    activations: new Map([['press', new Map([['chest', 85], ['arms', 50]])]]),
    biasWeights: new Map([['chest', 20], ['arms', 10]]),
  };

  it('are the effective sets of each muscle over its bias, times 100', () => {
    // 3 sets: 2.55 and 1.5 effective ones; 2.55 / 20 + 1.5 / 10 = 0.2775.
    assert.deepEqual(trainingEffect([{ exerciseId: 'press', sets: 3 }], catalogue), {
      totalTU: 27.75,
      muscleActivations: { chest: 2.55, arms: 1.5 },
    });
  });

  it('do not count warm-ups', () => {
    const setDetails = [{ type: 'warmup' }, { type: 'normal' }, { type: 'drop' }, { type: 'failure' }];
    const { totalTU } = trainingEffect([{ exerciseId: 'press', sets: 4, setDetails }], catalogue);
    assert.equal(totalTU, 27.75);
  });
});
