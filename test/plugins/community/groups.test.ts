import assert from 'node:assert/strict';
import type { TestAnswer, TestKernel, TestUser } from '../../../kernel/testing.ts';
import { startCopy } from '../../support/setup.ts';

type Who = 'stranger' | 'member' | 'moderator' | 'admin' | 'owner';
const WHO: readonly Who[] = ['stranger', 'member', 'moderator', 'admin', 'owner'];

describe('/groups', () => {
  let kernel: TestKernel;
  let users: TestUser[];
  before(async () => {
    kernel = await startCopy();
    users = await Promise.all([...WHO, 'target'].map(() => kernel.signUp()));
  });
  after(() => kernel.stop());

  interface Cast {
    id: string;
    people: Record<Who, TestUser>;
    target: TestUser;
  }

  /** A group with one person of every role, and a plain member to do things to. */
  const cast = async (settings: object = {}): Promise<Cast> => {
    const people = Object.fromEntries(WHO.map((who, index) => [who, users[index]])) as Record<Who, TestUser>;
    const target = users.at(-1) as TestUser;
    const made = await kernel.post('/api/groups', { as: people.owner, body: { name: 'Lifters', settings } });
    assert.equal(made.status, 201);
    const id = made.body.data.id as string;
    const joined = await Promise.all(
      [people.member, people.moderator, people.admin, target].map(async (user) => {
        await kernel.post(`/api/groups/${id}/invitations`, { as: people.owner, body: { userId: user.id } });
        return kernel.post(`/api/groups/${id}/join`, { as: user });
      }),
    );
    assert.ok(joined.every(({ status }) => status === 200));
    const assigned = await Promise.all((['moderator', 'admin'] as const).map((role) => assign(id, people.owner, people[role], role)));
    assert.ok(assigned.every(({ status }) => status === 204));
    return { id, people, target };
  };
  const assign = (id: string, as: TestUser, whom: TestUser, role: string): Promise<TestAnswer> =>
    kernel.request('PATCH', `/api/groups/${id}/members/${whom.id}`, { as, body: { role } });

  /** What each may do: the status for a stranger, a member, a moderator, an administrator and the owner. */
  const MATRIX: [string, readonly number[], (group: Cast, as: TestUser) => Promise<TestAnswer>][] = [
    ['sees a public group', [200, 200, 200, 200, 200], ({ id }, as) => kernel.get(`/api/groups/${id}`, { as })],
    ['lists its members', [200, 200, 200, 200, 200], ({ id }, as) => kernel.get(`/api/groups/${id}/members`, { as })],
    ['renames it', [403, 403, 403, 200, 200], ({ id }, as) => kernel.request('PATCH', `/api/groups/${id}`, { as, body: { name: 'Pullers' } })],
    ['removes a member', [403, 403, 204, 204, 204], ({ id, target }, as) => kernel.request('DELETE', `/api/groups/${id}/members/${target.id}`, { as })],
    ['makes a moderator', [403, 403, 403, 204, 204], ({ id, target }, as) => assign(id, as, target, 'moderator')],
    ['makes an administrator', [403, 403, 403, 403, 204], ({ id, target }, as) => assign(id, as, target, 'admin')],
    ['hands it over', [403, 403, 403, 403, 204], ({ id, target }, as) => assign(id, as, target, 'owner')],
    ['removes the owner', [403, 403, 403, 403, 409], ({ id, people }, as) => kernel.request('DELETE', `/api/groups/${id}/members/${people.owner.id}`, { as })],
    ['invites', [403, 403, 201, 201, 201], async ({ id }, as) => kernel.post(`/api/groups/${id}/invitations`, { as, body: { userId: (await kernel.signUp()).id } })],
    ['leaves', [403, 204, 204, 204, 409], ({ id }, as) => kernel.post(`/api/groups/${id}/leave`, { as })],
    ['deletes it', [403, 403, 403, 403, 204], ({ id }, as) => kernel.request('DELETE', `/api/groups/${id}`, { as })],
  ];
  for (const [what, statuses, act] of MATRIX) {
    it(`lets only who may: ${what}`, async () => {
      for (const [index, who] of WHO.entries()) {
        const group = await cast();
        const answer = await act(group, group.people[who]);
        assert.equal(answer.status, statuses[index], `${who}: ${JSON.stringify(answer.body)}`);
      }
    });
  }

  it('hides a private group from strangers, and lets in who was asked', async () => {
    const { id, people } = await cast({ isPublic: false, joinPolicy: 'invitation' });
    for (const path of ['', '/members']) assert.equal((await kernel.get(`/api/groups/${id}${path}`, { as: people.stranger })).status, 404);
    assert.equal((await kernel.post(`/api/groups/${id}/join`, { as: people.stranger })).status, 404);
    const listed = await kernel.get('/api/groups?limit=100', { as: people.stranger });
    assert.ok(listed.body.data.every((group: { id: string }) => group.id !== id));
    await kernel.post(`/api/groups/${id}/invitations`, { as: people.moderator, body: { userId: people.stranger.id } });
    assert.equal((await kernel.get(`/api/groups/${id}`, { as: people.stranger })).status, 200);
    assert.equal((await kernel.post(`/api/groups/${id}/join`, { as: people.stranger })).status, 200);
  });

  it('has exactly one owner whatever happens at once', async () => {
    const { id, people, target } = await cast();
    await Promise.all([
      assign(id, people.owner, target, 'owner'),
      assign(id, people.owner, people.admin, 'owner'),
      kernel.post(`/api/groups/${id}/leave`, { as: target }),
      kernel.post(`/api/groups/${id}/leave`, { as: people.owner }),
    ]);
    const owners = await kernel.knex('group_memberships').where({ group_id: id, role: 'owner' }).pluck('user_id');
    const group = await kernel.knex('groups').where({ id }).first('owner_id');
    assert.deepEqual(owners, [group.owner_id]);
  });

  it('asks nobody in who has blocked the one who asks', async () => {
    const { id, people } = await cast();
    const offended = await kernel.signUp();
    await kernel.post(`/api/users/${people.moderator.id}/block`, { as: offended });
    const answer = await kernel.post(`/api/groups/${id}/invitations`, { as: people.moderator, body: { userId: offended.id } });
    assert.equal(answer.body.error.code, 'BLOCKED');
    const giver = people.moderator;
    await kernel.setCredits(giver.id, 10);
    const transfer = await kernel.post('/api/credits/transfer', { as: giver, key: 'gift', body: { recipientId: offended.id, amount: 5 } });
    assert.deepEqual([transfer.status, transfer.body.error.code], [403, 'BLOCKED']);
  });

  it('finds groups by name and pages through them', async () => {
    const owner = await kernel.signUp();
    for (const name of ['Alpine A', 'Alpine B', 'Alpine_C']) await kernel.post('/api/groups', { as: owner, body: { name } });
    const first = await kernel.get('/api/groups?search=alpine&limit=2', { as: owner });
    assert.deepEqual(first.body.data.map(({ name }: { name: string }) => name), ['Alpine_C', 'Alpine B']);
    const rest = await kernel.get(`/api/groups?search=alpine&limit=2&cursor=${String(first.body.meta.nextCursor)}`, { as: owner });
    assert.deepEqual(rest.body.data.map(({ name }: { name: string }) => name), ['Alpine A']);
    assert.equal((await kernel.get('/api/groups?search=alpine_', { as: owner })).body.data.length, 1);
    assert.equal((await kernel.get('/api/groups?mine=true', { as: owner })).body.data.length, 3);
  });
});

describe('/reports', () => {
  let kernel: TestKernel;
  before(async () => {
    kernel = await startCopy();
  });
  after(() => kernel.stop());

  it('takes a report once, shows it to moderators only, and is decided once', async () => {
    const [reporter, offender, moderator] = [await kernel.signUp(), await kernel.signUp(), await kernel.signUp({ roles: ['user', 'moderator'] })];
    const body = { objectType: 'user', objectId: offender.id, reason: 'spam' };
    const report = await kernel.post('/api/reports', { as: reporter, body });
    assert.equal(report.status, 201);
    assert.equal((await kernel.post('/api/reports', { as: reporter, body })).status, 200);
    assert.equal((await kernel.post('/api/reports', { as: reporter, body: { ...body, objectId: 'user_nobody' } })).status, 404);
    for (const as of [reporter, offender]) assert.equal((await kernel.get('/api/admin/reports', { as })).status, 403);
    const open = await kernel.get('/api/admin/reports?status=open', { as: moderator });
    assert.deepEqual(open.body.data.map(({ id }: { id: string }) => id), [report.body.data.id]);
    const { reporter: by, subject } = open.body.data[0];
    assert.deepEqual([by.username, subject.username], [reporter.username, offender.username]);
    const decide = (): Promise<TestAnswer> =>
      kernel.post(`/api/admin/reports/${String(report.body.data.id)}`, { as: moderator, body: { decision: 'acted', note: 'warned' } });
    const answers = await Promise.all([decide(), decide()]);
    assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 404]);
  });

  it('names whom it is about also when they are banned or erased by now', async () => {
    const [reporter, offender, leaver, admin] = [await kernel.signUp(), await kernel.signUp(), await kernel.signUp(), await kernel.signUp({ roles: ['user', 'admin'] })];
    for (const { id } of [offender, leaver]) await kernel.post('/api/reports', { as: reporter, body: { objectType: 'user', objectId: id, reason: 'hate' } });
    assert.equal((await kernel.request('PATCH', `/api/admin/users/${offender.id}`, { as: admin, body: { flags: { banned: true }, reason: 'Hate' } })).status, 200);
    await kernel.request('DELETE', '/api/users/me', { as: leaver, body: { password: leaver.password } });
    await kernel.knex('account_erasures').where({ user_id: leaver.id }).update({ due_at: new Date(0) });
    await kernel.kernel.queue.enqueue('kernel', 'erase-accounts', {});
    await kernel.settle();
    const { data } = (await kernel.get('/api/admin/reports?status=open', { as: admin })).body;
    const nameOf = (id: string): string | undefined => data.find(({ objectId }: { objectId: string }) => objectId === id)?.subject?.username;
    assert.equal(nameOf(offender.id), offender.username);
    assert.match(nameOf(leaver.id) ?? '', /^erased_[0-9a-f]{20}$/, 'the console says in words that somebody is erased');
  });
});
