import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { loadConfig } from '../kernel/config/config.ts';
import type { TestKernel } from '../kernel/testing.ts';
import { defaultSources } from '../kernel/installation.ts';
import { startCopy } from './support/setup.ts';

const HISTORY = `Date,Workout Name,Duration,Exercise Name,Set Order,Weight,Reps,Distance,Seconds,Notes,Workout Notes,RPE
2024-01-02 10:00:00,"A",1h,"Squat (Barbell)",1,100,5,0,0,"","",
`;

describe('README.md', () => {
  let readme: string;
  let directory: string;
  let kernel: TestKernel;
  const blocks = (language: string): string[] =>
    [...readme.matchAll(/^```(\w+)\n([\s\S]*?)^```/gm)].flatMap(([, name, text = '']) => (name === language ? text : []));

  before(async () => {
    readme = await readFile('README.md', 'utf8');
    directory = await mkdtemp(join(tmpdir(), 'musclemap-readme-'));
    const plugin = join(directory, 'plugins', 'hello');
    await mkdir(plugin, { recursive: true });
    await writeFile(join(plugin, 'plugin.json'), blocks('json')[0] ?? '');
    await writeFile(join(plugin, 'index.ts'), blocks('ts')[0] ?? '');
    const { bundled } = defaultSources({ pluginDirs: [] });
    kernel = await startCopy({ sources: { bundled: [...bundled, join(directory, 'plugins')], directories: [], nodeModules: [] } });
  });
  after(async () => {
    await kernel.stop();
    await rm(directory, { recursive: true, force: true });
  });

  it('has blocks of the kinds that these tests run, and no other', () => {
    const kinds = [...readme.matchAll(/^```(\w+)/gm)].map(([, kind]) => kind);
    assert.deepEqual(kinds, ['sh', 'sh', 'sh', 'json', 'ts']);
  });

  it('names commands that exist', async () => {
    const { scripts } = JSON.parse(await readFile('package.json', 'utf8')) as { scripts: Record<string, string> };
    assert.deepEqual([blocks('sh')[0], blocks('sh')[2]], ['npm start\n', 'npm test\n']);
    assert.ok(scripts.start && scripts.test && scripts.check);
  });

  it('imports a history with the commands it shows', async () => {
    await writeFile(join(directory, 'strong.csv'), HISTORY);
    const commands = (blocks('sh')[1] ?? '').replaceAll('localhost:3001', kernel.kernel.url);
    const { stdout } = await promisify(execFile)('bash', ['-ec', commands], { cwd: directory });
    assert.match(stdout, /"workouts":1/);
    assert.match(stdout, /"username":"ada"/);
  });

  it('shows a plugin that works: priced, charged once, and validated', async () => {
    const user = await kernel.signUp({ credits: 10 });
    const greet = (): ReturnType<TestKernel['post']> =>
      kernel.post('/api/hello', { as: user, key: 'once', body: { name: 'Ada' } });
    assert.deepEqual((await greet()).body, { data: { greeting: 'Hello, Ada!', paid: 2 } });
    assert.equal((await greet()).headers.get('Idempotency-Replayed'), 'true');
    assert.equal((await kernel.get('/api/credits/balance', { as: user })).body.data.balance, 8);
    assert.equal((await kernel.post('/api/hello', { as: user, key: 'two', body: {} })).status, 400);
  });

  it('lists variables that the server reads, with their defaults', () => {
    const names = [...readme.matchAll(/`([A-Z][A-Z_]{3,})`/g)].map(([, name = '']) => name);
    assert.ok(names.length > 10);
    for (const name of new Set(names)) assert.doesNotThrow(() => loadConfig({ [name]: '' }), name);
    const { port, rateLimit, authLimit, databasePoolMax } = loadConfig({});
    assert.deepEqual([port, rateLimit.max, rateLimit.windowMs, authLimit.max, databasePoolMax], [3001, 100, 60_000, 10, 20]);
  });
});
