import { BrokenCsvError } from './csv.ts';
import type { CsvRecord } from './csv.ts';
import { latestDate, type DateOrder } from './dates.ts';
import { CellError, WorkoutFileError, type FoundColumns } from './errors.ts';
import { recogniseFormat, unknownHeader } from './formats.ts';
import { LONGEST_COLUMN, mapFormat } from './generic.ts';
import type { ColumnMapping } from './generic.ts';
import { problemOf } from './problems.ts';
import { openWorkoutJson } from './read-json.ts';
import type { App, DetectedFormat, FormatOptions, OpenedFile, RowFormat } from './row-format.ts';
import { SessionAssembly } from './session-assembly.ts';
import { compact } from './session.ts';
import type { ImportedSession, ImportProblem } from './session.ts';
import { faultOfRecord, isBlank, openTable, Row } from './table.ts';
import type { Header } from './table.ts';
import { TextStream } from './text-stream.ts';
import type { DistanceUnit, WeightUnit } from './units.ts';

/** What begins with more space than this is no JSON of ours. */
const LONGEST_BLANK_START = 65_536;
/** What an unknown file is shown by. */
const SAMPLE_ROWS = 5;
const LONGEST_SAMPLE = 60;
const MOST_COLUMNS = 100;

export interface ReadOptions {
  /** Refuse the file when it is of another app than this. */
  app?: App;
  /** Read any CSV by these columns instead of recognising its header. */
  mapping?: ColumnMapping;
  /** For weights whose unit the file does not name; without it such a file is refused. */
  unit?: WeightUnit;
  /** For distances whose unit the file does not name: else km, or miles where weights are in pounds. */
  distanceUnit?: DistanceUnit;
  /** How a date of three numbers is to be read, when it does not begin with the year. */
  dateOrder?: DateOrder;
  /** Workouts dated later than today anywhere on earth are refused. */
  now?: Date;
}

export interface ReadCounts {
  /** Rows below the header, blank ones not counted; in JSON the workouts. */
  rows: number;
  sessions: number;
  sets: number;
  problems: number;
  /** Rows that were only a pause between sets. */
  rests: number;
}

/** A file that is being read. Iterating gives sessions and problems in the order of the file, once. */
export interface WorkoutReading extends AsyncIterable<ImportedSession | ImportProblem> {
  readonly format: DetectedFormat;
  /** Grows while the file is read. */
  readonly counts: Readonly<ReadCounts>;
}

/**
 * Reads a workout history of Strong, Hevy, FitNotes or MuscleMap, or any CSV with a mapping, in constant memory. The
 * format is known when the promise resolves; a file that cannot be read as a whole is a `WorkoutFileError`. One that
 * breaks off later gives a problem for the place and keeps what was read before, except our JSON, whose checksum is
 * only known at its end: iterating it throws then, and what it gave must be rolled back.
 */
export async function readWorkouts(
  source: AsyncIterable<Uint8Array | string>,
  options: ReadOptions = {},
): Promise<WorkoutReading> {
  const stream = new TextStream(source);
  const counts: ReadCounts = { rows: 0, sessions: 0, sets: 0, problems: 0, rests: 0 };
  const formatOptions = compact<FormatOptions>({
    unit: options.unit,
    distanceUnit: options.distanceUnit,
    dateOrder: options.dateOrder,
    latestDate: latestDate(options.now ?? new Date()),
  });
  try {
    const { format, items } = (await isJson(stream))
      ? await openWorkoutJson(stream, formatOptions.latestDate, counts)
      : await openCsv(stream, formatOptions, options.mapping, counts);
    if (options.app && options.app !== format.app) {
      throw new WorkoutFileError(
        'wrong-format',
        `This is a file of ${format.app} (${format.description}), not of ${options.app}.`,
      );
    }
    return { format, counts, [Symbol.asyncIterator]: () => counted(items, counts, stream) };
  } catch (error) {
    await stream.close();
    throw error;
  }
}

async function isJson(stream: TextStream): Promise<boolean> {
  while (stream.text.length < LONGEST_BLANK_START && stream.text.trim() === '' && (await stream.more()));
  return /^\s*[{[]/.test(stream.text);
}

async function openCsv(
  stream: TextStream,
  options: FormatOptions,
  mapping: ColumnMapping | undefined,
  counts: ReadCounts,
): Promise<OpenedFile> {
  const { header, records } = await openTable(stream);
  const rowFormat = mapping ? mapFormat(header, mapping, options) : recogniseFormat(header, options);
  if (rowFormat === undefined) throw unknownHeader(header, await findColumns(header, records));
  return { format: rowFormat.format, items: readRows(header, records, rowFormat, counts) };
}

/** The columns of a file that is not known, with rows by which somebody sees what they hold. */
async function findColumns(header: Header, records: AsyncIterable<CsvRecord>): Promise<FoundColumns> {
  const columns = [...new Set(header.labels.filter((label) => label !== '' && label.length <= LONGEST_COLUMN))].slice(0, MOST_COLUMNS);
  const rows: string[][] = [];
  try {
    for await (const record of records) {
      if (isBlank(record)) continue;
      rows.push(columns.map((column) => (record.cells[header.labels.indexOf(column)] ?? '').trim().slice(0, LONGEST_SAMPLE)));
      if (rows.length === SAMPLE_ROWS) break;
    }
  } catch (error) {
    // The rows before the place where it breaks tell enough.
    if (!(error instanceof BrokenCsvError)) throw error;
  }
  return { columns, rows };
}

async function* readRows(
  header: Header,
  records: AsyncIterable<CsvRecord>,
  format: RowFormat,
  counts: ReadCounts,
): AsyncGenerator<ImportedSession | ImportProblem> {
  const assembly = new SessionAssembly(format.unitSource);
  try {
    for await (const record of records) {
      if (isBlank(record)) continue;
      counts.rows += 1;
      const item = readRecord(header, record, format, assembly);
      if (item === 'rest') counts.rests += 1;
      else if (item) yield item;
    }
  } catch (error) {
    if (!(error instanceof BrokenCsvError)) throw error;
    yield { kind: 'problem', line: error.line, reason: error.message };
  }
  const last = assembly.finish();
  if (last) yield last;
}

function readRecord(
  header: Header,
  found: CsvRecord,
  format: RowFormat,
  assembly: SessionAssembly,
): ImportedSession | ImportProblem | 'rest' | undefined {
  const record = (found.cells.length > header.labels.length ? format.mend?.(found, header) : undefined) ?? found;
  const fault = faultOfRecord(header, record);
  if (fault) return { kind: 'problem', line: record.line, reason: fault };
  try {
    const content = format.readRow(new Row(header, record, { isOwn: format.isOwn ?? false }));
    return content === 'rest' ? content : assembly.add(content, record.line);
  } catch (error) {
    if (!(error instanceof CellError)) throw error;
    return problemOf(error, record.line);
  }
}

async function* counted(
  items: AsyncIterable<ImportedSession | ImportProblem>,
  counts: ReadCounts,
  stream: TextStream,
): AsyncGenerator<ImportedSession | ImportProblem> {
  try {
    for await (const item of items) {
      if (item.kind === 'problem') counts.problems += 1;
      else {
        counts.sessions += 1;
        counts.sets += item.exercises.reduce((sum, exercise) => sum + exercise.sets.length, 0);
      }
      yield item;
    }
  } finally {
    await stream.close();
  }
}
