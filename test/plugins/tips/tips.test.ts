import assert from 'node:assert/strict';
import type { TestKernel, TestUser } from '../../../kernel/testing.ts';
import { startCopy } from '../../support/setup.ts';
import { daysAgo, train, untilMilestone } from './training.ts';

interface ShownTip {
  id: string;
  title: string;
  triggerType: string;
  triggerValue: string | null;
}

const MIDNIGHT = '2026-03-04T00:00:00.000Z';

/** A clock that tests set. */
class SetClock {
  time = Date.parse('2026-03-04T10:00:00.000Z');
  now = (): Date => new Date(this.time);
  nextDay(): void {
    this.time += 86_400_000;
  }
}

describe('GET /api/tips/contextual', () => {
  let kernel: TestKernel;
  const clock = new SetClock();
  before(async () => {
    kernel = await startCopy({ clock });
  });
  beforeEach(() => {
    clock.time = Date.parse(MIDNIGHT) + 10 * 3_600_000;
  });
  after(() => kernel.stop());

  const ask = async (as: TestUser, query = ''): Promise<ShownTip[]> => {
    const answer = await kernel.get(`/api/tips/contextual?${query}`, { as });
    assert.equal(answer.status, 200, JSON.stringify(answer.body));
    return answer.body.data;
  };
  const ids = (tips: readonly ShownTip[]): string[] => tips.map(({ id }) => id);

  it('stays the same all day, however often and for however many it is asked', async () => {
    const member = await kernel.signUp();
    const first = await ask(member);
    assert.equal(first.length, 3);
    assert.equal(new Set(ids(first)).size, 3);
    clock.time += 3_600_000;
    assert.deepEqual(ids(await ask(member)), ids(first));
    assert.deepEqual(ids(await ask(member, 'limit=1')), ids(first).slice(0, 1));
    const more = await ask(member, 'limit=5');
    assert.deepEqual(ids(more).slice(0, 3), ids(first));
    assert.equal(more.length, 5);
    const together = await Promise.all(Array.from({ length: 5 }, () => ask(member, 'limit=6')));
    assert.equal(new Set(together.map((tips) => ids(tips).join())).size, 1);
  });

  it('does not repeat a tip for thirty days', async () => {
    const member = await kernel.signUp();
    const seen = new Map<string, number>();
    for (let day = 0; day < 12; day++) {
      for (const { id } of await ask(member, 'limit=2')) {
        assert.equal(seen.get(id), undefined, `day ${String(day)} repeats day ${String(seen.get(id))}`);
        seen.set(id, day);
      }
      clock.nextDay();
    }
    assert.equal(seen.size, 24);
  });

  it('repeats the longest unseen one rather than show nothing', async () => {
    const member = await kernel.signUp();
    const candidates = (await kernel.knex('tips').pluck('id')).length;
    const first = (await ask(member, 'context=rest&limit=10')).map(({ id }) => id);
    let days = 0;
    let repeated = false;
    for (; days < Math.ceil(candidates / 10) && !repeated; days++) {
      clock.nextDay();
      const today = ids(await ask(member, 'context=rest&limit=10'));
      assert.equal(today.length, 10);
      repeated = today.some((id) => first.includes(id));
    }
    assert.ok(repeated);
  });

  it('never shows again what was dismissed, and puts another one in its place', async () => {
    const member = await kernel.signUp();
    const [gone, ...stay] = await ask(member);
    const dismiss = (id: string): ReturnType<TestKernel['post']> => kernel.post(`/api/tips/${id}/seen`, { as: member });
    assert.equal((await dismiss(gone?.id ?? '')).status, 204);
    assert.equal((await dismiss(gone?.id ?? '')).status, 204);
    const now = await ask(member);
    assert.deepEqual(ids(now).slice(0, 2), ids(stay));
    assert.equal(now.length, 3);
    for (let day = 0; day < 70; day++) {
      clock.nextDay();
      assert.ok(!ids(await ask(member, 'limit=10')).includes(gone?.id ?? ''));
    }
    assert.equal((await dismiss('tip_unknown')).body.error.code, 'NOT_FOUND');
  });

  it('chooses for what was trained, and for what was not', async () => {
    const member = await kernel.signUp();
    const now = clock.time;
    for (const ago of [1, 3, 6, 8]) await train(kernel, member, { exerciseId: 'bench_press', sets: 5, reps: 4, weight: 100 }, daysAgo(ago, now));
    const tips = await ask(member, 'limit=10&context=workout');
    const byTrigger = new Map(tips.map((tip) => [tip.triggerType, tip.triggerValue]));
    assert.equal(byTrigger.get('exercise'), 'bench_press');
    assert.equal(byTrigger.get('goal'), 'strength');
    assert.equal(byTrigger.get('level'), '1');
    assert.equal(byTrigger.get('time_of_day'), 'morning');
    const neglected = byTrigger.get('muscle') ?? '';
    assert.ok(!['pectoralis_major', 'triceps', 'anterior_deltoid'].includes(neglected), neglected);
    for (const { triggerType, triggerValue } of tips) {
      assert.ok(triggerType !== 'exercise' || triggerValue === 'bench_press');
      assert.ok(!['inactivity', 'streak'].includes(triggerType), triggerType);
    }
  });

  it('speaks of a break as long as it was, of a streak, and of a reward that waits', async () => {
    const away = await kernel.signUp();
    await train(kernel, away, {}, daysAgo(15, clock.time));
    const inactivity = (await ask(away, 'limit=10')).find(({ triggerType }) => triggerType === 'inactivity');
    assert.ok(['7', '14'].includes(inactivity?.triggerValue ?? ''), JSON.stringify(inactivity));

    const steady = await kernel.signUp();
    for (const ago of [3, 2, 1, 0]) await train(kernel, steady, {}, daysAgo(ago, clock.time));
    await untilMilestone(kernel, steady, 'Hat Trick', ({ completedAt }) => completedAt !== null);
    const tips = await ask(steady, 'limit=10');
    assert.ok(tips.some(({ triggerType, triggerValue }) => triggerType === 'streak' && ['2', '3'].includes(triggerValue ?? '')));
    assert.ok(tips.some(({ triggerType, triggerValue }) => triggerType === 'milestone' && triggerValue === 'unclaimed'));

    const nobody = await kernel.signUp();
    assert.ok((await ask(nobody, 'limit=10')).some(({ triggerValue }) => triggerValue === 'never'));
  });

  it('keeps to the bounds of level and to the place', async () => {
    const member = await kernel.signUp();
    const rows = new Map((await kernel.knex('tips').select('id', 'min_level', 'max_level', 'display_context')).map((row) => [row.id, row]));
    await kernel.knex('users').where({ id: member.id }).update({ current_level: 2 });
    for (const context of ['exercise', 'prescription', 'history', 'journey', 'rest']) {
      for (const { id } of await ask(member, `limit=10&context=${context}`)) {
        const { min_level: min, max_level: max, display_context: places } = rows.get(id) ?? {};
        assert.ok(min <= 2 && (max === null || max >= 2), id);
        assert.ok(places === null || places.includes(context), id);
      }
    }
  });

  it('believes the client about its exercise, its goal and its time zone, as far as they exist', async () => {
    const member = await kernel.signUp();
    const exercise = await ask(member, 'context=exercise&exerciseId=deadlift&limit=3');
    assert.ok(exercise.some(({ triggerValue }) => triggerValue === 'deadlift'));
    const goal = await ask(member, 'context=prescription&goal=endurance&limit=5');
    assert.ok(goal.some(({ triggerValue }) => triggerValue === 'endurance'));
    const night = await ask(member, 'context=workout&limit=10&timeZone=Pacific/Auckland');
    assert.ok(night.some(({ triggerValue }) => triggerValue === 'night'), JSON.stringify(night));
    for (const query of ['timeZone=Mars/Olympus', 'goal=wealth', 'exerciseId=nothing', 'context=bath', 'limit=0']) {
      assert.equal((await kernel.get(`/api/tips/contextual?${query}`, { as: member })).body.error.code, 'VALIDATION_ERROR', query);
    }
  });

  it('has at least a hundred tips over all nine triggers, of exercises and muscles that there are', async () => {
    const rows = await kernel.knex('tips').select('trigger_type', 'trigger_value', 'title', 'content');
    assert.ok(rows.length >= 100);
    assert.deepEqual([...new Set(rows.map((row) => row.trigger_type))].sort(), [
      'exercise', 'goal', 'inactivity', 'level', 'milestone', 'muscle', 'random', 'streak', 'time_of_day',
    ]);
    assert.equal(new Set(rows.map((row) => row.title)).size, rows.length);
    const of = (trigger: string): Set<string> => new Set(rows.filter((row) => row.trigger_type === trigger).map((row) => row.trigger_value));
    const exercises = new Set(await kernel.knex('exercises').pluck('id'));
    const muscles = new Set(await kernel.knex('muscles').pluck('id'));
    assert.deepEqual([...of('exercise')].filter((id) => !exercises.has(id)), []);
    assert.deepEqual([...of('muscle')].filter((id) => !muscles.has(id)), []);
    for (const { title, content } of rows) assert.ok(content.length >= 60 && content.length <= 1000, title);
  });
});

describe('/api/admin/tips', () => {
  let kernel: TestKernel;
  let admin: TestUser;
  before(async () => {
    kernel = await startCopy();
    admin = await kernel.signUp({ roles: ['admin'] });
  });
  after(() => kernel.stop());

  const TIP = { triggerType: 'inactivity', triggerValue: 'never', category: 'mindset', title: 'Our own', content: 'Ask at the desk.', priority: 100 };

  it('adds a tip that members are shown, changes it and removes it', async () => {
    const answer = await kernel.post('/api/admin/tips', { as: admin, body: TIP });
    assert.equal(answer.status, 201, JSON.stringify(answer.body));
    const { id } = answer.body.data;
    assert.match(id, /^tip_[0-9a-f-]{36}$/);
    const member = await kernel.signUp();
    const shown = async (): Promise<ShownTip | undefined> =>
      (await kernel.get('/api/tips/contextual', { as: member })).body.data.find((tip: ShownTip) => tip.id === id);
    assert.equal((await shown())?.title, 'Our own');
    const patched = await kernel.request('PATCH', `/api/admin/tips/${String(id)}`, { as: admin, body: { title: 'Better' } });
    assert.deepEqual([patched.status, patched.body.data.title, patched.body.data.content], [200, 'Better', TIP.content]);
    assert.equal((await shown())?.title, 'Better');
    assert.equal((await kernel.get(`/api/admin/tips/${String(id)}`, { as: admin })).body.data.title, 'Better');
    assert.equal((await kernel.request('DELETE', `/api/admin/tips/${String(id)}`, { as: admin })).status, 204);
    assert.equal(await shown(), undefined);
    assert.equal((await kernel.get(`/api/admin/tips/${String(id)}`, { as: admin })).status, 404);
  });

  it('finds tips by trigger, category and words', async () => {
    const { data } = (await kernel.get('/api/admin/tips?triggerType=exercise&category=safety&search=rack&limit=100', { as: admin })).body;
    assert.ok(data.length >= 1);
    for (const tip of data) {
      assert.deepEqual([tip.triggerType, tip.category], ['exercise', 'safety']);
      assert.match(`${String(tip.title)} ${String(tip.content)}`, /rack/i);
    }
  });

  it('names what is wrong with one', async () => {
    const wrong: [object, string][] = [
      [{ ...TIP, triggerType: 'moon' }, '/body/triggerType'],
      [{ ...TIP, triggerValue: 'soon' }, '/body/triggerValue'],
      [{ ...TIP, triggerType: 'exercise', triggerValue: 'flying' }, '/body/triggerValue'],
      [{ ...TIP, triggerType: 'muscle', triggerValue: null }, '/body/triggerValue'],
      [{ ...TIP, triggerType: 'goal', triggerValue: 'wealth' }, '/body/triggerValue'],
      [{ ...TIP, triggerType: 'random' }, '/body/triggerValue'],
      [{ ...TIP, minLevel: 5, maxLevel: 4 }, '/body/maxLevel'],
      [{ ...TIP, displayContext: ['bath'] }, '/body/displayContext/0'],
      [{ ...TIP, title: ' ' }, '/body/title'],
    ];
    for (const [body, path] of wrong) {
      const answer = await kernel.post('/api/admin/tips', { as: admin, body });
      assert.equal(answer.status, 400, path);
      assert.ok(answer.body.error.details.some((problem: { path: string }) => problem.path === path), JSON.stringify(answer.body));
    }
  });

  it('is for administrators only', async () => {
    const member = await kernel.signUp();
    for (const method of ['GET', 'POST']) assert.equal((await kernel.request(method, '/api/admin/tips', { as: member, ...(method === 'POST' && { body: TIP }) })).status, 403);
    assert.equal((await kernel.get('/api/admin/tips')).status, 401);
  });
});
