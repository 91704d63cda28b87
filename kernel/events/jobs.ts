/** When a job runs, for how long and how often it is tried. */
export interface JobOptions {
  /**
   * When it runs by itself, as `0 3 * * *` (minute, hour, day of month, month, day of week; UTC). Each tick runs once in
   * the whole cluster; ticks that nobody was there for are made up for by one run.
   */
  cron?: string;
  /** How often a failed run is tried again, with a growing pause; 8 unless said. */
  retries?: number;
  /** Seconds after which a run counts as failed; 300 unless said. */
  timeLimitSeconds?: number;
}

/** What a run of a cron job is given as its data. */
export interface CronRun {
  /** The tick that it runs for, in ISO 8601. */
  dueAt: string;
}

/** Does the work. `run.id` is the same when a failed run is tried again. */
export type JobHandler<Data extends object = object> = (data: Data, run: { id: string }) => Promise<void> | void;

/** A registered job with its owner. */
export interface JobDefinition {
  owner: string;
  name: string;
  options: JobOptions;
  handler: JobHandler;
}
