export type WorkoutFileFault =
  'empty' | 'unknown-header' | 'wrong-format' | 'mapping' | 'unit-required' | 'json' | 'version' | 'checksum';

/** The file as a whole cannot be read. The message is meant for the person who brought the file. */
export class WorkoutFileError extends Error {
  readonly fault: WorkoutFileFault;

  constructor(fault: WorkoutFileFault, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'WorkoutFileError';
    this.fault = fault;
  }
}

/** One value cannot be read; whoever reads the row turns it into a problem and goes on. */
export class CellError extends Error {
  /** Absent when it is not one value that is wrong. */
  readonly column: string | undefined;
  readonly value: string | undefined;

  constructor(column: string | undefined, value: string | undefined, reason: string) {
    super(reason);
    this.name = 'CellError';
    this.column = column;
    this.value = value;
  }
}
