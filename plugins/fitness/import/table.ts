import { BrokenCsvError, readRecords } from './csv.ts';
import type { CsvRecord } from './csv.ts';
import { CellError, WorkoutFileError } from './errors.ts';
import { faultOfText, LONGEST_NOTE } from './limits.ts';
import { canonicalText } from './session.ts';
import { unescapeFormula } from './spreadsheet.ts';
import type { TextStream } from './text-stream.ts';
import { translationsOf } from './translations.ts';

const DELIMITERS = [',', ';', '\t'] as const;
const LONGEST_HEADER = 65_536;

/** The header line. Columns are found by name, also by the English one of a translation, without regard to case and order. */
export class Header {
  readonly labels: readonly string[];
  readonly delimiter: string;
  /** Whether an app wrote it in another language than English. */
  readonly isTranslated: boolean;
  /** What its columns are called here: in English where that is known, else by their label. */
  readonly #names: readonly string[];
  readonly #indexes = new Map<string, number>();

  constructor(labels: readonly string[], delimiter: string) {
    const translations = translationsOf(labels);
    this.labels = labels.map((label) => label.trim());
    this.delimiter = delimiter;
    this.isTranslated = translations.size > 0;
    this.#names = this.labels.map((label) => translations.get(label.toLowerCase()) ?? label);
    this.#names.forEach((label, index) => {
      const name = label.toLowerCase();
      if (!this.#indexes.has(name)) this.#indexes.set(name, index);
    });
  }

  has(...names: readonly string[]): boolean {
    return names.every((name) => this.#indexes.has(name.toLowerCase()));
  }

  /** The name of the first column whose name in lower case fits. */
  find(pattern: RegExp): string | undefined {
    return this.#names.find((name) => pattern.test(name.toLowerCase()));
  }

  indexOf(name: string): number | undefined {
    return this.#indexes.get(name.toLowerCase());
  }

  labelOf(name: string): string {
    return this.labels[this.indexOf(name) ?? -1] ?? name;
  }
}

/**
 * One row below the header. Cells are asked for by the name of their column; a column that is absent reads as empty.
 */
export class Row {
  readonly header: Header;
  readonly line: number;
  readonly #cells: readonly string[];
  readonly #isOwn: boolean;

  /** In a file that we wrote, formulas are escaped. */
  constructor(header: Header, record: CsvRecord, options: { isOwn: boolean }) {
    this.header = header;
    this.line = record.line;
    this.#cells = record.cells;
    this.#isOwn = options.isOwn;
  }

  /** Trimmed, with `\n` as line end; undefined when empty. */
  text(column: string, longest = LONGEST_NOTE): string | undefined {
    const cell = this.#cells[this.header.indexOf(column) ?? -1];
    if (cell === undefined || cell === '') return undefined;
    const text = canonicalText(this.#isOwn ? unescapeFormula(cell.trim()) : cell);
    if (text === undefined) return undefined;
    // What the decoder could not read. In a file of ours it is a character that somebody had typed or pasted.
    if (text.includes('\uFFFD') && !this.#isOwn) throw this.error(column, 'is not UTF-8 text; save the file as UTF-8');
    const fault = faultOfText(text, longest);
    if (fault) throw this.error(column, fault);
    return text;
  }

  /**
   * A number with a decimal point, or with a decimal comma: where cells are separated by commas, a quoted one with one or
   * two decimals, for 1,234 may be a thousand. Undefined when empty.
   */
  decimal(column: string): number | undefined {
    const text = this.text(column);
    if (text === undefined) return undefined;
    const isDecimalComma = this.hasDecimalComma || /^[+-]?\d+,\d{1,2}$/.test(text);
    const plain = isDecimalComma ? text.replace(',', '.') : text;
    if (!/^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?$/i.test(plain)) throw this.error(column, 'is not a number');
    return Number(plain);
  }

  get hasDecimalComma(): boolean {
    return this.header.delimiter !== ',';
  }

  error(column: string, reason: string): CellError {
    const value = this.#cells[this.header.indexOf(column) ?? -1];
    return new CellError(this.header.labelOf(column), value?.slice(0, 100), reason);
  }
}

export interface Table {
  header: Header;
  records: AsyncIterable<CsvRecord>;
}

/** Reads the header, from which the delimiter is known; the records follow when they are asked for. */
export async function openTable(stream: TextStream): Promise<Table> {
  const delimiter = delimiterOf(await peekHeader(stream));
  const records = readRecords(stream.rest(), delimiter);
  return { header: new Header(await readHeader(records), delimiter), records };
}

/**
 * Why a record cannot be a row below this header, or undefined. Cells that are missing at its end count as empty,
 * unless the file is cut off there.
 */
export function faultOfRecord(header: Header, record: CsvRecord): string | undefined {
  const expected = header.labels.length;
  const { cells, line, lastLine } = record;
  if (record.isUnterminated && cells.length < expected) {
    return `the file breaks off here: ${String(cells.length)} of ${String(expected)} cells`;
  }
  // Even when the last is empty: an unquoted decimal comma has then moved all cells behind it.
  if (cells.length <= expected) return undefined;
  const extent = lastLine > line ? ` and runs to line ${String(lastLine)}; a quote may be missing` : '';
  return `has ${String(cells.length)} cells where the header has ${String(expected)}${extent}`;
}

export function isBlank(record: CsvRecord): boolean {
  return record.cells.every((cell) => cell.trim() === '');
}

async function readHeader(records: AsyncGenerator<CsvRecord>): Promise<string[]> {
  try {
    const first = await records.next();
    // Spreadsheets say in a line of its own what separates the cells.
    const header = !first.done && isSeparatorLine(first.value.cells) ? await records.next() : first;
    if (!header.done) return header.value.cells;
  } catch (error) {
    if (!(error instanceof BrokenCsvError)) throw error;
    throw new WorkoutFileError('unknown-header', 'The header line never ends.', { cause: error });
  }
  throw new WorkoutFileError('empty', 'The file is empty.');
}

async function peekHeader(stream: TextStream): Promise<string> {
  for (;;) {
    const end = endOfHeader(stream.text);
    if (end !== -1 || stream.text.length >= LONGEST_HEADER || !(await stream.more())) {
      return stream.text.slice(0, end === -1 ? LONGEST_HEADER : end);
    }
  }
}

/** Where the first line ends that is not blank; -1 when it does not yet. A quoted name may hold a line end. */
function endOfHeader(text: string): number {
  const start = text.search(/\S/);
  let isQuoted = false;
  for (let index = start; index !== -1 && index < text.length; index += 1) {
    const character = text.charAt(index);
    if (character === '"') isQuoted = !isQuoted;
    else if (character === '\n' && !isQuoted) return index;
  }
  return -1;
}

function isSeparatorLine([first = '']: readonly string[]): boolean {
  return /^sep=.?$/i.test(first);
}

/** The separator that a line of its own names, or the one that occurs most often outside quotes. */
function delimiterOf(headerLine: string): string {
  const named = /^\s*"?sep=(.)/i.exec(headerLine)?.[1];
  const known = DELIMITERS.find((delimiter) => delimiter === named);
  if (known !== undefined) return known;
  const bare = headerLine.replace(/"[^"]*"/g, '');
  const counts = DELIMITERS.map((delimiter) => bare.split(delimiter).length);
  return DELIMITERS[counts.indexOf(Math.max(...counts))] ?? ',';
}
