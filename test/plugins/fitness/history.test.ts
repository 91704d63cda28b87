import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { TestKernel, TestUser } from '../../../kernel/testing.ts';
import { startCopy } from '../../support/setup.ts';

const CLASSIC = resolve('..', 'shared', 'data', 'strong-classic.csv');

describe('POST /api/workouts/import', () => {
  let kernel: TestKernel;
  let member: TestUser;
  before(async () => {
    kernel = await startCopy();
    member = await kernel.signUp();
  });
  after(() => kernel.stop());

  const send = (body: string | Buffer, as: TestUser, query = ''): ReturnType<TestKernel['post']> =>
    kernel.post(`/api/workouts/import${query}`, { as, body, headers: { 'Content-Type': 'text/csv' } });

  it("imports a real history of Strong once, and the leaderboard's view agrees with it", async function () {
    if (!existsSync(CLASSIC)) {
      console.log('      skipped: the real files of ../shared/data are not here');
      this.skip();
    }
    const file = readFileSync(CLASSIC);
    const first = await send(file, member);
    assert.equal(first.status, 200, JSON.stringify(first.body));
    const { workouts, sets, volumeKg, totalTU, unmatched, skipped } = first.body.data;
    assert.deepEqual({ workouts, sets, volumeKg, unmatched, skipped }, { workouts: 86, sets: 1903, volumeKg: 394_186, unmatched: [], skipped: [] });

    const again = await send(file, member);
    assert.deepEqual([again.body.data.workouts, again.body.data.duplicates], [0, 86]);

    const board = await kernel.get('/api/leaderboard', { as: member });
    assert.deepEqual([board.body.data[0].workoutCount, board.body.meta.me.rank], [86, 1]);
    assert.equal(board.body.data[0].totalTU, totalTU);
    const view = await kernel.knex('leaderboard').where({ user_id: member.id }).first();
    assert.equal(view.workout_count, 86);
    assert.equal(view.total_tu, totalTU);
    const ledger = await kernel.get('/api/credits/history', { as: member });
    assert.deepEqual(ledger.body.data.map((entry: { action: string }) => entry.action), ['signup_bonus']);
  });

  it('stores nothing on a dry run, and says what it would store', async () => {
    const other = await kernel.signUp();
    const file = 'Date,Workout Name,Duration,Exercise Name,Set Order,Weight,Reps,Distance,Seconds,Notes,Workout Notes,RPE\n2024-01-02 10:00:00,"A",1h,"Squat (Barbell)",1,100,5,0,0,"","",\n';
    const dry = await send(file, other, '?dryRun=true');
    assert.deepEqual([dry.body.data.workouts, dry.body.data.dryRun], [1, true]);
    assert.equal((await kernel.get('/api/workouts', { as: other })).body.data.length, 0);
  });

  it('names an exercise that it does not know, suggests others, and leaves the workout for later', async () => {
    const other = await kernel.signUp();
    const file = 'Date,Workout Name,Duration,Exercise Name,Set Order,Weight,Reps,Distance,Seconds,Notes,Workout Notes,RPE\n2024-01-02 10:00:00,"A",1h,"Bench Pres Barbell",1,100,5,0,0,"","",\n';
    const { data } = (await send(file, other)).body;
    assert.equal(data.workouts, 0);
    assert.equal(data.unmatched[0].name, 'Bench Pres Barbell');
    assert.equal(data.unmatched[0].suggestions[0].exerciseId, 'bench_press');
  });

  it('refuses a file of no known app with 422, and an empty one with 400', async () => {
    assert.equal((await send('a,b\n1,2\n', member)).body.error.code, 'UNPROCESSABLE');
    assert.equal((await send('', member)).status, 400);
  });

  it('imports a file that is sent twice at once only once', async () => {
    const other = await kernel.signUp();
    const file = 'Date,Workout Name,Duration,Exercise Name,Set Order,Weight,Reps,Distance,Seconds,Notes,Workout Notes,RPE\n2024-01-02 10:00:00,"A",1h,"Squat (Barbell)",1,100,5,0,0,"","",\n';
    const both = await Promise.all([send(file, other), send(file, other)]);
    assert.deepEqual(both.map(({ body }) => body.data.workouts).sort(), [0, 1]);
  });
});
