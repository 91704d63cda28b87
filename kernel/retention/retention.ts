import type { Knex } from 'knex';
import { Counter, Gauge, type Registry } from 'prom-client';
import { recordAudit } from '../audit/audit.ts';
import type { Config } from '../config/config.ts';
import type { Rows } from '../database/connect.ts';
import { inTransaction } from '../database/transaction.ts';
import type { JobRegistrar } from '../plugins/contract.ts';
import type { Clock } from '../telemetry/clock.ts';
import type { Logger } from '../telemetry/logger.ts';
import { retentionRules, type RetentionRule } from './rules.ts';

export const FORGET_JOB = 'forget-old-rows';
/** Few enough that a statement holds its locks for a moment only, and that a standby keeps up. */
const ROWS_AT_ONCE = 2_000;
const DAY_MS = 86_400_000;

export interface RetentionContext {
  knex: Knex;
  clock: Clock;
  log: Logger;
  registry: Registry;
  config: Pick<Config, 'retention'>;
}

/** Forgets every night what is older than it is kept: a few rows at a time, each time in a transaction of their own. */
export class Retention {
  readonly #context: RetentionContext;
  readonly #forgotten: Counter<'table'>;
  readonly #endedAt: Gauge;

  constructor(context: RetentionContext) {
    this.#context = context;
    const registers = [context.registry];
    this.#forgotten = new Counter({
      name: 'musclemap_forgotten_rows_total',
      help: 'Rows that were older than they are kept',
      labelNames: ['table'],
      registers,
    });
    this.#endedAt = new Gauge({
      name: 'musclemap_forgotten_timestamp_seconds',
      help: 'When this instance last forgot all that was old enough',
      registers,
    });
  }

  registerJobs(jobs: JobRegistrar): void {
    jobs.add(FORGET_JOB, { cron: '27 3 * * *', timeLimitSeconds: 3600, retries: 2 }, () => this.forget());
  }

  /** Forgets all that is old enough. A table that fails does not keep the others waiting. @throws The first error. */
  async forget(): Promise<void> {
    const { config, log } = this.#context;
    const forgotten: Record<string, number> = {};
    const errors: unknown[] = [];
    const attempt = async (table: string, work: () => Promise<number>): Promise<void> => {
      try {
        const rows = await work();
        if (rows > 0) forgotten[table] = rows;
      } catch (error) {
        log.error({ err: error, table }, 'old rows could not be forgotten');
        errors.push(error);
      }
    };
    for (const rule of retentionRules(config)) await attempt(rule.table, () => this.#forgetRows(rule));
    if (config.retention.auditDays > 0) await attempt('audit_log', () => this.#forgetAudit(config.retention.auditDays));
    log.info({ forgotten }, 'what is older than it is kept was forgotten');
    if (errors.length > 0) throw errors[0];
    this.#endedAt.set(Date.now() / 1000);
  }

  #forgetRows({ table, aged, keepDays, only = 'TRUE' }: RetentionRule): Promise<number> {
    const { knex } = this.#context;
    const before = this.#daysAgo(keepDays);
    return this.#inBatches(table, async () => {
      const { rowCount } = await knex.raw<Rows<object>>(
        `DELETE FROM :table: WHERE ctid = ANY (ARRAY(
           SELECT ctid FROM :table: WHERE :aged: < :before AND ${only} LIMIT :most FOR UPDATE SKIP LOCKED))`,
        { table, aged, before, most: ROWS_AT_ONCE },
      );
      return rowCount ?? 0;
    });
  }

  /** What was forgotten of the audit is the audit's newest entry. */
  #forgetAudit(keepDays: number): Promise<number> {
    const { knex } = this.#context;
    const before = this.#daysAgo(keepDays);
    return this.#inBatches('audit_log', () =>
      inTransaction(knex, async (trx) => {
        const { rows } = await trx.raw<Rows<{ entries: number }>>('SELECT forget_audit_entries(?, ?) AS entries', [before, ROWS_AT_ONCE]);
        const entries = rows[0]?.entries ?? 0;
        if (entries > 0) {
          const details = { entries, before: before.toISOString() };
          await recordAudit(trx, { actor: { kind: 'kernel' }, action: 'audit.forget', objectType: 'audit', result: 'done', details });
        }
        return entries;
      }),
    );
  }

  async #inBatches(table: string, forgetSome: () => Promise<number>): Promise<number> {
    let all = 0;
    for (;;) {
      const rows = await forgetSome();
      all += rows;
      this.#forgotten.inc({ table }, rows);
      if (rows < ROWS_AT_ONCE) return all;
    }
  }

  #daysAgo(days: number): Date {
    return new Date(this.#context.clock.now().getTime() - days * DAY_MS);
  }
}
