import assert from 'node:assert/strict';
import { readFile, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { KERNEL_HOOKS } from '../../../kernel/plugins/activation.ts';
import { SCOPES } from '../../../kernel/plugins/manifest.ts';
import { SCOPE_OF_HOOK, SCOPE_OF_MEMBER } from '../../../kernel/plugins/scopes.ts';

const EXAMPLES = join(import.meta.dirname, '../../../examples');

describe('the page for authors', () => {
  let page: string;
  before(async () => {
    page = await readFile(join(EXAMPLES, 'README.md'), 'utf8');
  });

  /** The cells of the table's row that begins with `first`. */
  const row = (first: string): string[] => {
    const line = page.split('\n').find((text) => text.startsWith(`| ${first} |`));
    assert.ok(line, `there is no row "${first}"`);
    return line.split('|').slice(1, -1).map((cell) => cell.trim());
  };
  const named = (text = ''): string[] => [...text.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name).sort();

  it('lists every hook of the kernel under its kind', () => {
    for (const kind of new Set(Object.values(KERNEL_HOOKS))) {
      const hooks = Object.entries(KERNEL_HOOKS).filter(([, of]) => of === kind).map(([name]) => name);
      assert.deepEqual(named(row(kind)[1]), hooks.sort());
    }
  });

  it('lists every scope with all that it opens', () => {
    for (const scope of SCOPES) {
      const opens = [
        ...Object.entries(SCOPE_OF_MEMBER).filter(([, needed]) => needed === scope).map(([name]) => `kernel.${name}`),
        ...Object.entries(SCOPE_OF_HOOK).filter(([, needed]) => needed === scope).map(([name]) => `hooks.${name}`),
      ];
      const said = named(row(`\`${scope}\``)[1]).filter((name) => /^(kernel|hooks)\./.test(name));
      assert.deepEqual(said, opens.sort(), scope);
    }
  });

  it('names every example, and links nothing that is not there', async () => {
    const links = [...page.matchAll(/\]\(([^)]+)\)/g)].map(([, path = '']) => path);
    for (const path of links) await stat(join(EXAMPLES, path));
    const folders = (await readdir(EXAMPLES, { withFileTypes: true })).filter((entry) => entry.isDirectory()).map(({ name }) => name);
    assert.deepEqual(folders.filter((name) => !links.includes(name)), []);
  });
});
