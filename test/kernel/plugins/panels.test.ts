import assert from 'node:assert/strict';
import type { TestKernel, TestUser } from '../../../kernel/testing.ts';
import { writePlugins, type PluginFolder } from '../../support/plugins.ts';
import { startCopy } from '../../support/setup.ts';

const ROUTES = `
  const Locker = Type.Object({ number: Type.Integer(), rentedBy: Type.Union([Type.Object({ name: Type.String() }), Type.Null()]), isFree: Type.Boolean() });
  const Rent = Type.Object({ name: Type.String({ minLength: 2 }), weeks: Type.Integer({ minimum: 1 }), note: Type.Optional(Type.String()) });
  kernel.hooks.permissions.tap(kernel.id, (permissions) => {
    permissions.add({ id: kernel.id + '.keep', description: 'Keeps the lockers', roles: ['coach'] });
  });
  kernel.hooks.routes.tap(kernel.id, (routes) => {
    const root = '/' + kernel.id;
    routes.get(root, { summary: 'x', auth: { permission: kernel.id + '.keep' }, list: true, query: Type.Object({ free: Type.Optional(Type.Boolean()) }), response: Type.Array(Locker) }, () => []);
    routes.get(root + '/open', { summary: 'x', auth: 'none', response: Type.Object({ free: Type.Integer(), days: Type.Array(Type.Object({ day: Type.String(), rents: Type.Integer() })) }) }, () => ({ free: 3, days: [] }));
    routes.get(root + '/mine', { summary: 'x', response: Type.Object({ number: Type.Integer() }) }, () => ({ number: 1 }));
    routes.get(root + '/of/:userId', { summary: 'x', auth: 'admin', response: Type.Object({ number: Type.Integer() }) }, () => ({ number: 1 }));
    routes.post(root, { summary: 'x', auth: 'admin', idempotent: true, body: Rent }, () => null);
    routes.delete(root + '/:number', { summary: 'x', auth: 'admin', status: 204 }, () => undefined);
  });`;

const add = (panel: string): string => `${ROUTES} kernel.hooks.panels.tap(kernel.id, (panels) => { const root = '/' + kernel.id; ${panel} });`;
const TABLE = `id: 'all', kind: 'table', title: 'Lockers', route: 'GET ' + root`;
const COLUMNS = `columns: [{ field: 'number', label: 'Locker', type: 'number' }, { field: 'rentedBy.name', label: 'Member' }]`;

/** What is wrong with a panel, and what the reason has to say of it. */
const WRONG: Record<string, { panel: string; says: RegExp }> = {
  'a route that nobody registers': { panel: `panels.add({ ${TABLE} + '/gone', ${COLUMNS} });`, says: /"all" names GET \/.*\/gone, which is no route of the plugin/ },
  "another plugin's route": { panel: `panels.add({ id: 'all', kind: 'table', title: 'x', route: 'GET /exercises', columns: [{ field: 'name', label: 'x' }] });`, says: /no route of the plugin/ },
  'a field that is not answered': { panel: `panels.add({ ${TABLE}, columns: [{ field: 'rentedBy.age', label: 'Age' }] });`, says: /"all" takes "Age" from a field .*rentedBy\.age \(there are name\)/ },
  'rows that are no array': { panel: `panels.add({ id: 'all', kind: 'table', title: 'x', route: 'GET ' + root + '/mine', ${COLUMNS} });`, says: /answers no array/ },
  'a filter that the query lacks': { panel: `panels.add({ ${TABLE}, ${COLUMNS}, filters: ['colour'] });`, says: /query parameter colour/ },
  'a form that leaves out what is needed': { panel: `panels.add({ ${TABLE}, ${COLUMNS}, actions: [{ id: 'rent', label: 'Rent', route: 'POST ' + root, inputs: [{ name: 'name' }] }] });`, says: /does not ask for weeks, which "rent" needs/ },
  'an input that the body lacks': { panel: `panels.add({ ${TABLE}, ${COLUMNS}, actions: [{ id: 'rent', label: 'Rent', route: 'POST ' + root, inputs: [{ name: 'name' }, { name: 'weeks' }, { name: 'age' }] }] });`, says: /names age, which the body/ },
  'choices by an input that the form lacks': { panel: `panels.add({ ${TABLE}, ${COLUMNS}, actions: [{ id: 'rent', label: 'Rent', route: 'POST ' + root, inputs: [{ name: 'name', choices: { route: 'GET ' + root, value: 'number', label: 'number', by: { input: 'age', field: 'number' } } }, { name: 'weeks' }] }] });`, says: /choices of name by age, which is no other input/ },
  'choices by a field that is not answered': { panel: `panels.add({ ${TABLE}, ${COLUMNS}, actions: [{ id: 'rent', label: 'Rent', route: 'POST ' + root, inputs: [{ name: 'name', choices: { route: 'GET ' + root, value: 'number', label: 'number', by: { input: 'weeks', field: 'size' } } }, { name: 'weeks' }] }] });`, says: /the choices of name from a field .*size/ },
  'a path that no row fills': { panel: `panels.add({ ${TABLE}, ${COLUMNS}, actions: [{ id: 'empty', label: 'Empty', route: 'DELETE ' + root + '/:number' }] });`, says: /cannot know :number/ },
  'a member outside their page': { panel: `panels.add({ id: 'of', kind: 'figure', title: 'x', route: 'GET ' + root + '/of/:userId', figures: [{ field: 'number', label: 'x' }] });`, says: /cannot know :userId/ },
  'a permission that nobody adds': { panel: `panels.add({ ${TABLE}, ${COLUMNS}, permission: 'lockers.count' });`, says: /permission lockers\.count, which nobody adds/ },
  "an administrator's route on the page of members": { panel: `panels.add({ ${TABLE}, ${COLUMNS}, page: 'me' });`, says: /not open to them/ },
  'an unknown kind': { panel: `panels.add({ id: 'all', kind: 'map', title: 'x' });`, says: /no kind of table, figure/ },
  'an unknown word': { panel: `panels.add({ ${TABLE}, ${COLUMNS}, colour: 'red' });`, says: /"all": it must NOT have additional properties \(colour\)/ },
  'the same id twice': { panel: `for (const n of [1, 2]) panels.add({ ${TABLE}, ${COLUMNS} });`, says: /"all" is added twice/ },
  'something that is no data': { panel: `const round = {}; round.round = round; panels.add(round);`, says: /not plain data/ },
};

const GOOD = add(`
  panels.add({ ${TABLE}, ${COLUMNS}, filters: ['free'],
    actions: [{ id: 'rent', label: 'Rent out', route: 'POST ' + root, body: { weeks: 4 } }],
    rowActions: [{ id: 'empty', label: 'Empty', route: 'DELETE ' + root + '/:number', confirm: 'Is it empty?', when: { field: 'isFree', is: [false] } }] });
  panels.add({ id: 'free', kind: 'figure', title: 'Free', page: 'home', route: 'GET ' + root + '/open', figures: [{ field: 'free', label: 'Free', type: 'number' }] });
  panels.add({ id: 'days', kind: 'chart', title: 'Rents', route: 'GET ' + root + '/open', rows: 'days', chart: 'bar', permission: kernel.id + '.keep', x: { field: 'day', label: 'Day' }, series: [{ field: 'rents', label: 'Rents' }] });
  panels.add({ id: 'of', kind: 'figure', title: 'Locker', page: 'member', route: 'GET ' + root + '/of/:userId', figures: [{ field: 'number', label: 'Locker' }] });
  panels.add({ id: 'mine', kind: 'figure', title: 'My locker', page: 'me', route: 'GET ' + root + '/mine', figures: [{ field: 'number', label: 'Locker' }] });
  panels.add({ id: 'rent', kind: 'form', title: 'Rent', label: 'Rent', route: 'POST ' + root });`);

interface Shown {
  id: string;
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- a panel is read by what the test expects of it
  [name: string]: any;
}

describe('the panels of plugins', () => {
  let kernel: TestKernel;
  let folder: PluginFolder;
  let admin: TestUser;
  let coach: TestUser;
  let member: TestUser;
  const wrongIds = Object.keys(WRONG).map((name, index) => ({ name, id: `wrong-${String(index)}` }));
  before(async () => {
    const wrong = Object.fromEntries(wrongIds.map(({ name, id }) => [id, { apply: add(WRONG[name]?.panel ?? '') }]));
    folder = await writePlugins({ lockers: { apply: GOOD, manifest: { displayName: 'Lockers' } }, ...wrong });
    kernel = await startCopy({ sources: folder.sources });
    [admin, coach, member] = [await kernel.signUp({ roles: ['admin'] }), await kernel.signUp({ roles: ['user', 'coach'] }), await kernel.signUp()];
  });
  after(async () => {
    await kernel.stop();
    await folder.remove();
  });

  const shownTo = async (as: TestUser, path = '/api/admin/panels'): Promise<Shown[]> => (await kernel.get(path, { as })).body.data;
  const idsFor = async (as: TestUser, path?: string): Promise<string[]> => (await shownTo(as, path)).map(({ id }) => id);

  for (const { name, id } of wrongIds) {
    it(`fail their plugin, and only it, for ${name}`, () => {
      const status = kernel.kernel.plugins.statuses.find((candidate) => candidate.id === id);
      assert.equal(status?.state, 'failed', status?.reason ?? 'nothing was wrong');
      assert.match(status.reason ?? '', WRONG[name]?.says ?? /never/);
      assert.match(status.reason ?? '', new RegExp(`^${id}: `));
    });
  }

  it('are shown to those who may call their routes, with the actions that they may do', async () => {
    assert.deepEqual(await idsFor(admin), ['lockers/all', 'lockers/free', 'lockers/days', 'lockers/of', 'lockers/rent']);
    assert.deepEqual(await idsFor(coach), ['lockers/all', 'lockers/days']);
    assert.deepEqual(await idsFor(member), []);
    const [forAdmin] = await shownTo(admin);
    const [forCoach] = await shownTo(coach);
    assert.deepEqual([forAdmin?.actions.length, forAdmin?.rowActions.length], [1, 1]);
    assert.deepEqual([forCoach?.actions, forCoach?.rowActions], [[], []]);
    assert.equal((await kernel.get('/api/admin/panels')).status, 401);
  });

  it('follow what an administrator lets a role do', async () => {
    const change = (granted: boolean | null): Promise<unknown> =>
      kernel.request('PATCH', '/api/admin/roles/user', { as: admin, body: { permissions: { 'lockers.keep': granted } } });
    await change(true);
    assert.deepEqual(await idsFor(member), ['lockers/all', 'lockers/days']);
    await change(null);
    assert.deepEqual(await idsFor(member), []);
  });

  it('stand on the page of every member where they say so', async () => {
    assert.deepEqual(await idsFor(member, '/api/users/me/panels'), ['lockers/mine']);
  });

  it('say all that a client needs to draw them: routes, fields, and forms from the schemas of bodies', async () => {
    const [all] = await shownTo(admin);
    assert.ok(all);
    assert.deepEqual(all.plugin, { id: 'lockers', displayName: 'Lockers' });
    assert.deepEqual([all.kind, all.page, all.source.method, all.source.path, all.source.isList], ['table', 'plugin', 'GET', '/api/lockers', true]);
    assert.deepEqual(all.source.filters, [{ name: 'free', schema: { type: 'boolean' } }]);
    assert.deepEqual(all.fields.map(({ field }: { field: string }) => field), ['number', 'rentedBy.name']);
    const [rent] = all.actions;
    assert.deepEqual([rent.method, rent.path, rent.needsKey, rent.body], ['POST', '/api/lockers', true, { weeks: 4 }]);
    assert.deepEqual(rent.form.inputs, [{ name: 'name' }, { name: 'note' }]);
    assert.deepEqual([rent.form.required, rent.form.schema.properties.name], [['name'], { type: 'string', minLength: 2 }]);
    const [empty] = all.rowActions;
    assert.deepEqual([empty.method, empty.path, empty.params, empty.form], ['DELETE', '/api/lockers/:number', { number: 'number' }, null]);
    assert.deepEqual([empty.confirm, empty.when], ['Is it empty?', { field: 'isFree', is: [false] }]);
  });

  it('are named in the plan of the plugin, and go when it is disabled', async () => {
    const plan = (await kernel.get('/api/admin/plugins/lockers/plan?for=disable', { as: admin })).body.data;
    assert.ok(plan.removed.panels.includes('all (table)'), JSON.stringify(plan.removed));
    assert.equal((await kernel.post('/api/admin/plugins/lockers/disable', { as: admin })).status, 200);
    assert.deepEqual(await idsFor(admin), []);
    assert.equal((await kernel.post('/api/admin/plugins/lockers/enable', { as: admin })).status, 200);
    assert.equal((await idsFor(admin)).length, 5);
  });

  it('are described with the rest of the API', async () => {
    const { paths } = (await kernel.get('/api/openapi.json')).body;
    assert.ok(paths['/api/admin/panels'].get.responses['200'] && paths['/api/users/me/panels'].get.responses['200']);
  });
});
