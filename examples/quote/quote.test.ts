import assert from 'node:assert/strict';
import { startWithPlugins, TestClock, type TestKernel } from 'musclemap/testing';

describe('GET /quote', () => {
  const clock = new TestClock('2026-03-01T23:00:00Z');
  let kernel: TestKernel;
  before(async () => {
    kernel = await startWithPlugins([import.meta.dirname], { clock });
  });
  after(() => kernel.stop());

  it('stays the same for a day and is another one the next', async () => {
    const first = (await kernel.get('/api/quote')).body.data;
    assert.equal(first.day, '2026-03-01');
    clock.advance({ minutes: 30 });
    assert.deepEqual((await kernel.get('/api/quote')).body.data, first);
    clock.advance({ hours: 1 });
    const next = (await kernel.get('/api/quote')).body.data;
    assert.equal(next.day, '2026-03-02');
    assert.notEqual(next.text, first.text);
  });
});
