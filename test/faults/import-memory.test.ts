import assert from 'node:assert/strict';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ServerProcess } from '../support/server-process.ts';

const ROWS = Number(process.env.IMPORT_ROWS ?? 100_000);
const SETS = 20;
const MIB = 1024 * 1024;
/** What a longer history may hold above a tenth of it: less than its rows as text, and an eighth of what they take once read. */
const MOST_HELD_MORE = 10 * MIB;
const MOST_RESIDENT_MORE = 48 * MIB;
/** How long anybody else may wait meanwhile. */
const OTHERS_P99_MS = 500;
const NAMES = ['Squat (Barbell)', 'Bench Press (Barbell)', 'Deadlift (Barbell)', 'Pull Up', 'Plank'];
const HEADER = 'Date,Workout Name,Duration,Exercise Name,Set Order,Weight,Reps,Distance,Seconds,Notes,Workout Notes,RPE\n';

/** As a stream, so that this process does not hold what it measures either. */
function* history(rows: number): Generator<Buffer> {
  yield Buffer.from(HEADER);
  for (let day = 0; day < rows / SETS; day += 1) {
    const date = new Date(Date.UTC(1990, 0, 1 + day)).toISOString().slice(0, 10);
    const sets = Array.from(
      { length: SETS },
      (_, set) => `${date} 18:00:00,"Day ${String(day)}",1h 5m,"${NAMES[set >> 2] ?? ''}",${String((set % 4) + 1)},${String(60 + (day % 90))}.5,5,0,0,"","",8\n`,
    );
    yield Buffer.from(sets.join(''));
  }
}

interface Run {
  report: Record<string, unknown>;
  percents: number[];
  peak: { held: number; rss: number };
  others: number[];
}

describe('a long history brought to a whole server', function () {
  this.timeout(1_800_000);

  it(`takes no more memory than a short one, tells how far it is, and lets others be served: ${String(2 * ROWS)} rows`, async () => {
    const home = await mkdtemp(join(tmpdir(), 'musclemap-memory-'));
    await chmod(home, 0o755);
    const probe = ['--expose-gc', '--import', './kernel/typescript/register.mjs', '--import', './test/support/memory-probe.ts', 'kernel/main.ts'];
    const server = new ServerProcess({ env: { MUSCLEMAP_HOME: home }, arguments: probe });
    try {
      const url = await server.url;
      const bring = async (rows: number): Promise<Run> => bringHistory(server, url, rows);
      // What is loaded and compiled with the first import is nobody's history.
      await bring(ROWS / 20);
      const [short, long, longer] = [await bring(ROWS / 10), await bring(ROWS), await bring(2 * ROWS)];
      for (const [run, rows] of [[short, ROWS / 10], [long, ROWS], [longer, 2 * ROWS]] as const) {
        assert.deepEqual([run.report.state, run.report.workouts, run.report.sets], ['done', rows / SETS, rows], JSON.stringify(run.report));
      }
      const figures = [short, long, longer].map(({ peak, others }) => ({
        heldMiB: Math.round(peak.held / MIB),
        residentMiB: Math.round(peak.rss / MIB),
        othersP99Ms: Math.round(quantile(others, 0.99)),
      }));
      process.stdout.write(`      ${JSON.stringify(figures)}\n`);
      for (const run of [long, longer]) {
        assert.ok(run.peak.held - short.peak.held < MOST_HELD_MORE, `held: ${JSON.stringify(figures)}`);
        assert.ok(run.peak.rss - short.peak.rss < MOST_RESIDENT_MORE, `resident: ${JSON.stringify(figures)}`);
        assert.deepEqual(run.percents, [...run.percents].sort((a, b) => a - b), 'progress never goes back');
        assert.ok(new Set(run.percents).size > 5, `progress: ${run.percents.join(' ')}`);
        assert.ok(quantile(run.others, 0.99) < OTHERS_P99_MS, `others: ${JSON.stringify(figures)}`);
      }
    } finally {
      await server.end('SIGTERM');
      await rm(home, { recursive: true, force: true });
    }
  });
});

/** Somebody new brings a history; until it is in, somebody else looks up muscles and the leaderboard. */
async function bringHistory(server: ServerProcess, url: string, rows: number): Promise<Run> {
  const name = `u${String(rows)}${String(Date.now())}`;
  const account = { email: `${name}@example.org`, username: name, password: 'correct horse battery staple' };
  const call = async (method: string, path: string, token?: string, body?: NonNullable<RequestInit['body']>): Promise<Record<string, unknown>> => {
    const headers = { 'Content-Type': 'application/json', ...(token !== undefined && { Authorization: `Bearer ${token}` }) };
    const response = await fetch(url + path, { method, headers, ...(body !== undefined && { body, duplex: 'half' }) });
    const answer = (await response.json()) as { data?: Record<string, unknown> };
    assert.ok(response.ok, `${path}: ${JSON.stringify(answer)}`);
    return answer.data ?? {};
  };
  const token = String((await call('POST', '/api/auth/register', undefined, JSON.stringify(account))).accessToken);
  const saidBefore = server.said.length;
  const accepted = await call('POST', '/api/workouts/import?unit=kg&background=true', token, ReadableStream.from(history(rows)) as NonNullable<RequestInit['body']>);
  const path = `/api/workouts/imports/${String(accepted.id)}`;
  const run: Run = { report: accepted, percents: [], peak: { held: 0, rss: 0 }, others: [] };
  while (['waiting', 'running', 'receiving'].includes(String(run.report.state))) {
    for (const other of ['/api/muscles', '/api/leaderboard']) {
      const started = performance.now();
      await call('GET', other);
      run.others.push(performance.now() - started);
    }
    run.report = await call('GET', path, token);
    run.percents.push(Number(run.report.percent));
  }
  for (const [, line = '{}'] of server.said.slice(saidBefore).matchAll(/^memory (.*)$/gm)) {
    const { held, rss } = JSON.parse(line) as Run['peak'];
    run.peak = { held: Math.max(run.peak.held, held), rss: Math.max(run.peak.rss, rss) };
  }
  return run;
}

function quantile(values: readonly number[], share: number): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length * share)] ?? 0;
}
