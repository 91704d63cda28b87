import { performance } from 'node:perf_hooks';
import type { Containment } from '../config/config.ts';
import type { Lease } from '../database/lease.ts';
import { lend, type Transaction } from '../database/transaction.ts';
import { ApiError } from '../http/errors.ts';
import { currentExecution, runAs } from '../telemetry/execution.ts';
import type { Place } from '../telemetry/places.ts';
import { running } from '../telemetry/running.ts';
import { openTransaction, turnTransactions, type DatabaseView } from './database/views.ts';
import type { HookKind } from './hooks.ts';

/** Where a plugin's code failed. */
export interface Fault {
  owner: string;
  /** As `hook workoutLogged`, `route POST /api/workouts`, `event workout.logged`, `job sweep`. */
  where: string;
  error: unknown;
}

/** What keeps the figures of every run of a plugin's code, and is told of its failures. */
export interface Observer {
  readonly limits: Containment['limits'];
  place(owner: string, where: string): Place;
  failed(fault: Fault): void;
}

/** A plugin's code did not come back in time. */
export class TimeLimitError extends Error {
  override name = 'TimeLimitError';
}

/** Runs a plugin's code under its name, measures it and reports its failure; the failure is thrown on. */
export function runContained<T>(observer: Observer, owner: string, where: string, work: () => T): T {
  return runAt(observer, observer.place(owner, where), work);
}

function runAt<T>(observer: Observer, place: Place, work: () => T, lease?: Lease): T {
  const around = currentExecution();
  const execution = { requestId: around?.requestId, userId: around?.userId, owner: place.owner, place, lease: lease ?? around?.lease };
  const before = running[0] ?? 0;
  const started = performance.now();
  running[0] = place.index + 1;
  let result: T;
  try {
    result = runAs(execution, work);
  } catch (error) {
    failed(observer, place, started, error);
    throw error;
  } finally {
    running[0] = before;
  }
  if (isPending(result)) return watch(observer, place, started, result) as T;
  place.ran(performance.now() - started, false);
  return result;
}

async function watch(observer: Observer, place: Place, started: number, work: PromiseLike<unknown>): Promise<unknown> {
  try {
    const value = await work;
    place.ran(performance.now() - started, false);
    return value;
  } catch (error) {
    failed(observer, place, started, error);
    throw error;
  }
}

function failed(observer: Observer, place: Place, started: number, error: unknown): void {
  const isFault = !isRefusal(error);
  place.ran(performance.now() - started, isFault);
  if (isFault) observer.failed({ owner: place.owner, where: place.where, error });
}

/** Whether an answer is still to come. A query that nobody has awaited yet is one as well. */
export function isPending(result: unknown): result is PromiseLike<unknown> {
  return typeof result === 'object' && result !== null && 'then' in result && typeof result.then === 'function';
}

/** Rejects when `work` is not done in time. The work itself cannot be stopped; its answer is no longer waited for. */
export function withTimeLimit<T>(work: PromiseLike<T> | T, milliseconds: number, what: string): Promise<T> | T {
  return isPending(work) ? race(work, milliseconds, what) : work;
}

function race<T>(work: PromiseLike<T>, milliseconds: number, what: string): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      reject(new TimeLimitError(`${what} took longer than ${String(milliseconds)} ms.`));
    }, milliseconds);
    timer.unref();
    const inTime = (settle: (outcome: never) => void) => (outcome: unknown) => {
      clearTimeout(timer);
      settle(outcome as never);
    };
    work.then(inTime(resolve), inTime(reject));
  });
}

/** An answer meant for the client, as opposed to a fault of the code. */
function isRefusal(error: unknown): boolean {
  try {
    return error instanceof ApiError && error.status < 500;
  } catch {
    return false;
  }
}

/** Hooks that are asked in the background, where nobody waits for the answer. */
const SLOW_HOOKS: Readonly<Record<string, keyof Containment['limits']>> = { moderate: 'moderation' };

type TapFunction = (...args: unknown[]) => unknown;
type Done = (error: unknown, answer?: unknown) => void;

/** What a tap is, for wrapping it. */
export interface ContainedTap {
  owner: string;
  hook: string;
  kind: Exclude<HookKind, 'registration'>;
  mayVeto: boolean;
  run: TapFunction;
  /** What its owner sees of the transactions that it is handed. */
  view: DatabaseView;
}

/**
 * The function that is tapped in place of a plugin's own: its failures never reach the caller, but for what its kind says. It
 * answers through a callback, tapable's last argument, so that a tap that answers at once costs no promise.
 */
export function contain(observer: Observer, tap: ContainedTap): (...args: [...unknown[], Done]) => void {
  const { owner, hook, kind } = tap;
  const place = observer.place(owner, `hook ${hook}`);
  const limit = observer.limits[SLOW_HOOKS[hook] ?? kind];
  const what = `${owner}: ${place.where}`;
  const run = (args: unknown[], lease?: Lease): unknown =>
    runAt(observer, place, () => withTimeLimit(tap.run(...args.map(seen)), limit, what), lease);
  const seen = (value: unknown): unknown => turnTransactions(value, (trx) => tap.view.transaction(trx));
  const runOn = (trx: Transaction, moment: unknown): unknown => {
    const lease = lend(openTransaction(trx), limit);
    return settleOn(lease, () => run([moment], lease), {
      isVeto: (error) => tap.mayVeto && error instanceof ApiError,
      spoilt: (error) => {
        observer.failed({ owner, where: place.where, error });
      },
    });
  };
  const begin = (args: unknown[]): unknown => {
    const [moment] = args;
    if (kind === 'lifecycle') return (moment as { plugin: string }).plugin === owner ? run([moment]) : undefined;
    return kind === 'transaction' ? runOn((moment as { trx: Transaction }).trx, moment) : run(args);
  };
  const isSkipped = kind === 'decision' || kind === 'waterfall';
  return (...given) => {
    const done = given.pop() as Done;
    const fail = (error: unknown): void => {
      done(isSkipped ? null : error);
    };
    let answer: unknown;
    try {
      answer = begin(given);
    } catch (error) {
      fail(error);
      return;
    }
    if (isPending(answer)) answer.then((value) => done(null, value), fail);
    else done(null, answer);
  };
}

interface Stay {
  /** Whether an error refuses what the caller is doing. */
  isVeto(error: unknown): boolean;
  /** Told when the work went well by its own account, and left the transaction unusable. */
  spoilt(error: unknown): void;
}

/** Keeps a stay's statements when `work` succeeds and undoes them when it fails; only a veto is thrown on. */
function settleOn(lease: Lease, work: () => unknown, stay: Stay): unknown {
  const undo = async (error: unknown): Promise<void> => {
    await lease.undo();
    if (stay.isVeto(error)) throw error;
  };
  const keep = (): Promise<void> | undefined =>
    lease.keep()?.catch((error: unknown) => {
      stay.spoilt(error);
      return undo(error);
    });
  let result: unknown;
  try {
    result = work();
  } catch (error) {
    return undo(error);
  }
  return isPending(result) ? result.then(keep, undo) : keep();
}
