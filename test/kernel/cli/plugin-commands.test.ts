import assert from 'node:assert/strict';
import type { TestKernel } from '../../../kernel/testing.ts';
import { runMusclemap, type CommandResult } from '../../support/command-line.ts';
import { writePlugins, type PluginFolder } from '../../support/plugins.ts';
import { startCopy } from '../../support/setup.ts';

const GREETER = `
  let isStarted = false;
  kernel.hooks.start.tap('greeter', () => { isStarted = true; });
  kernel.hooks.jobs.tap('greeter', (jobs) => jobs.add('wave', {}, () => {}));
  kernel.hooks.commands.tap('greeter', (commands) => {
    commands.add(
      'greet <name> [others...]',
      { summary: 'Greets people', options: { times: { summary: 'how often', type: 'integer' }, loudVoice: { summary: 'shout', type: 'boolean' } } },
      async ({ arguments: { name, others }, options: { times = 1, loudVoice } }, terminal) => {
        const people = [name, ...others].map((person) => ({ person: loudVoice ? person.toUpperCase() : person, times }));
        terminal.print('Hello');
        terminal.progress('halfway');
        terminal.table(people, ['person', 'times']);
        return { people, isStarted };
      },
    );
    commands.add('refuse', { summary: 'Refuses' }, async () => { throw new CommandFailure('Not today.', { exitCode: 7 }); });
    commands.add('crash', { summary: 'Crashes' }, async () => { setInterval(() => {}, 1000); throw new TypeError('a bug'); });
    commands.add('wave', { summary: 'Queues a job' }, async () => { await kernel.jobs.enqueue('wave', {}); });
  });`;

describe('npx musclemap <plugin> <command>', function () {
  this.timeout(60_000);
  let folder: PluginFolder;
  let kernel: TestKernel;
  const run = (...args: string[]): Promise<CommandResult> =>
    runMusclemap(args, {
      DATABASE_URL: kernel.databaseUrl,
      JWT_SECRET: 'x'.repeat(32),
      PLUGIN_DIRS: folder.directory,
    });
  before(async () => {
    folder = await writePlugins({});
    const index = `import { CommandFailure, definePlugin } from 'musclemap';\nexport default definePlugin({ apply(kernel) { ${GREETER} } });`;
    await folder.write('greeter', { files: { 'index.ts': index } });
    await folder.write('sleeper', {});
    kernel = await startCopy({ sources: { bundled: [], directories: [folder.directory], nodeModules: [] } });
    await kernel.knex('installed_plugins').insert([
      { id: 'greeter', name: 'greeter', version: '1.0.0', enabled: true },
      { id: 'sleeper', name: 'sleeper', version: '1.0.0', enabled: false },
    ]);
  });
  after(async () => {
    await kernel.stop();
    await folder.remove();
  });

  it('hands over arguments and options, and speaks to a person', async () => {
    const { code, out, err } = await run('greeter', 'greet', 'Ada', 'Bo', '--times', '3', '--loud-voice');
    assert.equal(code, 0, err);
    assert.match(out, /^Hello\n.*person +times.*\n.*ADA +3.*\n.*BO +3/);
  });

  it('prints what the handler returns, and nothing else, with --json; its plugin is started', async () => {
    const { code, out } = await run('greeter', 'greet', 'Ada', '--json');
    assert.equal(code, 0);
    assert.deepEqual(JSON.parse(out), { people: [{ person: 'Ada', times: 1 }], isStarted: true });
  });

  it('ends with the exit code of a failure, and with 1 for a bug, though the plugin left a timer', async () => {
    const refusal = await run('greeter', 'refuse');
    assert.deepEqual([refusal.code, refusal.out], [7, '']);
    assert.match(refusal.err, /^Not today\.$/m);
    const crash = await run('greeter', 'crash', '--json');
    assert.equal(crash.code, 1);
    assert.match(crash.err, /TypeError: a bug/);
    assert.equal(crash.out, '');
  });

  it('ends with 2 and explains itself when it is not understood', async () => {
    const cases: [string[], RegExp][] = [
      [['greeter', 'greet', 'Ada', '--times', 'many'], /It is not a whole number/],
      [['greeter', 'gret'], /unknown command 'gret'[\s\S]*Did you mean greet/],
      [['sleeper', 'greet'], /The plugin sleeper is disabled/],
    ];
    for (const [args, expected] of cases) {
      const { code, err } = await run(...args);
      assert.equal(code, 2, args.join(' '));
      assert.match(err, expected);
    }
  });

  it('lists its commands with --help, and everybody’s with npx musclemap commands', async () => {
    const help = await run('greeter', '--help');
    assert.equal(help.code, 0);
    assert.match(help.out, /greet \[options\] <name> \[others\.\.\.\] +Greets people[\s\S]*refuse/);
    const list = await run('commands', '--json');
    const listed = JSON.parse(list.out) as { plugin: string }[];
    assert.deepEqual(listed.find(({ plugin }) => plugin === 'greeter'), { plugin: 'greeter', command: 'greet <name> [others...]', summary: 'Greets people' });
    assert.match((await run('--help')).out, /npx musclemap commands/);
  });

  it('works no queue itself, but leaves its jobs to the server', async () => {
    const { code, err } = await run('greeter', 'wave');
    assert.equal(code, 0, err);
    const job = await kernel.knex('pgboss.job').whereRaw(`data->>'job' = 'wave'`).first<{ state: string }>();
    assert.notEqual(job, undefined);
  });
});

describe('a command that is declared wrongly', () => {
  const wrong: Record<string, RegExp> = {
    "commands.add('Greet <name>', { summary: 'x' }, async () => {})": /not written like/,
    "commands.add('greet [name] <other>', { summary: 'x' }, async () => {})": /not written like/,
    "commands.add('greet', {}, async () => {})": /has no summary/,
    "commands.add('greet', { summary: 'x' })": /has no handler/,
    "commands.add('greet', { summary: 'x', options: { json: { summary: 'x', type: 'boolean' } } }, async () => {})": /option "json"/,
    "commands.add('a', { summary: 'x' }, async () => {}); commands.add('a <b>', { summary: 'x' }, async () => {})": /registered twice/,
  };
  for (const [code, reason] of Object.entries(wrong)) {
    it(`refuses the plugin: ${String(reason)}`, async () => {
      const folder = await writePlugins({ wrong: { apply: `kernel.hooks.commands.tap('wrong', (commands) => { ${code} });` } });
      const kernel = await startCopy({ sources: folder.sources });
      try {
        assert.match(kernel.kernel.plugins.statuses.find(({ id }) => id === 'wrong')?.reason ?? '', reason);
      } finally {
        await kernel.stop();
        await folder.remove();
      }
    });
  }
});
