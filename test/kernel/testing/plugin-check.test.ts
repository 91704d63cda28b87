import assert from 'node:assert/strict';
import { realpath } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { checkPlugin } from '../../../kernel/testing/check/check-plugin.ts';
import { inspectPlugin } from '../../../kernel/testing/check/inspect.ts';
import { startTestKernel, type TestKernel } from '../../../kernel/testing.ts';
import type { CheckName, CheckReport } from '../../../kernel/testing/check/report.ts';
import { runMusclemap } from '../../support/command-line.ts';
import { writePlugins, type PluginFiles, type PluginFolder } from '../../support/plugins.ts';
import { testServer } from '../../support/setup.ts';

/** A plugin that is wrong in one way, the check that finds it, and what that says. */
interface Mutant {
  plugin: PluginFiles;
  fails: CheckName;
  because: RegExp;
}

const route = (options: string, handler: string, path = '/mutant'): string =>
  `kernel.hooks.routes.tap('mutant', (routes) => routes.post('${path}', { ${options} }, ${handler}));`;
const start = (code: string): string => `kernel.hooks.start.tap('mutant', () => { ${code} });`;
const withModule = (top: string, apply: string): PluginFiles => ({
  files: { 'index.ts': `import { definePlugin, Type } from 'musclemap';\n${top}\nexport default definePlugin({ apply(kernel) { ${apply} } });` },
});
const withMigration = (source: string): PluginFiles => ({
  apply: `kernel.hooks.migrations.tap('mutant', (migrations) => migrations.directory(import.meta.dirname, 'migrations'));`,
  files: { 'migrations/0001_rows.ts': source },
});

const OK = `summary: 'Keeps it', response: Type.Object({})`;
const MUTANTS: Record<string, Mutant> = {
  'a manifest with an unknown scope': { plugin: { manifest: { scopes: ['root'] } }, fails: 'manifest', because: /plugin\.json: scopes\.0 .*allowed values/ },
  'a manifest that names a file which is not there': { plugin: { manifest: { main: 'other.ts' } }, fails: 'manifest', because: /main: there is no other\.ts/ },
  'a requirement that is nowhere': { plugin: { manifest: { requires: { unheard: '^1.0.0' } } }, fails: 'manifest', because: /requires\.unheard/ },
  'code that throws while it loads': { plugin: withModule(`throw new Error('no luck');`, ''), fails: 'code', because: /no luck/ },
  'code without a default export': { plugin: { files: { 'index.ts': 'export const apply = 1;' } }, fails: 'code', because: /default export/ },
  'an apply that throws': { plugin: { apply: `throw new Error('not today');` }, fails: 'apply', because: /apply\(\) failed: not today/ },
  'an apply that is asynchronous': { plugin: withModule('', 'return Promise.resolve();'), fails: 'apply', because: /must be synchronous/ },
  'an apply that reads a file': { plugin: withModule(`import { readFileSync } from 'node:fs';`, `readFileSync('/etc/hostname');`), fails: 'apply', because: /apply\(\) does I\/O: readFileSync\(\) at index\.ts/ },
  'an apply that calls another server': { plugin: { apply: `fetch('http://127.0.0.1:9/').catch(() => undefined);` }, fails: 'apply', because: /apply\(\) does I\/O: fetch\(\)/ },
  'an apply that asks the database': { plugin: { apply: `kernel.database.knex('users').select('id').then(() => 0, () => 0);` }, fails: 'apply', because: /statements to the database/ },
  'an apply that counts its runs': {
    plugin: withModule('let runs = 0;', `const name = 'run-' + ++runs; kernel.hooks.jobs.tap('mutant', (jobs) => jobs.add(name, {}, () => undefined));`),
    fails: 'apply',
    because: /only the second time: job run-2/,
  },
  'an apply that takes its time': { plugin: { apply: `for (const end = Date.now() + 700; Date.now() < end; );` }, fails: 'apply', because: /takes 7\d\d ms/ },
  'an apply that keeps a lot': { plugin: withModule('const kept = [];', 'if (kept.length === 0) kept.push(new Array(8e6).fill(0.5));'), fails: 'apply', because: /keeps \d+ MiB/ },
  'a tap in the name of another': { plugin: { apply: `kernel.hooks.start.tap('other', () => undefined);` }, fails: 'apply', because: /named 'mutant', not 'other'/ },
  'a hook in kebab-case': { plugin: { apply: `kernel.offer({ hooks: { 'was-done': 'decision' }, services: {} });` }, fails: 'names', because: /"was-done" is not named in camelCase/ },
  'a price that nobody sets': { plugin: { apply: route(`${OK}, priced: 'mutant.go'`, '() => ({})') }, fails: 'names', because: /priced mutant\.go/ },
  'a start that throws': { plugin: { apply: start(`throw new Error('no power');`) }, fails: 'start', because: /no power/ },
  'a start that hangs': { plugin: { apply: `kernel.hooks.start.tapPromise('mutant', () => new Promise(() => undefined));` }, fails: 'start', because: /took longer than/ },
  'a route without a summary': { plugin: { apply: route(`summary: '', response: Type.Object({})`, '() => ({})') }, fails: 'routes', because: /POST \/api\/mutant has no summary/ },
  'a route whose body may be anything': { plugin: { apply: route(`${OK}, body: Type.Unknown()`, '() => ({})') }, fails: 'routes', because: /body schema refuses nothing/ },
  'a route without a response schema': { plugin: { apply: route(`summary: 'Keeps it'`, '() => ({})') }, fails: 'hostile requests', because: /neither a response schema nor the status 204/ },
  'a route that trusts a number': {
    plugin: { apply: route(`${OK}, body: Type.Object({ n: Type.Integer() })`, `({ body }) => { new Array(body.n); return {}; }`) },
    fails: 'hostile requests',
    because: /POST \/api\/mutant answers 500 to .*"n":.*Invalid array length/,
  },
  'a route that trusts its address': {
    plugin: { apply: route(OK, `({ params }) => { if (params.id.startsWith("'")) throw new Error('quoted'); return {}; }`, '/mutant/:id') },
    fails: 'hostile requests',
    because: /POST \/api\/mutant\/:id answers 500 .*quoted/,
  },
  'a route that never answers': { plugin: { apply: route(OK, '() => new Promise(() => undefined)') }, fails: 'hostile requests', because: /POST \/api\/mutant (answers 5|does not answer)/ },
  'an answer that is not what was promised': { plugin: { apply: route(`summary: 'Keeps it', response: Type.Object({ id: Type.String() })`, '() => ({})') }, fails: 'hostile requests', because: /answers 500/ },
  'a timer that goes on': { plugin: { apply: start(`setInterval(() => undefined, 1000);`) }, fails: 'disable', because: /A timer is left that was begun at index\.ts:2/ },
  'a server that goes on': { plugin: withModule(`import { createServer } from 'node:net';`, start(`createServer().listen(0, '127.0.0.1');`)), fails: 'disable', because: /A server is left/ },
  'a listener on the process': { plugin: { apply: start(`process.on('SIGUSR2', () => undefined);`) }, fails: 'disable', because: /listener on process 'SIGUSR2' is left/ },
  'a new global': { plugin: { apply: start(`globalThis.mutantWasHere = true;`) }, fails: 'disable', because: /globalThis\.mutantWasHere is left/ },
  'a migration whose down does nothing': {
    plugin: withMigration(`export const up = (knex) => knex.raw('CREATE TABLE mutant_rows (id INTEGER)');\nexport const down = async () => undefined;`),
    fails: 'migrations',
    because: /mutant_rows/,
  },
  'a migration whose down forgets a function': {
    plugin: withMigration(
      `export const up = (knex) => knex.raw('CREATE TABLE mutant_rows (id INTEGER); CREATE OR REPLACE FUNCTION mutant_one() RETURNS INTEGER LANGUAGE sql AS $$ SELECT 1 $$');
       export const down = (knex) => knex.raw('DROP TABLE mutant_rows');`,
    ),
    fails: 'migrations',
    because: /does not undo .*left: function .*mutant_one/s,
  },
  'a plugin that starts once only': { plugin: withModule('let runs = 0;', start(`if (++runs > 1) throw new Error('once only');`)), fails: 'enable again', because: /once only/ },
};

/** Every mutant starts a kernel of its own; the half that is enough for every day, all of them with CHECK_ALL_MUTANTS. */
const chosen = Object.entries(MUTANTS).filter((_, index) => process.env.CHECK_ALL_MUTANTS !== undefined || index % 2 === 1);

const failed = ({ checks }: CheckReport): CheckName[] => checks.filter(({ state }) => state === 'failed').map(({ check }) => check);
const problemsOf = ({ checks }: CheckReport): string => checks.flatMap(({ problems }) => problems).join('\n');

describe('npx musclemap plugin check', function () {
  this.timeout(120_000);
  let folder: PluginFolder | undefined;
  let bare: TestKernel;
  before(async () => {
    bare = await startTestKernel({ server: testServer(), sources: { bundled: [], directories: [], nodeModules: [] } });
    await bare.kernel.stop();
  });
  after(() => bare.drop());
  afterEach(async () => {
    await folder?.remove();
    folder = undefined;
  });
  const inspect = (directory: string): Promise<CheckReport> =>
    inspectPlugin({ directory, neighbours: [resolve('examples')], server: testServer(), template: new URL(bare.databaseUrl).pathname.slice(1) });
  const write = async (plugin: PluginFiles): Promise<string> => {
    folder = await writePlugins({ mutant: plugin });
    return realpath(join(folder.directory, 'mutant'));
  };

  for (const [what, { plugin, fails, because }] of chosen) {
    it(`finds ${what}`, async () => {
      const report = await inspect(await write(plugin));
      assert.deepEqual(failed(report), [fails], problemsOf(report));
      assert.match(problemsOf(report), because);
      assert.equal(report.isSound, false);
    });
  }

  it('survives a plugin that ends the process', async () => {
    const report = await checkPlugin(await write({ apply: 'process.exit(0);' }), { server: testServer() });
    assert.deepEqual(failed(report), ['apply']);
    assert.match(problemsOf(report), /The process ended: exit code 0/);
  });

  it('survives a plugin that never lets go of the processor', async () => {
    const report = await checkPlugin(await write({ apply: 'for (;;);' }), { server: testServer(), limitSeconds: 8 });
    assert.deepEqual(failed(report), ['apply']);
    assert.match(problemsOf(report), /did not come to an end within 8 s/);
  });

  for (const path of ['examples/quote', 'examples/badges', 'examples/badge-wall', 'examples/training-plans', 'plugins/fitness']) {
    it(`finds nothing wrong with ${path}`, async () => {
      const report = await inspect(resolve(path));
      assert.equal(problemsOf(report), '');
      assert.ok(report.isSound && report.checks.length === 10);
    });
  }

  it('prints the result for people and for programs, and exits with 1 when something is wrong', async () => {
    const bad = await runMusclemap(['plugin', 'check', await write({ apply: start('setInterval(() => undefined, 1000);') })], {});
    assert.equal(bad.code, 1, bad.out + bad.err);
    assert.match(bad.out, /✘ disable .*\n +A timer is left/);
    const good = await runMusclemap(['plugin', 'check', 'examples/quote', '--json'], {});
    assert.equal(good.code, 0, good.out + good.err);
    assert.equal((JSON.parse(good.out) as CheckReport).isSound, true);
  });
});
