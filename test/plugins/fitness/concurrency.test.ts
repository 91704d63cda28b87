import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { TestAnswer, TestKernel, TestUser } from '../../../kernel/testing.ts';
import { EXERCISES } from '../../../plugins/fitness/catalogue/exercises.ts';
import { MUSCLES } from '../../../plugins/fitness/catalogue/muscles.ts';
import { trainingEffect, type PerformedExercise } from '../../../plugins/fitness/training-units.ts';
import { startCopy } from '../../support/setup.ts';
import { assertBoards, assertCounted } from './counting.ts';

/** The full size is set through the environment. */
const WORKOUTS = Number(process.env.FITNESS_WORKOUTS ?? 100);
const MEMBERS = 5;
const AT_ONCE = 8;

/** A generator of whole numbers below a bound; the same seed gives the same ones. */
function seeded(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

function randomBody(random: (below: number) => number): object {
  const exercises = Array.from({ length: 1 + random(4) }, () => ({
    exerciseId: EXERCISES[random(EXERCISES.length)]?.id,
    sets: 1 + random(5),
    ...(random(3) > 0 && { reps: 1 + random(15), weight: random(2000) / 10 }),
    ...(random(4) === 0 && { duration: random(600) }),
  }));
  const date = new Date(Date.now() - random(45) * 86_400_000).toISOString().slice(0, 10);
  return { exercises, date, isPublic: random(4) > 0 };
}

async function together(tasks: readonly (() => Promise<void>)[]): Promise<void> {
  const waiting = [...tasks];
  const work = async (): Promise<void> => {
    for (let task = waiting.shift(); task !== undefined; task = waiting.shift()) await task();
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
}

/** Every stored workout has the Training Units that its exercises mean. */
async function assertTrainingUnits(kernel: TestKernel): Promise<number> {
  const catalogue = {
    activations: new Map(EXERCISES.map(({ id, activations }) => [id, new Map(Object.entries(activations))])),
    biasWeights: new Map(MUSCLES.map(({ id, biasWeight }) => [id, biasWeight])),
  };
  const rows = await kernel.knex('workouts').select<{ id: string; total_tu: number; exercise_data: PerformedExercise[] }[]>();
  for (const { id, total_tu: stored, exercise_data: exercises } of rows) {
    assert.equal(stored, trainingEffect(exercises, catalogue).totalTU, id);
  }
  return rows.length;
}

describe('workouts logged, edited and deleted at once', function () {
  this.timeout(120_000 + WORKOUTS * 500);
  let kernel: TestKernel;
  before(async () => {
    kernel = await startCopy();
  });
  after(() => kernel.stop());

  it('leave totals and leaderboards that equal a recomputation from the rows', async () => {
    const seed = Date.now() % 1_000_000;
    const random = seeded(seed);
    const members = await Promise.all(Array.from({ length: MEMBERS }, () => kernel.signUp()));
    const done = { logged: 0, edited: 0, deleted: 0 };
    const expect = (answer: TestAnswer, status: number): TestAnswer => {
      assert.equal(answer.status, status, `seed ${String(seed)}: ${JSON.stringify(answer.body)}`);
      return answer;
    };
    await kernel.get('/api/leaderboard?period=week');
    await kernel.get('/api/leaderboard?period=month');
    const archetypes: (string | null)[] = await kernel.knex('archetypes').orderBy('id').limit(2).pluck('id');
    archetypes.push(null);
    const life = (index: number): (() => Promise<void>) => {
      const as = members[random(MEMBERS)] as TestUser;
      const [body, ...edits] = Array.from({ length: 1 + random(3) }, () => randomBody(random));
      const dies = random(3) === 0;
      return async () => {
        const path = `/api/workouts/${String(expect(await kernel.post('/api/workouts', { as, key: `w${String(index)}`, body }), 201).body.data.id)}`;
        done.logged += 1;
        await Promise.all(edits.map(async (edit) => {
          expect(await kernel.request('PATCH', path, { as, body: edit }), 200);
          done.edited += 1;
        }));
        if (dies) {
          expect(await kernel.request('DELETE', path, { as }), 204);
          done.deleted += 1;
        }
      };
    };
    const disturbances = Array.from({ length: Math.ceil(WORKOUTS / 5) }, () => {
      const { id } = members[random(MEMBERS)] as TestUser;
      const isBanned = String(random(4) === 0);
      const archetype = archetypes[random(archetypes.length)] ?? null;
      return async (): Promise<void> => {
        await kernel.knex.raw(`UPDATE users SET flags = jsonb_set(flags, '{banned}', ?::JSONB), current_archetype_id = ? WHERE id = ?`, [isBanned, archetype, id]);
        await kernel.knex.raw('SELECT fitness_fold_moves()');
      };
    });
    const lives = Array.from({ length: WORKOUTS }, (_, index) => life(index));
    await together(lives.flatMap((task, index) => (index % 5 === 0 ? [task, ...disturbances.splice(0, 1)] : [task])));

    assert.ok(done.logged === WORKOUTS && done.edited > 0 && done.deleted > 0, JSON.stringify(done));
    assert.equal(await assertTrainingUnits(kernel), WORKOUTS - done.deleted);
    await assertCounted(kernel.knex);
    await assertBoards(kernel.knex);
  });

  it('leave them so when an instance is killed in the middle', async () => {
    const home = await mkdtemp(join(tmpdir(), 'musclemap-fitness-'));
    const instance = new Instance(kernel.databaseUrl, home);
    try {
      const url = await instance.url;
      const before = await kernel.knex('workouts').count<{ count: number }[]>().first();
      const random = seeded(7);
      const send = (path: string, method: string, body: object | undefined, token = '', key = ''): Promise<Response> =>
        fetch(url + path, {
          method,
          headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${token}`, 'Idempotency-Key': key },
          ...(body && { body: JSON.stringify(body) }),
        });
      const person = { email: 'killed@example.org', username: 'killed', password: 'correct horse battery' };
      const { data } = (await (await send('/api/auth/register', 'POST', person)).json()) as { data: { accessToken: string } };
      let acknowledged = 0;
      const ends = await Promise.allSettled(Array.from({ length: AT_ONCE }, async (_, worker) => {
        for (let i = 0; ; i += 1) {
          const answer = await send('/api/workouts', 'POST', randomBody(random), data.accessToken, `${String(worker)}-${String(i)}`);
          assert.equal(answer.status, 201);
          const { data: workout } = (await answer.json()) as { data: { id: string } };
          acknowledged += 1;
          if (i % 3 === 0) await send(`/api/workouts/${workout.id}`, 'PATCH', randomBody(random), data.accessToken);
          if (acknowledged >= 30) instance.child.kill('SIGKILL');
        }
      }));
      const reasons = ends.map((end) => (end.status === 'rejected' ? String(end.reason) : ''));
      assert.ok(acknowledged >= 30, `${String(acknowledged)} were acknowledged before ${reasons.join('; ')}`);
      await instance.hasEnded;
      const after = await kernel.knex('workouts').count<{ count: number }[]>().first();
      assert.ok((after?.count ?? 0) >= (before?.count ?? 0) + acknowledged, 'an acknowledged workout is lost');
      await assertCounted(kernel.knex);
      await assertBoards(kernel.knex);
      await assertTrainingUnits(kernel);
    } finally {
      instance.child.kill('SIGKILL');
      await instance.hasEnded;
      await rm(home, { recursive: true, force: true });
    }
  });
});

/** A second instance, in a process of its own, on the same database. */
class Instance {
  readonly child: ChildProcess;
  readonly url: Promise<string>;
  readonly hasEnded: Promise<unknown>;

  constructor(databaseUrl: string, home: string) {
    const env = { PATH: process.env.PATH, DATABASE_URL: databaseUrl, MUSCLEMAP_HOME: home, PORT: '0', RATE_LIMIT_MAX: '0', LOG_LEVEL: 'info', JWT_SECRET: randomBytes(32).toString('hex') };
    this.child = spawn(process.execPath, ['--import', './kernel/typescript/register.mjs', 'kernel/main.ts'], { env, stdio: ['ignore', 'pipe', 'pipe'] });
    const { stdout, stderr } = this.child;
    if (!stdout || !stderr) throw new Error('no output');
    let said = '';
    stderr.on('data', (text: Buffer) => (said += text.toString()));
    this.hasEnded = once(this.child, 'exit');
    this.url = new Promise((resolve, reject) => {
      createInterface(stdout).on('line', (line) => {
        said += line;
        const url = /listens on (http:\S+);/.exec(line)?.[1];
        if (url !== undefined) resolve(url);
      });
      this.child.once('exit', () => {
        reject(new Error(`The instance ended: ${said}`));
      });
    });
    this.url.catch(() => undefined);
  }
}
