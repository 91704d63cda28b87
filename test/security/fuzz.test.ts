import assert from 'node:assert/strict';
import { verifyLedger } from '../../kernel/credits/verify.ts';
import { startFakeStripe, type FakeStripe, type TestKernel, type TestUser } from '../../kernel/testing.ts';
import { startCopy } from '../support/setup.ts';
import { readOperations, type Operation } from './api-document.ts';
import { HostileRequests, type HostileRequest } from './hostile-requests.ts';
import { Random } from '../support/random.ts';
import { send, type SecurityAnswer } from './requests.ts';
import { makeThings, signUpPeople, type People } from './world.ts';

const REQUESTS = Number(process.env.FUZZ_REQUESTS ?? 1_000);
const SEED = Number(process.env.FUZZ_SEED ?? 20_261_124);
const AT_ONCE = 12;
const ANSWER_LIMIT_MS = 15_000;

/** What only the inside knows: stacks, places in the code, SQL and its driver's words, what JavaScript says when it breaks. */
const INSIDE =
  /\n\s+at |node_modules|\.ts:\d|file:\/\/|\/(work|home|root|tmp|usr)\/|syntax error at|violates (unique|foreign|check|not-null)|relation "|column "|invalid (input|byte)|duplicate key|pg_catalog|knex|ECONNREFUSED|TypeError|ReferenceError|RangeError|is not a function|Cannot read prop|undefined \(reading|\$pbkdf2|\bselect\b.+\bfrom\b|\binsert into\b/i;

/** What a hostile request may itself have said. */
const ECHOED = ['/etc/passwd', 'select'];

describe(`${String(REQUESTS)} hostile requests, seed ${String(SEED)}`, function () {
  this.timeout(60_000 + REQUESTS * 60);
  let stripe: FakeStripe;
  let kernel: TestKernel;
  let people: People;
  let operations: Operation[];
  let ids: string[];
  before(async () => {
    stripe = await startFakeStripe();
    kernel = await startCopy({ config: { stripe: stripe.settings } });
    people = await signUpPeople(kernel);
    ids = [...Object.values(await makeThings(kernel, people)), people.stranger.id, 'me', 'bench_press', 'chest', 'powerlifter', 'workout.log', 'nothing'];
    operations = await readOperations(kernel);
  });
  after(async () => {
    await kernel.stop();
    await stripe.stop();
  });

  const counts = new Map<number, number>();

  const ask = async ({ operation, path, headers, body }: HostileRequest, as: TestUser | undefined): Promise<SecurityAnswer> => {
    const contentType = body === undefined || operation.takesBytes ? {} : { 'Content-Type': 'application/json' };
    const authorization = as && { Authorization: `Bearer ${as.accessToken}` };
    const init = { method: operation.method, headers: { ...authorization, ...contentType, ...headers }, ...(body !== undefined && { body }) };
    const answer = await send(kernel.kernel.url + path, init, ANSWER_LIMIT_MS).catch((error: unknown) => ({ status: 0, text: String(error) }));
    counts.set(answer.status, (counts.get(answer.status) ?? 0) + 1);
    return answer;
  };
  const problemOf = ({ operation, path, headers, body }: HostileRequest, { status, text }: SecurityAnswer): string | undefined => {
    const leak = status >= 400 ? INSIDE.exec(text)?.[0] : undefined;
    const isEcho = leak !== undefined && ECHOED.some((word) => leak.includes(word));
    if (status > 0 && status < 500 && (leak === undefined || isEcho)) return undefined;
    const request = `${operation.method} ${path.slice(0, 300)} ${JSON.stringify(headers).slice(0, 200)} ${(body ?? '').slice(0, 600)}`;
    return `${String(status)} ${leak ?? ''} ${text.slice(0, 500)} ← ${request}`;
  };
  const ROLES = { owner: ['user'], stranger: ['user'], moderator: ['user', 'moderator'], admin: ['user', 'admin'] };
  /** Some requests end sessions, take roles or ban: who is shut out comes back as somebody new. */
  const renew = async (who: keyof People): Promise<void> => {
    const probe = { owner: '/api/users/me', stranger: '/api/users/me', moderator: '/api/admin/reports', admin: '/api/admin/roles' }[who];
    const was = people[who];
    const { status } = await kernel.get(probe, { as: was });
    if (status === 200 || people[who] !== was) return;
    const renewed = await kernel.signUp({ roles: ROLES[who] });
    people[who] = renewed;
  };

  it('are all answered, with nothing from the inside and no error of ours, and leave the ledger proven', async () => {
    const wrong: string[] = [];
    let sent = 0;
    const attack = async (): Promise<void> => {
      while (sent < REQUESTS && wrong.length < 20) {
        // Every request has a seed of its own: in which order they are answered changes none of them.
        const random = new Random(SEED + sent);
        const operation = choose(sent++, random);
        const who = operation.path.includes('/admin/') && !random.isOnce(10) ? 'admin' : random.pick(['owner', 'owner', 'owner', 'owner', 'stranger', 'stranger', 'moderator', 'anonymous'] as const);
        const request = new HostileRequests(random, ids).invent(operation);
        const answer = await ask(request, who === 'anonymous' ? undefined : people[who]);
        const problem = problemOf(request, answer);
        if (problem !== undefined) wrong.push(problem);
        if (who !== 'anonymous' && (answer.status === 401 || answer.status === 403)) await renew(who);
      }
    };
    /** One after the other; those that look for plugins on the disk, and do so one at a time, less often. */
    const choose = (index: number, random: Random): Operation => {
      const operation = operations[index % operations.length] as Operation;
      const isHeavy = operation.path.startsWith('/api/admin/plugins') && !random.isOnce(6);
      return isHeavy ? random.pick(operations.filter(({ path }) => !path.startsWith('/api/admin/plugins'))) : operation;
    };
    const started = performance.now();
    await Promise.all(Array.from({ length: AT_ONCE }, attack));
    const seconds = (performance.now() - started) / 1000;
    console.log(`    ${String(sent)} requests in ${seconds.toFixed(1)} s: ${[...counts].sort().map(([status, n]) => `${String(status)} × ${String(n)}`).join(', ')}`);
    assert.deepEqual(wrong, []);
    assert.equal(sent, Math.max(REQUESTS, sent));
    assert.equal(Reflect.get({}, 'polluted'), undefined);
    assert.deepEqual((await verifyLedger(kernel.knex)).mismatches, []);
    assert.equal((await kernel.get('/ready')).status, 200);
  });
});
