import assert from 'node:assert/strict';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { enablePlugins } from '../../support/enabled.ts';
import { until, writePlugins, type PluginFiles, type PluginFolder } from '../../support/plugins.ts';
import { ServerProcess } from '../../support/server-process.ts';
import { createDatabase } from '../../support/setup.ts';

const answering = (answer: string): string => `
  import { definePlugin } from 'musclemap';
  import { WORD } from './words/word.ts';
  export default definePlugin({
    apply(kernel) {
      kernel.hooks.routes.tap('changing', (routes) => {
        routes.get('/changing', { summary: 'Answers', auth: 'none' }, () => ${answer});
      });
    },
  });`;
const word = (text: string): string => `export const WORD: string = ${text};\n`;
const CHANGING: PluginFiles = { files: { 'index.ts': answering('`1 ${WORD}`'), 'words/word.ts': word(`'one'`) } };
// What it answers tells whether it was loaded a second time.
const STEADY: PluginFiles = {
  files: {
    'index.ts': `
      import { definePlugin } from 'musclemap';
      const loadedAt = performance.now();
      export default definePlugin({
        apply(kernel) {
          kernel.hooks.routes.tap('steady', (routes) => {
            routes.get('/steady', { summary: 'When it was loaded', auth: 'none' }, () => loadedAt);
          });
        },
      });`,
  },
};

// Changes a file of its own while it is loaded, as somebody may who saves it at that moment.
const SAVED_MEANWHILE: PluginFiles = {
  files: {
    'index.ts': `
      import { writeFileSync } from 'node:fs';
      import { definePlugin } from 'musclemap';
      import { WORD } from './word.ts';
      if (WORD === 'before') writeFileSync(new URL('word.ts', import.meta.url), ${JSON.stringify(word(`'after'`))});
      export default definePlugin({
        apply(kernel) {
          kernel.hooks.routes.tap('saved', (routes) => {
            routes.get('/saved', { summary: 'Answers', auth: 'none' }, () => WORD);
          });
        },
      });`,
    'word.ts': word(`'before'`),
  },
};

describe('a server for development', function () {
  this.timeout(60_000);
  let folder: PluginFolder;
  let database: Awaited<ReturnType<typeof createDatabase>>;
  let server: ServerProcess;
  let steady: unknown;
  before(async () => {
    folder = await writePlugins({ changing: CHANGING, steady: STEADY, saved: SAVED_MEANWHILE });
    database = await createDatabase();
    await enablePlugins(database.url, ['changing', 'steady', 'saved']);
    server = new ServerProcess({
      env: {
        ...{ DATABASE_URL: database.url, JWT_SECRET: 'x'.repeat(32), PLUGIN_DIRS: folder.directory },
        ...{ MUSCLEMAP_HOME: join(folder.directory, '.home'), LOG_LEVEL: 'info' },
      },
      arguments: ['--import', './kernel/typescript/register.mjs', 'kernel/main.ts', '--reload'],
    });
    steady = await answerOf('steady');
  });
  beforeEach(async () => {
    await folder.write('changing', CHANGING);
    await until(async () => (await answerOf('changing')) === '1 one', 'the first answer');
  });
  afterEach(async () => {
    assert.equal(await answerOf('steady'), steady, 'another plugin was loaded anew');
    assert.equal(server.urls.length, 1);
    assert.equal(server.hasEnded, false);
  });
  after(async () => {
    const code = await server.end('SIGTERM');
    await folder.remove();
    await database.drop();
    assert.equal(code, 0, server.said);
  });

  const fileOf = (path: string): string => join(folder.directory, 'changing', path);
  const answerOf = async (plugin: string): Promise<unknown> => {
    const answer = await fetch(`${await server.url}/api/${plugin}`);
    return ((await answer.json()) as { data?: unknown }).data;
  };
  /** What the server writes from now on. */
  const listen = (): (() => string) => {
    const from = server.said.length;
    return () => server.said.slice(from);
  };

  it('takes what was changed while the server started', async () => {
    await until(async () => (await answerOf('saved')) === 'after', 'the changed file');
  });

  it('takes a changed route and a changed file beside it without a restart', async () => {
    await writeFile(fileOf('index.ts'), answering('`2 ${WORD}`'));
    await until(async () => (await answerOf('changing')) === '2 one', 'the changed route');
    await writeFile(fileOf('words/word.ts'), word(`'two'`));
    await until(async () => (await answerOf('changing')) === '2 two', 'the changed file');
  });

  it('takes a file that an editor puts in place of the old one, and files of a new folder', async () => {
    await writeFile(fileOf('word.new'), word(`'replaced'`));
    await rename(fileOf('word.new'), fileOf('words/word.ts'));
    await until(async () => (await answerOf('changing')) === '1 replaced', 'the replaced file');
    await mkdir(fileOf('later'));
    await writeFile(fileOf('later/word.ts'), word(`'later'`));
    await writeFile(fileOf('words/word.ts'), `export { WORD } from '../later/word.ts';\n`);
    await until(async () => (await answerOf('changing')) === '1 later', 'the new folder');
    await writeFile(fileOf('later/word.ts'), word(`'latest'`));
    await until(async () => (await answerOf('changing')) === '1 latest', 'a change in the new folder');
    await rm(fileOf('later'), { recursive: true });
  });

  const broken = [
    { how: 'cannot be read', file: 'words/word.ts', text: 'export const WORD = ;\n', reason: /Unexpected ";"/ },
    { how: 'fails while it is loaded', file: 'words/word.ts', text: word('missing.name'), reason: /missing is not defined/ },
    { how: 'lacks a file', file: 'index.ts', text: `import './gone.ts';\n${answering('1')}`, reason: /gone\.ts/ },
    { how: 'registers what cannot be', file: 'index.ts', text: answering('1').replace(`'/changing'`, `'/steady'`), reason: /\/api\/steady collides/, names: '' },
    { how: 'has a bad manifest', file: 'plugin.json', text: '{ "id": "changing" }', reason: /version/ },
  ];
  for (const { how, file, text, reason, names = file } of broken) {
    it(`serves the code from before when the new one ${how}, and says where and why`, async () => {
      await writeFile(fileOf('words/word.ts'), word(`'before'`));
      await until(async () => (await answerOf('changing')) === '1 before', 'the code before');
      const said = listen();
      await writeFile(fileOf(file), text);
      const [written] = await until(() => /.*not reloaded.*/.exec(said()), 'the failure to be said');
      const line = (JSON.parse(written) as { msg: string }).msg;
      assert.match(line, /changing: not reloaded, the code from before serves on/);
      assert.match(line, reason);
      assert.ok(line.includes(fileOf(names)), line);
      assert.equal(await answerOf('changing'), '1 before');
    });
  }

  it('reloads once for many files that change together', async () => {
    const counting = (text: string): string => `globalThis.loads = (globalThis.loads ?? 0) + 1;\n${answering(`\`${text} \${WORD} \${globalThis.loads}\``)}`;
    await writeFile(fileOf('index.ts'), counting('first'));
    await until(async () => (await answerOf('changing')) === 'first one 1', 'the first count');
    await Promise.all(Array.from({ length: 10 }, (_, i) => writeFile(fileOf(`many-${i}.ts`), `export const N = ${i};\n`)));
    await writeFile(fileOf('words/word.ts'), word(`'together'`));
    await until(async () => String(await answerOf('changing')).startsWith('first together'), 'the change');
    await writeFile(fileOf('index.ts'), counting('last'));
    const last = await until(async () => /^last.*/.exec(String(await answerOf('changing')))?.[0], 'the last change');
    assert.equal(last, 'last together 3');
  });
});
