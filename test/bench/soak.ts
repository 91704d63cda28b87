/**
 * Ten minutes at half of what the server can do, and whether it holds more at the end than in the middle:
 * node --import ./kernel/typescript/register.mjs test/bench/soak.ts [--quick] [--json]. SOAK_SECONDS says how long, if not ten minutes (30 s when it is quick). The server
 * is a process of its own with its embedded database, as a gym runs it; members read and write through HTTP, and listen on sockets.
 */
import { randomUUID } from 'node:crypto';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { findRunningDatabase } from '../../kernel/database/embedded/embedded-database.ts';
import { ServerProcess } from '../support/server-process.ts';
import { TestSocket } from '../support/sockets.ts';
import { atMost, isQuick, quantile, runBench, shown, tell, type Figure } from './figure.ts';

const SECONDS = Number(process.env.SOAK_SECONDS ?? (isQuick ? 30 : 600));
const SAMPLE_MS = isQuick ? 2_000 : 5_000;
const STEP_MS = isQuick ? 3_000 : 8_000;
const MEMBERS = 40;
const SOCKETS = 40;
/** More at once than this, and the server cannot keep up. */
const MOST_IN_FLIGHT = 200;
const TICK_MS = 20;
/** How much more it may hold at the end than in the middle, in percent. */
const GROWTH = 5;
/** Of the pool, the four that listen, and the watchdog's. */
const MOST_CONNECTIONS = 30;

interface Member {
  id: string;
  token: string;
  conversation: string;
}

interface Sample {
  second: number;
  rssMB: number;
  heapMB: number;
  handles: number;
  lateMs: number;
  connections: number;
}

interface Answered {
  /** What was asked, as `GET /api/leaderboard`. */
  what: string;
  /** When it was sent, and how long the answer took, in milliseconds. */
  at: number;
  took: number;
}

interface Outcome {
  answered: number;
  failed: string[];
  answers: Answered[];
}

const WORKOUT = JSON.stringify({ exercises: [{ exerciseId: 'bench_press', sets: 3, reps: 5, weight: 60 }] });

/** What members do, and how often of a hundred times. */
const MIX: readonly [number, (member: Member) => { method?: string; path: string; body?: string }][] = [
  [20, () => ({ path: '/api/leaderboard' })],
  [20, () => ({ path: '/api/workouts?limit=20' })],
  [15, () => ({ path: '/api/community/feed' })],
  [15, () => ({ path: '/api/credits/balance' })],
  [10, () => ({ method: 'POST', path: '/api/workouts', body: WORKOUT })],
  [10, () => ({ method: 'POST', path: '/api/credits/charge', body: '{"action":"workout.log"}' })],
  [10, ({ conversation }) => ({ method: 'POST', path: `/api/conversations/${conversation}/messages`, body: '{"content":"See you at six"}' })],
];

class Soak {
  readonly server: ServerProcess;
  readonly url: string;
  readonly members: readonly Member[];
  readonly database: pg.Client;
  #turn = 0;

  constructor(server: ServerProcess, url: string, members: readonly Member[], database: pg.Client) {
    this.server = server;
    this.url = url;
    this.members = members;
    this.database = database;
  }

  /** One request of the mix, the next in turn. */
  async send(outcome: Outcome): Promise<void> {
    this.#turn += 1;
    const member = this.members[this.#turn % this.members.length];
    if (member === undefined) throw new TypeError('nobody is there');
    // Spread over the mix, the same in every hundred.
    let left = (this.#turn * 37) % 100;
    const [, make] = MIX.find(([share]) => (left -= share) < 0) ?? MIX[0] ?? [];
    const { method = 'GET', path, body } = make?.(member) ?? { path: '/health' };
    const started = performance.now();
    try {
      const headers = { Authorization: `Bearer ${member.token}`, ...(body !== undefined && { 'Content-Type': 'application/json', 'Idempotency-Key': randomUUID() }) };
      const response = await fetch(this.url + path, { method, headers, ...(body !== undefined && { body }) });
      const text = await response.text();
      if (response.ok) outcome.answered += 1;
      else outcome.failed.push(`${method} ${path}: ${String(response.status)} ${text.slice(0, 200)}`);
    } catch (error) {
      outcome.failed.push(`${method} ${path}: ${String(error)}`);
    }
    const what = `${method} ${path.replace(/\?.*|(?<=conversations\/)[^/]+/g, '')}`;
    outcome.answers.push({ what, at: started, took: performance.now() - started });
  }

  /** Requests per second when so many are always under way. */
  async measure(atOnce: number, milliseconds: number): Promise<number> {
    const outcome: Outcome = { answered: 0, failed: [], answers: [] };
    const end = performance.now() + milliseconds;
    const worker = async (): Promise<void> => {
      while (performance.now() < end) await this.send(outcome);
    };
    await Promise.all(Array.from({ length: atOnce }, worker));
    if (outcome.failed.length > 0) throw new Error(`While the limit was looked for: ${outcome.failed[0] ?? ''}`);
    return (outcome.answered / milliseconds) * 1000;
  }

  /** The most that it does, whatever the number at once. */
  async findLimit(): Promise<number> {
    let limit = 0;
    for (const atOnce of [4, 8, 16, 32]) {
      const rate = await this.measure(atOnce, STEP_MS);
      tell(`soak: ${rate.toFixed(0)} requests per second, ${String(atOnce)} at once`);
      limit = Math.max(limit, rate);
    }
    return limit;
  }

  /** Sends so many a second, whether or not the earlier ones are answered. */
  async hold(rate: number, milliseconds: number, outcome: Outcome): Promise<void> {
    const pending = new Set<Promise<void>>();
    const started = performance.now();
    let sent = 0;
    while (performance.now() - started < milliseconds) {
      const due = Math.floor(((performance.now() - started) / 1000) * rate);
      for (; sent < due; sent++) {
        if (pending.size >= MOST_IN_FLIGHT) {
          outcome.failed.push(`${String(pending.size)} requests wait for their answers`);
          continue;
        }
        const request: Promise<void> = this.send(outcome).finally(() => pending.delete(request));
        pending.add(request);
      }
      await delay(TICK_MS);
    }
    await Promise.all(pending);
  }

  async sample(second: number): Promise<Sample> {
    const from = this.server.said.length;
    this.server.child.kill('SIGUSR2');
    let said: RegExpExecArray | null = null;
    while ((said = /^soak (\{.*\})$/m.exec(this.server.said.slice(from))) === null) await delay(10);
    const probe = JSON.parse(said[1] ?? '{}') as { rss: number; heapUsed: number; handles: number; lateMs: number };
    const { rows } = await this.database.query<{ n: number }>(`SELECT count(*)::INTEGER AS n FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()`);
    const megabytes = (bytes: number): number => Math.round((bytes / 1024 ** 2) * 10) / 10;
    return {
      ...{ second, rssMB: megabytes(probe.rss), heapMB: megabytes(probe.heapUsed), handles: probe.handles },
      ...{ lateMs: Math.round(probe.lateMs * 10) / 10, connections: rows[0]?.n ?? 0 },
    };
  }
}

async function post(url: string, path: string, body: object, token?: string): Promise<Record<string, unknown>> {
  const headers = { 'Content-Type': 'application/json', ...(token !== undefined && { Authorization: `Bearer ${token}` }) };
  const response = await fetch(`${url}/api${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
  if (!response.ok) throw new Error(`${path}: ${await response.text()}`);
  return ((await response.json()) as { data: Record<string, unknown> }).data;
}

/** Members whose trial is over, with credits for years, each in a conversation with the next. */
async function signUpAll(url: string, database: pg.Client): Promise<Member[]> {
  const members: Member[] = [];
  for (let n = 0; n < MEMBERS; n++) {
    const username = `member_${String(n)}`;
    const { user, accessToken } = await post(url, '/auth/register', { email: `${username}@example.org`, username, password: 'correct horse battery' });
    members.push({ id: (user as { id: string }).id, token: String(accessToken), conversation: '' });
  }
  await database.query(`UPDATE users SET trial_ends_at = now() - INTERVAL '1 day'`);
  for (const { id } of members) await database.query(`SELECT FROM update_credit_balance($1, 100000000, 'soak', NULL, $2)`, [id, `soak:${id}`]);
  for (const [index, member] of members.entries()) {
    const other = members[(index + 1) % members.length];
    const { id } = await post(url, '/conversations', { type: 'direct', participantIds: [other?.id] }, member.token);
    member.conversation = String(id);
  }
  return members;
}

/** How much a line through the values rises over their length, in percent of their mean. */
function growth(values: readonly number[]): number {
  const n = values.length;
  const [middle, mean] = [(n - 1) / 2, values.reduce((sum, value) => sum + value, 0) / n];
  let [above, below] = [0, 0];
  for (const [index, value] of values.entries()) {
    above += (index - middle) * (value - mean);
    below += (index - middle) ** 2;
  }
  return below === 0 ? 0 : ((above / below) * (n - 1) * 100) / mean;
}

function grouped<Item, Key>(items: readonly Item[], keyOf: (item: Item) => Key): Map<Key, Item[]> {
  const groups = new Map<Key, Item[]>();
  for (const item of items) {
    const group = groups.get(keyOf(item));
    if (group === undefined) groups.set(keyOf(item), [item]);
    else group.push(item);
  }
  return groups;
}

/** The least of each minute: what comes and goes with the requests under way is not there in every sample. */
function leastByMinute(samples: readonly Sample[], value: (sample: Sample) => number): number[] {
  const minutes = grouped(samples, ({ second }) => Math.floor(second / 60));
  return [...minutes.values()].map((ofOne) => Math.min(...ofOne.map(value)));
}

/** How the answers to each request changed from the first fifth of the time to the last. */
function answerSeries(answers: readonly Answered[]): object[] {
  const [start, end] = [answers[0]?.at ?? 0, answers.at(-1)?.at ?? 0];
  const fifth = (end - start) / 5;
  return [...grouped(answers, ({ what }) => what)].map(([what, ofOne]) => {
    const p50 = (from: number): number => Math.round(quantile(ofOne.flatMap(({ at, took }) => (at >= from && at <= from + fifth ? [took] : [])), 0.5) * 10) / 10;
    return { what, count: ofOne.length, firstP50: p50(start), lastP50: p50(end - fifth) };
  });
}

async function soak(on: Soak): Promise<Figure[]> {
  const sockets = on.members.slice(0, SOCKETS).map(({ token }) => new TestSocket(`${on.url}/api/realtime`, token));
  let closed = 0;
  for (const [index, socket] of sockets.entries()) {
    await socket.opened;
    void socket.closed.then(() => (closed += 1));
    await socket.subscribe(`user:${on.members[index]?.id ?? ''}`);
  }
  const limit = await on.findLimit();
  const rate = limit / 2;
  tell(`soak: ${String(SECONDS)} s at ${rate.toFixed(0)} requests per second`);
  const outcome: Outcome = { answered: 0, failed: [], answers: [] };
  const samples: Sample[] = [];
  const over = new AbortController();
  const started = performance.now();
  const sampling = (async () => {
    while (!over.signal.aborted) {
      const sample = await on.sample(Math.round((performance.now() - started) / 1000));
      samples.push(sample);
      if (samples.length % 12 === 0) tell(`soak: ${JSON.stringify(sample)}`);
      // What clients have heard is theirs to forget.
      for (const socket of sockets) socket.heard.length = 0;
      await delay(SAMPLE_MS);
    }
  })();
  await on.hold(rate, SECONDS * 1000, outcome);
  over.abort();
  await sampling;
  for (const failure of new Set(outcome.failed.slice(0, 20))) tell(`soak: ${failure}`);
  const late = samples.slice(Math.floor(samples.length / 2));
  const times = outcome.answers.map(({ took }) => took);
  const last = samples.at(-1);
  return [
    shown('limit of the mix', limit, 'requests/s'),
    shown(`answered at half of it, in ${String(SECONDS)} s`, outcome.answered, 'requests'),
    atMost('requests that failed', outcome.failed.length, '', 0),
    atMost('sockets that were closed', closed, '', 0),
    { ...shown('answer, p50', quantile(times, 0.5), 'ms'), series: answerSeries(outcome.answers) },
    shown('answer, p99', quantile(times, 0.99), 'ms'),
    atMost('heap after collection, growth over the second half', growth(late.map(({ heapMB }) => heapMB)), '%', GROWTH),
    atMost('resident memory, growth over the second half', growth(late.map(({ rssMB }) => rssMB)), '%', GROWTH),
    shown('resident memory at the end', last?.rssMB ?? Number.NaN, 'MB'),
    atMost('handles, growth over the second half', growth(leastByMinute(late, ({ handles }) => handles)), '%', GROWTH),
    shown('event loop late, p99, at most', Math.max(...samples.map(({ lateMs }) => lateMs)), 'ms'),
    atMost('connections to PostgreSQL, at most', Math.max(...samples.map(({ connections }) => connections)), '', MOST_CONNECTIONS),
    { ...shown('samples', samples.length, ''), series: samples },
  ];
}

async function benchSoak(): Promise<Figure[]> {
  const home = await mkdtemp(join(tmpdir(), 'musclemap-soak-'));
  await chmod(home, 0o755);
  const args = ['--expose-gc', '--import', './test/bench/soak-probe.mjs', '--import', './kernel/typescript/register.mjs', 'kernel/main.ts'];
  const server = new ServerProcess({ env: { MUSCLEMAP_HOME: home, LOG_LEVEL: 'info', AUTH_LIMIT_MAX: '0', NODE_ENV: 'production', HOST: '127.0.0.1' }, arguments: args });
  let database: pg.Client | undefined;
  try {
    const url = await server.url;
    database = new pg.Client({ connectionString: (await findRunningDatabase(join(home, 'postgres'))) ?? '' });
    await database.connect();
    return await soak(new Soak(server, url, await signUpAll(url, database), database));
  } finally {
    await database?.end();
    await server.end('SIGTERM');
    await rm(home, { recursive: true, force: true });
  }
}

await runBench(benchSoak);
