import Table from 'cli-table3';

const PLAIN = { top: '', 'top-mid': '', 'top-left': '', 'top-right': '', bottom: '', 'bottom-mid': '', 'bottom-left': '' };
const BORDERLESS = {
  ...PLAIN,
  ...{ 'bottom-right': '', left: '', 'left-mid': '', mid: '', 'mid-mid': '', right: '', 'right-mid': '', middle: '  ' },
};

/** Prints rows as a table with a line of headings, or as one JSON document for programs. */
export function printRows<Row extends object>(
  rows: readonly Row[],
  columns: readonly (keyof Row & string)[],
  options: { json?: boolean | undefined; whenEmpty: string },
): void {
  if (options.json === true) printJson(rows);
  else if (rows.length === 0) printLine(options.whenEmpty);
  else {
    const table = new Table({
      head: [...columns],
      chars: BORDERLESS,
      style: { head: process.stdout.isTTY ? ['bold'] : [], border: [], 'padding-left': 0, 'padding-right': 0 },
    });
    for (const row of rows) table.push(columns.map((column) => toCell(row[column])));
    printLine(table.toString());
  }
}

function toCell(value: unknown): string {
  if (value === null || value === undefined) return '–';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

export function printJson(value: unknown): void {
  printLine(JSON.stringify(value, null, 2));
}

export function printLine(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** Shows how far long work is: one line that is written over on a terminal, silence elsewhere. */
export function showProgress(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001b[2K${text}`);
}

/** Ends the line of progress. */
export function endProgress(): void {
  if (process.stderr.isTTY) process.stderr.write('\n');
}
