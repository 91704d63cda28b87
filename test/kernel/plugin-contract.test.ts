import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defaultSources } from '../../kernel/installation.ts';
import type { TestKernel, TestUser } from '../../kernel/testing.ts';
import { startCopy } from '../support/setup.ts';

const manifest = (id: string, more: object = {}): string =>
  JSON.stringify({
    ...{ id, version: '1.0.0', displayName: id, description: 'A plugin of this test', kernel: '^1.0.0', scopes: ['database', 'credits', 'events', 'jobs'] },
    ...more,
  });

/** Writes down every workout: in its transaction, after its commit, and once more from a job. */
const WITNESS = `
import { definePlugin } from 'musclemap';
export default definePlugin({
  apply(kernel) {
    const write = (trx, seen, id) => trx('witness').insert({ seen, id }).onConflict(['seen', 'id']).ignore();
    kernel.hooks.migrations.tap('witness', (migrations) => migrations.directory(import.meta.dirname, 'migrations'));
    kernel.plugin('fitness').hooks.workoutLogged.tapPromise('witness', async ({ trx, workoutId }) => write(trx, 'hook', workoutId));
    kernel.hooks.events.tap('witness', (events) => {
      let failures = 0;
      events.on('workout.logged', async ({ payload }) => {
        if (failures++ === 0) throw new Error('the first delivery fails');
        await kernel.database.transaction(async (trx) => {
          await write(trx, 'event', payload.workoutId);
          await kernel.jobs.enqueue('file', { id: payload.workoutId }, { trx });
        });
      });
    });
    kernel.hooks.jobs.tap('witness', (jobs) => {
      jobs.add('file', {}, async ({ id }) => { await write(kernel.database.knex, 'job', id); });
    });
  },
});`;
const WITNESS_TABLE = `
export const up = (knex) => knex.raw('CREATE TABLE witness (seen TEXT, id TEXT, PRIMARY KEY (seen, id))');
export const down = (knex) => knex.raw('DROP TABLE witness');`;

/** Fails in the middle of every workout's transaction, after a statement of its own. */
const SABOTEUR = `
import { definePlugin } from 'musclemap';
export default definePlugin({
  apply(kernel) {
    kernel.plugin('fitness').hooks.workoutLogged.tapPromise('saboteur', async ({ trx, workoutId }) => {
      await trx.raw('UPDATE workouts SET notes = ? WHERE id = ?', ['sabotaged', workoutId]);
      await trx.raw('SELECT nonsense');
    });
    kernel.hooks.price.tap('saboteur', () => { throw new Error('no price'); });
    kernel.hooks.entitlement.tapPromise('saboteur', () => Promise.reject(new Error('no entitlement')));
  },
});`;

/** Refuses workouts of a certain note, and halves the price. */
const GUARD = `
import { ApiError, definePlugin } from 'musclemap';
export default definePlugin({
  apply(kernel) {
    kernel.plugin('fitness').hooks.workoutLogged.tapPromise({ name: 'guard', veto: true }, async ({ trx, workoutId }) => {
      const { rows } = await trx.raw('SELECT notes FROM workouts WHERE id = ?', [workoutId]);
      if (rows[0].notes === 'forbidden') throw new ApiError('FORBIDDEN', 'Not this one.');
    });
    kernel.hooks.price.tap('guard', (price) => Math.floor(price / 2));
  },
});`;

describe('the contract of plugins', () => {
  let kernel: TestKernel;
  let directory: string;
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'musclemap-contract-'));
    const requires = { fitness: '^1.0.0' };
    const files = {
      'witness/plugin.json': manifest('witness', { requires }),
      'witness/index.ts': WITNESS,
      'witness/migrations/0001_witness.ts': WITNESS_TABLE,
      'saboteur/plugin.json': manifest('saboteur', { requires }),
      'saboteur/index.ts': SABOTEUR,
      'guard/plugin.json': manifest('guard', { uses: requires }),
      'guard/index.ts': GUARD,
    };
    for (const [path, text] of Object.entries(files)) {
      await mkdir(join(directory, path, '..'), { recursive: true });
      await writeFile(join(directory, path), text);
    }
    const { bundled } = defaultSources({ pluginDirs: [] });
    kernel = await startCopy({ sources: { bundled: [...bundled, directory], directories: [], nodeModules: [] } });
  });
  after(async () => {
    await kernel.stop();
    await rm(directory, { recursive: true, force: true });
  });

  const log = (user: TestUser, key: string, notes?: string): ReturnType<TestKernel['post']> =>
    kernel.post('/api/workouts', { as: user, key, body: { exercises: [{ exerciseId: 'push_up', sets: 3 }], ...(notes && { notes }) } });
  const seen = async (id: string): Promise<string[]> => kernel.knex('witness').where({ id }).orderBy('seen').pluck('seen');

  it('runs them all', async () => {
    const ids = (await kernel.get('/api/plugins')).body.data.map(({ id }: { id: string }) => id);
    const missing = ['fitness', 'guard', 'saboteur', 'witness'].filter((id) => !ids.includes(id));
    assert.deepEqual(missing, [], JSON.stringify(kernel.kernel.plugins.statuses.map(({ reason }) => reason)));
  });

  it('delivers an event after the commit, again when its handler fails, and runs the job it queued', async () => {
    const user = await kernel.signUp();
    const { id } = (await log(user, 'a')).body.data;
    assert.deepEqual(await seen(id), ['hook']);
    const deadline = Date.now() + 15_000;
    while ((await seen(id)).length < 3 && Date.now() < deadline) await new Promise(setImmediate);
    assert.deepEqual(await seen(id), ['event', 'hook', 'job']);
  });

  it("undoes a failing tap's own statements only, and charges the failure to its plugin", async () => {
    const user = await kernel.signUp();
    const { status, body } = await log(user, 'b', 'mine');
    assert.equal(status, 201);
    const stored = (await kernel.get(`/api/workouts/${body.data.id}`, { as: user })).body.data;
    assert.equal(stored.notes, 'mine');
    assert.match((await kernel.get('/metrics')).body, /plugin_faults_total\{plugin="saboteur",where="hook fitness\/workoutLogged"\}/);
  });

  it('lets a tap that says so refuse, and then nothing is stored, charged or told', async () => {
    const user = await kernel.signUp({ credits: 50 });
    assert.equal((await log(user, 'c', 'forbidden')).body.error.code, 'FORBIDDEN');
    assert.equal((await kernel.get('/api/workouts', { as: user })).body.data.length, 0);
    assert.equal((await kernel.get('/api/credits/balance', { as: user })).body.data.balance, 50);
  });

  it('skips a price and an entitlement that fail, and takes the price of those that work', async () => {
    const user = await kernel.signUp({ credits: 50 });
    assert.equal((await log(user, 'd')).body.data.creditsUsed, 12);
    assert.equal((await kernel.get('/api/credits/balance', { as: user })).body.data.balance, 38);
  });
});
