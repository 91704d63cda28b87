/**
 * Makes the fixture that the test of upgrades starts from, out of the history of this repository: by hand, once per release.
 *
 *     node --import ./kernel/typescript/register.mjs test/support/release/make-release.ts COMMIT
 *
 * It starts the server of that commit on an empty folder, has people fill it over REST, writes down what the server answers, and lets
 * that server's own `musclemap backup` write test/fixtures/release-VERSION/.
 */
import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { findRunningDatabase } from '../../../kernel/database/embedded/embedded-database.ts';
import { startFakeStripe } from '../../../kernel/testing.ts';
import { runMusclemap } from '../command-line.ts';
import { ServerProcess } from '../server-process.ts';
import { RestClient, type Person } from './client.ts';
import type { Expectations } from './expectations.ts';
import { fillGym } from './gym.ts';
import { askAll } from './questions.ts';

const ROOT = join(import.meta.dirname, '../../..');

/** The sources of a commit, with the packages of this working copy. */
async function checkOut(commit: string, directory: string): Promise<string> {
  const source = join(directory, 'source');
  run('git', 'worktree', 'add', '--detach', source, commit);
  // Hard links: whatever that version does to its packages, ours stay.
  run('cp', '-Rl', join(ROOT, 'node_modules'), source);
  const { version } = JSON.parse(await readFile(join(source, 'package.json'), 'utf8')) as { version: string };
  return version;
}

function run(command: string, ...args: string[]): string {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd: ROOT, encoding: 'utf8' });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} failed: ${stderr}`);
  return stdout.trim();
}

async function makeRelease(commit: string, directory: string): Promise<void> {
  const version = await checkOut(commit, directory);
  const [source, home] = [join(directory, 'source'), join(directory, 'home')];
  const stripe = await startFakeStripe();
  const { secretKey, webhookSecret, apiBase } = stripe.settings;
  const variables = { MUSCLEMAP_HOME: home, PLUGIN_DIRS: join(source, 'examples'), LOG_LEVEL: 'info' };
  const billing = { STRIPE_SECRET_KEY: secretKey, STRIPE_WEBHOOK_SECRET: webhookSecret, STRIPE_API_BASE: apiBase };
  const server = new ServerProcess({ env: { ...variables, ...billing, AUTH_LIMIT_MAX: '0' }, arguments: ['kernel/supervisor.mjs'], cwd: source });
  const musclemap = async (args: string[], input?: string): Promise<void> => {
    const { code, err } = await runMusclemap(args, variables, input, source);
    if (code !== 0) throw new Error(`musclemap ${args.join(' ')}: ${err}`);
  };
  try {
    const client = new RestClient(await server.url);
    const gym = await fillGym(client, stripe, {
      createUser: (username, password, role) => musclemap(['user', 'create', '--email', `${username}@example.org`, '--username', username, '--role', role], `${password}\n`),
      endTrials: () => endTrials(join(home, 'postgres')),
    });
    const made = { commit: run('git', 'rev-parse', commit), version, madeAt: new Date().toISOString() };
    const forget = ({ id, username, password }: Person): Omit<Person, 'token'> => ({ id, username, password });
    const { owner, moderator, lifter, runner, guarded, banned } = gym.people;
    const people = { owner: forget(owner), moderator: forget(moderator), lifter: forget(lifter), runner: forget(runner), guarded: forget(guarded), banned: forget(banned) };
    const plugins = ((await client.ask('GET', '/api/plugins')) as { id: string }[]).map(({ id }) => id).sort();
    const { factorSecret, ids } = gym;
    const expectations: Expectations = { ...made, people, factorSecret, ids, plugins, answers: await askAll(client, gym) };
    const fixture = join(ROOT, 'test/fixtures', `release-${version}`);
    await mkdir(fixture, { recursive: true });
    await musclemap(['backup', join(fixture, 'everything.backup'), '--force']);
    await writeFile(join(fixture, 'expectations.json'), `${JSON.stringify(expectations, undefined, 1)}\n`);
    process.stdout.write(`${fixture}: ${String(expectations.answers.length)} answers\n`);
  } catch (error) {
    process.stderr.write(server.said);
    throw error;
  } finally {
    await server.end('SIGTERM');
    await stripe.stop();
    run('git', 'worktree', 'remove', '--force', source);
  }
}

/** No route ends a trial early, and nobody pays before it ends. */
async function endTrials(postgres: string): Promise<void> {
  const client = new pg.Client(await findRunningDatabase(postgres));
  await client.connect();
  await client.query(`UPDATE users SET trial_started_at = '2024-01-01', trial_ends_at = '2024-03-31'`);
  await client.end();
}

const [commit] = process.argv.slice(2);
if (commit === undefined) throw new Error('Say which commit was the release.');
const directory = await mkdtemp(join(tmpdir(), 'musclemap-release-'));
await makeRelease(commit, directory).finally(() => rm(directory, { recursive: true, force: true }));
