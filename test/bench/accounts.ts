import { createHmac } from 'node:crypto';
import { startTestKernel, startTestServer, testConfig, type TestKernel, type TestUser } from '../../kernel/testing.ts';
import { atMost, isQuick, median, quantile, runBench, shown, type Figure } from './figure.ts';

/**
 * What is promised of accounts, measured: node --import ./kernel/typescript/register.mjs test/bench/accounts.ts [--quick] [--json]. Ratios are taken in one
 * run, in turns, so that a busy machine slows down both sides alike.
 */
const SIGN_INS = isQuick ? 20 : 40;
/** Answered in few milliseconds, of which a median needs more. */
const RESETS = isQuick ? 60 : 200;
const FLOOD_MS = isQuick ? 2_000 : 6_000;

async function timed(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await work();
  return performance.now() - started;
}

/** The check of an access token, revocations included, in microseconds. */
function benchTokens(kernel: TestKernel, user: TestUser): Figure[] {
  const { tokens } = kernel.kernel.accounts;
  const rounds: number[] = [];
  const raw: number[] = [];
  const [head = '', body = ''] = user.accessToken.split('.');
  for (let round = 0; round < 200; round++) {
    const started = performance.now();
    for (let n = 0; n < 250; n++) tokens.verify(user.accessToken);
    rounds.push(((performance.now() - started) / 250) * 1000);
    const startedRaw = performance.now();
    for (let n = 0; n < 250; n++) createHmac('sha256', 'x'.repeat(64)).update(`${head}.${body}`).digest();
    raw.push(((performance.now() - startedRaw) / 250) * 1000);
  }
  return [
    atMost('verifying an access token', median(rounds), 'µs', 10),
    atMost('verifying an access token, against a bare HMAC of its text', median(rounds) / median(raw), '×', 6),
  ];
}

/** How far apart the answers to a known and an unknown address are: the larger median over the smaller. */
async function benchEqualTimes(what: string, tries: number, ask: (email: string) => Promise<{ status: number }>, known: string): Promise<Figure> {
  const times: Record<'known' | 'unknown', number[]> = { known: [], unknown: [] };
  const statuses = new Set<number>();
  for (let n = 0; n < tries; n++) {
    const order = n % 2 === 0 ? (['known', 'unknown'] as const) : (['unknown', 'known'] as const);
    for (const side of order) {
      // What a request leaves to the background must not run into the next one's time.
      await new Promise((resolve) => setTimeout(resolve, 100));
      const asked = async (): Promise<unknown> => statuses.add((await ask(side === 'known' ? known : `nobody${String(n)}@example.org`)).status);
      times[side].push(await timed(asked));
    }
  }
  if (statuses.size > 1) throw new Error(`${what} answers ${[...statuses].join(' and ')}.`);
  const medians = [median(times.known), median(times.unknown)];
  return atMost(`${what}: medians of known and unknown`, Math.max(...medians) / Math.min(...medians), '×', 1.1);
}

/** What a flood of sign-ins does to the 99th percentile of another route. */
async function benchFlood(kernel: TestKernel, user: TestUser): Promise<Figure[]> {
  const read = async (): Promise<number[]> => {
    const times: number[] = [];
    const end = performance.now() + FLOOD_MS;
    while (performance.now() < end) {
      times.push(await timed(() => kernel.get('/api/credits/balance', { as: user })));
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    return times;
  };
  let isFlooding = true;
  let refused = 0;
  let answered = 0;
  const guess = async (): Promise<void> => {
    while (isFlooding) {
      const { status } = await kernel.post('/api/auth/login', { body: { username: user.username, password: 'wrong' } });
      if (status === 503) refused += 1;
      else answered += 1;
    }
  };
  await read();
  const before = await read();
  const guesses = Array.from({ length: 40 }, guess);
  const during = await read();
  isFlooding = false;
  await Promise.all(guesses);
  const after = await read();
  const quiet = Math.max(quantile(before, 0.99), quantile(after, 0.99));
  return [
    shown('a flood of 40 sign-ins at once: answered', answered, ''),
    shown('the same: told to come back', refused, ''),
    shown('p99 of another route meanwhile', quantile(during, 0.99), 'ms'),
    atMost('p99 of another route in a flood of sign-ins, against before and after', quantile(during, 0.99) / quiet, '×', 2),
  ];
}

async function benchAccounts(): Promise<Figure[]> {
  const server = await startTestServer();
  const { accounts } = testConfig();
  const realCost = { ...accounts, passwordIterations: 210_000 };
  const kernel = await startTestKernel({ server, config: { accounts: realCost } });
  try {
    const user = await kernel.signUp();
    const email = `${user.username}@example.org`;
    return [
      ...benchTokens(kernel, user),
      await benchEqualTimes('sign-in', SIGN_INS, (login) => kernel.post('/api/auth/login', { body: { email: login, password: 'wrong' } }), email),
      await benchEqualTimes('password reset', RESETS, (login) => kernel.post('/api/auth/password-reset', { body: { email: login } }), email),
      ...(await benchFlood(kernel, user)),
    ];
  } finally {
    await kernel.stop();
    await server.stop();
  }
}

await runBench(benchAccounts);
