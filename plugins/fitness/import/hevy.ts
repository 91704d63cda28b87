import { parseMoment } from './dates.ts';
import type { Moment } from './dates.ts';
import { LIMITS, LONGEST_NAME } from './limits.ts';
import { readDuration, readSet } from './measures.ts';
import type { SetColumns, SetReading } from './measures.ts';
import { warningOf } from './problems.ts';
import { readMoment, requiredText, startOf } from './row-format.ts';
import type { ExerciseHead, FormatOptions, RowContent, RowFormat, SessionHead } from './row-format.ts';
import { canonicalSet, compact, importedSet } from './session.ts';
import type { ImportWarning } from './session.ts';
import { readSetType } from './set-types.ts';
import type { Header, Row } from './table.ts';
import { locateDistance, locateWeight } from './unit-columns.ts';
import { parseWeightUnit } from './units.ts';

const REQUIRED = ['title', 'start_time', 'exercise_title', 'set_type', 'reps'];

/** Hevy's own export. */
export function recogniseHevy(header: Header, options: FormatOptions): RowFormat | undefined {
  const columns = locateColumns(header, options);
  if (!columns) return undefined;
  return {
    format: { id: 'hevy', app: 'Hevy', description: 'Hevy (units in the header)', assumptions: [] },
    unitSource: 'header',
    readRow: (row) => readRow(row, columns, options),
  };
}

/** Our export: Hevy's columns, weights in kg, and besides them what Hevy's cannot hold. */
export function recogniseOwnCsv(header: Header, options: FormatOptions): RowFormat | undefined {
  const columns = locateColumns(header, options);
  if (!columns || !header.has('weight_kg', 'unit', 'session')) return undefined;
  const own = { ...columns, notes: 'set_notes' };
  return {
    format: {
      id: 'musclemap-csv',
      app: 'MuscleMap',
      description: "MuscleMap, in Hevy's columns (unit in each row)",
      assumptions: [],
    },
    unitSource: 'row',
    isOwn: true,
    readRow: (row) => withEnteredUnit(row, readRow(row, own, options)),
  };
}

function locateColumns(header: Header, options: FormatOptions): SetColumns | undefined {
  const weights = ['weight_kg', 'weight_lbs', 'weight_lb'].filter((column) => header.has(column));
  if (!header.has(...REQUIRED) || weights.length === 0) return undefined;
  const distance = header.find(/^distance_(km|miles|meters|m)$/) ?? 'distance_km';
  return {
    weights: weights.map((column) => locateWeight(header, column, undefined, options)),
    distance: locateDistance(header, distance, undefined, options),
    reps: 'reps',
    seconds: 'duration_seconds',
    rpe: 'rpe',
    supersetId: 'superset_id',
  };
}

function readRow(row: Row, columns: SetColumns, options: FormatOptions): Exclude<RowContent, 'rest'> {
  const exercise = compact<ExerciseHead>({
    name: requiredText(row, 'exercise_title'),
    notes: row.text('exercise_notes'),
    position: row.decimal('set_index'),
  });
  const { type, warnings } = readSetType(row, 'set_type');
  const reading = readSet(row, columns, type);
  return {
    session: readSession(row, options),
    exercise,
    reading: { ...reading, warnings: [...reading.warnings, ...warnings] },
  };
}

function readSession(row: Row, options: FormatOptions): SessionHead {
  const start = readMoment(row, 'start_time', options);
  const title = row.text('title', LONGEST_NAME);
  const duration = row.header.has('session_seconds')
    ? readDuration(row, 'session_seconds')
    : durationUntilEnd(row, start, options);
  return compact<SessionHead>({
    key: JSON.stringify([title, start, row.text('end_time'), row.text('session')]),
    date: start.date,
    startedAt: startOf(start),
    title,
    notes: row.text('description'),
    isPublic: row.text('is_public') === 'false' ? false : undefined,
    durationSeconds: duration.seconds,
    warnings: duration.warnings,
  });
}

function durationUntilEnd(row: Row, start: Moment, options: FormatOptions): { seconds?: number; warnings: ImportWarning[] } {
  const text = row.text('end_time');
  if (text === undefined) return { warnings: [] };
  const end = parseMoment(text, options.dateOrder);
  if (start.time === undefined || end?.time === undefined) {
    return { warnings: [warningOf(row.error('end_time', 'is not a time; the duration was left out'), row.line)] };
  }
  const seconds = (Date.parse(`${end.date}T${end.time}Z`) - Date.parse(`${start.date}T${start.time}Z`)) / 1000;
  if (seconds >= 0 && seconds <= LIMITS.sessionSeconds.most) return { seconds, warnings: [] };
  const reason = seconds < 0 ? 'lies before the start' : 'lies more than a day after the start';
  return { warnings: [warningOf(row.error('end_time', `${reason}; the duration was left out`), row.line)] };
}

/** Our weights are in kg, and the unit says how they were entered. */
function withEnteredUnit(row: Row, content: Exclude<RowContent, 'rest'> & { reading?: SetReading }): RowContent {
  const { reading } = content;
  const unit = parseWeightUnit(row.text('unit') ?? 'kg');
  if (!unit) throw row.error('unit', 'is not a unit of weight; known are kg and lb');
  if (!reading) return content;
  const set = importedSet(canonicalSet({ ...reading.set, unit }), row.line);
  return { ...content, reading: { ...reading, set, unitSource: 'row' } };
}
