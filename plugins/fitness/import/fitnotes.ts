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
