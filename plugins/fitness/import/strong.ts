import { readDuration, readSet } from './measures.ts';
import type { SetColumns } from './measures.ts';
import { readMoment, requiredText, startOf } from './row-format.ts';
import type { ExerciseHead, FormatId, FormatOptions, RowContent, RowFormat, SessionHead } from './row-format.ts';
import { compact } from './session.ts';
import type { SetType } from './session.ts';
import type { Header, Row } from './table.ts';
import { assumptionsOf, locateDistance, locateWeight, unitSourceOf } from './unit-columns.ts';

const DESCRIPTIONS = {
  'strong-a': 'Strong, classic (no unit; with rest timer rows or without)',
  'strong-b': 'Strong with a unit in each row',
  'strong-c': 'Strong with numbered workouts and the unit in the header',
  'strong-d': 'Strong without durations (no unit)',
  'strong-e': 'Strong, short (no notes, no unit)',
  'strong-g': 'Strong, the oldest (columns named by their units)',
} as const satisfies Partial<Record<FormatId, string>>;

const REQUIRED = ['Date', 'Workout Name', 'Exercise Name', 'Set Order', 'Reps'];
const TYPES_BY_LETTER = new Map<string, SetType>([
  ['W', 'warmup'],
  ['D', 'drop'],
  ['F', 'failure'],
]);

export function recogniseStrong(header: Header, options: FormatOptions): RowFormat | undefined {
  const weightLabel = header.find(/^(weight( \(.+\))?|kg|lbs?)$/);
  if (!header.has(...REQUIRED) || weightLabel === undefined) return undefined;
  const weight = locateWeight(header, weightLabel, 'Weight Unit', options);
  const distance = locateDistance(header, header.find(/^(distance( \(.+\))?|km|mi)$/) ?? 'Distance', 'Distance Unit', options);
  const columns: SetColumns = { weights: [weight], distance, reps: 'Reps', seconds: 'Seconds', rpe: 'RPE' };
  const durationColumn = header.find(/^(workout )?duration( \(sec\))?$/) ?? 'Duration';
  const id = variantOf(header);
  return {
    format: { id, app: 'Strong', description: DESCRIPTIONS[id], assumptions: assumptionsOf(weight, distance) },
    unitSource: unitSourceOf(weight),
    readRow: (row) => readRow(row, columns, durationColumn, options),
  };
}

function variantOf(header: Header): keyof typeof DESCRIPTIONS {
  if (header.find(/^(kg|lbs?)$/) !== undefined) return 'strong-g';
  if (header.has('Workout #')) return 'strong-c';
  if (header.has('Weight Unit')) return 'strong-b';
  if (!header.has('Duration')) return 'strong-d';
  return header.has('Notes') || header.has('Workout Notes') ? 'strong-a' : 'strong-e';
}

function readRow(row: Row, columns: SetColumns, durationColumn: string, options: FormatOptions): RowContent {
  const order = row.text('Set Order') ?? '';
  if (isRest(row, order, columns)) return 'rest';
  const session = readSession(row, durationColumn, options);
  // The note that Strong keeps is one on the exercise; some versions give it a row of its own.
  const exercise = compact<ExerciseHead>({
    name: requiredText(row, 'Exercise Name'),
    notes: row.text('Notes'),
    position: /^\d+$/.test(order) ? Number(order) : undefined,
  });
  if (/^note$/i.test(order)) return { session, exercise };
  return { session, exercise, reading: readSet(row, columns, readSetType(row, order)) };
}

/** A row for the rest between two sets. What it is called in other languages is not known for all: it has nothing but a time. */
function isRest(row: Row, order: string, columns: SetColumns): boolean {
  if (/^rest timer$/i.test(order)) return true;
  const isNamed = row.header.isTranslated && /^\p{L}[\p{L} ]{3,}$/u.test(order);
  return isNamed && row.text('Notes') === undefined && !/[1-9]/.test((row.text(columns.weights[0]?.column ?? '') ?? '') + (row.text(columns.reps ?? '') ?? ''));
}

function readSession(row: Row, durationColumn: string, options: FormatOptions): SessionHead {
  const moment = readMoment(row, 'Date', options);
  const title = row.text('Workout Name', 200);
  const duration = readDuration(row, durationColumn);
  return compact<SessionHead>({
    key: JSON.stringify([moment, title, row.text('Workout #')]),
    date: moment.date,
    startedAt: startOf(moment),
    title,
    notes: row.text('Workout Notes'),
    durationSeconds: duration.seconds,
    warnings: duration.warnings,
  });
}

function readSetType(row: Row, order: string): SetType {
  if (/^\d*$/.test(order)) return 'normal';
  const type = /^[WDF]\d*$/i.test(order) ? TYPES_BY_LETTER.get(order.charAt(0).toUpperCase()) : undefined;
  if (!type) throw row.error('Set Order', 'is not a set order; known are numbers, W, D, F, Rest Timer and Note');
  return type;
}
