/**
 * A backup is gzipped text, a line at a time. A line of JSON says what follows: a statement in itself; rows of a table, as COPY writes
 * them, or a file in base64, both up to a line `\.`; and at last how much there was, so that one that was cut short is known.
 */
export type Entry =
  | { kind: 'header'; format: number; version: string; madeAt: string; server: string; keys: string | undefined }
  | { kind: 'statement'; sql: string; when: 'before' | 'after' }
  | { kind: 'rows'; table: string; columns: string }
  | { kind: 'file'; name: string; size: number }
  | ({ kind: 'end' } & BackupCounts);

export interface BackupCounts {
  tables: number;
  rows: number;
  files: number;
}

export const END_OF_DATA = '\\.';

/** Why a backup cannot be made or restored, in a sentence for who asked for it. */
export class BackupError extends Error {
  override name = 'BackupError';
}
