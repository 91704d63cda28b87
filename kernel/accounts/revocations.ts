import type { Knex } from 'knex';
import type { Rows } from '../database/connect.ts';
import { afterCommit, type Transaction } from '../database/transaction.ts';
import type { Caller } from '../http/route.ts';

export type RevocationReason = 'signed_out' | 'banned' | 'suspended' | 'changed';

interface Revocation {
  subject: string;
  reason: RevocationReason;
  notBefore: Date;
}

/** Where instances tell each other that accounts have changed. */
export const ACCOUNTS_CHANNEL = 'musclemap_accounts';
const POLL_MS = 500;

/**
 * Which access tokens no longer count. Every instance keeps the recent ones in memory, since every request asks. The others
 * are told by a notification; what it misses is read twice a second.
 */
export class Revocations {
  readonly #knex: Knex;
  readonly #keepMs: number;
  /** In the order in which they were heard of, last; by the processor's counter, which nobody sets. */
  readonly #known = new Map<string, { reason: RevocationReason; notBefore: number; heardAt: number }>();
  #timer: NodeJS.Timeout | undefined;
  #onFailure: (error: unknown) => void = () => undefined;

  /** @param tokenSeconds How long an access token lives: older revocations say nothing any more. */
  constructor(knex: Knex, tokenSeconds: number) {
    this.#knex = knex;
    this.#keepMs = (tokenSeconds + 60) * 1000;
  }

  /** Reads what is in force and keeps it up to date until `stop`. */
  async start(onFailure: (error: unknown) => void): Promise<void> {
    this.#onFailure = onFailure;
    await this.#read(this.#keepMs);
    this.#schedule();
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  /** Why a caller's token no longer counts, for the account or for its session; undefined while it does. */
  reasonOfEnd({ id, sessionId, issuedAt }: Pick<Caller, 'id' | 'sessionId' | 'issuedAt'>): RevocationReason | undefined {
    return this.reasonAgainst(id, issuedAt) ?? this.reasonAgainst(sessionId, issuedAt);
  }

  /** Reads the news now. */
  async refresh(): Promise<void> {
    await this.#read(POLL_MS * 20);
  }

  /** Why a token of `subject` that was issued at `issuedAt` (ms) is refused; undefined when it is not. */
  reasonAgainst(subject: string, issuedAt: number): RevocationReason | undefined {
    const revocation = this.#known.get(subject);
    return revocation !== undefined && issuedAt <= revocation.notBefore ? revocation.reason : undefined;
  }

  /** Ends every access token that the subjects (users or token families) have had until now. */
  async revoke(trx: Transaction, subjects: readonly string[], reason: RevocationReason): Promise<void> {
    if (subjects.length === 0) return;
    const { rows } = await trx.raw<Rows<Revocation>>(
      `INSERT INTO access_revocations (subject, reason, not_before)
       SELECT unnest(:subjects::TEXT[]), :reason, clock_timestamp()
       ON CONFLICT (subject) DO UPDATE SET reason = excluded.reason, not_before = excluded.not_before
       RETURNING subject, reason, not_before AS "notBefore"`,
      { subjects: [...subjects], reason },
    );
    await trx.raw('NOTIFY ??', [ACCOUNTS_CHANNEL]);
    afterCommit(trx, () => {
      this.#remember(rows);
    });
  }

  #schedule(): void {
    this.#timer = setTimeout(() => {
      this.refresh()
        .catch(this.#onFailure)
        .finally(() => {
          if (this.#timer !== undefined) this.#schedule();
        });
    }, POLL_MS);
    this.#timer.unref();
  }

  async #read(withinMs: number): Promise<void> {
    const { rows } = await this.#knex.raw<Rows<Revocation>>(
      `SELECT subject, reason, not_before AS "notBefore" FROM access_revocations
       WHERE not_before > clock_timestamp() - :within * INTERVAL '1 millisecond'`,
      { within: withinMs },
    );
    this.#remember(rows);
  }

  #remember(revocations: readonly Revocation[]): void {
    const now = performance.now();
    for (const { subject, reason, notBefore } of revocations) {
      this.#known.delete(subject);
      this.#known.set(subject, { reason, notBefore: notBefore.getTime(), heardAt: now });
    }
    for (const [subject, { heardAt }] of this.#known) {
      if (now - heardAt <= this.#keepMs) break;
      this.#known.delete(subject);
    }
  }
}
