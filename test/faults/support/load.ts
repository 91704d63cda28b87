import assert from 'node:assert/strict';
import type { Knex } from 'knex';
import { verifyLedger } from '../../../kernel/credits/verify.ts';
import type { TestUser } from '../../../kernel/testing.ts';
import type { Random } from '../../support/random.ts';
import { seeded, type FaultRow } from './report.ts';

/** How long the service may be away after a fault is over. */
export const BACK_WITHIN_MS = 10_000;
export const PRICE = 25;
/** What a refusal may be: come back later. */
const REFUSALS: readonly number[] = [503, 507];
const PAUSE_MS = 50;

export interface LoadReport {
  sent: number;
  acknowledged: number;
  refused: number;
  broken: number;
}

interface Sent {
  member: TestUser;
  body: string;
  /** What was answered; null when nobody knows what became of it. */
  id: string | null;
}

/** Members who log workouts, each for 25 credits, and remember what they were told. */
export class Load {
  readonly report: LoadReport = { sent: 0, acknowledged: 0, refused: 0, broken: 0 };
  readonly #keys = new Map<string, Sent>();
  readonly #urls: () => readonly string[];
  readonly #members: readonly TestUser[];
  readonly #random: Random;
  #startedAt = performance.now();
  #injectedAt: number | undefined;
  #isOver = false;
  #running: Promise<unknown> = Promise.resolve();

  constructor(urls: () => readonly string[], members: readonly TestUser[], name = 'load') {
    this.#urls = urls;
    this.#members = members;
    this.#random = seeded(name);
  }

  start(atOnce: number): void {
    this.#isOver = false;
    this.#startedAt = performance.now();
    this.#running = Promise.all(Array.from({ length: atOnce }, () => this.#run()));
  }

  async stop(): Promise<void> {
    this.#isOver = true;
    await this.#running;
  }

  /** Says that the fault begins. */
  inject(): void {
    this.#injectedAt ??= performance.now() - this.#startedAt;
  }

  /** A workout that nobody has sent yet. */
  #next(): string {
    const [sets, reps, weight] = [1 + this.#random.below(3), 1 + this.#random.below(12), 20 + 2.5 * this.#random.below(40)];
    const key = this.#random.uuid();
    const body = JSON.stringify({ exercises: [{ exerciseId: 'bench_press', sets, reps, weight }] });
    this.#keys.set(key, { member: this.#random.pick(this.#members), body, id: null });
    return key;
  }

  async #run(): Promise<void> {
    while (!this.#isOver) await this.#send(this.#next());
  }

  /** Sends a workout under its key. */
  async #send(key: string): Promise<boolean> {
    this.report.sent += 1;
    const sent = this.#keys.get(key);
    assert.ok(sent);
    try {
      const response = await fetch(`${this.#random.pick(this.#urls())}/api/workouts`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json', 'Idempotency-Key': key, Authorization: `Bearer ${sent.member.accessToken}` },
        body: sent.body,
      });
      const text = await response.text();
      if (response.status !== 201 && response.status !== 200) {
        assert.ok(REFUSALS.includes(response.status), text);
        this.report.refused += 1;
        await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
        return false;
      }
      this.report.acknowledged += 1;
      const { id } = (JSON.parse(text) as { data: { id: string } }).data;
      assert.ok(sent.id === null || sent.id === id, 'a repeated request gets the workout that it made');
      sent.id = id;
      return true;
    } catch (error) {
      if (error instanceof assert.AssertionError) throw error;
      this.report.broken += 1;
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
      return false;
    }
  }

  /** Waits until a workout can be logged, and answers how long that took. @throws when it takes longer than it may. */
  async isBack(): Promise<number> {
    const started = performance.now();
    const key = this.#next();
    while (!(await this.#send(key))) {
      assert.ok(performance.now() - started < BACK_WITHIN_MS, `the service is not back after ${String(BACK_WITHIN_MS)} ms`);
    }
    return Math.round(performance.now() - started);
  }

  /**
   * Ends the load, and repeats what nobody knows the end of; then everything that was acknowledged is there once, nothing else is, and
   * the ledger is proven. Answers what is to be reported of it.
   */
  async prove(knex: Knex): Promise<Omit<FaultRow, 'fault'>> {
    await this.stop();
    const known = [...this.#keys.values()].map(({ id }) => id).filter((id) => id !== null);
    const people = this.#members.map(({ id }) => id);
    const stored = async (): Promise<string[]> => knex('workouts').whereIn('user_id', people).pluck<string[]>('id');
    const there = new Set(await stored());
    const lost = known.filter((id) => !there.has(id));
    assert.deepEqual(lost, [], 'what was acknowledged is there');
    const report = { ...this.report };
    for (const [key, { id }] of this.#keys) if (id === null) assert.ok(await this.#send(key), 'the repeated request is answered');
    const ids = [...this.#keys.values()].map(({ id }) => id);
    assert.equal(new Set(ids).size, ids.length);
    assert.deepEqual((await stored()).sort(), [...ids].sort());
    const { mismatches } = await verifyLedger(knex);
    assert.deepEqual(mismatches, []);
    const spent = await knex('credit_ledger').whereIn('user_id', people).where({ action: 'workout.log' }).sum('amount');
    assert.equal(Number(spent[0]?.sum ?? 0), -PRICE * ids.length);
    const injected = this.#injectedAt === undefined ? {} : { injectedAtMs: Math.round(this.#injectedAt) };
    return { ...report, ...injected, lostAcknowledged: lost.length, isVerified: true };
  }
}
