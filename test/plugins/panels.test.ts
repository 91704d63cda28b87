import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import type { TestKernel, TestUser } from '../../kernel/testing.ts';
import { startCopy } from '../support/setup.ts';
import { sendFiles } from './messaging/forms.ts';

interface Shown {
  id: string;
  page: string;
  source: { path: string; query: Record<string, unknown>; rows: string | null } | null;
  fields: { field: string }[];
  rowActions: { id: string; path: string; params: Record<string, string> }[];
}

const DAY = 86_400_000;

describe('what the bundled plugins show of themselves', () => {
  let kernel: TestKernel;
  let admin: TestUser;
  let moderator: TestUser;
  let member: TestUser;
  before(async () => {
    kernel = await startCopy();
    [admin, moderator, member] = [await kernel.signUp({ roles: ['admin'] }), await kernel.signUp({ roles: ['moderator'] }), await kernel.signUp()];
    const body = { exercises: [{ exerciseId: 'bench_press', sets: 3, reps: 5, weight: 60 }] };
    assert.equal((await kernel.post('/api/workouts', { as: member, key: randomUUID(), body })).status, 201);
    await kernel.post('/api/archetypes/select', { as: member, body: { archetypeId: (await data('/api/archetypes'))[0].id } });
    await kernel.post('/api/reports', { as: member, body: { objectType: 'user', objectId: admin.id, reason: 'spam' } });
    await kernel.request('POST', '/api/workouts/import', { as: member, body: 'Date,Exercise,Category,Weight (kgs),Reps,Distance,Distance Unit,Time\n2024-02-11,Bench Press,Chest,75.0,5,,,\n', headers: { 'Content-Type': 'text/csv' } });
    await makeCompetition();
    assert.equal((await kernel.post(`/api/competitions/${await makeCompetition()}/start`, { as: moderator, key: randomUUID() })).status, 200);
    const conversation = (await kernel.post('/api/conversations', { as: member, body: { type: 'direct', participantIds: [admin.id] } })).body.data.id as string;
    const paper = { name: 'plan.pdf', bytes: Buffer.from('%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF') };
    assert.equal((await sendFiles(kernel, member, conversation, [paper])).status, 201);
    await kernel.settle();
  });
  after(() => kernel.stop());

  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- an answer is read by what the test expects of it
  const data = async (path: string, as?: TestUser): Promise<any> => {
    const answer = await kernel.get(path, { as });
    assert.equal(answer.status, 200, `${path}: ${JSON.stringify(answer.body)}`);
    return answer.body.data;
  };
  const makeCompetition = async (more: object = {}): Promise<string> => {
    const [startDate, endDate] = [1, 8].map((days) => new Date(Date.now() + days * DAY).toISOString());
    const body = { name: 'May', type: 'workouts', startDate, endDate, ...more };
    return (await kernel.post('/api/competitions', { as: member, body })).body.data.id as string;
  };
  const at = (value: unknown, path: string): unknown =>
    path.split('.').reduce<unknown>((inner, name) => (inner as Record<string, unknown> | null | undefined)?.[name], value);

  it('calls a choice in filters and forms what the table calls it', async () => {
    const panels: { id: string; fields: { field: string; words?: object }[]; source: { filters: { name: string; schema: object }[] } }[] = await data('/api/admin/panels', admin);
    const reports = panels.find(({ id }) => id === 'community/reports');
    assert.ok(reports);
    assert.deepEqual(reports.fields.find(({ field }) => field === 'status')?.words, { acted: 'Dealt with' });
    assert.deepEqual(reports.source.filters[0]?.schema, { oneOf: [{ const: 'open' }, { const: 'acted', title: 'Dealt with' }, { const: 'dismissed' }] });
  });

  it('answers every field that a panel shows, and every parameter that its actions need', async () => {
    const panels: Shown[] = await data('/api/admin/panels', admin);
    assert.deepEqual([...new Set(panels.map(({ id }) => id.split('/')[0]))].sort(), ['archetypes', 'community', 'fitness', 'messaging', 'tips']);
    for (const { id, source, fields, rowActions } of panels) {
      assert.ok(source, id);
      const query = new URLSearchParams(Object.fromEntries(Object.entries(source.query).map(([name, value]) => [name, String(value)])));
      const answer: unknown = await data(`${source.path.replace(':userId', member.id)}?${query.toString()}`, admin);
      const rows = source.rows === null ? answer : at(answer, source.rows);
      const [row] = Array.isArray(rows) ? rows : [rows];
      assert.ok(row, `${id} shows nothing`);
      for (const { field } of fields) assert.notEqual(at(row, field), undefined, `${id}: ${field}`);
      for (const action of rowActions) for (const field of Object.values(action.params)) assert.equal(typeof at(row, field), 'string', `${id}/${action.id}`);
    }
  });

  it('shows moderators the reports and what waits to be let through, and members nothing', async () => {
    assert.deepEqual((await data('/api/admin/panels', moderator)).map(({ id }: Shown) => id), ['community/open-reports', 'community/reports', 'messaging/attachments', 'messaging/waiting']);
    assert.deepEqual(await data('/api/admin/panels', member), []);
  });

  it('counts the days of all members without gaps, today last', async () => {
    const days = await data('/api/admin/workouts/days?days=7', admin);
    assert.equal(days.length, 7);
    assert.deepEqual([days[6].workouts, days[6].members], [1, 1]);
    assert.ok(days[6].totalTU > 0);
    assert.deepEqual(days.slice(0, 6).map(({ workouts }: { workouts: number }) => workouts), [0, 0, 0, 0, 0, 0]);
    assert.equal((await kernel.get('/api/admin/workouts/days', { as: moderator })).status, 403);
  });

  it('lists the imports of everybody with who brought them, by state', async () => {
    const [done] = await data('/api/admin/workouts/imports?state=done', admin);
    assert.deepEqual([done.user, done.workouts, done.error], [{ id: member.id, username: member.username }, 1, null]);
    assert.deepEqual(await data('/api/admin/workouts/imports?state=failed', admin), []);
  });

  it('sums up the training of one member', async () => {
    const { workouts, currentStreak, daysTrained } = await data(`/api/admin/users/${member.id}/training`, admin);
    assert.deepEqual([workouts, currentStreak, daysTrained], [2, 1, 2]);
    assert.equal((await data(`/api/admin/users/${admin.id}/training`, admin)).workouts, 0);
  });

  it('counts who follows which archetype', async () => {
    const [first, second] = await data('/api/admin/archetypes/members', admin);
    assert.deepEqual([first.members, first.averageLevel, first.highestLevel], [1, 1, 1]);
    assert.deepEqual([second.members, second.averageLevel], [0, null]);
  });

  it('names every trigger and condition that a tip or milestone can be made of', async () => {
    const types = async (path: string): Promise<string[]> => (await data(path, admin)).map(({ type }: { type: string }) => type);
    assert.ok((await types('/api/admin/tips/triggers')).includes('streak'));
    const values = await data('/api/admin/tips/trigger-values', admin);
    const of = (type: string): string[] => values.filter((one: { type: string }) => one.type === type).map(({ value }: { value: string }) => value);
    assert.deepEqual(of('goal'), ['strength', 'hypertrophy', 'endurance', 'fat_loss', 'mobility']);
    assert.ok(of('muscle').length > 10 && of('inactivity').includes('never') && of('random').length === 0);
    const exercise = values.find(({ type }: { type: string }) => type === 'exercise');
    assert.notEqual(exercise.label, exercise.value, 'an exercise is called by its name');
    const conditions = await types('/api/admin/milestones/conditions');
    assert.ok(conditions.includes('workouts') && conditions.includes('competitions'));
  });

  it('starts a competition before its date, for who made or moderates it, once', async () => {
    const id = await makeCompetition();
    const start = (as: TestUser) => kernel.post(`/api/competitions/${id}/start`, { as, key: randomUUID() });
    assert.equal((await start(await kernel.signUp())).status, 403);
    const { status, body } = await start(moderator);
    assert.deepEqual([status, body.data.status], [200, 'active']);
    assert.ok(Date.parse(body.data.startDate) <= Date.now());
    assert.equal((await start(member)).status, 409);
    const lonely = await makeCompetition({ rules: { minParticipants: 2 } });
    const refused = await kernel.post(`/api/competitions/${lonely}/start`, { as: member, key: randomUUID() });
    assert.deepEqual([refused.status, refused.body.error.message], [409, '2 people have to take part, 0 do.']);
  });
});
