import assert from 'node:assert/strict';
import type { TestKernel } from '../../../kernel/testing.ts';
import { startCopy } from '../../support/setup.ts';

const MOST_SCRIPT_BYTES = 200_000;

describe('/console', () => {
  let kernel: TestKernel;
  let html: string;
  before(async () => {
    kernel = await startCopy();
    html = (await kernel.get('/console')).body;
  });
  after(() => kernel.stop());

  /** The addresses of what the document loads. */
  const loaded = (): string[] => [...html.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, path = '']) => path);

  /** The scripts that a script imports at once, or with `import()` when a page is shown. */
  const importsOf = async (path: string): Promise<{ atOnce: string[]; later: string[] }> => {
    const { body } = await kernel.get(path);
    const resolve = (name: string): string => new URL(name, `http://x${path}`).pathname;
    const atOnce = [...body.matchAll(/(?:from|import)\s*"(\.[^"]+)"/g)].map(([, name = '']) => resolve(name));
    const later = [...body.matchAll(/import\(\s*"(\.[^"]+)"/g)].map(([, name = '']) => resolve(name));
    return { atOnce, later };
  };

  const withImports = async (path: string): Promise<Set<string>> => {
    const found = new Set([path]);
    for (const script of found) for (const other of (await importsOf(script)).atOnce) found.add(other);
    return found;
  };

  it('answers one document at every address of a page, under a policy that allows nothing inline', async () => {
    for (const path of ['/console', '/console/plugins/fitness']) {
      const answer = await kernel.get(path);
      assert.equal(answer.status, 200);
      assert.equal(answer.body, html);
      assert.match(answer.headers.get('content-security-policy') ?? '', /script-src 'self'(;|$)/);
    }
    assert.doesNotMatch(html, /<script>|<style|style="|\son[a-z]+="/);
  });

  it('loads nothing from elsewhere, and each file for good, since its name changes with it', async () => {
    assert.ok(loaded().length >= 4);
    for (const path of loaded()) {
      assert.match(path, /^\/console\/[\w/-]+-[A-Z0-9]{8}\.(js|css|svg)$/);
      const answer = await kernel.get(path);
      assert.equal(answer.status, 200, path);
      assert.match(answer.headers.get('cache-control') ?? '', /immutable/);
      assert.doesNotMatch(String(answer.body).replaceAll('http://www.w3.org/', ''), /https?:\/\//, path);
    }
  });

  it('needs less than 200 KB of script on every page', async () => {
    const entry = /type="module" src="([^"]+)"/.exec(html)?.[1] ?? '';
    const shell = await withImports(entry);
    const { later } = await importsOf(entry);
    assert.ok(later.length >= 2, 'there are no pages');
    for (const page of later) {
      const scripts = new Set([...shell, ...(await withImports(page))]);
      let bytes = 0;
      for (const script of scripts) bytes += Buffer.byteLength((await kernel.get(script)).body as string);
      assert.ok(bytes < MOST_SCRIPT_BYTES, `${page} needs ${String(bytes)} bytes`);
    }
  });

  it('is off while the plugin is', async () => {
    const admin = await kernel.signUp({ roles: ['user', 'admin'] });
    assert.equal((await kernel.post('/api/admin/plugins/console/disable', { as: admin })).status, 200);
    const answer = await kernel.get('/console/plugins');
    assert.deepEqual([answer.status, answer.body.error.code], [404, 'PLUGIN_DISABLED']);
  });
});
