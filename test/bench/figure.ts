import Table from 'cli-table3';

/** One measured figure, and what is promised of it. */
export interface Figure {
  what: string;
  value: number;
  unit: string;
  /** Shown for comparison when nothing is promised. */
  promise?: { is: 'at least' | 'at most'; value: number; isKept: boolean };
  /** What it is made of, for a chart; in the report only. */
  series?: readonly object[];
}

export const atLeast = (what: string, value: number, unit: string, limit: number): Figure => ({
  ...{ what, value, unit },
  promise: { is: 'at least', value: limit, isKept: value >= limit },
});

export const atMost = (what: string, value: number, unit: string, limit: number): Figure => ({
  ...{ what, value, unit },
  promise: { is: 'at most', value: limit, isKept: value <= limit },
});

export const shown = (what: string, value: number, unit: string): Figure => ({ what, value, unit });

/** Less of everything, for a look in between: figures are rougher, promises the same. */
export const isQuick = process.argv.includes('--quick');

export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

/** Where a bench says how far it is: the figures alone go to the output. */
export function tell(what: string): void {
  process.stderr.write(`${what}\n`);
}

/** What a bench does when it is run by itself: a table, or with `--json` its figures; exit code 1 for a broken promise. */
export async function runBench(bench: () => Promise<Figure[]>): Promise<void> {
  const figures = await bench();
  process.stdout.write(`${process.argv.includes('--json') ? JSON.stringify(figures) : tableOf(figures)}\n`);
  process.exitCode = figures.every(({ promise }) => promise?.isKept !== false) ? 0 : 1;
}

export function tableOf(figures: readonly Figure[]): string {
  const table = new Table({ head: ['figure', 'measured', 'promised', ''], colAligns: ['left', 'right', 'right', 'left'], style: { head: [], border: [] } });
  for (const { what, value, unit, promise } of figures) {
    const verdict = promise === undefined ? '' : promise.isKept ? 'kept' : 'NOT KEPT';
    table.push([what, `${readable(value)} ${unit}`, promise === undefined ? '' : `${promise.is} ${readable(promise.value)}`, verdict]);
  }
  return table.toString();
}

/** The same for a page: of every promise what was measured, and whether it is kept. */
export function markdownOf(figures: readonly Figure[]): string {
  const rows = figures.flatMap(({ what, value, unit, promise }) =>
    promise === undefined ? [] : [`| ${what} | ${promise.is} ${readable(promise.value)} ${unit} | ${readable(value)} ${unit}${promise.isKept ? '' : ', **not kept**'} |`],
  );
  return ['| what | promised | measured |', '|---|---|---|', ...rows].join('\n');
}

function readable(value: number): string {
  return value.toLocaleString('en', { maximumSignificantDigits: value >= 1000 ? 6 : 3 });
}
