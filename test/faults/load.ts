import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import type { Knex } from 'knex';
import { verifyLedger } from '../../kernel/credits/verify.ts';
import type { TestUser } from '../../kernel/testing.ts';

/** How long the service may be away after a fault is over. */
export const BACK_WITHIN_MS = 10_000;
export const PRICE = 25;

export interface LoadReport {
  sent: number;
  acknowledged: number;
  refused: number;
  broken: number;
}

/** Members who log workouts, each for 25 credits, and remember what they were told. */
export class Load {
  readonly report: LoadReport = { sent: 0, acknowledged: 0, refused: 0, broken: 0 };
  /** Every key, with the id that was answered to it; null when nobody knows what became of it. */
  readonly #keys = new Map<string, { member: TestUser; id: string | null }>();
  readonly #urls: () => readonly string[];
  readonly #members: readonly TestUser[];
  #isOver = false;
  #running: Promise<unknown> = Promise.resolve();

  constructor(urls: () => readonly string[], members: readonly TestUser[]) {
    this.#urls = urls;
    this.#members = members;
  }

  start(atOnce: number): void {
    this.#isOver = false;
    this.#running = Promise.all(Array.from({ length: atOnce }, (_, index) => this.#run(index)));
  }

  async stop(): Promise<void> {
    this.#isOver = true;
    await this.#running;
  }

  async #run(index: number): Promise<void> {
    for (let round = 0; !this.#isOver; round++) {
      const member = this.#members[(index + round) % this.#members.length];
      assert.ok(member);
      await this.#send(randomUUID(), member, index + round);
    }
  }

  /** Sends a workout under its key. */
  async #send(key: string, member: TestUser, turn = 0): Promise<boolean> {
    this.report.sent += 1;
    if (!this.#keys.has(key)) this.#keys.set(key, { member, id: null });
    const urls = this.#urls();
    try {
      const response = await fetch(`${urls[turn % urls.length] ?? ''}/api/workouts`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json', 'Idempotency-Key': key, Authorization: `Bearer ${member.accessToken}` },
        body: JSON.stringify({ exercises: [{ exerciseId: 'bench_press', sets: 1, reps: 5, weight: 60 }] }),
      });
      const text = await response.text();
      if (response.status !== 201 && response.status !== 200) {
        assert.equal(response.status, 503, text);
        this.report.refused += 1;
        await new Promise((resolve) => setTimeout(resolve, 50));
        return false;
      }
      this.report.acknowledged += 1;
      const { id } = (JSON.parse(text) as { data: { id: string } }).data;
      const before = this.#keys.get(key);
      assert.ok(before?.id == null || before.id === id, 'a repeated request gets the workout that it made');
      this.#keys.set(key, { member, id });
      return true;
    } catch (error) {
      if (error instanceof assert.AssertionError) throw error;
      this.report.broken += 1;
      await new Promise((resolve) => setTimeout(resolve, 50));
      return false;
    }
  }

  /** Waits until a workout can be logged, and answers how long that took. @throws when it takes longer than it may. */
  async isBack(): Promise<number> {
    const started = performance.now();
    const [member] = this.#members;
    assert.ok(member);
    const key = randomUUID();
    while (!(await this.#send(key, member))) {
      assert.ok(performance.now() - started < BACK_WITHIN_MS, `the service is not back after ${String(BACK_WITHIN_MS)} ms`);
    }
    return Math.round(performance.now() - started);
  }

  /** Repeats what nobody knows the end of; then everything that was acknowledged is there once, and nothing else is. */
  async prove(knex: Knex): Promise<void> {
    for (const [key, { member, id }] of this.#keys) if (id === null) assert.ok(await this.#send(key, member), 'the repeated request is answered');
    const ids = [...this.#keys.values()].map(({ id }) => id);
    assert.equal(new Set(ids).size, ids.length);
    const people = this.#members.map(({ id }) => id);
    const stored = await knex('workouts').whereIn('user_id', people).pluck<string[]>('id');
    assert.deepEqual([...stored].sort(), [...ids].sort());
    const { mismatches } = await verifyLedger(knex);
    assert.deepEqual(mismatches, []);
    const spent = await knex('credit_ledger').whereIn('user_id', people).where({ action: 'workout.log' }).sum('amount');
    assert.equal(Number(spent[0]?.sum ?? 0), -PRICE * ids.length);
  }
}
