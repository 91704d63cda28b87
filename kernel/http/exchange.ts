import type { Context } from 'koa';
import type { Execution } from '../telemetry/execution.ts';
import { API_HEADERS } from './security-headers.ts';

/** One request under way, and the head of its answer as far as it is known: names and values in turn, as writeHead() takes them. */
export interface Exchange {
  readonly ctx: Context;
  readonly requestId: string;
  readonly execution: Execution;
  readonly head: string[];
}

const HEAD: readonly string[] = Object.entries(API_HEADERS).flat();

export function startExchange(ctx: Context, requestId: string): Exchange {
  const execution: Execution = { requestId, userId: undefined, owner: 'kernel', place: undefined, lease: undefined };
  return { ctx, requestId, execution, head: [...HEAD, 'X-Request-Id', requestId] };
}

export function addHeaders({ head }: Exchange, headers: Readonly<Record<string, string>>): void {
  for (const name in headers) head.push(name, headers[name] ?? '');
}

/** Aborted when the client hangs up. */
export function hangUpSignal({ res }: Context): AbortSignal {
  const controller = new AbortController();
  const closed = (): void => {
    if (!res.writableFinished) controller.abort();
  };
  if (res.closed) closed();
  else res.once('close', closed);
  return controller.signal;
}
