import assert from 'node:assert/strict';
import { access, readFile } from 'node:fs/promises';

/** How many requirements of levels 1 and 2 each section of V6 to V9 has, as far as they begin with the first. */
const REQUIREMENTS = {
  ...{ '6.1': 3, '6.2': 12, '6.3': 4, '6.4': 4, '6.5': 5, '6.6': 3, '6.8': 4 },
  ...{ '7.1': 3, '7.2': 4, '7.3': 2, '7.4': 5, '7.5': 2, '7.6': 2, '8.1': 2, '8.2': 3, '8.3': 1, '8.4': 1, '9.1': 3, '9.2': 4 },
};
const CHAPTERS = [1, 2, 3, 4, 5, 11, 12, 13, 14, 15, 16];

describe('the page on ASVS', () => {
  let rows: { id: string; where: string; name: string }[];
  before(async () => {
    const page = await readFile(new URL('asvs.md', import.meta.url), 'utf8');
    rows = page.split('\n').flatMap((line) => {
      const cells = line.split('|').map((cell) => cell.trim());
      const [, id = ''] = cells;
      return /^V?\d+(\.\d+)+$/.test(id) ? [{ id, where: cells.at(-3) ?? '', name: cells.at(-2) ?? '' }] : [];
    });
  });

  it('has every requirement of V6 to V9, once, and sections of every other chapter', () => {
    const wanted = Object.entries(REQUIREMENTS).flatMap(([section, count]) => Array.from({ length: count }, (_, n) => `${section}.${String(n + 1)}`));
    assert.deepEqual(rows.map(({ id }) => id).filter((id) => !id.startsWith('V')), wanted);
    for (const chapter of CHAPTERS) assert.ok(rows.some(({ id }) => id.startsWith(`V${String(chapter)}.`)), `V${String(chapter)}`);
  });

  it('names files and tests that are there, or says why there is none', async () => {
    for (const { id, where, name } of rows) {
      if (where === 'documented below' || /^not (applicable|met) because .{10}/.test(where)) continue;
      const read = /^read in (\S+)$/.exec(where)?.[1];
      if (read !== undefined) {
        await access(read);
        continue;
      }
      assert.match(where, /^test\/\S+\.test\.ts$/, id);
      const text = await readFile(where, 'utf8');
      assert.ok(text.includes(`it('${name}`) || name === '', `${id}: ${where} has no test named ${name}`);
    }
  });
});
