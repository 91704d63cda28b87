import knex, { type Knex } from 'knex';
import pg from 'pg';
import { runAs } from '../telemetry/execution.ts';
import type { Logger } from '../telemetry/logger.ts';
import { watchStatements } from './watch.ts';

const { DATE, INT8 } = pg.types.builtins;
// A DATE stays the text YYYY-MM-DD: as a JavaScript Date it would move with the machine's time zone.
pg.types.setTypeParser(DATE, (value) => value);
// BIGINT counts and sums arrive as numbers: none of ours leaves the safe range.
pg.types.setTypeParser(INT8, Number);

/**
 * A network that is cut off tells nobody. So both sides ask after a peer that is silent, and know within 15 s that it is gone: the
 * server's end lets go of its locks, this end connects again.
 */
export const LIVELINESS = { keepAlive: true, keepAliveInitialDelayMillis: 5_000 } as const;
const PEER_SETTINGS = '-c tcp_keepalives_idle=5 -c tcp_keepalives_interval=2 -c tcp_keepalives_count=4';
/** Of a connection that only listens and holds locks. */
export const LISTENING = { ...LIVELINESS, connectionTimeoutMillis: 5_000, options: PEER_SETTINGS } as const;

export interface ConnectionOptions {
  poolMax: number;
  /** Shown in pg_stat_activity. */
  applicationName: string;
  /** For a replica: nothing can be changed through it, even when it has become a primary. */
  isReadOnly?: boolean;
  /** How long to wait for a connection, in milliseconds: 10 s unless said. */
  waitMs?: number;
  /** Told when a connection breaks; the console unless said. */
  log?: Pick<Logger, 'debug' | 'warn' | 'error'> | undefined;
}

const SETTINGS = `-c TimeZone=UTC -c statement_timeout=30000 -c lock_timeout=10000 -c idle_in_transaction_session_timeout=60000 ${PEER_SETTINGS}`;

/** One pool of connections; every session speaks UTC and waits at most 30 s for a statement and 10 s for a lock. */
export function connect(connectionString: string, options: ConnectionOptions): Knex {
  const { poolMax, applicationName, isReadOnly = false, waitMs, log } = options;
  const pool = knex({
    client: 'pg',
    connection: {
      connectionString,
      application_name: applicationName,
      options: isReadOnly ? `${SETTINGS} -c default_transaction_read_only=on` : SETTINGS,
      ...LIVELINESS,
      ...(waitMs !== undefined && { connectionTimeoutMillis: waitMs }),
    },
    pool: {
      ...{ min: 0, max: poolMax, acquireTimeoutMillis: waitMs ?? 10_000, idleTimeoutMillis: 30_000 },
      afterCreate: (client: pg.Client, done: () => void) => {
        watchStatements(client);
        done();
      },
    },
    asyncStackTraces: false,
    ...(log && { log: intoLog(log) }),
  });
  keepReaper(pool);
  return pool;
}

/** knex hands over texts, which have lines and colours when they go to the console. */
function intoLog(log: Pick<Logger, 'debug' | 'warn' | 'error'>): Knex.Logger {
  const at = (level: 'debug' | 'warn' | 'error') => (message: unknown) => {
    log[level](`database: ${typeof message === 'string' ? message : JSON.stringify(message)}`);
  };
  return { debug: at('debug'), deprecate: at('warn'), warn: at('warn'), error: at('error') };
}

/** The timer that closes idle connections is the pool's, whoever asked for a connection when it began: it does not end with a plugin. */
function keepReaper({ client }: Knex): void {
  const { pool } = client as { pool: { _startReaping(): void } };
  const start = pool._startReaping.bind(pool);
  pool._startReaping = () => {
    runAs({ owner: 'kernel' }, start);
  };
}

/** What knex.raw answers for a SELECT whose rows are `Row`. */
export interface Rows<Row> {
  rows: Row[];
  rowCount: number | null;
}

/** Whether the database could not be reached, as opposed to having refused a statement. */
export function isConnectionFailure(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (error.name === 'KnexTimeoutError') return true;
  const code: unknown = 'code' in error ? error.code : undefined;
  if (typeof code !== 'string') return /Connection terminated|Client has encountered a connection error/.test(error.message);
  return /^(ECONN|EPIPE|ENOTFOUND|EHOSTUNREACH|ETIMEDOUT|08|57P0[1-3]|53300)/.test(code);
}

/** PostgreSQL's name of the constraint that `error` broke; undefined when it is another kind of error. */
export function violatedConstraint(error: unknown): string | undefined {
  if (!(error instanceof pg.DatabaseError) || !/^23(505|503|514|P01)$/.test(error.code ?? '')) return undefined;
  return error.constraint;
}
