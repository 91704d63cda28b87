import assert from 'node:assert/strict';
import type { TestAnswer, TestKernel, TestUser } from '../../../kernel/testing.ts';
import { startCopy } from '../../support/setup.ts';

interface Listed {
  id: string;
  name: string;
}

describe('GET /api/exercises?search=', () => {
  let kernel: TestKernel;
  before(async () => {
    kernel = await startCopy();
  });
  after(() => kernel.stop());

  const search = async (words: string, more = ''): Promise<Listed[]> => {
    const { status, body } = await kernel.get(`/api/exercises?search=${encodeURIComponent(words)}${more}`);
    assert.equal(status, 200, JSON.stringify(body));
    return body.data;
  };

  const CASES = {
    'bench pres barbell': 'bench_press',
    'barbell bench press': 'bench_press',
    'press bench': 'bench_press',
    'Bench Press (Barbell)': 'bench_press',
    'benhc press': 'bench_press',
    deadlfit: 'deadlift',
    'dead lift': 'deadlift',
    pullup: 'pull_up',
    'pull-ups': 'pull_up',
    'up pull': 'pull_up',
    squatt: 'back_squat',
    "farmer's walk": 'farmers_carry',
    'farmers walk': 'farmers_carry',
    'romanian dedlift dumbell': 'dumbbell_romanian_deadlift',
  };
  for (const [words, expected] of Object.entries(CASES)) {
    it(`finds ${expected} for "${words}"`, async () => {
      const found = (await search(words)).slice(0, 3).map(({ id }) => id);
      assert.ok(found.includes(expected), found.join(', '));
    });
  }

  it('combines with every filter', async () => {
    const found = await search('press', '&equipment=dumbbell,bench&muscle=pectoralis_major&maxDifficulty=3&compound=true&location=home&type=strength&limit=100');
    assert.ok(found.length >= 2);
    for (const exercise of found as (Listed & Record<string, unknown>)[]) {
      assert.ok((exercise.equipmentRequired as string[]).every((word) => ['dumbbell', 'bench'].includes(word)), exercise.id);
      assert.ok((exercise.locations as string[]).includes('home') && exercise.isCompound === true, exercise.id);
    }
  });

  it('pages through the matches without losing or doubling one', async () => {
    const all = (await search('row', '&limit=100')).map(({ id }) => id);
    const paged: string[] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const { body } = (await kernel.get(`/api/exercises?search=row&limit=4${cursor && `&cursor=${cursor}`}`)) as { body: { data: Listed[]; meta: { nextCursor: string | null } } };
      paged.push(...body.data.map(({ id }) => id));
      cursor = body.meta.nextCursor;
    }
    assert.ok(all.length > 8);
    assert.deepEqual(paged, all);
  });

  it('answers an empty list to what is nothing like an exercise, and to punctuation', async () => {
    assert.deepEqual(await search('qqqqzzzzxxxx'), []);
    assert.deepEqual(await search('%%%'), []);
    assert.equal((await kernel.get('/api/exercises?search=')).status, 400);
  });

  it('uses the index of trigrams with 10,000 exercises', async () => {
    await kernel.knex.raw(`
      INSERT INTO exercises (id, name, type) SELECT 'filler_' || n, 'Filler ' || md5(n::TEXT), 'strength' FROM generate_series(1, 10000) n;
      INSERT INTO exercise_aliases SELECT 'filler ' || md5(n::TEXT), 'filler_' || n FROM generate_series(1, 10000) n;
      ANALYZE exercises; ANALYZE exercise_aliases;
    `);
    // Whether the index can serve it; whether it pays here is for the planner to say, by the sample that it happened to take.
    const { rows } = await kernel.knex.transaction(async (trx) => {
      await trx.raw('SET LOCAL enable_seqscan = off');
      return trx.raw<{ rows: { 'QUERY PLAN': string }[] }>(`
        EXPLAIN SELECT a.exercise_id FROM unnest(string_to_array('bench pres barbell', ' ')) AS w (word)
        JOIN exercise_aliases a ON a.alias %> w.word`);
    });
    assert.match(rows.map((row) => row['QUERY PLAN']).join('\n'), /idx_exercise_aliases_trgm/);
    assert.equal((await search('bench pres barbell'))[0]?.id, 'bench_press');
  });
});

describe('/api/exercises/mine', () => {
  let kernel: TestKernel;
  let member: TestUser;
  let other: TestUser;
  before(async () => {
    kernel = await startCopy();
  });
  beforeEach(async () => {
    [member, other] = [await kernel.signUp(), await kernel.signUp()];
  });
  after(() => kernel.stop());

  const GRIP = { name: 'Grip Trainer', activations: { forearm_flexors: 90, biceps: 20 }, equipmentRequired: ['towel'], locations: ['office', 'home'] };
  const add = (body: object = GRIP, as = member): Promise<TestAnswer> => kernel.post('/api/exercises/mine', { as, body });

  it('adds an exercise that only its owner sees', async () => {
    const { status, body, headers } = await add();
    assert.equal(status, 201, JSON.stringify(body));
    const { id } = body.data;
    assert.equal(headers.get('location'), `/api/exercises/mine/${String(id)}`);
    assert.deepEqual([body.data.primaryMuscles, body.data.type, body.data.activations[0].muscleId], [['forearm_flexors'], 'strength', 'forearm_flexors']);
    assert.equal((await kernel.get(`/api/exercises/mine/${String(id)}`, { as: member })).status, 200);
    assert.equal((await kernel.get(`/api/exercises/mine/${String(id)}`, { as: other })).status, 404);
    assert.equal((await kernel.get(`/api/exercises/${String(id)}`)).status, 404);
    assert.deepEqual((await kernel.get('/api/exercises?search=grip+trainer')).body.data.filter((e: Listed) => e.id === id), []);
    assert.deepEqual((await kernel.get('/api/exercises/mine?search=gripp', { as: member })).body.data.map((e: Listed) => e.id), [id]);
    assert.deepEqual((await kernel.get('/api/exercises/mine', { as: other })).body.data, []);
  });

  it('counts it in workouts of its owner, and in nobody else’s', async () => {
    const { id } = (await add()).body.data;
    const body = { exercises: [{ exerciseId: id, sets: 10 }, { exerciseId: 'plank', sets: 1 }] };
    const logged = await kernel.post('/api/workouts', { as: member, key: 'a', body });
    assert.equal(logged.status, 201, JSON.stringify(logged.body));
    assert.equal(logged.body.data.muscleActivations.forearm_flexors, 9);
    assert.equal((await kernel.post('/api/workouts', { as: other, key: 'a', body })).status, 400);
    assert.equal((await kernel.post('/api/workouts/preview', { as: other, body })).status, 400);
  });

  it('finds it by its name when a history is imported, before one of the catalogue', async () => {
    const { id } = (await add({ ...GRIP, name: 'Bench Press (Barbell)' })).body.data;
    const file = 'Date,Workout Name,Duration,Exercise Name,Set Order,Weight,Reps,Distance,Seconds,Notes,Workout Notes,RPE\n2024-01-02 10:00:00,"A",1h,"Bench Press (Barbell)",1,100,5,0,0,"","",\n';
    for (const [as, expected] of [[member, id], [other, 'bench_press']] as const) {
      const answer = await kernel.post('/api/workouts/import', { as, body: file, headers: { 'Content-Type': 'text/csv' } });
      assert.equal(answer.body.data.workouts, 1, JSON.stringify(answer.body));
      const [workout] = (await kernel.get('/api/workouts', { as })).body.data;
      assert.equal(workout.exerciseData[0].exerciseId, expected);
    }
  });

  it('changes it, and refuses a name that another of the member’s own has', async () => {
    const { id } = (await add()).body.data;
    await add({ name: 'Rope Thing' });
    const patch = (body: object, as = member): Promise<TestAnswer> => kernel.request('PATCH', `/api/exercises/mine/${String(id)}`, { as, body });
    const { body } = await patch({ name: 'Grip Master', activations: { forearm_extensors: 70 } });
    assert.deepEqual([body.data.name, body.data.primaryMuscles, body.data.equipmentRequired], ['Grip Master', ['forearm_extensors'], ['towel']]);
    assert.equal((await patch({ name: 'rope-thing' })).status, 409);
    assert.equal((await patch({ name: 'Mine Now' }, other)).status, 404);
    assert.equal((await add({ name: 'ROPE THING' })).status, 409);
    assert.equal((await add({ name: 'Rope Thing' }, other)).status, 201);
  });

  it('refuses muscles, words and names that mean nothing', async () => {
    const { status, body } = await add({ ...GRIP, activations: { wings: 50 } });
    assert.deepEqual([status, body.error.details[0].path], [400, '/body/activations/wings']);
    for (const wrong of [{ equipmentRequired: ['moon'] }, { name: '!!!' }, { activations: { biceps: 101 } }, { type: 'magic' }]) {
      assert.equal((await add({ ...GRIP, ...wrong })).status, 400, JSON.stringify(wrong));
    }
  });

  it('removes it, but keeps it for the workouts that hold it', async () => {
    const { id } = (await add()).body.data;
    await kernel.post('/api/workouts', { as: member, key: 'b', body: { exercises: [{ exerciseId: id, sets: 3, reps: 7 }] } });
    assert.equal((await kernel.request('DELETE', `/api/exercises/mine/${String(id)}`, { as: other })).status, 404);
    assert.equal((await kernel.request('DELETE', `/api/exercises/mine/${String(id)}`, { as: member })).status, 204);
    assert.deepEqual((await kernel.get('/api/exercises/mine', { as: member })).body.data, []);
    const [record] = (await kernel.get('/api/workouts/records', { as: member })).body.data;
    assert.equal(record.exerciseName, 'Grip Trainer');
    const { id: unused } = (await add({ name: 'Never Done' })).body.data;
    await kernel.request('DELETE', `/api/exercises/mine/${String(unused)}`, { as: member });
    assert.equal((await kernel.knex('exercises').where({ id: unused })).length, 0);
    assert.equal((await add()).status, 201);
  });
});
