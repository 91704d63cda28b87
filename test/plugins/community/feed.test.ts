import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import type { TestAnswer, TestKernel, TestUser } from '../../../kernel/testing.ts';
import { startCopy } from '../../support/setup.ts';
import { TestSocket, until } from '../../support/sockets.ts';

describe('/community/feed', () => {
  let kernel: TestKernel;
  let reader: TestUser;
  before(async () => {
    kernel = await startCopy();
    reader = await kernel.signUp();
  });
  after(() => kernel.stop());

  const feed = (query: string, as?: TestUser): Promise<TestAnswer> => kernel.get(`/api/community/feed${query}`, { as });
  const log = async (as: TestUser, isPublic = true): Promise<string> => {
    const body = { exercises: [{ exerciseId: 'bench_press', sets: 3, reps: 5, weight: 50 }], isPublic };
    return (await kernel.post('/api/workouts', { as, key: randomUUID(), body })).body.data.id as string;
  };
  const own = async (as: TestUser): Promise<{ id: string; type: string; scope: string; payload: { workoutId?: string } }[]> =>
    (await feed('?scope=private', as)).body.data.filter(({ type }: { type: string }) => type === 'workout.logged');
  const logged = async (as: TestUser, count = 1): Promise<void> => until(async () => (await own(as)).length === count);
  const settle = (as: TestUser, body: object): Promise<TestAnswer> => kernel.request('PATCH', '/api/community/settings', { as, body });

  it('tells members who it was, and strangers only what needs no name', async () => {
    const [open, shy, hidden] = await Promise.all([1, 2, 3].map(() => kernel.signUp()));
    assert.ok(open && shy && hidden);
    assert.equal((await settle(shy, { feedScope: 'public_anon' })).status, 200);
    await settle(hidden, { feedScope: 'private' });
    for (const member of [open, shy, hidden]) {
      await log(member);
      await logged(member);
    }
    const forStrangers = await feed('');
    assert.ok(forStrangers.body.data.every(({ scope, user }: { scope: string; user: unknown }) => scope === 'public_anon' && user === null));
    assert.equal(forStrangers.body.data.filter(({ type }: { type: string }) => type === 'workout.logged').length, 1);
    const text = JSON.stringify(forStrangers.body);
    for (const member of [open, shy, hidden]) for (const word of [member.id, member.username]) assert.ok(!text.includes(word), text);
    assert.ok(!text.includes('workout_'), 'a workout leads to its member');

    const forMembers = ((await feed('', reader)).body.data as { type: string; user: { id: string } | null }[]).filter(({ type }) => type === 'workout.logged');
    assert.deepEqual(forMembers.map(({ user }) => user?.id ?? null).sort(), [null, open.id].sort());
    assert.equal((await feed('?scope=public_profile')).status, 401);
    assert.equal((await feed('?scope=private')).status, 401);
    assert.equal((await own(hidden))[0]?.scope, 'private');
  });

  it('keeps a private workout to its member, and hides one that becomes private', async () => {
    const member = await kernel.signUp();
    await log(member, false);
    const id = await log(member);
    await logged(member, 2);
    assert.deepEqual((await own(member)).map(({ scope }) => scope).sort(), ['private', 'public_profile']);
    await kernel.request('PATCH', `/api/workouts/${id}`, { as: member, body: { isPublic: false } });
    await until(async () => (await own(member)).every(({ scope }) => scope === 'private'));
    await kernel.request('DELETE', `/api/workouts/${id}`, { as: member });
    await logged(member, 1);
  });

  it('hides both from each other when one blocks the other, in the list and live', async () => {
    const [one, other] = await Promise.all([1, 2].map(() => kernel.signUp()));
    assert.ok(one && other);
    const socket = new TestSocket(`${kernel.kernel.url}/api/realtime`, other.accessToken);
    await socket.opened;
    await socket.subscribe('community');
    await log(one);
    await until(() => socket.events('community').some(({ data }) => data.user?.id === one.id));
    assert.equal((await kernel.post(`/api/users/${other.id}/block`, { as: one })).status, 204);
    const sees = async (who: TestUser, whom: TestUser): Promise<boolean> =>
      (await feed('?scope=public_profile', who)).body.data.some(({ user }: { user: { id: string } }) => user.id === whom.id);
    await log(other);
    await logged(other);
    assert.deepEqual([await sees(one, other), await sees(other, one)], [false, false]);
    assert.deepEqual([await sees(reader, one), await sees(reader, other)], [true, true]);

    const watcher = new TestSocket(`${kernel.kernel.url}/api/realtime`, reader.accessToken);
    await watcher.opened;
    await watcher.subscribe('community');
    // The recheck is one event, the workout the next: the reader that sees both tells that the blocked one had its chance.
    await until(async () => (await kernel.knex('pgboss.job').whereIn('state', ['created', 'active', 'retry']).count({ n: '*' }))[0]?.n === 0);
    const before = socket.events('community').length;
    await log(one);
    await until(() => watcher.events('community').some(({ data }) => data.user?.id === one.id));
    assert.equal(socket.events('community').slice(before).filter(({ data }) => data.user?.id === one.id).length, 0);
    socket.terminate();
    watcher.terminate();
    await kernel.request('DELETE', `/api/users/${other.id}/block`, { as: one });
    assert.equal(await sees(other, one), true);
  });

  it('pages without losing or repeating while activities are added', async () => {
    const member = await kernel.signUp();
    for (let n = 0; n < 7; n++) await log(member);
    await logged(member, 7);
    const seen: string[] = [];
    let cursor = '';
    do {
      const answer = await feed(`?scope=private&limit=3${cursor}`, member);
      seen.push(...answer.body.data.map(({ id }: { id: string }) => id));
      await log(member);
      cursor = answer.body.meta.nextCursor === null ? '' : `&cursor=${String(answer.body.meta.nextCursor)}`;
    } while (cursor !== '');
    const first = seen.filter((id, index) => seen.indexOf(id) === index);
    assert.equal(first.length, seen.length);
    assert.ok(seen.length >= 7);
  });

  it('gives high-fives once, tells the one who gets them, and takes them back', async () => {
    const member = await kernel.signUp();
    await log(member);
    await logged(member);
    const [activity] = await own(member);
    const path = `/api/community/feed/${activity?.id ?? ''}/high-five`;
    const socket = new TestSocket(`${kernel.kernel.url}/api/realtime`, member.accessToken);
    await socket.opened;
    await socket.subscribe(`user:${member.id}`);
    const answers = await Promise.all([1, 2, 3].map(() => kernel.post(path, { as: reader })));
    assert.ok(answers.every(({ status }) => status === 200));
    assert.equal((await kernel.post(path, { as: member })).status, 422);
    await until(() => socket.events(`user:${member.id}`).some(({ data }) => data.type === 'high-five.received'));
    socket.terminate();
    const shown = async (): Promise<{ highFives: number; isHighFived: boolean }> =>
      (await feed('?scope=public_profile', reader)).body.data.find(({ id }: { id: string }) => id === activity?.id);
    assert.deepEqual([(await shown()).highFives, (await shown()).isHighFived], [1, true]);
    await kernel.request('DELETE', path, { as: reader });
    assert.deepEqual([(await shown()).highFives, (await shown()).isHighFived], [0, false]);
    assert.equal((await kernel.post('/api/community/feed/evt_nothing/high-five', { as: reader })).status, 404);
  });

  it('forgets what is older than the gym keeps', async () => {
    const member = await kernel.signUp();
    await log(member);
    await logged(member);
    await kernel.knex('activity_events').where({ user_id: member.id }).update({ created_at: new Date(Date.now() - 91 * 86_400_000) });
    await kernel.kernel.plugins.composition.jobs.get('community/forget-activities')?.handler({}, { id: 'test' });
    assert.equal((await own(member)).length, 0);
  });

  it('counts the community', async () => {
    const stats = (await kernel.get('/api/community/stats')).body.data;
    assert.ok(stats.members > 0 && stats.activitiesToday > 0);
    assert.equal(stats.groups, 0);
  });
});
