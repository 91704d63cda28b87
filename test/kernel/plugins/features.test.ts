import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';

const LEFT_OUT = [55, 56, 61];
const LAST = 61;

describe('the page on what plugins can do', () => {
  it('has every row of the survey, each with a test that is there', async () => {
    const page = await readFile(new URL('features.md', import.meta.url), 'utf8');
    const rows = [...page.matchAll(/^\| (\d+) \| [^|]+ \| (\S+) \| ([^|]+) \|$/gm)];
    const numbers = Array.from({ length: LAST }, (_, index) => index + 1).filter((number) => !LEFT_OUT.includes(number));
    assert.deepEqual(rows.map(([, number]) => Number(number)), numbers);
    for (const [, number = '', file = '', name = ''] of rows) {
      const text = await readFile(file, 'utf8');
      const isThere = ["'", '"', '`'].some((quote) => text.includes(`it(${quote}${name}${quote}`));
      assert.ok(isThere, `row ${number}: ${file} has no test "${name}"`);
    }
  });
});
