import assert from 'node:assert/strict';
import type { TestAnswer, TestKernel, TestUser } from '../../../kernel/testing.ts';
import { startCopy } from '../../support/setup.ts';
import { assertCounted } from './counting.ts';

const HEADER = 'Date,Workout Name,Duration,Exercise Name,Set Order,Weight,Reps,Distance,Seconds,Notes,Workout Notes,RPE\n';

/** A history of Strong with one exercise and `sets` sets a day. */
function strong(days: number, sets = 5, exercise = 'Squat (Barbell)'): string {
  const rows = Array.from({ length: days }, (_day, day) => {
    const date = new Date(Date.UTC(2015, 0, 1 + day)).toISOString().slice(0, 10);
    return Array.from({ length: sets }, (_set, set) => `${date} 18:00:00,"Legs",1h,"${exercise}",${String(set + 1)},100,5,0,0,"","",\n`).join('');
  });
  return HEADER + rows.join('');
}

describe('imports of workouts', function () {
  this.timeout(60_000);
  let kernel: TestKernel;
  let member: TestUser;
  before(async () => {
    kernel = await startCopy();
  });
  beforeEach(async () => {
    member = await kernel.signUp();
  });
  after(() => kernel.stop());

  const send = (file: string | Buffer, query: Record<string, string> = {}, as = member): Promise<TestAnswer> =>
    kernel.post(`/api/workouts/import?${new URLSearchParams(query).toString()}`, { as, body: file, headers: { 'Content-Type': 'text/csv' } });
  const read = async (id: string, as = member): Promise<TestAnswer['body']> =>
    (await kernel.get(`/api/workouts/imports/${id}`, { as })).body.data;
  const ended = async (id: string, states = ['done', 'failed', 'canceled', 'undone']): Promise<TestAnswer['body']> => {
    const deadline = Date.now() + 45_000;
    for (;;) {
      const data = await read(id);
      if (states.includes(data.state) || Date.now() > deadline) return data;
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
  const stats = async (as = member): Promise<{ workouts: number; tu: number }> => {
    const { rows } = await kernel.knex.raw('SELECT workouts, tu FROM member_totals WHERE user_id = ?', [as.id]);
    return rows[0];
  };

  describe('POST /api/workouts/import', () => {
    it('answers a small file at once, and lists it among the imports', async () => {
      const { status, body } = await send(strong(3));
      assert.equal(status, 200, JSON.stringify(body));
      assert.deepEqual([body.data.workouts, body.data.sets, body.data.state, body.data.percent], [3, 15, 'done', 100]);
      assert.deepEqual(body.data.assumptions.length, 2);
      const list = await kernel.get('/api/workouts/imports', { as: member });
      assert.deepEqual(list.body.data.map(({ id, workouts }: { id: string; workouts: number }) => [id, workouts]), [[body.data.id, 3]]);
      const again = (await send(strong(3))).body.data;
      assert.deepEqual([again.id, again.workouts, again.duplicates], [null, 0, 3]);
    });

    it("lets the member's own workouts be logged while a long file is imported, and counts both", async () => {
      const { body } = await send(strong(2500, 12));
      await kernel.until(async () => ((await read(body.data.id)).workouts as number) > 0, 'the first workouts');
      const exercises = [{ exerciseId: 'bench_press', sets: 3, reps: 5, weight: 60 }];
      const { status } = await kernel.post('/api/workouts', { as: member, key: 'meanwhile', body: { date: '2015-02-01', exercises } });
      assert.deepEqual([status, (await read(body.data.id)).state], [201, 'running']);
      assert.equal((await ended(body.data.id)).workouts, 2500);
      assert.equal((await stats()).workouts, 2501);
      await assertCounted(kernel.knex);
    });

    it('imports a large file in the background, says how far it is, and gives the same report', async () => {
      const file = strong(1500, 12);
      assert.ok(file.length > 1024 * 1024);
      const { status, body, headers } = await send(file);
      assert.equal(status, 202, JSON.stringify(body));
      assert.equal(headers.get('location'), `/api/workouts/imports/${body.data.id}`);
      assert.ok(['waiting', 'running'].includes(body.data.state));
      const done = await ended(body.data.id);
      assert.deepEqual([done.state, done.percent, done.workouts, done.sets, done.rows], ['done', 100, 1500, 18_000, 18_000], JSON.stringify(done));
      assert.equal((await stats()).workouts, 1500);
      const again = await send(file);
      assert.deepEqual([(await ended(again.body.data.id)).workouts, (await ended(again.body.data.id)).duplicates], [0, 1500]);
    });

    it('runs one import of a member in the background at a time', async () => {
      const first = await send(strong(400), { background: 'true' });
      assert.equal(first.status, 202);
      const second = await send(strong(2), { background: 'true' });
      if (second.status !== 202) assert.equal(second.body.error.code, 'CONFLICT');
      await ended(first.body.data.id);
      const other = await kernel.signUp();
      assert.equal((await send(strong(2), { background: 'true' }, other)).status, 202);
    });

    it('tells on a dry run of a large file what it would do, and stores nothing', async () => {
      const { body } = await send(strong(10), { background: 'true', dryRun: 'true' });
      const done = await ended(body.data.id);
      assert.deepEqual([done.state, done.workouts, done.dryRun], ['done', 10, true]);
      assert.equal((await stats()).workouts, 0);
      assert.equal((await send(strong(10), { dryRun: 'true' })).body.data.workouts, 10);
    });

    it('names line, column and value of what it cannot read, and keeps the rest', async () => {
      const file = `${strong(1, 2)}2015-01-01 18:00:00,"Legs",1h,"Squat (Barbell)",3,heavy,5,0,0,"","",\n`;
      const { data } = (await send(file)).body;
      assert.deepEqual([data.workouts, data.sets, data.problems], [1, 2, 1]);
      assert.deepEqual(data.skipped, [{ line: 4, column: 'Weight', value: 'heavy', reason: 'is not a number' }]);
    });

    it('reads any CSV by a mapping, and says what is wrong with one', async () => {
      const file = 'Tag;Uebung;Last;Wdh\n24.12.2025;Kniebeuge;102,5;5\n';
      const columns = { date: 'Tag', exercise: 'Uebung', weight: 'Last', reps: 'Wdh' };
      const names = { Kniebeuge: 'back_squat' };
      const mapped = { mapping: JSON.stringify({ columns, unit: 'kg', dateOrder: 'dmy' }), names: JSON.stringify(names) };
      const { status, body } = await send(file, mapped);
      assert.equal(status, 200, JSON.stringify(body));
      assert.deepEqual([body.data.workouts, body.data.volumeKg], [1, 512.5]);

      const unknown = await send(file);
      const found = { fault: 'unknown-header', columns: ['Tag', 'Uebung', 'Last', 'Wdh'], rows: [['24.12.2025', 'Kniebeuge', '102,5', '5']] };
      assert.deepEqual([unknown.status, unknown.body.error.details], [422, found]);
      const { mapping } = (await kernel.get('/api/workouts/imports', { as: member })).body.data[0];
      assert.deepEqual([mapping, body.data.mapping], [{ columns, unit: 'kg', dateOrder: 'dmy' }, mapping], 'the next file can be read the same way');
      const wrong = await send(file, { mapping: JSON.stringify({ columns: { date: 'Tag' }, colour: 1 }) });
      assert.equal(wrong.status, 400);
      assert.ok(wrong.body.error.details.length >= 2, JSON.stringify(wrong.body));
      assert.equal((await send(file, { mapping: '{' })).status, 400);
      const missing = await send(file, { mapping: JSON.stringify({ columns: { date: 'Tag', exercise: 'Nope' } }) });
      assert.match(missing.body.error.message, /"Nope"/);
    });

    it('refuses a large file of no known app before it is stored, and fails one that breaks later with nothing stored', async () => {
      assert.equal((await send(`a,b\n${'1,2\n'.repeat(400_000)}`)).status, 422);
      assert.deepEqual((await kernel.get('/api/workouts/imports', { as: member })).body.data, []);
      const workout = { date: '2020-01-01', exercises: [{ name: 'Plank', sets: [{ type: 'normal', unit: 'kg', seconds: 60 }] }] };
      const json = JSON.stringify({ format: 'musclemap.workouts', version: 1, workouts: [workout], checksum: 'sha256:0' });
      const { body } = await send(json, { background: 'true' });
      const failed = await ended(body.data.id);
      assert.equal(failed.state, 'failed');
      assert.match(failed.error, /checksum/);
      assert.equal((await stats()).workouts, 0);
    });

    it('refuses a file of more than 50 MiB with 413', async () => {
      const { hostname, port } = new URL(kernel.kernel.url);
      const { request } = await import('node:http');
      const status = await new Promise<number | undefined>((resolve, reject) => {
        const headers = { Authorization: `Bearer ${member.accessToken}`, 'Content-Length': String(51 * 1024 * 1024) };
        const call = request({ hostname, port, path: '/api/workouts/import', method: 'POST', headers }, (answer) => {
          resolve(answer.statusCode);
          call.destroy();
        });
        call.once('error', reject);
        call.flushHeaders();
      });
      assert.equal(status, 413);
    });
  });

  describe('names that nobody knows', () => {
    const file = strong(2, 3, 'Beugen mit Stange');

    it('keep their workouts waiting; once decided, the same file brings them', async () => {
      const first = (await send(file)).body.data;
      assert.deepEqual([first.workouts, first.unmatched[0].name], [0, 'Beugen mit Stange']);
      const decided = await kernel.post('/api/workouts/imports/names', {
        as: member,
        body: { name: 'beugen mit  STANGE', exerciseId: 'back_squat' },
      });
      assert.equal(decided.status, 200, JSON.stringify(decided.body));
      const second = (await send(file)).body.data;
      assert.deepEqual([second.workouts, second.unmatched], [2, []]);
      const known = (await kernel.get('/api/workouts/imports/names', { as: member })).body.data;
      assert.deepEqual(known.map(({ exerciseId }: { exerciseId: string }) => exerciseId), ['back_squat']);
    });

    it('are decided with the file as well, remembered, left out with null, and forgotten', async () => {
      const both = file + strong(1, 1).slice(HEADER.length);
      const left = (await send(both, { names: JSON.stringify({ 'Beugen mit Stange': null }) })).body.data;
      assert.deepEqual([left.workouts, left.sets], [1, 1], JSON.stringify(left));
      assert.equal((await send(file)).body.data.unmatched.length, 0);
      const forgotten = await kernel.request('DELETE', '/api/workouts/imports/names?name=Beugen%20mit%20Stange', { as: member });
      assert.equal(forgotten.status, 204);
      assert.equal((await send(file)).body.data.unmatched.length, 1);
      assert.equal((await kernel.request('DELETE', '/api/workouts/imports/names?name=x', { as: member })).status, 404);
    });

    it('become exercises of one’s own when asked to, once, and an export calls them by their names', async () => {
      const { data } = (await send(file, { names: JSON.stringify({ 'Beugen mit Stange': 'own' }) })).body;
      assert.deepEqual([data.workouts, data.sets, data.totalTU], [2, 6, 0], JSON.stringify(data));
      const own = (await kernel.get('/api/exercises/mine', { as: member })).body.data;
      assert.deepEqual(own.map(({ name }: { name: string }) => name), ['Beugen mit Stange']);
      await kernel.post('/api/workouts/imports/names', { as: member, body: { name: 'BEUGEN mit Stange', exerciseId: 'own' } });
      assert.equal((await kernel.get('/api/exercises/mine', { as: member })).body.data.length, 1);
      const body = { date: '2024-05-01', exercises: [{ exerciseId: own[0].id, sets: 2, reps: 5 }] };
      assert.equal((await kernel.post('/api/workouts', { as: member, key: 'own', body })).status, 201);
      const exported = await kernel.get('/api/workouts/export?format=json', { as: member });
      const names = exported.body.workouts.map(({ exercises }: { exercises: { name: string }[] }) => exercises[0]?.name);
      assert.deepEqual(names, ['Beugen mit Stange', 'Beugen mit Stange', 'Beugen mit Stange']);
      assert.equal((await send(JSON.stringify(exported.body))).body.data.workouts, 0);
    });

    it('mean nothing to another member, and an exercise that does not exist is refused', async () => {
      await send(file, { names: JSON.stringify({ 'Beugen mit Stange': 'back_squat' }) });
      const other = await kernel.signUp();
      assert.equal((await send(file, {}, other)).body.data.unmatched.length, 1);
      const wrong = await kernel.post('/api/workouts/imports/names', { as: other, body: { name: 'x', exerciseId: 'nope' } });
      assert.equal(wrong.body.error.details[0].path, '/body/exerciseId');
      assert.equal((await send(file, { names: JSON.stringify({ x: 'nope' }) }, other)).status, 400);
    });
  });

  describe('DELETE /api/workouts/imports/:id', () => {
    it('takes back what one import brought, and nothing else', async () => {
      await send(strong(2));
      const before = await stats();
      const { id } = (await send(strong(5, 4, 'Deadlift (Barbell)'))).body.data;
      assert.equal((await stats()).workouts, before.workouts + 5);
      const other = await kernel.signUp();
      assert.equal((await kernel.request('DELETE', `/api/workouts/imports/${String(id)}`, { as: other })).status, 404);
      assert.equal((await kernel.request('DELETE', `/api/workouts/imports/${String(id)}`, { as: member })).status, 204);
      assert.deepEqual(await stats(), before);
      assert.equal((await read(id)).state, 'undone');
      assert.equal((await kernel.request('DELETE', `/api/workouts/imports/${String(id)}`, { as: member })).status, 204);
      assert.equal((await send(strong(5, 4, 'Deadlift (Barbell)'))).body.data.workouts, 5);
    });

    it('takes back many workouts in the background', async () => {
      const sent = await send(strong(1100, 1));
      assert.equal(sent.status, 200, JSON.stringify(sent.body));
      const { id } = sent.body.data;
      const { status, body } = await kernel.request('DELETE', `/api/workouts/imports/${String(id)}`, { as: member });
      assert.deepEqual([status, body.data.state], [202, 'undoing']);
      assert.equal((await ended(id)).state, 'undone');
      assert.deepEqual(await stats(), (await stats(await kernel.signUp())));
    });

    it('cancels an import that runs: nothing of it stays', async () => {
      const { id } = (await send(strong(3000, 12))).body.data;
      await ended(id, ['running', 'done']);
      const { status } = await kernel.request('DELETE', `/api/workouts/imports/${String(id)}`, { as: member });
      // On a fast machine it may be done already, and is undone then.
      assert.ok(status === 204 || status === 202);
      assert.match((await ended(id, ['canceled', 'undone'])).state, /canceled|undone/);
      const next = await send(strong(1), { background: 'true' });
      assert.equal((await ended(next.body.data.id)).workouts, 1);
      assert.equal((await stats()).workouts, 1);
    });
  });

  it('take up what a server left when it died', async () => {
    const { id } = (await send(strong(5), { background: 'true' })).body.data;
    await ended(id);
    // As a server that is killed in the middle leaves it: running, and nobody runs it.
    await kernel.request('DELETE', `/api/workouts/imports/${String(id)}`, { as: member });
    await kernel.knex('workout_imports').where({ id }).update({ state: 'running', updated_at: new Date(Date.now() - 60_000) });
    await kernel.kernel.queue.enqueue('fitness', 'tidy-imports', {});
    const done = await ended(id);
    assert.deepEqual([done.state, done.workouts], ['done', 5]);
    assert.equal((await stats()).workouts, 5);
  });

  it('are forgotten after two years, but for those that run; what they brought stays', async () => {
    const before = (await stats()).workouts;
    const { id } = (await send(strong(4), { background: 'true' })).body.data;
    await ended(id);
    const age = (days: number): PromiseLike<unknown> =>
      kernel.knex('workout_imports').where({ id }).update({ created_at: new Date(Date.now() - days * 86_400_000) });
    const isThere = async (): Promise<boolean> => (await kernel.get(`/api/workouts/imports/${String(id)}`, { as: member })).status === 200;
    const tidy = async (): Promise<void> => {
      await kernel.kernel.queue.enqueue('fitness', 'tidy-imports', {});
      await kernel.settle();
    };
    await age(729);
    await tidy();
    assert.equal(await isThere(), true);
    await age(731);
    await kernel.knex('workout_imports').where({ id }).update({ state: 'undoing', updated_at: new Date(Date.now() + 60_000) });
    await tidy();
    assert.equal(await isThere(), true, 'being undone');
    await kernel.knex('workout_imports').where({ id }).update({ state: 'done' });
    await tidy();
    assert.equal(await isThere(), false);
    assert.equal((await stats()).workouts, before + 4);
  });
});
