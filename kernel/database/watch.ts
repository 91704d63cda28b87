import { performance } from 'node:perf_hooks';
import type { Knex } from 'knex';
import type { Client } from 'pg';
import { currentExecution } from '../telemetry/execution.ts';

type Query = (...args: unknown[]) => unknown;
type Callback = (error: unknown, result: unknown) => void;

const senders = new WeakMap<object, Query>();

/**
 * Puts every statement of a connection down to the plugin whose code sends it, and refuses those of a tap that uses its
 * caller's transaction after its time.
 */
export function watchStatements(client: Client): void {
  const send = client.query.bind(client) as Query;
  senders.set(client, send);
  const query: Query = (...args) => {
    const execution = currentExecution();
    if (execution === undefined) return send(...args);
    try {
      execution.lease?.admit(client);
    } catch (error) {
      return refuse(args, error);
    }
    const { place } = execution;
    return place === undefined ? send(...args) : measure(send, args, (milliseconds) => place.queried(milliseconds));
  };
  Object.defineProperty(client, 'query', { value: query, configurable: true, writable: true });
}

function refuse(args: unknown[], error: unknown): unknown {
  const last = args.at(-1);
  if (typeof last !== 'function') return Promise.reject(error instanceof Error ? error : new Error(String(error)));
  (last as Callback)(error, undefined);
  return undefined;
}

function measure(send: Query, args: unknown[], measured: (milliseconds: number) => void): unknown {
  const started = performance.now();
  const finish = (): void => {
    measured(performance.now() - started);
  };
  const last = args.at(-1);
  if (typeof last === 'function') {
    const callback = last as Callback;
    return send(...args.slice(0, -1), (error: unknown, result: unknown) => {
      finish();
      callback(error, result);
    });
  }
  const sent = send(...args);
  if (sent instanceof Promise) sent.then(finish, finish);
  return sent;
}

/** The connection that a transaction runs on. */
export async function connectionOf(trx: Knex.Transaction): Promise<object> {
  return (trx.client as { acquireConnection(): Promise<object> }).acquireConnection();
}

/** Sends SQL without parameters on a connection, as the kernel's own. */
export function sendPlain(connection: object, sql: string): Promise<unknown> {
  const send = senders.get(connection);
  if (send === undefined) throw new TypeError('This connection is not one of the pool.');
  return Promise.resolve(send(sql));
}
