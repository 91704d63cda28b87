import type { PluginFiles } from '../../support/plugins.ts';

/** A plugin with one mistake. */
export interface FaultyPlugin extends PluginFiles {
  /** What brings the mistake out; its route `/api/<id>` unless said. */
  trigger?: 'start' | 'route' | 'registration' | 'charge' | 'neighbour' | 'event' | 'job' | 'stop';
  /** What the log or GET /admin/plugins/:id says about it. */
  named: RegExp;
}

const tap = (hook: string, body: string): string => `kernel.hooks.${hook}.tap(kernel.id, (registrar) => { ${body} });`;

/** A route at the plugin's own address with that handler. */
const route = (handler: string, options = ''): string =>
  tap('routes', `registrar.get('/' + kernel.id, { summary: 'Does it', auth: 'none', ${options} }, ${handler});`);

const answering = (body: string): string => route(`async (request) => { ${body} }`);

/** Mistakes that keep a plugin from coming up. */
const AT_START: Record<string, FaultyPlugin> = {
  'bad-manifest': { manifest: { colour: 'red' }, named: /unknown key "colour"/ },
  'bad-config': {
    manifest: { config: { type: 'object', properties: { key: { type: 'string' } }, required: ['key'] } },
    named: /config must have required property 'key'/,
  },
  'syntax-error': { files: { 'index.ts': 'export default {' }, named: /cannot be loaded/ },
  'throws-at-load': { files: { 'index.ts': 'throw new Error("at load");' }, named: /at load/ },
  'exits-at-load': { files: { 'index.ts': 'process.exit(1);' }, named: /process\.exit\(1\) was called/ },
  'throws-in-apply': { apply: `throw new Error('in apply');`, named: /apply\(\) failed: in apply/ },
  'asynchronous-apply': { files: { 'index.ts': 'export default { async apply() {} };' }, named: /apply\(\) must be synchronous/ },
  'rejects-in-start': { apply: `kernel.hooks.start.tapPromise(kernel.id, () => Promise.reject(new Error('in start')));`, named: /in start/ },
  'fails-in-migration': {
    apply: tap('migrations', `registrar.directory(import.meta.dirname, 'migrations');`),
    files: { 'migrations/0001_broken.ts': `export const up = (knex) => knex.raw('CREATE TABLE (');\nexport const down = () => undefined;` },
    named: /0001_broken/,
  },
  'replaces-built-in': {
    files: { 'index.ts': `Array.prototype.map = function () { return []; };\nexport default { apply() {} };` },
    named: /has replaced Array\.prototype\.map/,
  },
  'collides-with-kernel': { apply: tap('routes', `registrar.get('/users/:slug', { summary: 'x', auth: 'none' }, () => 1);`), named: /collides with \/api\/users\/:id of kernel/ },
  'collides-with-slug': { apply: tap('routes', `registrar.get('/neighbours/:slug', { summary: 'x', auth: 'none' }, () => 1);`), named: /collides with \/api\/neighbours\/:id of a-neighbour/ },
  'cycle-one': { manifest: { requires: { 'cycle-two': '*' } }, named: /cycle/ },
  'cycle-two': { manifest: { requires: { 'cycle-one': '*' } }, named: /cycle/ },
  'wrong-kernel': { manifest: { kernel: '^9.0.0' }, named: /needs kernel \^9\.0\.0/ },
  'wrong-dependency': { manifest: { requires: { 'a-neighbour': '^7.0.0' } }, named: /requires a-neighbour \^7\.0\.0/ },
  'absent-dependency': { manifest: { requires: { nowhere: '^1.0.0' } }, named: /nowhere/ },
};

/** Mistakes of a running plugin that the process survives. */
const AT_WORK: Record<string, FaultyPlugin> = {
  throws: { apply: route(`() => { throw new Error('thrown at once'); }`), named: /thrown at once/ },
  rejects: { apply: answering(`await null; throw new Error('rejected later');`), named: /rejected later/ },
  'throws-null': { apply: answering('throw null;'), named: /route GET \/api\/throws-null/ },
  'throws-hostile': {
    apply: answering(`throw new Proxy(new Error('x'), { get() { throw new Error('trap'); }, getPrototypeOf() { throw new Error('trap'); } });`),
    named: /an error that cannot be read/,
  },
  'throws-in-timer': { apply: answering(`setTimeout(() => { throw new Error('in a timer'); }, 5); return {};`), named: /in a timer/ },
  'throws-after-answer': {
    apply: answering(`request.signal; setTimeout(() => setImmediate(() => { throw new Error('after the answer'); }), 50); return {};`),
    named: /after the answer/,
  },
  'throws-in-listener': {
    apply: `process.on('a-neighbour-was-called', () => { throw new Error('in a listener'); });`,
    trigger: 'neighbour',
    named: /in a listener/,
  },
  'forgets-promise': { apply: answering(`void Promise.reject(new Error('never awaited')); return {};`), named: /never awaited/ },
  'exits-in-handler': { apply: answering(`process.exit(3);`), named: /process\.exit\(3\) was called/ },
  'exits-in-timer': { apply: answering(`setTimeout(() => process.exit(4), 5); return {};`), named: /process\.exit\(4\) was called/ },
  'pollutes-prototype': {
    apply: answering(`JSON.parse('{"isAdmin":true}', (key, value) => { Object.prototype.isAdmin = value; return value; }); return {};`),
    named: /Cannot add property isAdmin/,
  },
  'huge-header': { apply: answering(`return new Reply({}, { headers: { 'X-Huge': 'x'.repeat(1_000_000) } });`), named: /bytes of headers/ },
  'bad-header': { apply: answering(`return new Reply({}, { headers: { 'X-Bad': 'a\\nb' } });`), named: /Invalid character in header/ },
  'bad-header-of-a-refusal': { apply: answering(`throw new ApiError('CONFLICT', 'no', { headers: { 'X-Bad': 'a\\nb' } });`), named: /Invalid character in header/ },
  'cyclic-refusal': { apply: answering(`const details = {}; details.self = details; throw new ApiError('CONFLICT', 'no', { details });`), named: /circular structure/ },
  'huge-answer': { apply: answering(`return 'x'.repeat(20_000_000);`), named: /answered 20000011 characters/ },
  'throwing-getter': { apply: answering(`return { get name() { throw new Error('in a getter'); } };`), named: /in a getter/ },
  'cyclic-answer': { apply: answering(`const answer = {}; answer.self = answer; return answer;`), named: /circular structure/ },
  'breaks-its-schema': { apply: route(`() => ({ n: 'one' })`, 'response: Type.Object({ n: Type.Integer() })'), named: /what its schema does not allow/ },
  'broken-stream': {
    apply: route(`() => new RawReply(Readable.from((async function* () { yield 'a'; throw new Error('in a stream'); })()), 'text/plain')`),
    named: /in a stream/,
  },
  'hangs-in-tap': { apply: `kernel.hooks.entitlement.tapPromise(kernel.id, () => new Promise(() => {}));`, trigger: 'charge', named: /hook entitlement took longer than 2000 ms/ },
  'storms-a-hook': {
    apply: `for (let i = 0; i < 1000; i++) kernel.hooks.price.tap(kernel.id, () => { throw new Error('storm'); });`,
    trigger: 'charge',
    named: /put into quarantine: hook price failed 20 times/,
  },
  'always-fails-an-event': {
    apply: tap('events', `registrar.on('neighbour.called', () => { throw new Error('in an event'); });`),
    trigger: 'event',
    named: /event neighbour\.called failed: in an event/,
  },
  'hangs-in-job': {
    apply: `${tap('jobs', `registrar.add('hang', { timeLimitSeconds: 1, retries: 0 }, () => new Promise(() => {}));`)}
      ${answering(`await kernel.jobs.enqueue('hang', {}); return {};`)}`,
    named: /job hang took longer than 1000 ms/,
  },
  'leaves-a-transaction-open': {
    apply: answering(`const trx = await kernel.database.knex.transaction(); await trx.raw('SELECT 1'); return {};`),
    named: /has held a connection to the database for 15000 ms/,
  },
  'exhausts-the-pool': {
    apply: answering(`await Promise.all(Array.from({ length: 60 }, () => kernel.database.knex.raw('SELECT pg_sleep(4)'))); return {};`),
    named: /connections to the database, which is its share|put into quarantine/,
  },
  'leaks-handles': {
    apply: `kernel.hooks.start.tapPromise(kernel.id, async () => { setInterval(() => {}, 1000); createServer().listen(0, '127.0.0.1'); });`,
    trigger: 'stop',
    named: /has left 2 handles open: interval, server/,
  },
  'throws-in-stop': { apply: `kernel.hooks.stop.tap(kernel.id, () => { throw new Error('in stop'); });`, trigger: 'stop', named: /in stop/ },
};

const IMPORTS = `import { createServer } from 'node:net';
import { Readable } from 'node:stream';
import { ApiError, RawReply, Reply, definePlugin, Type } from 'musclemap';`;

const withImports = (plugin: FaultyPlugin): FaultyPlugin => ({
  ...plugin,
  files: {
    'index.ts': `${IMPORTS}\nexport default definePlugin({ apply(kernel) { ${plugin.apply ?? ''} } });`,
    ...plugin.files,
  },
});

/** Every faulty plugin that a server survives; test/kernel/watchdog has those that take the process with them. */
export const FAULTY: Record<string, FaultyPlugin> = Object.fromEntries([
  ...Object.entries(AT_START).map(([id, plugin]) => [id, withImports({ trigger: 'start', ...plugin })]),
  ...Object.entries(AT_WORK).map(([id, plugin]) => [id, withImports({ trigger: 'route', ...plugin })]),
]);

/** Answers more than once: the first one counts. */
export const ANSWERS_TWICE: PluginFiles = {
  apply: route(`() => ({
    then(resolve, reject) { resolve({ first: true }); resolve({ second: true }); reject(new Error('third')); throw new Error('fourth'); },
  })`),
};

/** Whose answers the mistakes of the others must not touch. */
export const NEIGHBOUR: PluginFiles = {
  apply: tap(
    'routes',
    `registrar.get('/neighbours/:id', { summary: 'x', auth: 'none', params: Type.Object({ id: Type.String() }) }, async ({ params }) => {
      await kernel.database.knex.raw('SELECT 1');
      return { id: params.id };
    });
    registrar.post('/neighbours', { summary: 'x', auth: 'none', transaction: true }, ({ trx }) => {
      kernel.events.emit(trx, 'neighbour.called', {});
      setImmediate(() => process.emit('a-neighbour-was-called'));
      return {};
    });`,
  ),
};
