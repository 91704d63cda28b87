import assert from 'node:assert/strict';
import { createReadStream, existsSync } from 'node:fs';
import path from 'node:path';
import { readWorkouts } from '../../../../plugins/fitness/import/read.ts';

const FOLDER = path.resolve('..', 'shared', 'data');
/** What the owners of these two real histories have in them. */
const FILES = {
  'strong-classic.csv': {
    format: 'strong-a',
    workouts: 86,
    days: 86,
    sets: 1903,
    warmups: 0,
    exercises: 22,
    volume: 394_186,
  },
  'strong-2026.csv': {
    format: 'strong-e',
    workouts: 37,
    days: 36,
    sets: 666,
    warmups: 162,
    exercises: 16,
    volume: 168_413.8,
  },
};

async function figuresOf(file: string): Promise<object> {
  const reading = await readWorkouts(createReadStream(file), { unit: 'kg' });
  const days = new Set<string>();
  const exercises = new Set<string>();
  const figures = { format: reading.format.id, workouts: 0, sets: 0, warmups: 0, volume: 0 };
  for await (const item of reading) {
    assert.equal(item.kind, 'session');
    figures.workouts += 1;
    days.add(item.date);
    for (const { name, sets } of item.exercises) {
      exercises.add(name);
      figures.sets += sets.length;
      figures.warmups += sets.filter((set) => set.type === 'warmup').length;
      figures.volume += sets.reduce((sum, set) => sum + (set.weightKg ?? 0) * (set.reps ?? 0), 0);
    }
  }
  return { ...figures, volume: Number(figures.volume.toFixed(1)), days: days.size, exercises: exercises.size };
}

describe('a real export', () => {
  for (const [name, expected] of Object.entries(FILES)) {
    const file = path.join(FOLDER, name);
    const isThere = existsSync(file);
    it(`is read whole: ${name}${isThere ? '' : ` (skipped: there is no ${file})`}`, async function () {
      if (!isThere) this.skip();
      assert.deepEqual(await figuresOf(file), expected);
    });
  }
});
