import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { startWithPlugins, type TestKernel } from 'musclemap/testing';
import { MuscleMapClient, Refusal, type ClientOptions, type ErrorCode, type NewWorkout } from './client.ts';
import { generateTypes, TYPES_FILE } from './generate.ts';

const BENCH_PRESS: NewWorkout = { exercises: [{ exerciseId: 'bench_press', sets: 3, reps: 5, weight: 80 }], isPublic: true };

describe('the typed client', () => {
  let kernel: TestKernel;
  let people = 0;
  before(async () => {
    kernel = await startWithPlugins([]);
  });
  after(() => kernel.stop());

  const client = (options?: ClientOptions): MuscleMapClient => new MuscleMapClient(kernel.kernel.url, { firstWaitMs: 1, ...options });
  const account = (): { email: string; username: string; password: string } => {
    people += 1;
    return { email: `client${people}@example.org`, username: `client${people}`, password: 'correct horse battery' };
  };
  const refusedWith = (code: ErrorCode) => (error: unknown): boolean => error instanceof Refusal && error.code === code;
  const all = async (workouts: AsyncIterable<{ id: string }>): Promise<string[]> => {
    const ids: string[] = [];
    for await (const { id } of workouts) ids.push(id);
    return ids;
  };

  it('has the types of the document that the server serves', async () => {
    const { body } = await kernel.get('/api/openapi.json');
    const wanted = 'node --import tsx examples/client/generate.ts http://127.0.0.1:3001 writes them again';
    assert.equal(await readFile(TYPES_FILE, 'utf8'), await generateTypes(body), wanted);
    body.paths['/api/workouts'].post.requestBody.content['application/json'].schema.required.push('date');
    assert.notEqual(await readFile(TYPES_FILE, 'utf8'), await generateTypes(body));
    delete body.paths['/api/workouts/{id}'];
    await assert.rejects(generateTypes(body), /The server has no \/api\/workouts\/\{id\}/);
  });

  it('registers, logs workouts and reads them page by page, newest first', async () => {
    const ada = client();
    const id = await ada.register(account());
    const logged: string[] = [];
    for (const date of ['2026-01-01', '2026-01-02', '2026-01-03', '2026-01-04', '2026-01-05']) {
      const workout = await ada.logWorkout({ ...BENCH_PRESS, date });
      assert.equal(workout.userId, id);
      logged.push(workout.id);
    }
    assert.deepEqual(await all(ada.workouts(2)), logged.reverse());
    const [newest = ''] = logged;
    const { date, totalTU } = await ada.workout(newest);
    assert.equal(date, '2026-01-05');
    assert.ok(totalTU > 0);
  });

  it('logs a workout once when answers get lost on the way back', async () => {
    let lost = 0;
    const bo = client({
      fetch: async (request) => {
        const answer = await fetch(request);
        if (!request.url.endsWith('/api/workouts') || request.method !== 'POST' || lost === 2) return answer;
        lost += 1;
        throw new TypeError('fetch failed');
      },
    });
    await bo.register(account());
    const { id } = await bo.logWorkout(BENCH_PRESS);
    assert.equal(lost, 2);
    assert.deepEqual(await all(bo.workouts()), [id]);
  });

  it('gives up on a server that stays away, and tries nothing again that was refused for good', async () => {
    let attempts = 0;
    const cy = client({
      fetch: (request) => {
        if (!request.url.endsWith('/api/workouts')) return fetch(request);
        attempts += 1;
        return attempts > 1 ? fetch(request) : Promise.reject(new Error('a mistake of the caller'));
      },
    });
    await cy.register(account());
    await assert.rejects(cy.logWorkout(BENCH_PRESS), /a mistake of the caller/);
    assert.equal(attempts, 1);
    await assert.rejects(cy.logWorkout({ exercises: [{ exerciseId: 'no_such_exercise', sets: 1 }] }), Refusal);
    assert.equal(attempts, 2);
    const away = client({
      fetch: () => {
        attempts += 1;
        return Promise.reject(new TypeError('fetch failed'));
      },
    });
    await assert.rejects(away.logWorkout(BENCH_PRESS), /fetch failed/);
    assert.equal(attempts, 6);
  });

  it('tells refusals apart by their code', async () => {
    const details = account();
    const dee = client();
    const id = await dee.register(details);
    await assert.rejects(client().register(details), refusedWith('CONFLICT'));
    await assert.rejects(client().logWorkout(BENCH_PRESS), refusedWith('UNAUTHORIZED'));
    await assert.rejects(dee.workout('no-such-workout'), refusedWith('NOT_FOUND'));
    await assert.rejects(dee.logWorkout({ ...BENCH_PRESS, exercises: [] }), (error: unknown) => {
      assert.ok(refusedWith('VALIDATION_ERROR')(error));
      assert.match(JSON.stringify((error as Refusal).details), /\/body\/exercises/);
      return true;
    });
    await kernel.setCredits(id, 0);
    await assert.rejects(dee.logWorkout(BENCH_PRESS), refusedWith('INSUFFICIENT_CREDITS'));
  });
});
