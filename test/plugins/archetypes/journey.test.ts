import assert from 'node:assert/strict';
import type { TestKernel } from '../../../kernel/testing.ts';
import { startCopy } from '../../support/setup.ts';

interface Balanced {
  muscleId: string;
  weight: number;
  sets: number;
  targetSets: number;
  percent: number;
}

describe('GET /api/journey', () => {
  let kernel: TestKernel;
  before(async () => {
    kernel = await startCopy();
  });
  after(() => kernel.stop());

  it('is whole for a member who has just joined', async () => {
    const member = await kernel.signUp();
    const { status, body } = await kernel.get('/api/journey', { as: member });
    assert.equal(status, 200);
    const { muscleBalance, weekly, ...rest } = body.data;
    assert.deepEqual(rest, {
      archetype: null, level: 1, levelName: null, totalTU: 0, nextLevelName: null, nextLevelTU: null, tuToNextLevel: null,
      progressPercent: null, streak: { current: 0, longest: 0, lastDate: null }, recentLevels: [],
    });
    assert.equal(weekly.length, 12);
    assert.equal(muscleBalance.underworked.length, 37);
  });

  it('shows the streak and the week of what was trained today and yesterday', async () => {
    const member = await kernel.signUp();
    const day = (ago: number): string => new Date(Date.now() - ago * 86_400_000).toISOString().slice(0, 10);
    for (const ago of [0, 1]) {
      const body = { date: day(ago), exercises: [{ exerciseId: 'bench_press', sets: 3, reps: 8 }] };
      assert.equal((await kernel.post('/api/workouts', { as: member, key: `day${String(ago)}`, body })).status, 201);
    }
    const { streak, weekly, totalTU } = (await kernel.get('/api/journey', { as: member })).body.data;
    assert.deepEqual(streak, { current: 2, longest: 2, lastDate: day(0) });
    const sum = weekly.reduce((total: number, week: { totalTU: number }) => total + week.totalTU, 0);
    assert.equal(Math.round(sum * 100) / 100, totalTU);
  });

  it('weighs the balance by what the archetype asks for', async () => {
    const member = await kernel.signUp();
    const body = { exercises: [{ exerciseId: 'bench_press', sets: 60, reps: 8 }] };
    await kernel.post('/api/workouts', { as: member, key: 'chest', body });
    const chestFor = async (archetypeId: string): Promise<{ group: string; muscle: Balanced }> => {
      await kernel.post('/api/archetypes/select', { as: member, body: { archetypeId } });
      const { muscleBalance } = (await kernel.get('/api/journey', { as: member })).body.data;
      for (const group of ['overworked', 'balanced', 'underworked']) {
        const muscle = muscleBalance[group].find(({ muscleId }: Balanced) => muscleId === 'pectoralis_major');
        if (muscle !== undefined) return { group, muscle };
      }
      throw new Error('The chest is missing.');
    };
    const bodybuilder = await chestFor('bodybuilder');
    assert.deepEqual([bodybuilder.group, bodybuilder.muscle.weight, bodybuilder.muscle.targetSets], ['balanced', 1, 56]);
    assert.equal(bodybuilder.muscle.percent, Math.round((bodybuilder.muscle.sets / 56) * 100));
    const runner = await chestFor('runner');
    assert.deepEqual([runner.group, runner.muscle.weight, runner.muscle.targetSets], ['overworked', 0, 28]);
  });

  it('is only for who is signed in', async () => {
    assert.equal((await kernel.get('/api/journey')).status, 401);
  });
});
