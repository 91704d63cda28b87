import assert from 'node:assert/strict';
import { contentKey } from '../../../../plugins/fitness/import/content-key.ts';
import type { ExportedSession, WorkoutSet } from '../../../../plugins/fitness/import/session.ts';

const SET: WorkoutSet = { type: 'normal', reps: 5, weightKg: 100, unit: 'kg' };

function withSet(change: Partial<WorkoutSet>): ExportedSession {
  return { date: '2026-04-08', exercises: [{ name: 'Squat', sets: [{ ...SET, ...change }] }] };
}

describe('contentKey', () => {
  it('changes with every thing that a session holds', () => {
    const base = withSet({});
    const others: ExportedSession[] = [
      { ...base, date: '2026-04-09' },
      { ...base, startedAt: '2026-04-08T10:00:00' },
      { ...base, title: 'A' },
      { ...base, notes: 'A' },
      { ...base, durationSeconds: 60 },
      { ...base, exercises: [...base.exercises, ...base.exercises] },
      { ...base, exercises: [{ name: 'Press', sets: [SET] }] },
      { ...base, exercises: [{ name: 'Squat', notes: 'A', sets: [SET] }] },
      { ...base, exercises: [{ name: 'Squat', sets: [SET, SET] }] },
      withSet({ type: 'warmup' }),
      withSet({ reps: 6 }),
      withSet({ weightKg: 100.5 }),
      withSet({ unit: 'lb' }),
      withSet({ distanceMeters: 1 }),
      withSet({ seconds: 1 }),
      withSet({ rpe: 8 }),
      withSet({ notes: 'A' }),
      withSet({ supersetId: '0' }),
    ];
    assert.equal(new Set([base, ...others].map(contentKey)).size, others.length + 1);
  });

  it('does not change with what means the same', () => {
    const timed: WorkoutSet = { type: 'normal', seconds: 60, unit: 'kg' };
    const same: WorkoutSet[] = [
      { ...timed, unit: 'lb' },
      { ...timed, reps: 0 },
      { ...timed, weightKg: 0, distanceMeters: 0, notes: ' ' },
    ];
    const keys = [timed, ...same].map((set) =>
      contentKey({ date: '2026-04-08', title: 'A', exercises: [{ name: 'Plank', sets: [set] }] }),
    );
    assert.equal(new Set(keys).size, 1);
    assert.equal(
      keys[0],
      contentKey({
        date: '2026-04-08',
        title: ' A\r\n',
        notes: '',
        exercises: [
          { name: 'Plank', sets: [timed] },
          { name: 'None', sets: [] },
        ],
      }),
    );
    for (const key of keys) assert.match(key, /^[0-9a-f]{64}$/);
  });
});
