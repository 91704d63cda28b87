import { parse } from 'csv-parse';

/** Longer records are taken for a quote that was never closed, so that memory stays bounded. */
const LONGEST_RECORD = 262_144;

export interface CsvRecord {
  cells: string[];
  /** The line in which the record begins, from 1. */
  line: number;
  lastLine: number;
  /** No line end follows it: the file may be cut off inside. */
  isUnterminated: boolean;
}

/** The file stops being CSV; all records before were read. */
export class BrokenCsvError extends Error {
  readonly line: number;

  constructor(line: number, cause: unknown) {
    super('a quote that opens in this record is never closed; the rest of the file was not read', { cause });
    this.name = 'BrokenCsvError';
    this.line = line;
  }
}

/**
 * Reads records of CSV text whose line ends are `\n`. Blank lines are skipped, stray quotes are taken as they are, and
 * a record may have any number of cells.
 */
export async function* readRecords(chunks: AsyncIterable<string>, delimiter: string): AsyncGenerator<CsvRecord> {
  const records: CsvRecord[] = [];
  let nextLine = 1;
  let endsLine = true;
  const parser = parse({
    delimiter,
    record_delimiter: '\n',
    relax_quotes: true,
    relax_column_count: true,
    skip_empty_lines: true,
    max_record_size: LONGEST_RECORD,
    // The parser's own queue is lost when it fails, and with it good records: they are taken from it one by one.
    on_record: (cells: string[], { lines }) => {
      const inner = cells.reduce((count, cell) => count + countLineEnds(cell), 0);
      records.push({ cells, line: lines - inner, lastLine: lines, isUnterminated: false });
      nextLine = lines + 1;
      return null;
    },
  });
  // Failures arrive through the callbacks of write and end.
  parser.on('error', () => undefined);
  try {
    for await (const chunk of chunks) {
      if (chunk !== '') endsLine = chunk.endsWith('\n');
      await new Promise<void>((resolve, reject) => {
        parser.write(chunk, (error) => {
          if (error) reject(error);
          else resolve();
        });
      });
      yield* records.splice(0);
    }
    await new Promise<void>((resolve, reject) => {
      parser.once('error', reject).once('finish', resolve).end();
    });
    const last = records.at(-1);
    if (last && !endsLine) last.isUnterminated = true;
    yield* records.splice(0);
  } catch (error) {
    if (!isCsvError(error)) throw error;
    yield* records.splice(0);
    throw new BrokenCsvError(nextLine, error);
  } finally {
    parser.destroy();
  }
}

function isCsvError(error: unknown): boolean {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' && error.code.startsWith('CSV_');
}

function countLineEnds(cell: string): number {
  return cell.includes('\n') ? cell.split('\n').length - 1 : 0;
}
