import assert from 'node:assert/strict';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { manifestSchemaFile } from '../../../kernel/plugins/manifest-schema.ts';

describe('kernel/plugins/plugin.schema.json', () => {
  it('says what the kernel checks; run this test with WRITE=1 to write it', async () => {
    const path = 'kernel/plugins/plugin.schema.json';
    if (process.env.WRITE === '1') await writeFile(path, manifestSchemaFile());
    assert.equal(await readFile(path, 'utf8'), manifestSchemaFile());
  });

  it('finds every manifest in the repository valid, and one with an unknown key not', async () => {
    const validate = new Ajv2020({ strictTypes: false }).compile(JSON.parse(manifestSchemaFile()) as object);
    for (const parent of ['plugins', 'examples']) {
      for (const id of await readdir(parent)) {
        const text = await readFile(`${parent}/${id}/plugin.json`, 'utf8').catch(() => undefined);
        if (text === undefined) continue;
        const manifest = JSON.parse(text) as Record<string, unknown>;
        assert.ok(validate(manifest), `${id}: ${JSON.stringify(validate.errors)}`);
        assert.equal(validate({ ...manifest, colour: 'red' }), false);
      }
    }
  });
});
