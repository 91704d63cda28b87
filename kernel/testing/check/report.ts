import { performance } from 'node:perf_hooks';

/** What is looked at, in this order. */
export const CHECKS = [
  'manifest',
  'code',
  'apply',
  'names',
  'start',
  'routes',
  'hostile requests',
  'disable',
  'migrations',
  'enable again',
] as const;
export type CheckName = (typeof CHECKS)[number];

/** How one check went; `skipped` when an earlier one left nothing to look at. */
export interface CheckOutcome {
  check: CheckName;
  state: 'passed' | 'failed' | 'skipped';
  milliseconds: number;
  /** Each names the file, the field, the route or the hook that is wrong. */
  problems: string[];
}

export interface CheckReport {
  directory: string;
  /** The plugin's id, once its manifest could be read. */
  plugin: string | null;
  isSound: boolean;
  checks: CheckOutcome[];
}

/** A check went so wrong that the ones after it have nothing to look at. */
export class CheckFailure extends Error {
  override name = 'CheckFailure';
}

/** Told of each check before it runs, with the outcomes of those before it. */
export type Begun = (check: CheckName, outcomes: readonly CheckOutcome[]) => void;

/** Collects the outcomes while the checks run. */
export class Findings {
  readonly #directory: string;
  readonly #begun: Begun;
  readonly #outcomes: CheckOutcome[] = [];
  plugin: string | null = null;

  constructor(directory: string, begun: Begun) {
    this.#directory = directory;
    this.#begun = begun;
  }

  /** Runs one check, which answers what is wrong. @throws CheckFailure when it could not come to its end. */
  async run(check: CheckName, look: () => Promise<readonly string[]> | readonly string[]): Promise<void> {
    this.#begun(check, this.#outcomes);
    const started = performance.now();
    const add = (problems: readonly string[]): void => {
      const state = problems.length === 0 ? 'passed' : 'failed';
      this.#outcomes.push({ check, state, milliseconds: Math.round(performance.now() - started), problems: [...problems] });
    };
    try {
      add(await look());
    } catch (error) {
      const reason = describeFailure(error);
      add([reason]);
      throw new CheckFailure(reason, { cause: error });
    }
  }

  report(): CheckReport {
    return completeReport(this.#directory, this.plugin, this.#outcomes);
  }
}

/** A report in which every check appears, those that did not run as skipped. */
export function completeReport(directory: string, plugin: string | null, outcomes: readonly CheckOutcome[]): CheckReport {
  const checks = CHECKS.map(
    (check) => outcomes.find((outcome) => outcome.check === check) ?? { check, state: 'skipped' as const, milliseconds: 0, problems: [] },
  );
  return { directory, plugin, isSound: checks.every(({ state }) => state === 'passed'), checks };
}

/** The message of an error, with the fields that an ApiError names. */
function describeFailure(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const details = 'details' in error && error.details !== undefined ? ` ${JSON.stringify(error.details)}` : '';
  return error.message + details;
}
