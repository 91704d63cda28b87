import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { connect } from '../../../kernel/database/connect.ts';
import type { Knex } from 'knex';
import { createCreditsService } from '../../../kernel/credits/plugin-credits.ts';
import { inTransaction, type Transaction } from '../../../kernel/database/transaction.ts';
import { verifyLedger } from '../../../kernel/credits/verify.ts';
import type { CreditsService } from '../../../kernel/index.ts';
import type { TestKernel } from '../../../kernel/testing.ts';
import { startCopy } from '../../support/setup.ts';

/** MONEY_OPERATIONS=10000 for the full size; MONEY_SEED repeats a run's choices. */
const OPERATIONS = Number(process.env.MONEY_OPERATIONS ?? 300);
const SEED = Number(process.env.MONEY_SEED ?? randomInt(2 ** 31));
const WORKERS = 8;

/** Numbers from 0 to 1 that a seed decides (mulberry32). */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** What must hold for a user at every moment; each row names what does not. One statement, so one moment. */
const VIOLATIONS = `
  WITH mine AS (SELECT * FROM credit_ledger WHERE user_id = ANY (:ids)),
  sums AS (
    SELECT user_id, sum(amount) AS total, (array_agg(balance_after ORDER BY created_at DESC, id DESC))[1] AS newest,
      min(balance_after) AS least
    FROM mine GROUP BY user_id
  )
  SELECT b.user_id, 'balance is not the sum of the ledger' AS what FROM credit_balances b LEFT JOIN sums s USING (user_id)
  WHERE b.user_id = ANY (:ids) AND b.balance <> coalesce(s.total, 0)
  UNION ALL SELECT b.user_id, 'balance is not the newest balance_after' FROM credit_balances b LEFT JOIN sums s USING (user_id)
  WHERE b.user_id = ANY (:ids) AND b.balance <> coalesce(s.newest, 0)
  UNION ALL SELECT user_id, 'a balance was negative' FROM sums WHERE least < 0
  UNION ALL SELECT o.user_id, 'more was refunded than taken' FROM mine o JOIN mine r ON r.metadata->>'refundOf' = o.id
  GROUP BY o.user_id, o.id, o.amount HAVING sum(abs(r.amount)) > abs(o.amount)
  UNION ALL SELECT h.user_id, 'a captured hold kept another amount' FROM credit_holds h
  JOIN mine o ON o.id = h.entry_id LEFT JOIN mine r ON r.metadata->>'refundOf' = o.id AND r.action = 'hold_release'
  WHERE h.status = 'captured' AND h.captured <> -o.amount - coalesce(r.amount, 0)
  UNION ALL SELECT h.user_id, 'a closed hold kept credits' FROM credit_holds h
  JOIN mine o ON o.id = h.entry_id LEFT JOIN mine r ON r.metadata->>'refundOf' = o.id
  WHERE h.status IN ('released', 'expired') GROUP BY h.user_id, h.id, o.amount HAVING coalesce(sum(r.amount), 0) <> -o.amount`;

const violations = async ({ knex }: { knex: Knex }, ids: readonly string[]): Promise<{ what: string }[]> =>
  (await knex.raw(VIOLATIONS, { ids: [...ids] })).rows;

/** Refusals and losses that an operation of the storm may end in. */
const EXPECTED = /INSUFFICIENT_CREDITS|IDEMPOTENCY_CONFLICT|UNPROCESSABLE|CONFLICT|changed its mind|terminat|ECONNRESET|aborted|not queryable/i;

/** Does random things with the credits of a few users, and looks after each whether all holds. */
class Storm {
  readonly #kernel: TestKernel;
  readonly #credits: CreditsService;
  readonly #random: () => number;
  readonly users: readonly string[];
  readonly #entries: { userId: string; entryId: string }[] = [];
  readonly #holds: string[] = [];
  readonly #done: (() => Promise<unknown>)[] = [];
  readonly counts: Record<string, number> = {};
  #next = 0;

  constructor(kernel: TestKernel, users: readonly string[], seed: number) {
    this.#kernel = kernel;
    this.users = users;
    this.#random = randomFrom(seed);
    this.#credits = createCreditsService('storm', kernel.kernel.credits);
  }

  #pick<Item>(items: readonly Item[]): Item | undefined {
    return items[Math.floor(this.#random() * items.length)];
  }

  #user(): string {
    return this.#pick(this.users) ?? '';
  }

  #count(what: string): void {
    this.counts[what] = (this.counts[what] ?? 0) + 1;
  }

  /** One operation; the users it may have touched. */
  async step(): Promise<string[]> {
    const userId = this.#user();
    const other = this.#pick(this.users.filter((id) => id !== userId)) ?? '';
    const name = this.#pick(['charge', 'grant', 'take', 'refund', 'transfer', 'reserve', 'capture', 'release', 'repeat', 'expire', 'kill']) ?? '';
    const amount = 1 + Math.floor(this.#random() * 60);
    const key = `k${String((this.#next += 1))}`;
    const fails = this.#random() < 0.1;
    const work = this.#operation(name, { userId, other, amount, key });
    try {
      await work(fails);
      this.#count(fails && name !== 'kill' && name !== 'expire' && name !== 'repeat' ? 'unexpected' : name);
    } catch (error) {
      const { code, message } = error as { code?: string; message: string };
      assert.match(`${code ?? ''} ${message}`, EXPECTED);
      this.#count(fails ? 'undone' : `refused ${code ?? 'connection'}`);
    }
    return [userId, other];
  }

  #operation(name: string, { userId, other, amount, key }: { userId: string; other: string; amount: number; key: string }): (fails: boolean) => Promise<unknown> {
    const credits = this.#credits;
    const change = { userId, key, action: 'storm.act', amount };
    const inTrx = <T>(run: (trx: Transaction) => Promise<T>, keep: (result: T) => void = () => undefined) => async (fails: boolean): Promise<void> => {
      const attempt = async (): Promise<T> =>
        inTransaction(this.#kernel.knex, async (trx) => {
          const result = await run(trx);
          if (fails) throw new Error('the caller changed its mind');
          return result;
        });
      keep(await attempt());
      this.#done.push(attempt);
    };
    const entry = ({ entryId }: { entryId: string | null }): void => {
      if (entryId !== null) this.#entries.push({ userId, entryId });
    };
    /** Half of them join what others do at the moment. */
    const either = (run: (trx: Transaction | undefined) => Promise<{ entryId: string | null }>): ((fails: boolean) => Promise<unknown>) =>
      this.#random() < 0.5
        ? inTrx(run, entry)
        : async (fails) => {
            if (fails) throw new Error('the caller changed its mind');
            entry(await run(undefined));
            this.#done.push(() => run(undefined));
          };
    switch (name) {
      case 'charge':
        return either((trx) => credits.charge(trx, { userId, key, action: 'workout.log' }));
      case 'grant':
        return either((trx) => credits.grant(trx, change));
      case 'take':
        return either((trx) => credits.take(trx, change));
      case 'refund': {
        const of = this.#pick(this.#entries);
        if (of === undefined) return () => Promise.reject(new Error('nothing to refund yet: UNPROCESSABLE'));
        return inTrx((trx) => credits.refund(trx, { ...of, key, ...(amount > 30 && { amount: amount - 30 }) }));
      }
      case 'transfer':
        return inTrx((trx) => credits.transfer(trx, { senderId: userId, recipientId: other, action: 'gift', key, amount }));
      case 'reserve':
        return inTrx((trx) => credits.reserve(trx, { ...change, expiresInSeconds: amount > 30 ? 1 : 3600 }), ({ id }) => this.#holds.push(id));
      case 'capture': {
        const hold = this.#pick(this.#holds);
        if (hold === undefined) return () => Promise.reject(new Error('nothing to capture yet: CONFLICT'));
        return inTrx((trx) => credits.capture(trx, hold, amount > 30 ? {} : { amount }));
      }
      case 'release': {
        const hold = this.#pick(this.#holds);
        if (hold === undefined) return () => Promise.reject(new Error('nothing to release yet: CONFLICT'));
        return inTrx((trx) => credits.release(trx, hold));
      }
      case 'expire':
        return () => this.#kernel.kernel.creditsUpkeep.releaseExpired();
      case 'kill':
        return () => (amount > 45 ? this.#killConnection() : Promise.reject(new Error('nobody is killed this time: connection terminated')));
      default:
        return () => this.#repeat();
    }
  }

  /** Sends something again that was done before: it moves nothing. */
  async #repeat(): Promise<void> {
    await this.#pick(this.#done)?.();
  }

  /** Ends one of the kernel's connections, whatever it is in the middle of. */
  async #killConnection(): Promise<void> {
    await this.#kernel.knex.raw(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
       WHERE datname = current_database() AND pid <> pg_backend_pid() AND state IN ('active', 'idle in transaction')
         AND application_name = 'musclemap' ORDER BY random() LIMIT 1`,
    );
  }

  /** Everything that was ever acknowledged, once more. */
  async repeatAll(): Promise<void> {
    for (const again of this.#done) {
      await again().catch((error: unknown) => {
        assert.match(`${(error as { code?: string }).code ?? ''} ${String(error)}`, EXPECTED);
      });
    }
  }
}

describe('the ledger in a storm', function () {
  this.timeout(60_000 + OPERATIONS * 100);
  let kernel: TestKernel;
  let users: string[];
  let shiftMs = 0;
  /** Looks on from connections that nobody kills. */
  let judge: Knex;
  before(async () => {
    kernel = await startCopy({ clock: { now: () => new Date(Date.now() + shiftMs) } });
    judge = connect(kernel.databaseUrl, { poolMax: WORKERS, applicationName: 'judge' });
    users = (await Promise.all(Array.from({ length: 6 }, () => kernel.signUp({ credits: 300 })))).map(({ id }) => id);
  });
  after(async () => {
    await judge.destroy();
    await kernel.stop();
  });

  it(`holds after each of ${String(OPERATIONS)} random operations, failures and kills (seed ${String(SEED)})`, async () => {
    const storm = new Storm(kernel, users, SEED);
    let left = OPERATIONS;
    await Promise.all(
      Array.from({ length: WORKERS }, async () => {
        while (left > 0) {
          left -= 1;
          await storm.step();
          assert.deepEqual(await violations({ knex: judge }, users), []);
        }
      }),
    );
    const kinds = ['charge', 'grant', 'take', 'refund', 'transfer', 'reserve', 'capture', 'release', 'repeat', 'expire', 'kill', 'undone'];
    for (const kind of kinds) assert.ok((storm.counts[kind] ?? 0) > 0, `${kind} never succeeded: ${JSON.stringify(storm.counts)}`);
    if (process.env.MONEY_OPERATIONS !== undefined) console.log(storm.counts);

    shiftMs = 2 * 3_600_000;
    const openHolds = async (): Promise<number> => Number((await kernel.knex('credit_holds').where({ status: 'open' }).count())[0]?.count);
    while ((await openHolds()) > 0) await kernel.kernel.creditsUpkeep.releaseExpired();
    assert.deepEqual(await violations(kernel, users), []);

    const sums = async (): Promise<unknown> => (await kernel.knex('credit_ledger').whereIn('user_id', users).count().sum('amount'))[0];
    const before = await sums();
    await storm.repeatAll();
    assert.deepEqual(await sums(), before, 'repeating moved credits');
    assert.deepEqual((await verifyLedger(kernel.knex)).mismatches, []);
  });
});

describe('the checks of the ledger', () => {
  let kernel: TestKernel;
  let users: string[];
  beforeEach(async () => {
    kernel = await startCopy();
    users = (await Promise.all([kernel.signUp({ credits: 100 }), kernel.signUp({ credits: 100 })])).map(({ id }) => id);
  });
  afterEach(() => kernel.stop());

  /** What only a superuser can do: change rows behind the triggers' back. */
  const forge = (sql: string): Promise<unknown> =>
    kernel.knex.transaction(async (trx) => {
      await trx.raw('SET LOCAL session_replication_role = replica');
      await trx.raw(sql, users[0] === undefined ? [] : [users[0]]);
    });
  const forgeries = {
    'a balance that was raised': 'UPDATE credit_balances SET balance = balance + 1 WHERE user_id = :id',
    'an amount that was changed': `UPDATE credit_ledger SET amount = amount + 5 WHERE user_id = :id AND action = 'signup_bonus'`,
    'an entry that is gone': `DELETE FROM credit_ledger WHERE user_id = :id AND action = 'signup_bonus'`,
    'two entries in the middle that cancel each other out': `
      WITH forged AS (SELECT id, row_number() OVER (ORDER BY created_at) AS n FROM credit_ledger WHERE user_id = :id)
      UPDATE credit_ledger l SET amount = l.amount + CASE n WHEN 1 THEN 7 ELSE -7 END FROM forged f WHERE f.id = l.id AND n <= 2`,
  };
  for (const [name, sql] of Object.entries(forgeries)) {
    it(`find ${name}`, async () => {
      const credits = createCreditsService('storm', kernel.kernel.credits);
      for (const key of ['a', 'b']) await credits.grant(undefined, { userId: users[0] ?? '', action: 'x', key, amount: 9 });
      assert.deepEqual((await verifyLedger(kernel.knex)).mismatches, []);
      await forge(sql.replaceAll(':id', '?'));
      const { mismatches } = await verifyLedger(kernel.knex);
      assert.deepEqual(mismatches.map(({ userId }) => userId), [users[0]]);
    });
  }

  /** Puts a function with a known mistake in the place of ours. */
  const breakFunction = async (name: string, right: string, wrong: string): Promise<void> => {
    const { rows } = await kernel.knex.raw(`SELECT pg_get_functiondef(oid) AS source FROM pg_proc WHERE proname = ?`, [name]);
    const source: string = rows[0].source;
    assert.ok(source.includes(right), `${name} has no "${right}"`);
    // knex would take the question marks of JSON operators for its own.
    await kernel.knex.raw(source.replaceAll(right, wrong).replaceAll('?', '\\?'));
  };

  it('find balances that were read without their lock', async () => {
    await breakFunction('lock_credit_balance', 'FOR NO KEY UPDATE', '');
    const take = (i: number): Promise<unknown> =>
      inTransaction(kernel.knex, (trx) => createCreditsService('storm', kernel.kernel.credits).take(trx, { userId: users[0] ?? '', action: 'x', key: String(i), amount: 1 }));
    let found: unknown[] = [];
    for (let round = 0; round < 20 && found.length === 0; round++) {
      await Promise.allSettled(Array.from({ length: 16 }, (_, i) => take(round * 16 + i)));
      found = await violations(kernel, users);
    }
    assert.notDeepEqual(found, []);
  });

  it('find refunds that were not added up', async () => {
    await breakFunction('refund_credits', 'v_left = 0 OR', 'FALSE AND');
    const credits = createCreditsService('storm', kernel.kernel.credits);
    const userId = users[0] ?? '';
    const { entryId } = await credits.take(undefined, { userId, action: 'x', key: 'a', amount: 10 });
    for (const key of ['r', 's']) await inTransaction(kernel.knex, (trx) => credits.refund(trx, { userId, entryId, key, amount: 8 }));
    assert.deepEqual((await violations(kernel, users)).map(({ what }) => what), ['more was refunded than taken']);
  });

  it('find keys that were not looked up', async () => {
    await breakFunction('append_credit_entry', 'p_metadata, p_idempotency_key, v_time', 'p_metadata, p_idempotency_key || random(), v_time');
    const credits = createCreditsService('storm', kernel.kernel.credits);
    const grant = (): Promise<unknown> => credits.grant(undefined, { userId: users[0] ?? '', action: 'x', key: 'same', amount: 5 });
    await Promise.all([grant(), grant()]);
    assert.equal((await kernel.knex('credit_ledger').where({ user_id: users[0], action: 'x' })).length, 2, 'the mutant made one entry');
  });
});
