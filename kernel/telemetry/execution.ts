import { AsyncLocalStorage } from 'node:async_hooks';
import type { Lease } from '../database/lease.ts';
import type { Place } from './places.ts';

/** On whose behalf code runs: follows every await, timer and listener that starts within it. */
export interface Execution {
  requestId?: string | undefined;
  userId?: string | undefined;
  /** The plugin whose code runs, or `kernel`. */
  owner: string;
  /** Where its calls, faults and statements are counted. */
  place?: Place | undefined;
  /** Of a tap in its caller's transaction: its right to use it, which ends with the tap. */
  lease?: Lease | undefined;
}

const storage = new AsyncLocalStorage<Execution>();

/** Runs `work` under the name of its owner, so that whatever it logs, queries or throws later can be attributed. */
export function runAs<T>(execution: Execution, work: () => T): T {
  return storage.run(execution, work);
}

export function currentExecution(): Execution | undefined {
  return storage.getStore();
}
