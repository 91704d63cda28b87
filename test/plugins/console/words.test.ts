import assert from 'node:assert/strict';
import { audit } from '../../../plugins/console/client/texts/audit.ts';
import { startCopy } from '../../support/setup.ts';

describe('the words of the console', () => {
  it('say of everything that administrators change on the server itself what was done', async () => {
    const kernel = await startCopy();
    try {
      const { paths } = (await kernel.get('/api/openapi.json')).body as { paths: Record<string, Record<string, unknown>> };
      const admin = await kernel.signUp({ roles: ['user', 'admin'] });
      const { data } = (await kernel.get('/api/admin/plugins', { as: admin })).body as { data: { routes: { method: string; path: string }[] }[] };
      const ofPlugins = new Set(data.flatMap(({ routes }) => routes.map(({ method, path }) => `${method} ${path}`)));
      const routes = Object.entries(paths).flatMap(([path, methods]) => Object.keys(methods).map((method) => `${method.toUpperCase()} ${path.replaceAll(/\{(\w+)\}/g, ':$1')}`));
      const own = routes.filter((route) => / \/api\/admin\//.test(route) && !route.startsWith('GET ') && !ofPlugins.has(route));
      assert.ok(own.length > 10, 'no routes were found');
      assert.deepEqual(own.filter((route) => audit.actions[route] === undefined), []);
    } finally {
      await kernel.stop();
    }
  });
});
