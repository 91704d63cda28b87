import assert from 'node:assert/strict';
import type { TestKernel, TestUser } from '../../../kernel/testing.ts';
import { startCopy } from '../../support/setup.ts';
import { assertCounted } from './counting.ts';

const HEADER = 'Date,Workout Name,Duration,Exercise Name,Set Order,Weight,Reps,Distance,Seconds,Notes,Workout Notes,RPE';

describe('what is kept of workouts', () => {
  let kernel: TestKernel;
  let member: TestUser;
  before(async () => {
    kernel = await startCopy();
    member = await kernel.signUp();
  });
  after(() => kernel.stop());

  const totals = (): Promise<Record<string, unknown>> =>
    kernel.knex('member_totals').where({ user_id: member.id }).first<Record<string, unknown>>();

  it('starts with the account', async () => {
    const { workouts, tu, is_banned: isBanned } = await totals();
    assert.deepEqual({ workouts, tu, isBanned }, { workouts: 0, tu: 0, isBanned: false });
  });

  it('counts a logged workout in its transaction', async () => {
    const body = { exercises: [{ exerciseId: 'bench_press', sets: 3, reps: 5, weight: 100 }, { exerciseId: 'plank', sets: 2, duration: 60 }] };
    const { data } = (await kernel.post('/api/workouts', { as: member, key: 'a', body })).body;
    const { workouts, tu, sets, reps, seconds, volume_grams: grams, days, last_streak: streak } = await totals();
    assert.deepEqual({ workouts, tu, sets, reps, seconds, grams, days, streak }, {
      workouts: 1, tu: Math.round(data.totalTU * 100), sets: 5, reps: 15, seconds: 120, grams: 1_500_000, days: 1, streak: 1,
    });
    const records = await kernel.knex('personal_records').where({ user_id: member.id }).orderBy(['exercise_id', 'kind']).select('exercise_id', 'kind', 'value');
    assert.deepEqual(records, [
      { exercise_id: 'bench_press', kind: 'estimated-one-rep-maximum', value: 116.67 },
      { exercise_id: 'bench_press', kind: 'reps', value: 5 },
      { exercise_id: 'bench_press', kind: 'weight', value: 100 },
      { exercise_id: 'plank', kind: 'seconds', value: 60 },
    ]);
    await assertCounted(kernel.knex);
  });

  it('counts an imported history without its warm-ups', async () => {
    const rows = ['2024-01-02 10:00:00,"A",1h,"Squat (Barbell)",W,60,5,0,0,"","",', '2024-01-02 10:00:00,"A",1h,"Squat (Barbell)",1,100,5,0,0,"","",', '2024-01-03 10:00:00,"B",1h,"Squat (Barbell)",1,110,3,0,0,"","",'];
    const answer = await kernel.post('/api/workouts/import', { as: member, body: [HEADER, ...rows].join('\n'), headers: { 'Content-Type': 'text/csv' } });
    assert.equal(answer.body.data.workouts, 2, JSON.stringify(answer.body));
    const { workouts, sets, longest_streak: longest } = await totals();
    assert.deepEqual({ workouts, sets, longest }, { workouts: 3, sets: 7, longest: 2 });
    await assertCounted(kernel.knex);
  });

  it('follows whatever changes the rows', async () => {
    await kernel.knex('workouts').where({ user_id: member.id, date: '2024-01-03' }).delete();
    const best = await kernel.knex('personal_records').where({ user_id: member.id, exercise_id: 'back_squat', kind: 'weight' }).first<{ value: number }>('value');
    assert.equal(best.value, 100);
    await kernel.knex('workouts').where({ user_id: member.id }).update({ is_public: false, date: '2024-02-01' });
    await assertCounted(kernel.knex);
  });

  it('is nothing when the last workout has gone', async () => {
    await kernel.knex('workouts').where({ user_id: member.id }).delete();
    for (const table of ['workout_days', 'workout_exercises', 'member_exercises', 'personal_records']) {
      assert.equal((await kernel.knex(table)).length, 0, table);
    }
    const { workouts, tu, longest_streak: longest, last_date: last } = await totals();
    assert.deepEqual({ workouts, tu, longest, last }, { workouts: 0, tu: 0, longest: 0, last: null });
  });
});
