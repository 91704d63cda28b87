import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import type { Knex } from 'knex';
import type { Client, Notification } from 'pg';
import type { Rows } from '../../database/connect.ts';
import type { PluginHost } from '../host.ts';
import { CHANNEL } from '../installed-plugins.ts';

const LOOK_MS = 1_000;
/** An instance that has not been heard of for this long is not there any more. */
const DEAD_AFTER_SECONDS = 30;

/** How one plugin stands on one instance. */
export interface PluginThere {
  state: string;
  reason: string | null;
  version: string | null;
}

export interface InstanceState {
  id: string;
  host: string;
  pid: number;
  startedAt: string;
  heartbeatAt: string;
  /** The number of the last change that it has applied. */
  generation: number;
  states: Record<string, PluginThere>;
}

/** The instances that have been heard of lately. */
export async function readInstances(knex: Knex): Promise<InstanceState[]> {
  const { rows } = await knex.raw<Rows<InstanceState & { startedAt: Date; heartbeatAt: Date }>>(
    `SELECT id, host, pid, started_at AS "startedAt", heartbeat_at AS "heartbeatAt", generation, states FROM plugin_instances
     WHERE heartbeat_at > now() - make_interval(secs => ?) ORDER BY started_at, id`,
    [DEAD_AFTER_SECONDS],
  );
  return rows.map((row) => ({
    ...row,
    startedAt: new Date(row.startedAt).toISOString(),
    heartbeatAt: new Date(row.heartbeatAt).toISOString(),
  }));
}

/**
 * Keeps this instance at what is wanted: told through LISTEN when something has changed, and looking every second in case
 * that was missed. Each look is a heartbeat; what was applied, and how each plugin stands, is acknowledged in the same row.
 */
export class Cluster {
  readonly id = randomUUID();
  readonly #host: PluginHost;
  readonly #answerCommands: (instance: string) => Promise<void>;
  #timer: NodeJS.Timeout | undefined;
  #listener: Client | undefined;
  #looking: Promise<void> | undefined;
  #isAskedAgain = false;
  #isStopping = false;
  #acknowledged = '';

  /** @param answerCommands Does what the command line has asked for meanwhile. */
  constructor(host: PluginHost, answerCommands: (instance: string) => Promise<void>) {
    this.#host = host;
    this.#answerCommands = answerCommands;
  }

  async start(): Promise<void> {
    await this.#acknowledge();
    await this.#listen();
    this.#timer = setInterval(() => {
      this.look();
    }, LOOK_MS);
    this.#timer.unref();
  }

  async stop(): Promise<void> {
    this.#isStopping = true;
    clearInterval(this.#timer);
    await this.#looking;
    await this.#listener?.end().catch(() => undefined);
    await this.#host.services.knex('plugin_instances').where({ id: this.id }).delete();
  }

  /** Looks for changes now, or once more when it is looking already. */
  look(): void {
    if (this.#isStopping) return;
    if (this.#looking !== undefined) {
      this.#isAskedAgain = true;
      return;
    }
    this.#looking = this.#lookOnce()
      .catch((error: unknown) => {
        this.#host.services.log.warn({ err: error }, 'what is wanted of the plugins could not be read');
      })
      .finally(() => {
        this.#looking = undefined;
        if (this.#isAskedAgain) {
          this.#isAskedAgain = false;
          this.look();
        }
      });
  }

  async #lookOnce(): Promise<void> {
    const { knex } = this.#host.services;
    if (this.#listener === undefined) await this.#listen();
    const { rows } = await knex.raw<Rows<{ generation: number; isKnown: boolean; waiting: boolean }>>(
      `WITH beat AS (UPDATE plugin_instances SET heartbeat_at = now() WHERE id = :id RETURNING id),
         pruned AS (DELETE FROM plugin_instances WHERE heartbeat_at < now() - make_interval(secs => :dead) AND id <> :id)
       SELECT generation, EXISTS (SELECT FROM beat) AS "isKnown",
         EXISTS (SELECT FROM plugin_commands WHERE taken_by IS NULL) AS waiting FROM plugin_generation`,
      { id: this.id, dead: DEAD_AFTER_SECONDS },
    );
    const [row] = rows;
    if (row === undefined) return;
    if (row.generation !== this.#host.desired.generation) await this.#host.follow();
    if (!row.isKnown || this.#describe() !== this.#acknowledged) await this.#acknowledge();
    if (row.waiting) void this.#answerCommands(this.id).finally(() => {
      this.look();
    });
  }

  /** Writes down what this instance has applied. */
  async #acknowledge(): Promise<void> {
    const text = this.#describe();
    const { generation, states } = JSON.parse(text) as { generation: number; states: object };
    await this.#host.services.knex('plugin_instances')
      .insert({ id: this.id, host: hostname(), pid: process.pid, generation, states: JSON.stringify(states) })
      .onConflict('id')
      .merge({ generation, states: JSON.stringify(states), heartbeat_at: this.#host.services.knex.fn.now() });
    this.#acknowledged = text;
  }

  #describe(): string {
    const { statuses, running, desired } = this.#host;
    const installed = statuses.filter((status) => status.installed !== undefined || status.state === 'failed');
    const states = installed.map(({ id, state, reason }): [string, PluginThere] => [
      id,
      { state, reason, version: running.get(id)?.version ?? null },
    ]);
    return JSON.stringify({ generation: desired.generation, states: Object.fromEntries(states) });
  }

  /** A connection of its own that hears of changes at once. When it is lost, the next look makes another. */
  async #listen(): Promise<void> {
    const { knex } = this.#host.services;
    const client = (await (knex.client as { acquireRawConnection(): Promise<Client> }).acquireRawConnection());
    const forget = (): void => {
      if (this.#listener === client) this.#listener = undefined;
    };
    client.on('error', forget);
    client.on('end', forget);
    client.on('notification', (message: Notification) => {
      if (message.channel === CHANNEL) this.look();
    });
    await client.query(`LISTEN ${CHANNEL}`);
    this.#listener = client;
  }
}
