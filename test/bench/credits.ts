import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { chmod, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { promisify } from 'node:util';
import { createCreditsService } from '../../kernel/credits/plugin-credits.ts';
import { startEmbeddedDatabase } from '../../kernel/database/embedded/embedded-database.ts';
import { execute } from '../../kernel/database/statement.ts';
import { startKernel, type Kernel } from '../../kernel/kernel.ts';
import { installPluginResolver } from '../../kernel/plugins/resolver.ts';
import { createLogger } from '../../kernel/telemetry/logger.ts';
import { testConfig } from '../../kernel/testing.ts';
import { atLeast, atMost, isQuick, runBench, shown, tell, type Figure } from './figure.ts';

const USERS = 1000;
const CALLERS = 64;
const SECONDS = isQuick ? 1 : 4;
const ROUNDS = isQuick ? 1 : 3;

interface Run {
  perSecond: number;
  p50: number;
  p99: number;
}

/**
 * Takes and charges through CreditsService against pgbench calling the same function once per transaction with 8 clients, in
 * turns on the same server, which writes to disk at every commit: node --import ./kernel/typescript/register.mjs test/bench/credits.ts [--quick] [--json]
 */
async function benchCredits(): Promise<Figure[]> {
  installPluginResolver();
  const directory = await mkdtemp(join(tmpdir(), 'musclemap-bench-'));
  await chmod(directory, 0o755);
  const database = await startEmbeddedDatabase({ directory, log: () => undefined });
  const config = testConfig();
  const kernel = await startKernel({ config, databaseUrl: database.connectionString, log: createLogger(config, false) });
  try {
    await prepare(kernel);
    return await measure(kernel, database.connectionString, directory);
  } finally {
    await kernel.stop();
    await database.stop();
    await rm(directory, { recursive: true, force: true });
  }
}

async function prepare({ knex }: Kernel): Promise<void> {
  await knex.raw(`INSERT INTO users (id, email, username, password_hash)
    SELECT 'bench_' || n, 'bench' || n || '@example.org', 'bench_' || n, '' FROM generate_series(0, ${String(USERS)}) n`);
  await knex.raw(`SELECT u.id, c.* FROM users u, update_credit_balance(u.id, 1000000000, 'bench', NULL, 'open:' || u.id) c WHERE u.id LIKE 'bench_%'`);
  await knex.raw(`UPDATE credit_actions SET default_cost = 1 WHERE id = 'workout.log'`);
  await knex.raw('VACUUM ANALYZE');
}

async function measure(kernel: Kernel, url: string, directory: string): Promise<Figure[]> {
  const credits = createCreditsService('bench', kernel.credits);
  const take = (userId: string): Promise<unknown> => credits.take(undefined, { userId, action: 'bench.take', amount: 1, key: randomUUID() });
  const charge = (userId: string): Promise<unknown> => credits.charge(undefined, { userId, action: 'workout.log', key: randomUUID() });
  const single = (userId: string): Promise<unknown> =>
    execute(kernel.knex, { name: 'bench_single', text: 'SELECT * FROM update_credit_balance($1, -1, $2, NULL, $3, NULL)' }, [userId, 'bench.take', randomUUID()]);
  const anybody = (): string => `bench_${String(Math.floor(Math.random() * USERS) + 1)}`;
  const busiest = (): string => 'bench_0';

  const runs = new Map<string, Run[]>();
  const keep = (name: string, run: Run): void => {
    runs.set(name, [...(runs.get(name) ?? []), run]);
  };
  for (let round = 0; round < ROUNDS; round++) {
    for (const [suffix, user, sqlUser] of [['', anybody, SQL_ANYBODY], [', one user', busiest, `'bench_0'`]] as const) {
      keep(`pgbench, take${suffix}`, await pgbench(url, directory, SQL_TAKE(sqlUser)));
      keep(`take${suffix}`, await drive(CALLERS, () => take(user())));
      keep(`pgbench, charge${suffix}`, await pgbench(url, directory, SQL_CHARGE(sqlUser)));
      keep(`charge${suffix}`, await drive(CALLERS, () => charge(user())));
    }
    keep('a lone call of the function', await drive(1, () => single(anybody())));
    keep('a lone take', await drive(1, () => take(anybody())));
    tell(`credits, round ${String(round + 1)} of ${String(ROUNDS)}`);
  }
  return toFigures(new Map([...runs].map(([name, all]) => [name, medianOf(all)])));
}

function toFigures(runs: ReadonlyMap<string, Run>): Figure[] {
  const of = (name: string): Run => runs.get(name) ?? { perSecond: 0, p50: 0, p99: 0 };
  const ratio = (name: string, base: string): number => of(name).perSecond / of(base).perSecond;
  return [
    ...[...runs].map(([what, { perSecond }]) => shown(what, perSecond, '/s')),
    atLeast('takes of 1,000 users against pgbench', ratio('take', 'pgbench, take'), '×', 2),
    atLeast('charges of 1,000 users against pgbench', ratio('charge', 'pgbench, charge'), '×', 2),
    atLeast('takes of one user against pgbench', ratio('take, one user', 'pgbench, take, one user'), '×', 4),
    atLeast('charges of one user against pgbench', ratio('charge, one user', 'pgbench, charge, one user'), '×', 4),
    ...['take', 'charge', 'take, one user', 'charge, one user'].flatMap((name): Figure[] => [
      shown(`${name}, p50`, of(name).p50, 'ms'),
      atMost(`${name}, p99`, of(name).p99, 'ms', 15),
    ]),
    // Within what two runs of the same differ by on a shared machine.
    atLeast('a lone take against a lone call of the function', ratio('a lone take', 'a lone call of the function'), '×', 0.9),
  ];
}

async function drive(callers: number, call: () => Promise<unknown>): Promise<Run> {
  const times: number[] = [];
  const end = performance.now() + SECONDS * 1000;
  await Promise.all(
    Array.from({ length: callers }, async () => {
      for (let start = performance.now(); start < end; ) {
        await call();
        const now = performance.now();
        times.push(now - start);
        start = now;
      }
    }),
  );
  times.sort((a, b) => a - b);
  const at = (share: number): number => times[Math.floor(times.length * share)] ?? Number.NaN;
  return { perSecond: times.length / SECONDS, p50: at(0.5), p99: at(0.99) };
}

const SQL_ANYBODY = `'bench_' || (1 + (random() * ${String(USERS - 1)})::INTEGER)`;
const SQL_TAKE = (user: string): string => `SELECT * FROM update_credit_balance(${user}, -1, 'bench.take', NULL, gen_random_uuid()::TEXT)`;
const SQL_CHARGE = (user: string): string =>
  `SELECT * FROM apply_credit_charges(ARRAY[${user}], ARRAY['workout.log'], ARRAY['{}'::JSONB], ARRAY[gen_random_uuid()::TEXT],
    ARRAY[NULL::INTEGER], ARRAY[NULL::INTEGER], ARRAY[NULL::TEXT], now())`;

async function pgbench(url: string, directory: string, sql: string): Promise<Run> {
  const script = join(directory, 'charge.sql');
  await writeFile(script, `${sql.replaceAll('\n', ' ')};\n`);
  const { stdout } = await promisify(execFile)(await findPgbench(), [
    ...['-n', '-M', 'prepared', '-c', '8', '-j', '2', '-T', String(SECONDS), '-f', script, url],
  ]);
  const perSecond = Number(/tps = ([\d.]+)/.exec(stdout)?.[1]);
  return { perSecond, p50: Number(/latency average = ([\d.]+)/.exec(stdout)?.[1]), p99: Number.NaN };
}

async function findPgbench(): Promise<string> {
  const versions = await readdir('/usr/lib/postgresql').catch(() => []);
  const newest = versions.sort((a, b) => Number(b) - Number(a))[0];
  return newest === undefined ? 'pgbench' : join('/usr/lib/postgresql', newest, 'bin', 'pgbench');
}

function medianOf(runs: readonly Run[]): Run {
  const median = (values: number[]): number => values.sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
  return { perSecond: median(runs.map((run) => run.perSecond)), p50: median(runs.map((run) => run.p50)), p99: median(runs.map((run) => run.p99)) };
}

await runBench(benchCredits);
