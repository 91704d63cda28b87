import { performance } from 'node:perf_hooks';
import { atMost, isQuick, median, runBench, shown } from './figure.ts';
import { writePlugins } from '../support/plugins.ts';
import { startTestKernel, startTestServer } from '../../kernel/testing.ts';
import { installPluginResolver } from '../../kernel/plugins/resolver.ts';

/**
 * What a hook costs that nobody taps, what a contained tap costs that answers at once, and what a plugin's own role costs a statement.
 * Every round measures all of them in turn, so that a busy machine slows all alike; medians are compared.
 */
const ROUNDS = isQuick ? 9 : 25;
const CALLS = 100_000;
const STATEMENTS = 200;

const APPLY = `kernel.hooks.price.tap('taps', (price) => price);
  kernel.hooks.migrations.tap('taps', (m) => m.directory(import.meta.dirname, 'migrations'));
  globalThis.benchDatabase = kernel.database;`;
const FILES = {
  'migrations/0001_rows.ts': `export const up = (knex) => knex.raw('CREATE TABLE rows (id INTEGER PRIMARY KEY); INSERT INTO rows SELECT generate_series(1, 1000)');
    export const down = (knex) => knex.raw('DROP TABLE rows');`,
};

/** Nanoseconds of one call. */
function time(calls: number, work: () => void): number {
  const started = performance.now();
  for (let i = 0; i < calls; i++) work();
  return ((performance.now() - started) * 1e6) / calls;
}

installPluginResolver();
const server = await startTestServer();
const folder = await writePlugins({ taps: { apply: APPLY, files: FILES } });
const kernel = await startTestKernel({ server, sources: { bundled: [], directories: [folder.directory], nodeModules: [] } });
const admin = await kernel.signUp({ roles: ['user', 'admin'] });
const { status } = await kernel.post('/api/admin/plugins/taps/enable', { as: admin });
if (status !== 200) throw new Error('The plugin could not be enabled.');
const { hooks } = kernel.kernel.plugins.composition;
const database = Reflect.get(globalThis, 'benchDatabase') as { knex: typeof kernel.knex };

const rounds = { nothing: [] as number[], unused: [] as number[], tap: [] as number[], plain: [] as number[], confined: [] as number[] };
const done = (): void => undefined;
const context = { userId: 'user_1', action: 'a.b' };
for (let round = 0; round < ROUNDS; round++) {
  rounds.nothing.push(time(CALLS, done));
  rounds.unused.push(time(CALLS, () => void hooks.visibilityChanged.isUsed()));
  rounds.tap.push(time(CALLS / 10, () => {
    hooks.price.callAsync(1, context, done);
  }));
  for (const [name, knex, table] of [['plain', kernel.knex, 'plugin_taps.rows'], ['confined', database.knex, 'rows']] as const) {
    const started = performance.now();
    for (let i = 1; i <= STATEMENTS; i++) await knex(table).where({ id: i }).first('id');
    rounds[name].push((performance.now() - started) / STATEMENTS);
  }
}

await kernel.stop();
await folder.remove();
await server.stop();
await runBench(() =>
  Promise.resolve([
    atMost('a hook that nobody taps', median(rounds.unused) - median(rounds.nothing), 'ns', 50),
    atMost('a contained tap that answers at once', (median(rounds.tap) - median(rounds.nothing)) / 1000, 'µs', 1),
    shown('a statement by its primary key', median(rounds.plain), 'ms'),
    shown('the same as a plugin’s role', median(rounds.confined), 'ms'),
  ]),
);
