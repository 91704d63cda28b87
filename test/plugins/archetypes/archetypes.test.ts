import assert from 'node:assert/strict';
import type { TestKernel } from '../../../kernel/testing.ts';
import { startCopy } from '../../support/setup.ts';

const IDS = [
  'bodybuilder', 'climber', 'crossfit', 'functional', 'gymnast', 'martial_artist', 'powerlifter', 'runner', 'strongman', 'swimmer',
];

describe('GET /api/archetypes', () => {
  let kernel: TestKernel;
  before(async () => {
    kernel = await startCopy();
  });
  after(() => kernel.stop());

  it('lists the ten archetypes to anybody, to be kept by the client', async () => {
    const { status, body, headers } = await kernel.get('/api/archetypes');
    assert.equal(status, 200);
    assert.deepEqual(body.data.map(({ id }: { id: string }) => id).sort(), IDS);
    for (const { name, philosophy, description, focusAreas } of body.data) {
      assert.ok(name && philosophy && description.length > 50 && focusAreas.length >= 3, name);
    }
    const again = await kernel.get('/api/archetypes', { headers: { 'If-None-Match': headers.get('etag') ?? '' } });
    assert.equal(again.status, 304);
  });

  it('has at least ten levels for each, with rising thresholds and muscles that exist', async () => {
    const { body: muscles } = await kernel.get('/api/muscles');
    const known = new Set(muscles.data.map(({ id }: { id: string }) => id));
    const groups = new Set(muscles.data.map(({ muscleGroup }: { muscleGroup: string }) => muscleGroup));
    for (const id of IDS) {
      const { data: levels } = (await kernel.get(`/api/archetypes/${id}/levels`)).body;
      const { data: archetype } = (await kernel.get(`/api/archetypes/${id}`)).body;
      assert.ok(levels.length >= 10, id);
      assert.equal(archetype.levels, levels.length);
      assert.deepEqual(archetype.focusAreas.filter((group: string) => !groups.has(group)), [], id);
      assert.equal(new Set(levels.map(({ name }: { name: string }) => name)).size, levels.length, `a name twice in ${id}`);
      let before = -1;
      for (const [index, { level, totalTU, description, muscleTargets }] of levels.entries()) {
        assert.equal(level, Number(index) + 1);
        assert.ok(totalTU > before, `${id} ${level}`);
        before = totalTU;
        assert.ok(description.length > 20, `${id} ${level}`);
        for (const [muscle, weight] of Object.entries(muscleTargets)) {
          assert.ok(known.has(muscle), `${id} names ${muscle}`);
          assert.ok((weight as number) > 0 && (weight as number) <= 1, `${id} ${muscle}`);
        }
      }
      assert.equal(levels[0].totalTU, 0);
    }
  });

  it('reaches the second level within the first weeks, and the tenth only after years', async () => {
    for (const [id, week] of [['bodybuilder', 2000], ['runner', 500]] as const) {
      const { data: levels } = (await kernel.get(`/api/archetypes/${id}/levels`)).body;
      assert.ok(levels[1].totalTU <= 3 * week, id);
      assert.ok(levels[9].totalTU >= 104 * week, id);
    }
  });

  it('answers 404 for one that there is not', async () => {
    for (const path of ['/api/archetypes/wizard', '/api/archetypes/wizard/levels']) {
      assert.equal((await kernel.get(path)).body.error.code, 'NOT_FOUND');
    }
  });
});
