import type { CsvRecord } from './csv.ts';
import { readSet } from './measures.ts';
import type { SetColumns, SetReading } from './measures.ts';
import { readMoment, requiredText } from './row-format.ts';
import type { FormatId, FormatOptions, RowContent, RowFormat } from './row-format.ts';
import type { Header, Row } from './table.ts';
import { assumptionsOf, locateDistance, locateWeight, unitSourceOf } from './unit-columns.ts';

const DESCRIPTIONS = {
  'fitnotes-kg': 'FitNotes in kilograms',
  'fitnotes-lb': 'FitNotes in pounds',
  'fitnotes-unit': 'FitNotes with a unit in each row',
  'fitnotes-ios': 'FitNotes for iOS (kilograms and pounds side by side)',
} as const satisfies Partial<Record<FormatId, string>>;

export function recogniseFitNotes(header: Header, options: FormatOptions): RowFormat | undefined {
  const kilograms = header.find(/^weight \(kgs?\)$/);
  const pounds = header.find(/^weight \(lbs?\)$/);
  const bare = header.has('Weight', 'Weight Unit') ? 'Weight' : undefined;
  // Where both are filled, the one in the other unit was calculated and rounded by the app.
  const labels = (options.unit === 'lb' ? [pounds, kilograms, bare] : [kilograms, pounds, bare]).filter(
    (label) => label !== undefined,
  );
  if (!header.has('Date', 'Exercise', 'Category', 'Reps') || labels.length === 0) return undefined;
  const weights = labels.map((label) => locateWeight(header, label, 'Weight Unit', options));
  const distance = locateDistance(header, 'Distance', 'Distance Unit', options);
  const notes = header.has('Comment') ? 'Comment' : 'Notes';
  const columns: SetColumns = { weights, distance, reps: 'Reps', seconds: 'Time', rpe: 'RPE', notes };
  const id = variantOf(kilograms, pounds);
  return {
    format: { id, app: 'FitNotes', description: DESCRIPTIONS[id], assumptions: assumptionsOf(distance) },
    unitSource: unitSourceOf(weights[0]),
    mend: mendName,
    readRow: (row) => readRow(row, columns, options),
  };
}

function variantOf(kilograms: string | undefined, pounds: string | undefined): keyof typeof DESCRIPTIONS {
  if (kilograms !== undefined && pounds !== undefined) return 'fitnotes-ios';
  if (kilograms !== undefined) return 'fitnotes-kg';
  return pounds === undefined ? 'fitnotes-unit' : 'fitnotes-lb';
}

/** FitNotes knows days, not sessions: everything of one day is one session. */
function readRow(row: Row, columns: SetColumns, options: FormatOptions): RowContent {
  const { date } = readMoment(row, 'Date', options);
  const reading = asMarked(readSet(row, columns, 'normal'));
  return { session: { key: date, date, warnings: [] }, exercise: { name: requiredText(row, 'Exercise') }, reading };
}

/** A comment is the only place where FitNotes can say that a set was a warm-up. */
function asMarked(reading: SetReading): SetReading {
  const isWarmup = /^warm[\s-]?up\b/i.test(reading.set.notes ?? '');
  return isWarmup ? { ...reading, set: { ...reading.set, type: 'warmup' } } : reading;
}

/**
 * FitNotes does not quote names, so one with a comma fills two cells. They belong together when a bracket is still open, or
 * when a space follows the comma: no other cell begins with one.
 */
function mendName(record: CsvRecord, header: Header): CsvRecord | undefined {
  const at = header.indexOf('Exercise') ?? 0;
  let surplus = record.cells.length - header.labels.length;
  let name = record.cells[at] ?? '';
  let next = at + 1;
  while (surplus > 0 && (hasOpenBracket(name) || record.cells[next]?.startsWith(' ') === true)) {
    name += `,${record.cells[next] ?? ''}`;
    next += 1;
    surplus -= 1;
  }
  return surplus === 0 ? { ...record, cells: [...record.cells.slice(0, at), name, ...record.cells.slice(next)] } : undefined;
}

function hasOpenBracket(text: string): boolean {
  return text.split('(').length > text.split(')').length;
}
