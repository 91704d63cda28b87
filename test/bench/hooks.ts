import { performance } from 'node:perf_hooks';
import { writePlugins } from '../support/plugins.ts';
import { startTestKernel, startTestServer } from '../../kernel/testing.ts';
import { installPluginResolver } from '../../kernel/plugins/resolver.ts';

/**
 * What a hook costs that nobody taps, what a contained tap costs that answers at once, and what a plugin's own role costs a statement.
 * Every round measures all of them in turn, so that a busy machine slows all alike; medians are compared.
 */
const ROUNDS = 15;
const CALLS = 100_000;
const STATEMENTS = 200;

interface Result {
  what: string;
  measured: number;
  unit: string;
  promise: number;
}

const APPLY = `kernel.hooks.price.tap('taps', (price) => price);
  kernel.hooks.migrations.tap('taps', (m) => m.directory(import.meta.dirname, 'migrations'));
  globalThis.benchDatabase = kernel.database;`;
const FILES = {
  'migrations/0001_rows.ts': `export const up = (knex) => knex.raw('CREATE TABLE rows (id INTEGER PRIMARY KEY); INSERT INTO rows SELECT generate_series(1, 1000)');
    export const down = (knex) => knex.raw('DROP TABLE rows');`,
};

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}

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

const results: Result[] = [
  { what: 'a hook that nobody taps', measured: median(rounds.unused) - median(rounds.nothing), unit: 'ns', promise: 50 },
  { what: 'a contained tap that answers at once', measured: (median(rounds.tap) - median(rounds.nothing)) / 1000, unit: 'µs', promise: 1 },
  { what: 'a statement as a plugin’s role, beyond the statement', measured: median(rounds.confined) - median(rounds.plain), unit: 'ms', promise: 0.5 },
];
if (process.argv.includes('--json')) console.log(JSON.stringify(results));
else {
  for (const { what, measured, unit, promise } of results) {
    console.log(`${what.padEnd(56)} ${measured.toFixed(2).padStart(8)} ${unit} (promise: ${String(promise)} ${unit}) ${measured <= promise ? 'kept' : 'BROKEN'}`);
  }
  console.log(`a statement: ${median(rounds.plain).toFixed(2)} ms plain, ${median(rounds.confined).toFixed(2)} ms as the role`);
}
process.exitCode = results.every(({ measured, promise }) => measured <= promise) ? 0 : 1;
await kernel.stop();
await folder.remove();
await server.stop();
