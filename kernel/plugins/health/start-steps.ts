import { randomUUID } from 'node:crypto';
import { performance } from 'node:perf_hooks';
import type { Knex } from 'knex';
import type { Client } from 'pg';
import { PluginFailure } from '../activation.ts';
import { rememberPrototypes, restorePrototypes } from './prototypes.ts';

/** A step of bringing up a plugin. */
export type StartStep = 'load' | 'migrate' | 'start';

/** How long a step of a plugin took. */
export interface StepTime {
  plugin: string;
  step: StartStep;
  milliseconds: number;
}

interface Pool {
  acquireConnection(): Promise<Client>;
  releaseConnection(connection: Client): Promise<void>;
}

/** Where the steps of one start are written. */
interface Marker {
  pool: Pool;
  connection: Client;
  bootId: string;
}

const DEATHS_ALLOWED = 1;

function lockName(bootId: string): string {
  return `musclemap:boot:${bootId}`;
}

/**
 * Bringing up plugins, step by step. Each step is written to the database before it begins: when it kills the process, the next
 * start finds whose step it was. A plugin that replaces methods of the language's own prototypes fails, and they are put back.
 */
export class StartSteps {
  readonly times: StepTime[] = [];
  readonly #marker: Marker | undefined;

  /** Without a marker nothing is written down: for a kernel that serves nobody. */
  constructor(marker?: Marker) {
    this.#marker = marker;
  }

  /** Takes a connection until `close`. */
  static async open(knex: Knex): Promise<StartSteps> {
    const bootId = randomUUID();
    const pool = knex.client as Pool;
    const connection = await pool.acquireConnection();
    // A marker must outlive this process, not a power cut: waiting for the disk would slow every start down.
    await connection.query('SET synchronous_commit TO off');
    await connection.query('SELECT pg_advisory_lock(hashtextextended($1, 0))', [lockName(bootId)]);
    return new StartSteps({ pool, connection, bootId });
  }

  /** Runs a step of a plugin. @throws PluginFailure when it has changed what is everybody's. */
  async run<T>(plugin: string, step: StartStep, work: () => Promise<T> | T): Promise<T> {
    await this.#mark(plugin, step);
    const seen = rememberPrototypes();
    const started = performance.now();
    try {
      return await work();
    } finally {
      this.times.push({ plugin, step, milliseconds: performance.now() - started });
      const changed = restorePrototypes(seen);
      if (changed.length > 0) throw new PluginFailure(plugin, `${plugin}: ${step} has replaced ${changed.join(', ')}.`);
    }
  }

  /** What comes next is nobody's step. */
  async pause(): Promise<void> {
    const { connection, bootId } = this.#marker ?? {};
    await connection?.query('DELETE FROM plugin_starts WHERE boot_id = $1', [bootId]);
  }

  /** All steps are done: whoever is up has proved that it does not kill the process. */
  async close(up: readonly string[]): Promise<void> {
    if (this.#marker === undefined) return;
    const { connection, pool } = this.#marker;
    try {
      await this.pause();
      await connection.query('DELETE FROM plugin_deaths WHERE plugin_id = ANY ($1)', [up]);
      await connection.query('SELECT pg_advisory_unlock_all()');
      await connection.query('RESET synchronous_commit');
    } finally {
      await pool.releaseConnection(connection);
    }
  }

  async #mark(plugin: string, step: StartStep): Promise<void> {
    const { connection, bootId } = this.#marker ?? {};
    await connection?.query({
      name: 'plugin_start',
      text: `INSERT INTO plugin_starts (boot_id, plugin_id, step) VALUES ($1, $2, $3)
        ON CONFLICT (boot_id) DO UPDATE SET plugin_id = $2, step = $3, began_at = NOW()`,
      values: [bootId, plugin, step],
    });
  }
}

interface DeathRow {
  plugin_id: string;
  step: string;
  deaths: number;
}

/** Counts the processes that died while they brought up a plugin, and answers who has done so once too often. */
export async function settleDeaths(knex: Knex): Promise<DeathRow[]> {
  return knex.transaction(async (trx) => {
    const { rows } = await trx.raw<{ rows: { boot_id: string; plugin_id: string; step: string }[] }>(
      `SELECT boot_id, plugin_id, step FROM plugin_starts
       WHERE pg_try_advisory_xact_lock(hashtextextended('musclemap:boot:' || boot_id, 0)) FOR UPDATE SKIP LOCKED`,
    );
    if (rows.length === 0) return [];
    await trx('plugin_starts').whereIn('boot_id', rows.map(({ boot_id }) => boot_id)).delete();
    const counted = await trx<DeathRow>('plugin_deaths')
      .insert(mergeDeaths(rows))
      .onConflict('plugin_id')
      .merge({ deaths: trx.raw('plugin_deaths.deaths + excluded.deaths'), step: trx.raw('excluded.step') } as object)
      .returning(['plugin_id', 'step', 'deaths']);
    return counted.filter(({ deaths }) => deaths > DEATHS_ALLOWED);
  });
}

function mergeDeaths(rows: readonly { plugin_id: string; step: string }[]): DeathRow[] {
  const byPlugin = new Map<string, DeathRow>();
  for (const { plugin_id, step } of rows) {
    byPlugin.set(plugin_id, { plugin_id, step, deaths: (byPlugin.get(plugin_id)?.deaths ?? 0) + 1 });
  }
  return [...byPlugin.values()];
}
