import { performance } from 'node:perf_hooks';
import { inSavepoint, type Transaction } from '../database/transaction.ts';
import { ApiError } from '../http/errors.ts';
import { currentExecution, runAs } from '../telemetry/execution.ts';
import type { HookKind } from './hooks.ts';

/** Where a plugin's code failed. */
export interface Fault {
  owner: string;
  /** As `hook workoutLogged`, `route POST /api/workouts`, `event workout.logged`, `job sweep`. */
  where: string;
  error: unknown;
}

/** What is told of every run of a plugin's code. */
export interface Observer {
  ran(owner: string, where: string, milliseconds: number, isFailure: boolean): void;
  failed(fault: Fault): void;
}

/** A plugin's code did not come back in time. */
export class TimeLimitError extends Error {
  override name = 'TimeLimitError';
}

/** How long a tap of each kind may take, in milliseconds. */
export const TIME_LIMITS: Record<Exclude<HookKind, 'registration'>, number> = {
  lifecycle: 30_000,
  transaction: 5_000,
  decision: 2_000,
  waterfall: 2_000,
};

/** Runs a plugin's code under its name, measures it and reports its failure; the failure is thrown on. */
export function runContained<T>(observer: Observer, owner: string, where: string, work: () => T): T {
  const started = performance.now();
  const finish = (failure?: { error: unknown }): void => {
    const isFault = failure !== undefined && !isRefusal(failure.error);
    observer.ran(owner, where, performance.now() - started, isFault);
    if (isFault) observer.failed({ owner, where, error: failure.error });
  };
  let result: T;
  try {
    result = runAs({ ...currentExecution(), owner }, work);
  } catch (error) {
    finish({ error });
    throw error;
  }
  if (!(result instanceof Promise)) {
    finish();
    return result;
  }
  return result.then(
    (value: unknown) => {
      finish();
      return value;
    },
    (error: unknown) => {
      finish({ error });
      throw error;
    },
  ) as T;
}

/** Rejects when `work` is not done in time. The work itself cannot be stopped; its answer is no longer waited for. */
export async function withTimeLimit<T>(work: Promise<T> | T, milliseconds: number, what: string): Promise<T> {
  if (!(work instanceof Promise)) return work;
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      reject(new TimeLimitError(`${what} took longer than ${String(milliseconds)} ms.`));
    }, milliseconds);
    timer.unref();
  });
  try {
    return await Promise.race([work, limit]);
  } finally {
    clearTimeout(timer);
  }
}

/** An answer meant for the client, as opposed to a fault of the code. */
function isRefusal(error: unknown): boolean {
  return error instanceof ApiError && error.status < 500;
}

type TapFunction = (...args: unknown[]) => unknown;

/** What a tap is, for wrapping it. */
export interface ContainedTap {
  owner: string;
  hook: string;
  kind: Exclude<HookKind, 'registration'>;
  mayVeto: boolean;
  run: TapFunction;
}

/** The function that is tapped in place of a plugin's own: its failures never reach the caller, but for what its kind says. */
export function contain(observer: Observer, tap: ContainedTap): (...args: unknown[]) => Promise<unknown> {
  const { owner, hook, kind } = tap;
  const where = `hook ${hook}`;
  // Async, so that a tap that throws at once rejects: tapable never settles when a promise tap throws.
  const run = async (args: unknown[]): Promise<unknown> =>
    runContained(observer, owner, where, () =>
      withTimeLimit(tap.run(...args), TIME_LIMITS[kind], `${owner}: ${where}`),
    );
  switch (kind) {
    case 'lifecycle':
      return (moment) => ((moment as { plugin: string }).plugin === owner ? run([moment]) : Promise.resolve());
    case 'transaction':
      return async (moment) => {
        try {
          await inSavepoint((moment as { trx: Transaction }).trx, () => run([moment]));
        } catch (error) {
          if (tap.mayVeto && error instanceof ApiError) throw error;
        }
      };
    case 'decision':
    case 'waterfall':
      return (...args) => run(args).catch(() => undefined);
  }
}
