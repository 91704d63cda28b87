import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';

describe('the page on ASVS', () => {
  it('names files and tests that are there', async () => {
    const page = await readFile(new URL('asvs.md', import.meta.url), 'utf8');
    const rows = [...page.matchAll(/^\| V\d+ [^|]*\|[^|]*\| (test\/\S+) \|([^|]*)\|$/gm)];
    assert.ok(rows.length > 15);
    for (const [, file = '', name = ''] of rows) {
      const text = await readFile(file, 'utf8');
      assert.ok(text.includes(`it('${name.trim()}`) || name.trim() === '', `${file}: ${name}`);
    }
  });
});
