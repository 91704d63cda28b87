import { randomUUID } from 'node:crypto';
import { performance } from 'node:perf_hooks';
import { startKernel } from '../../kernel/kernel.ts';
import { installPluginResolver } from '../../kernel/plugins/resolver.ts';
import { createLogger } from '../../kernel/telemetry/logger.ts';
import { testConfig, TestKernel, type TestUser } from '../../kernel/testing.ts';
import { startReplicatedServer } from '../support/replicated-server.ts';
import { isQuick, quantile, runBench, shown, tell, type Figure } from './figure.ts';

const CALLS = isQuick ? 200 : 1000;
const ROUNDS = isQuick ? 2 : 5;
const CALLERS = [1, 16] as const;

/**
 * What it adds to a charge over HTTP that every instance is told of it before it is answered, so that members read what they wrote
 * from a replica: two servers on one database, one that has a replica and one that knows of none, in turns.
 * node --import ./kernel/typescript/register.mjs test/bench/replica.ts [--quick] [--json]
 */
async function benchAnnouncements(): Promise<Figure[]> {
  installPluginResolver();
  const server = await startReplicatedServer();
  const databaseUrl = server.primary.connectionString;
  const start = async (databaseReplicaUrl: string | undefined): Promise<TestKernel> => {
    const config = testConfig({ jwtSecret: 'b'.repeat(32), databaseReplicaUrl });
    return new TestKernel(await startKernel({ config, databaseUrl, log: createLogger(config, false) }), databaseUrl, () => Promise.resolve());
  };
  const alone = await start(undefined);
  const replicated = await start(server.replicaUrl(databaseUrl));
  try {
    const members = await Promise.all(Array.from({ length: 16 }, () => alone.signUp({ credits: 10_000_000 })));
    const times = new Map<string, number[]>();
    for (let round = 0; round <= ROUNDS; round++) {
      for (const callers of CALLERS) {
        for (const [name, kernel] of [['alone', alone], ['replicated', replicated]] as const) {
          const taken = await charge(kernel, members, callers);
          // The first round warms up.
          if (round > 0) times.set(`${name} ${String(callers)}`, [...(times.get(`${name} ${String(callers)}`) ?? []), ...taken]);
        }
      }
      tell(`announcements, round ${String(round)} of ${String(ROUNDS)}`);
    }
    return CALLERS.flatMap((callers) => toFigures(callers, (name) => times.get(`${name} ${String(callers)}`) ?? []));
  } finally {
    await Promise.all([alone.stop(), replicated.stop()]);
    await server.stop();
  }
}

async function charge(kernel: TestKernel, members: readonly TestUser[], callers: number): Promise<number[]> {
  const times: number[] = [];
  let left = CALLS;
  await Promise.all(
    members.slice(0, callers).map(async (as) => {
      while (left-- > 0) {
        const began = performance.now();
        const { status } = await kernel.post('/api/credits/charge', { as, key: randomUUID(), body: { action: 'workout.log' } });
        if (status !== 200) throw new Error(`A charge was answered with ${String(status)}.`);
        times.push(performance.now() - began);
      }
    }),
  );
  return times;
}

function toFigures(callers: number, of: (name: string) => number[]): Figure[] {
  const who = callers === 1 ? 'a lone charge' : `a charge among ${String(callers)} at once`;
  const at = (name: string, share: number): number => quantile(of(name), share);
  return [
    ...[0.5, 0.95].flatMap((share) => [
      shown(`${who}, without a replica, p${String(share * 100)}`, at('alone', share), 'ms'),
      shown(`${who}, with one, p${String(share * 100)}`, at('replicated', share), 'ms'),
    ]),
    shown(`what telling the others adds to ${who}`, at('replicated', 0.5) - at('alone', 0.5), 'ms'),
  ];
}

await runBench(benchAnnouncements);
