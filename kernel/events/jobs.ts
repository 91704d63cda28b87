export interface JobOptions {
  /** How often a failed run is tried again; 5 unless said. */
  retries?: number;
  /** Seconds after which a run counts as failed; 300 unless said. */
  timeLimitSeconds?: number;
}

export type JobHandler<Data extends object = object> = (data: Data, run: { id: string }) => Promise<void> | void;

/** A registered job with its owner. */
export interface JobDefinition {
  owner: string;
  name: string;
  options: JobOptions;
  handler: JobHandler;
}
