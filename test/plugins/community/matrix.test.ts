import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import type { TestAnswer, TestKernel, TestUser } from '../../../kernel/testing.ts';
import { startCopy } from '../../support/setup.ts';

const WHO = ['anonymous', 'member', 'blocked', 'moderator', 'admin', 'owner'] as const;
type Who = (typeof WHO)[number];

/** What there is to act on: all of it is the owner's, who has blocked `blocked`. */
interface Things {
  activity: string;
  group: string;
  competition: string;
  secret: string;
  report: string;
  victim: string;
}

interface Row {
  body?: (things: Things) => object;
  /** The statuses for anonymous, member, blocked, moderator, admin and owner. */
  statuses: readonly [number, number, number, number, number, number];
  /** Whether the things have to be made anew for everybody. */
  isDestructive?: true;
}

const signedIn = (status: number): Row['statuses'] => [401, status, status, status, status, status];
const everybody: Row['statuses'] = [200, 200, 200, 200, 200, 200];
const staff = (status: number): Row['statuses'] => [401, 403, 403, status, status, 403];
const competition = { name: 'Mine', type: 'workouts', startDate: '2099-01-01T00:00:00Z', endDate: '2099-01-08T00:00:00Z' };

/** Every route of the plugin. A route without a row fails the test. `:id` is what the note says, a group or competition unless said. */
const MATRIX: Record<string, Row> = {
  'GET /api/community/feed': { statuses: everybody },
  'DELETE /api/community/feed/:id': { statuses: [401, 404, 404, 204, 204, 204], isDestructive: true },
  'POST /api/community/feed/:id/high-five': { statuses: [401, 200, 404, 200, 200, 422] },
  'DELETE /api/community/feed/:id/high-five': { statuses: signedIn(204) },
  'GET /api/community/settings': { statuses: signedIn(200) },
  'GET /api/community/settings/scopes': { statuses: everybody },
  'PATCH /api/community/settings': { statuses: signedIn(200), body: () => ({ showPresence: true }) },
  'POST /api/community/presence': { statuses: signedIn(204), body: () => ({}) },
  'DELETE /api/community/presence': { statuses: signedIn(204) },
  'GET /api/community/presence': { statuses: everybody },
  'GET /api/community/now': { statuses: everybody },
  'GET /api/community/stats': { statuses: everybody },
  'GET /api/groups': { statuses: signedIn(200) },
  'POST /api/groups': { statuses: signedIn(201), body: () => ({ name: 'Mine' }) },
  'GET /api/groups/:id': { statuses: signedIn(200) },
  'GET /api/groups/:id/members': { statuses: signedIn(200) },
  'PATCH /api/groups/:id': { statuses: [401, 403, 403, 403, 403, 200], body: () => ({ name: 'Renamed' }) },
  'DELETE /api/groups/:id': { statuses: [401, 403, 403, 204, 204, 204], isDestructive: true },
  'POST /api/groups/:id/join': { statuses: [401, 200, 403, 200, 200, 409], isDestructive: true },
  'POST /api/groups/:id/leave': { statuses: [401, 403, 403, 403, 403, 409] },
  'POST /api/groups/:id/invitations': { statuses: [401, 403, 403, 403, 403, 201], body: ({ victim }) => ({ userId: victim }) },
  'PATCH /api/groups/:id/members/:userId': { statuses: [401, 403, 403, 403, 403, 404], body: () => ({ role: 'moderator' }) },
  'DELETE /api/groups/:id/members/:userId': { statuses: [401, 403, 403, 403, 403, 404] },
  'GET /api/competitions': { statuses: signedIn(200) },
  'POST /api/competitions': { statuses: signedIn(201), body: () => competition },
  'GET /api/competitions/:id': { statuses: signedIn(200) },
  'PATCH /api/competitions/:id': { statuses: [401, 403, 403, 403, 403, 200], body: () => ({ name: 'Renamed' }) },
  'GET /api/competitions/:id/leaderboard': { statuses: signedIn(200) },
  'POST /api/competitions/:id/join': { statuses: signedIn(200), isDestructive: true },
  'POST /api/competitions/:id/leave': { statuses: signedIn(404) },
  'POST /api/competitions/:id/cancel': { statuses: [401, 403, 403, 200, 200, 200], isDestructive: true },
  'POST /api/competitions/:id/start': { statuses: [401, 403, 403, 200, 200, 200], isDestructive: true },
  'POST /api/competitions/:id/invitations': { statuses: [401, 403, 403, 403, 403, 201], body: ({ victim }) => ({ userId: victim }) },
  'POST /api/users/:id/block': { statuses: signedIn(204), isDestructive: true },
  'DELETE /api/users/:id/block': { statuses: signedIn(204) },
  'GET /api/users/me/blocks': { statuses: signedIn(200) },
  'GET /api/users/me/invitations': { statuses: signedIn(200) },
  'DELETE /api/users/me/invitations/:id': { statuses: signedIn(404) },
  // The owner has an open report of the same person.
  'POST /api/reports': { statuses: [401, 201, 201, 201, 201, 200], body: ({ victim }) => ({ objectType: 'user', objectId: victim, reason: 'other' }), isDestructive: true },
  'GET /api/admin/reports': { statuses: staff(200) },
  'GET /api/admin/reports/summary': { statuses: staff(200) },
  'POST /api/admin/reports/:id': { statuses: staff(200), body: () => ({ decision: 'dismissed' }), isDestructive: true },
};

/** The same for a private competition, which is not there for those who have nothing to do with it. */
const SECRET: Record<string, Row> = {
  'GET /api/competitions/:id': { statuses: [401, 404, 404, 200, 200, 200] },
  'GET /api/competitions/:id/leaderboard': { statuses: [401, 404, 404, 200, 200, 200] },
  'PATCH /api/competitions/:id': { statuses: [401, 404, 404, 403, 403, 200], body: () => ({ name: 'Renamed' }) },
  'POST /api/competitions/:id/join': { statuses: [401, 404, 404, 200, 200, 200], isDestructive: true },
  'POST /api/competitions/:id/cancel': { statuses: [401, 404, 404, 200, 200, 200], isDestructive: true },
  'POST /api/competitions/:id/start': { statuses: [401, 404, 404, 200, 200, 200], isDestructive: true },
  'POST /api/competitions/:id/invitations': { statuses: [401, 404, 404, 403, 403, 201], body: ({ victim }) => ({ userId: victim }) },
};

describe('who may do what in the community', () => {
  let kernel: TestKernel;
  let people: Record<Exclude<Who, 'anonymous'>, TestUser>;

  before(async () => {
    kernel = await startCopy();
    const [member, blocked, moderator, admin, owner] = await Promise.all([
      kernel.signUp(),
      kernel.signUp(),
      kernel.signUp({ roles: ['user', 'moderator'] }),
      kernel.signUp({ roles: ['user', 'admin'] }),
      kernel.signUp(),
    ]);
    people = { member, blocked, moderator, admin, owner };
    await kernel.post(`/api/users/${blocked.id}/block`, { as: owner });
  });
  after(() => kernel.stop());

  const make = async (): Promise<Things> => {
    const { owner } = people;
    const id = async (answer: Promise<TestAnswer>): Promise<string> => {
      const { status, body } = await answer;
      assert.equal(status, 201, JSON.stringify(body));
      return body.data.id as string;
    };
    const victim = (await kernel.signUp()).id;
    const activity = `evt_${randomUUID()}`;
    await kernel.knex('activity_events').insert({ id: activity, user_id: owner.id, event_type: 'workout.logged', visibility_scope: 'public_profile' });
    const [group, open, secret, report] = await Promise.all([
      id(kernel.post('/api/groups', { as: owner, body: { name: 'Group' } })),
      id(kernel.post('/api/competitions', { as: owner, body: competition })),
      id(kernel.post('/api/competitions', { as: owner, body: { ...competition, isPublic: false } })),
      id(kernel.post('/api/reports', { as: owner, body: { objectType: 'user', objectId: victim, reason: 'spam' } })),
    ]);
    return { activity, group, competition: open, secret, report, victim };
  };

  const addressOf = (route: string, things: Things, competitionId: string): string => {
    const path = route.split(' ')[1] ?? '';
    const id = path.includes('/feed/') ? things.activity : path.includes('/groups/') ? things.group : path.includes('/reports/') ? things.report : path.includes('/users/:id') ? things.victim : competitionId;
    return path.replace(':id', id).replace(':userId', things.victim);
  };

  const check = async (route: string, row: Row, isSecret: boolean): Promise<void> => {
    let things = await make();
    for (const [index, who] of WHO.entries()) {
      if (row.isDestructive) things = await make();
      const path = addressOf(route, things, isSecret ? things.secret : things.competition);
      const as = who === 'anonymous' ? undefined : people[who];
      const body = row.body?.(things);
      const answer = await kernel.request(route.split(' ')[0] ?? '', path, { as, key: randomUUID(), ...(body && { body }) });
      assert.equal(answer.status, row.statuses[index], `${who}: ${JSON.stringify(answer.body)}`);
    }
  };

  it('has a row for every route', () => {
    const { routes } = kernel.kernel.plugins.composition.routes;
    const own = routes.filter(({ owner }) => owner === 'community').map(({ name }) => name);
    assert.deepEqual(own.sort(), Object.keys(MATRIX).sort());
  });
  for (const [route, row] of Object.entries(MATRIX)) it(route, () => check(route, row, false));
  for (const [route, row] of Object.entries(SECRET)) it(`${route} of a private competition`, () => check(route, row, true));
});
