import type { CsvRecord } from './csv.ts';
import { parseMoment } from './dates.ts';
import type { DateOrder, Moment } from './dates.ts';
import { LONGEST_NAME } from './limits.ts';
import type { ImportedSession, ImportProblem, ImportWarning, UnitSource } from './session.ts';
import type { SetReading } from './measures.ts';
import type { Header, Row } from './table.ts';
import type { UnitOptions } from './units.ts';

export type FormatId =
  | 'strong-a'
  | 'strong-b'
  | 'strong-c'
  | 'strong-d'
  | 'strong-e'
  | 'strong-g'
  | 'hevy'
  | 'fitnotes-kg'
  | 'fitnotes-lb'
  | 'fitnotes-unit'
  | 'fitnotes-ios'
  | 'generic'
  | 'musclemap-csv'
  | 'musclemap-json';

export type App = 'Strong' | 'Hevy' | 'FitNotes' | 'MuscleMap' | 'other';

/** What a file turned out to be. */
export interface DetectedFormat {
  id: FormatId;
  app: App;
  /** One line for people. */
  description: string;
  /** What the file does not say and was taken from the options, one sentence each. */
  assumptions: string[];
}

/** A file of which only the beginning was read. */
export interface OpenedFile {
  format: DetectedFormat;
  items: AsyncGenerator<ImportedSession | ImportProblem>;
}

/** What the reader of a format has to know besides the header. */
export interface FormatOptions extends UnitOptions {
  /** `YYYY-MM-DD`; later days lie in the future. */
  latestDate: string;
  /** How a date of three numbers is to be read. */
  dateOrder?: DateOrder;
}

export interface SessionHead {
  /** Neighbouring rows with the same key belong to one session. */
  key: string;
  date: string;
  startedAt?: string;
  title?: string;
  notes?: string;
  durationSeconds?: number;
  isPublic?: false;
  warnings: ImportWarning[];
}

export interface ExerciseHead {
  name: string;
  notes?: string;
  /** The place of the set in its exercise. When it does not rise, the same exercise begins a second time. */
  position?: number;
}

/** A row as understood: a set, a note on an exercise (no `reading`), or a pause between sets. */
export type RowContent = 'rest' | { session: SessionHead; exercise: ExerciseHead; reading?: SetReading };

export interface RowFormat {
  format: DetectedFormat;
  /** The unit source of a session in which nothing has a weight. */
  unitSource: UnitSource;
  /** The file was written by us. */
  isOwn?: true;
  /** Puts together again what the app has torn apart by not quoting it; undefined when it cannot tell how. */
  mend?(record: CsvRecord, header: Header): CsvRecord | undefined;
  /** Throws a `CellError` when the row cannot be read. */
  readRow(row: Row): RowContent;
}

/** Knows a format by its header; undefined for any other header. */
export type Recognition = (header: Header, options: FormatOptions) => RowFormat | undefined;

/** A text of one line that a row must have. */
export function requiredText(row: Row, column: string): string {
  const text = row.text(column, LONGEST_NAME);
  if (text === undefined) throw row.error(column, 'is missing');
  if (text.includes('\n')) throw row.error(column, 'runs over several lines; a quote may be missing');
  return text;
}

export function readMoment(row: Row, column: string, { latestDate, dateOrder }: FormatOptions): Moment {
  const text = requiredText(row, column);
  const moment = parseMoment(text, dateOrder);
  if (!moment) throw row.error(column, faultOfDate(text, dateOrder));
  if (moment.date > latestDate) throw row.error(column, 'lies in the future');
  return moment;
}

function faultOfDate(text: string, order: DateOrder | undefined): string {
  if (order !== undefined && order !== 'ymd') return `is not a date written ${order}`;
  return /^\d{1,2}[-./]\d{1,2}[-./]\d{4}/.test(text)
    ? 'is a date of which the day and the month cannot be told apart; say dateOrder'
    : 'is not a date';
}

export function startOf({ date, time }: Moment): string | undefined {
  return time === undefined ? undefined : `${date}T${time}`;
}
