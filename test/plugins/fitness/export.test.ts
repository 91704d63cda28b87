import assert from 'node:assert/strict';
import fc from 'fast-check';
import { inTransaction } from '../../../kernel/database/transaction.ts';
import type { TestAnswer, TestKernel, TestUser } from '../../../kernel/testing.ts';
import type { ExportedSession } from '../../../plugins/fitness/import/session.ts';
import { writeJson } from '../../../plugins/fitness/import/write-json.ts';
import { startCopy } from '../../support/setup.ts';
import { historyOf } from './import/histories.ts';

const RUNS = Number(process.env.ROUND_TRIP_RUNS ?? 15);
/** Catalogue names and aliases, which is how an exercise may be called in a file. */
const NAMES = fc.constantFrom('Squat (Barbell)', 'Plank', 'Bench Press (Barbell)', 'Pull Up', 'Bicep Curl (Dumbbell)', 'Running');

describe('GET /api/workouts/export', function () {
  this.timeout(120_000);
  let kernel: TestKernel;
  before(async () => {
    kernel = await startCopy();
  });
  after(() => kernel.stop());

  const send = (file: string, as: TestUser, query = ''): Promise<TestAnswer> =>
    kernel.post(`/api/workouts/import${query}`, { as, body: file, headers: { 'Content-Type': 'text/csv' } });
  const download = async (as: TestUser, format: string): Promise<string> => {
    const response = await fetch(`${kernel.kernel.url}/api/workouts/export?format=${format}`, {
      headers: { Authorization: `Bearer ${as.accessToken}` },
    });
    assert.equal(response.status, 200);
    return response.text();
  };
  const textOf = async (sessions: readonly ExportedSession[]): Promise<string> => {
    let text = '';
    for await (const chunk of writeJson(sessions)) text += chunk;
    return text;
  };
  /** The workouts of a JSON export in an order that does not depend on the account. */
  const contentOf = async (as: TestUser): Promise<string[]> =>
    (JSON.parse(await download(as, 'json')) as { workouts: object[] }).workouts.map((workout) => JSON.stringify(workout)).sort();

  for (const format of ['csv', 'json']) {
    it(`gives a history back as ${format}: importing it again adds nothing, and elsewhere it makes the same history`, async () => {
      await fc.assert(
        fc.asyncProperty(historyOf(NAMES), async (history) => {
          const [owner, heir] = await Promise.all([kernel.signUp(), kernel.signUp()]);
          const first = (await send(await textOf(history), owner)).body.data;
          assert.deepEqual([first.workouts, first.problems], [history.length, 0], JSON.stringify(first));
          const file = await download(owner, format);
          const before = await contentOf(owner);

          const again = (await send(file, owner)).body.data;
          assert.deepEqual([again.workouts, again.duplicates, again.problems], [0, history.length, 0]);
          const inherited = (await send(file, heir)).body.data;
          assert.deepEqual([inherited.workouts, inherited.problems], [history.length, 0]);
          assert.deepEqual(await contentOf(heir), before);
          const back = (await send(await download(heir, format), owner)).body.data;
          assert.equal(back.workouts, 0);
          assert.deepEqual(await contentOf(owner), before);
        }),
        { numRuns: RUNS },
      );
    });

    it(`holds what was logged here as well, as it is now, and never doubles it (${format})`, async () => {
      const member = await kernel.signUp();
      const exercises = [
        { exerciseId: 'bench_press', sets: 3, reps: 10, weight: 135.5, notes: '=1+1' },
        { exerciseId: 'plank', sets: 2, duration: 60 },
        { exerciseId: 'back_squat', sets: 2, setDetails: [{ type: 'warmup', reps: 5, weight: 20 }, { reps: 3, weight: 61.23496995, unit: 'lb', rpe: 8.5 }] },
      ];
      const body = { exercises, date: '2025-03-01', notes: 'Same\r\nday', isPublic: false };
      const logged = await kernel.post('/api/workouts', { as: member, key: 'a', body });
      assert.equal(logged.status, 201, JSON.stringify(logged.body));
      await kernel.post('/api/workouts', { as: member, key: 'b', body });
      const file = await download(member, format);
      if (format === 'csv') assert.doesNotMatch(file, /(^|,)"[=+@-]/m);
      const again = (await send(file, member)).body.data;
      assert.deepEqual([again.workouts, again.duplicates], [0, 2]);

      const heir = await kernel.signUp();
      const inherited = (await send(file, heir)).body.data;
      assert.equal(inherited.workouts, 2);
      const twins = (await kernel.get('/api/workouts', { as: heir })).body.data;
      assert.deepEqual(twins.map(({ isPublic }: { isPublic: boolean }) => isPublic), [false, false]);
      assert.equal(twins[0].totalTU, logged.body.data.totalTU);
    });
  }

  it('says what a file said and the rest of the API does not show: names, notes of sets, supersets, title and times', async () => {
    const member = await kernel.signUp();
    const hevy = [
      '"title","start_time","end_time","description","exercise_title","superset_id","exercise_notes","set_index","set_type","weight_kg","reps","distance_km","duration_seconds","rpe"',
      '"Push 💪🏽","8 Apr 2026, 17:15","8 Apr 2026, 18:24","felt\ngood","Bench Press (Barbell)",0,"slow",0,"normal",22.5,8,,,7',
      '',
    ].join('\n');
    await send(hevy, member);
    const [workout] = (JSON.parse(await download(member, 'json')) as { workouts: ExportedSession[] }).workouts;
    assert.deepEqual(workout, {
      date: '2026-04-08',
      startedAt: '2026-04-08T17:15:00',
      title: 'Push 💪🏽',
      notes: 'felt\ngood',
      durationSeconds: 4140,
      exercises: [
        {
          name: 'Bench Press (Barbell)',
          notes: 'slow',
          sets: [{ type: 'normal', reps: 8, weightKg: 22.5, unit: 'kg', rpe: 7, supersetId: '0' }],
        },
      ],
    });
  });

  it('gives the days that are asked for, as a download', async () => {
    const member = await kernel.signUp();
    for (const [key, date] of Object.entries({ a: '2025-01-01', b: '2025-02-01', c: '2025-03-01' })) {
      await kernel.post('/api/workouts', { as: member, key, body: { date, exercises: [{ exerciseId: 'plank', sets: 1 }] } });
    }
    const { headers, body } = await kernel.get('/api/workouts/export?format=json&from=2025-02-01&to=2025-02-28', { as: member });
    assert.match(headers.get('content-disposition') ?? '', /^attachment; filename="workouts-\d{4}-\d\d-\d\d\.json"$/);
    assert.deepEqual(body.workouts.map(({ date }: { date: string }) => date), ['2025-02-01']);
    assert.equal((await kernel.get('/api/workouts/export', { as: member })).headers.get('content-type'), 'text/csv; charset=utf-8');
    assert.equal((await kernel.get('/api/workouts/export')).status, 401);
  });

  it('is part of the personal data, which are erased without a rest', async () => {
    const member = await kernel.signUp();
    await send('Date,Workout Name,Exercise Name,Set Order,Weight,Reps\n2024-01-02 10:00:00,"A","Squat (Barbell)",1,100,5\n', member);
    const kept = kernel.kernel.plugins.composition.exporters.filter(({ owner }) => owner === 'fitness');
    const exported: unknown[] = [];
    for (const source of kept) {
      const data = source.export(member.id);
      if (data instanceof Promise) exported.push(await data);
      else for await (const piece of data) exported.push(piece);
    }
    assert.match(JSON.stringify(exported), /Squat \(Barbell\)/);
    assert.match(JSON.stringify(exported), /import_/);
    await inTransaction(kernel.knex, async (trx) => {
      for (const data of kept) await data.erase(trx, member.id);
    });
    for (const table of ['workouts', 'workout_imports', 'workout_sources', 'exercise_names']) {
      assert.equal(await kernel.knex(table).where({ user_id: member.id }).first(), undefined, table);
    }
  });
});
