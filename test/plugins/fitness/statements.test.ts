import assert from 'node:assert/strict';
import type { TestKernel, TestUser } from '../../../kernel/testing.ts';
import { EXERCISES } from '../../../plugins/fitness/catalogue/exercises.ts';
import { startCopy } from '../../support/setup.ts';
import { transactionAround } from '../../support/statements.ts';

describe('POST /workouts', () => {
  let kernel: TestKernel;
  let user: TestUser;
  before(async () => {
    kernel = await startCopy();
    user = await kernel.signUp({ credits: 1000 });
  });
  after(() => kernel.stop());

  const log = async (exercises: number, key: string): Promise<void> => {
    const body = { exercises: EXERCISES.slice(0, exercises).map(({ id }) => ({ exerciseId: id, sets: 3, reps: 5, weight: 60 })) };
    assert.equal((await kernel.post('/api/workouts', { as: user, body, key })).status, 201);
  };

  it('is one transaction of at most five statements, whatever the number of exercises and with every bundled plugin', async () => {
    // The first one reads the catalogue.
    await log(1, 'first');
    for (const exercises of [1, 20]) {
      const statements = await transactionAround(/INSERT INTO workouts/, () => log(exercises, String(exercises)));
      assert.match(statements.join('\n'), /^SELECT \* FROM apply_credit_charges.*INSERT INTO workouts.*idempotency_keys.*pgboss\.job/s);
      assert.ok(statements.length <= 5, statements.join('\n'));
    }
  });
});
