export type WorkoutFileFault =
  'empty' | 'unknown-header' | 'wrong-format' | 'mapping' | 'unit-required' | 'json' | 'version' | 'checksum';

/** What a CSV file holds whose header is not known: enough for somebody to say what its columns mean. */
export interface FoundColumns {
  /** By the names that a mapping takes. */
  columns: readonly string[];
  /** The first rows below them. */
  rows: readonly (readonly string[])[];
}

/** The file as a whole cannot be read. The message is meant for the person who brought the file. */
export class WorkoutFileError extends Error {
  readonly fault: WorkoutFileFault;
  /** With `unknown-header`, when there is a header that a mapping can name. */
  readonly found: FoundColumns | undefined;

  constructor(fault: WorkoutFileFault, message: string, options?: ErrorOptions & { found?: FoundColumns }) {
    super(message, options);
    this.name = 'WorkoutFileError';
    this.fault = fault;
    this.found = options?.found;
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
