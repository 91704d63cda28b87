import assert from 'node:assert/strict';
import { performance } from 'node:perf_hooks';
import { defaultSources } from '../../../kernel/installation.ts';
import { testConfig, type TestAnswer, type TestKernel, type TestUser } from '../../../kernel/testing.ts';
import { until, writePlugins, type PluginFolder } from '../../support/plugins.ts';
import { startCopy } from '../../support/setup.ts';

/** Runs `body` for every workout whose notes begin so, within its transaction, with `note(text)` to write on it. */
const tapping = (id: string, body: string, prefix = id): { manifest: object; apply: string } => ({
  manifest: { requires: { fitness: '^1.0.0' } },
  apply: `kernel.plugin('fitness').hooks.workoutLogged.tapPromise('${id}', async ({ trx, workoutId }) => {
    const note = (text) => trx.raw("UPDATE workouts SET notes = notes || ? WHERE id = ?", [text, workoutId]);
    const { rows } = await trx.raw('SELECT notes FROM workouts WHERE id = ?', [workoutId]);
    if (!rows[0].notes.startsWith('${prefix}')) return;
    ${body}
  });`,
});

const PLUGINS = {
  late: tapping('late', `await note(' early'); await new Promise((resolve) => setTimeout(resolve, 1130)); globalThis.lateTap = note(' LATE').then(() => 'written', (error) => error.name);`),
  floating: tapping('floating', `await note(' kept'); globalThis.floatingTap = new Promise((resolve) => setTimeout(resolve, 20)).then(() => note(' FLOATED')).then(() => 'written', (error) => error.name);`),
  swallowing: tapping('swallowing', `await note(' half'); await trx.raw('SELECT nonsense').catch(() => undefined);`),
  sleeping: tapping('sleeping', `await note(' slept'); await trx.raw('SELECT pg_sleep(20)');`),
  emitting: tapping('emitting', `kernel.events.emit(trx, 'emitting.done', {}); throw new Error('after emitting');`),
  healthy: tapping('healthy', `await note(' healthy');`, ''),
  patient: tapping('patient', `await new Promise((resolve) => setTimeout(resolve, 250)); await note(' patient');`, 'late'),
};

describe("a tap in its caller's transaction", () => {
  let kernel: TestKernel;
  let folder: PluginFolder;
  let user: TestUser;
  before(async () => {
    folder = await writePlugins(PLUGINS, defaultSources({ pluginDirs: [] }).bundled);
    const { containment } = testConfig();
    kernel = await startCopy({
      sources: folder.sources,
      config: { containment: { ...containment, limits: { ...containment.limits, transaction: 1_000 } } },
    });
    user = await kernel.signUp();
  });
  after(async () => {
    await kernel.stop();
    await folder.remove();
  });

  const log = (notes: string): Promise<TestAnswer> =>
    kernel.post('/api/workouts', { as: user, key: notes, body: { exercises: [{ exerciseId: 'push_up', sets: 3 }], notes } });
  const notesOf = async (answer: TestAnswer): Promise<string> => {
    assert.equal(answer.status, 201, JSON.stringify(answer.body));
    return (await kernel.get(`/api/workouts/${String(answer.body.data.id)}`, { as: user })).body.data.notes as string;
  };
  const told = async (name: string): Promise<unknown> => until(() => Reflect.get(globalThis, name), name);

  it('that takes too long loses its statements, and cannot write later', async () => {
    const answer = await log('late');
    assert.equal(await told('lateTap'), 'LeaseOverError');
    assert.equal(await notesOf(answer), 'late healthy patient');
  });

  it('that has ended cannot write any more while its caller goes on', async () => {
    assert.equal(await notesOf(await log('floating')), 'floating kept healthy');
    await told('floatingTap');
    assert.equal((await kernel.knex('workouts').where('notes', 'like', '%FLOATED%')).length, 0);
  });

  it('that swallows an error of the database loses its statements, and is charged with it', async () => {
    assert.equal(await notesOf(await log('swallowing')), 'swallowing healthy');
    assert.match(kernel.kernel.metrics.figuresOf('swallowing').lastFault?.message ?? '', /current transaction is aborted/);
  });

  it('that waits for a slow statement is cut off in time', async () => {
    const started = performance.now();
    assert.equal(await notesOf(await log('sleeping')), 'sleeping healthy');
    assert.ok(performance.now() - started < 5_000);
  });

  it('that fails after it has emitted has emitted nothing', async () => {
    assert.equal(await notesOf(await log('emitting')), 'emitting healthy');
    const { rows } = await kernel.knex.raw(`SELECT count(*)::INTEGER AS n FROM pgboss.job WHERE data->>'event' = 'emitting.done'`);
    assert.equal(rows[0].n, 0);
  });

  it('is counted with its calls, errors, times and statements', () => {
    const [place] = kernel.kernel.metrics.figuresOf('late').places.filter(({ where }) => where === 'hook fitness/workoutLogged');
    assert.ok(place);
    assert.deepEqual([place.calls, place.errors], [5, 1]);
    assert.equal(place.statements, 6);
    assert.ok((place.p99 ?? 0) > 250 && (place.p50 ?? 0) < 100 && place.databaseMs > 0, JSON.stringify(place));
  });
});
