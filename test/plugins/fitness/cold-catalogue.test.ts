import assert from 'node:assert/strict';
import { startCopy } from '../../support/setup.ts';

const POOL = 4;

describe('the first workouts after a start', () => {
  it('are logged when there are more of them at once than connections: none waits for a connection that another one holds', async () => {
    const kernel = await startCopy({ config: { databasePoolMax: POOL } });
    try {
      const member = await kernel.signUp({ credits: 1_000 });
      const answers = await Promise.all(
        Array.from({ length: POOL * 3 }, (_, index) =>
          kernel.post('/api/workouts', { as: member, key: String(index), body: { exercises: [{ exerciseId: 'bench_press', sets: 1, reps: 5 }] } }),
        ),
      );
      assert.deepEqual(answers.map(({ status }) => status), answers.map(() => 201));
    } finally {
      await kernel.stop();
    }
  });
});
