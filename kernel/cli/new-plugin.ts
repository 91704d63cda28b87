import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { CommandFailure } from './plugin-command.ts';

/** Writes a new plugin to `directory`, which must not exist, and answers the names of its files. */
export async function writeNewPlugin(id: string, directory: string): Promise<string[]> {
  if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(id) || id.length > 40) {
    throw new CommandFailure(`"${id}" is not a name in kebab-case of at most 40 characters.`, { exitCode: 2 });
  }
  const files = filesOf(id);
  try {
    await mkdir(dirname(directory), { recursive: true });
    await mkdir(directory);
  } catch (error) {
    throw new CommandFailure(`${directory} is there already or cannot be made.`, { cause: error });
  }
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(directory, name)), { recursive: true });
    await writeFile(join(directory, name), text);
  }
  return Object.keys(files);
}

function filesOf(id: string): Record<string, string> {
  const table = `${id.replaceAll('-', '_')}_notes`;
  const displayName = id.replaceAll('-', ' ').replace(/^./, (letter) => letter.toUpperCase());
  const manifest = {
    ...{ id, version: '0.1.0', displayName, description: `What ${id} does, in one sentence`, kernel: '^1.0.0' },
    scopes: ['routes', 'database'],
  };
  const packageFile = {
    ...{ name: `musclemap-plugin-${id}`, version: '0.1.0', type: 'module', keywords: ['musclemap-plugin'] },
    scripts: { test: 'musclemap plugin test .' },
  };
  return {
    'plugin.json': `${JSON.stringify(manifest, null, 2)}\n`,
    'package.json': `${JSON.stringify(packageFile, null, 2)}\n`,
    'index.ts': indexOf(id, table),
    'migrations/0001_notes.ts': migrationOf(table),
    [`${id}.test.ts`]: testOf(id),
    'README.md': `# ${id}\n\nWhat it does, its routes and its configuration.\n\nIts tests: \`npx musclemap plugin test .\`\n\nWhether it behaves: \`npx musclemap plugin check .\`\n`,
  };
}

function indexOf(id: string, table: string): string {
  return `import { definePlugin, Type } from 'musclemap';

const Note = Type.Object({ text: Type.String({ minLength: 1, maxLength: 500 }) }, { additionalProperties: false });

export default definePlugin({
  apply(kernel) {
    kernel.hooks.migrations.tap('${id}', (migrations) => migrations.directory(import.meta.dirname, 'migrations'));

    kernel.hooks.routes.tap('${id}', (routes) => {
      routes.get('/${id}', { summary: 'The notes of the caller', response: Type.Array(Note) }, ({ user }) =>
        kernel.database.knex('${table}').where({ user_id: user.id }).orderBy('id').limit(100).select('text'),
      );
      routes.post(
        '/${id}',
        { summary: 'Keeps a note', body: Note, response: Note, status: 201, transaction: true },
        async ({ body, user, trx }) => {
          await trx('${table}').insert({ user_id: user.id, text: body.text });
          return body;
        },
      );
    });
  },
});
`;
}

function migrationOf(table: string): string {
  return `export async function up(knex) {
  await knex.raw(\`
    CREATE TABLE ${table} (
      id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      user_id TEXT NOT NULL,
      text TEXT NOT NULL
    );
    CREATE INDEX idx_${table}_user ON ${table} (user_id, id)
  \`);
}

export async function down(knex) {
  await knex.raw('DROP TABLE ${table}');
}
`;
}

function testOf(id: string): string {
  return `import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startWithPlugins } from 'musclemap/testing';

let kernel;
before(async () => {
  kernel = await startWithPlugins([import.meta.dirname]);
});
after(() => kernel?.stop());

test('keeps the notes of each member apart', async () => {
  const [ada, bo] = [await kernel.signUp(), await kernel.signUp()];
  assert.equal((await kernel.post('/api/${id}', { as: ada, body: { text: 'Squats' } })).status, 201);
  assert.deepEqual((await kernel.get('/api/${id}', { as: ada })).body.data, [{ text: 'Squats' }]);
  assert.deepEqual((await kernel.get('/api/${id}', { as: bo })).body.data, []);
});

test('refuses an empty note, and whoever is not signed in', async () => {
  const ada = await kernel.signUp();
  assert.equal((await kernel.post('/api/${id}', { as: ada, body: { text: '' } })).status, 400);
  assert.equal((await kernel.get('/api/${id}')).status, 401);
});
`;
}
