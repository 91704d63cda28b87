import assert from 'node:assert/strict';
import { EQUIPMENT } from '../../../plugins/fitness/catalogue/types.ts';
import type { TestAnswer, TestKernel, TestUser } from '../../../kernel/testing.ts';
import { startCopy } from '../../support/setup.ts';

const GYM = { duration: 45, location: 'gym', equipment: [...EQUIPMENT], fitnessLevel: 'intermediate', seed: 7 };

describe('POST /api/prescriptions', function () {
  this.timeout(60_000);
  let kernel: TestKernel;
  let member: TestUser;
  let keys = 0;
  before(async () => {
    kernel = await startCopy();
  });
  beforeEach(async () => {
    member = await kernel.signUp({ credits: 10 });
  });
  after(() => kernel.stop());

  const ask = (body: object, key = `key-${String((keys += 1))}`, as = member): Promise<TestAnswer> =>
    kernel.post('/api/prescriptions', { as, body, key });
  const balance = async (): Promise<number> => (await kernel.get('/api/credits/balance', { as: member })).body.data.balance;

  it('makes a plan, keeps it, and charges one credit for it, once for a retried request', async () => {
    const made = await ask(GYM, 'same');
    assert.equal(made.status, 201, JSON.stringify(made.body));
    const plan = made.body.data;
    assert.match(plan.id, /^rx_/);
    assert.equal(made.headers.get('location'), `/api/prescriptions/${String(plan.id)}`);
    assert.ok(plan.exercises.length >= 3 && plan.warmup.length > 0 && plan.cooldown.length > 0);
    assert.deepEqual([plan.creditCost, plan.constraints.duration, plan.constraints.seed], [1, 45, 7]);
    assert.ok(plan.estimatedDuration <= 45 * 60 && plan.estimatedDuration > 40 * 60);
    assert.equal(await balance(), 9);

    const again = await ask(GYM, 'same');
    assert.deepEqual([again.status, again.body.data.id, again.headers.get('idempotency-replayed')], [200, plan.id, 'true']);
    assert.deepEqual(again.body.data, plan);
    assert.equal(await balance(), 9);
    assert.deepEqual((await kernel.get(`/api/prescriptions/${String(plan.id)}`, { as: member })).body.data, plan);
    const other = await kernel.signUp();
    assert.equal((await kernel.get(`/api/prescriptions/${String(plan.id)}`, { as: other })).status, 404);
  });

  it('makes the same plan for the same seed, and counts exactly what logging it counts', async () => {
    const [one, two] = [(await ask(GYM)).body.data, (await ask(GYM)).body.data];
    assert.deepEqual(two.exercises, one.exercises);
    assert.deepEqual(two.warmup, one.warmup);
    const trainee = await kernel.signUp();
    const exercises = one.exercises.map(({ exerciseId, sets, reps }: { exerciseId: string; sets: number; reps: number }) => ({ exerciseId, sets, reps }));
    const logged = await kernel.post('/api/workouts', { as: trainee, key: 'done', body: { exercises } });
    assert.equal(logged.body.data.totalTU, one.totalTU);
    assert.deepEqual(logged.body.data.muscleActivations, one.muscleCoverage);
  });

  it('lists the plans, newest first, page by page', async () => {
    const ids: string[] = [];
    for (let plan = 0; plan < 3; plan += 1) ids.unshift((await ask(GYM)).body.data.id);
    const first = await kernel.get('/api/prescriptions?limit=2', { as: member });
    const second = await kernel.get(`/api/prescriptions?limit=2&cursor=${String(first.body.meta.nextCursor)}`, { as: member });
    const listed = [...first.body.data, ...second.body.data].map(({ id }: { id: string }) => id);
    assert.deepEqual(listed, ids);
    assert.equal(second.body.meta.nextCursor, null);
  });

  it('leaves alone what was trained today, and says why when nothing else was wanted', async () => {
    const trained = await kernel.post('/api/workouts', {
      as: await trainee(),
      key: 'curls',
      body: { exercises: [{ exerciseId: 'barbell_curl', sets: 5, reps: 10 }] },
    });
    assert.equal(trained.status, 201, JSON.stringify(trained.body));
    const biceps = await ask({ ...GYM, targetMuscles: ['biceps'] });
    assert.equal(biceps.status, 422, JSON.stringify(biceps.body));
    assert.match(biceps.body.error.details.reasons.join(), /Biceps has not recovered/);
    const whole = (await ask(GYM)).body.data;
    assert.ok(whole.exercises.every(({ primaryMuscles }: { primaryMuscles: string[] }) => !primaryMuscles.includes('biceps')));
    const partly = (await ask({ ...GYM, targetMuscles: ['biceps', 'glutes'] })).body.data;
    assert.deepEqual(partly.uncovered.map(({ muscleId }: { muscleId: string }) => muscleId), ['biceps']);
  });
  const trainee = async (): Promise<TestUser> => {
    await kernel.setCredits(member.id, 40);
    return member;
  };

  it('charges nothing when nothing fits, and refuses who cannot pay', async () => {
    const nothing = await ask({ ...GYM, targetMuscles: ['biceps'], excludeMuscles: ['biceps'] });
    assert.deepEqual([nothing.status, nothing.body.error.code], [422, 'UNPROCESSABLE']);
    assert.equal(await balance(), 10);
    assert.equal((await kernel.get('/api/prescriptions', { as: member })).body.data.length, 0);
    const poor = await kernel.signUp({ credits: 0 });
    assert.equal((await ask(GYM, 'poor', poor)).status, 402);
    assert.equal((await kernel.get('/api/prescriptions', { as: poor })).body.data.length, 0);
  });

  it('uses nothing that was not named, in a gym as well, unless the whole gym was', async () => {
    const { equipment: _equipment, ...bare } = GYM;
    const needs = async (plan: { exercises: { exerciseId: string }[] }): Promise<string[]> => {
      const ids = plan.exercises.map(({ exerciseId }) => exerciseId);
      const rows: { equipment_required: string[] }[] = await kernel.knex('exercises').whereIn('id', ids).select('equipment_required');
      return rows.flatMap((row) => row.equipment_required);
    };
    assert.deepEqual(await needs((await ask(bare)).body.data), []);
    assert.notDeepEqual(await needs((await ask({ ...bare, equipment: ['full_gym'] })).body.data), []);
  });

  it('understands groups of muscles, and names what does not exist', async () => {
    const legs = (await ask({ ...GYM, targetMuscles: ['legs'] })).body.data;
    assert.ok(legs.constraints.targetMuscles.includes('vastus_lateralis'));
    const wrong = await ask({ ...GYM, targetMuscles: ['gills'], excludeExercises: ['nope'] });
    assert.deepEqual(
      wrong.body.error.details.map(({ path }: { path: string }) => path),
      ['/body/targetMuscles/0', '/body/excludeExercises/0'],
    );
    for (const duration of [9, 181, 45.5]) assert.equal((await ask({ ...GYM, duration })).status, 400);
    assert.equal((await ask({ ...GYM, location: 'moon' })).status, 400);
  });
});
