import { AsyncLocalStorage } from 'node:async_hooks';

/** On whose behalf code runs: follows every await, timer and listener that starts within it. */
export interface Execution {
  requestId?: string;
  userId?: string;
  /** The plugin whose code runs, or `kernel`. */
  owner: string;
}

const storage = new AsyncLocalStorage<Execution>();

/** Runs `work` under the name of its owner, so that whatever it logs, queries or throws later can be attributed. */
export function runAs<T>(execution: Execution, work: () => T): T {
  return storage.run(execution, work);
}

export function currentExecution(): Execution | undefined {
  return storage.getStore();
}
