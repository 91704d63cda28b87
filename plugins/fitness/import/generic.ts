import { parseMoment } from './dates.ts';
import type { DateOrder, Moment } from './dates.ts';
import { WorkoutFileError } from './errors.ts';
import { LONGEST_NAME } from './limits.ts';
import { readDuration, readSet } from './measures.ts';
import type { SetColumns } from './measures.ts';
import { readMoment, requiredText, startOf } from './row-format.ts';
import type { ExerciseHead, FormatOptions, RowContent, RowFormat, SessionHead } from './row-format.ts';
import { compact } from './session.ts';
import { readSetType } from './set-types.ts';
import type { Header, Row } from './table.ts';
import { assumptionsOf, locateDistance, locateWeight, unitSourceOf } from './unit-columns.ts';
import type { DistanceUnit, WeightUnit } from './units.ts';

/** The columns of any CSV file, by the names they have there. `date` may hold the time of day as well. */
export interface MappedColumns {
  date: string;
  exercise: string;
  time?: string;
  title?: string;
  sessionNotes?: string;
  /** Length of the session. */
  duration?: string;
  exerciseNotes?: string;
  setOrder?: string;
  setType?: string;
  weight?: string;
  weightUnit?: string;
  reps?: string;
  distance?: string;
  distanceUnit?: string;
  /** Time of the set. */
  seconds?: string;
  rpe?: string;
  notes?: string;
  supersetId?: string;
}

export interface ColumnMapping {
  columns: MappedColumns;
  unit?: WeightUnit;
  distanceUnit?: DistanceUnit;
  dateOrder?: DateOrder;
}

/** A format made from a mapping. Throws when the file lacks a mapped column. */
export function mapFormat(header: Header, mapping: ColumnMapping, given: FormatOptions): RowFormat {
  const { columns } = mapping;
  for (const [field, column] of Object.entries(columns)) {
    if (typeof column === 'string' && header.has(column)) continue;
    throw new WorkoutFileError(
      'mapping',
      `The column "${String(column)}" for ${field} is not in the file, which has: ${header.labels.join(', ')}.`,
    );
  }
  const options = {
    ...given,
    ...compact({ unit: mapping.unit ?? given.unit, distanceUnit: mapping.distanceUnit ?? given.distanceUnit }),
  };
  const weight =
    columns.weight === undefined ? undefined : locateWeight(header, columns.weight, columns.weightUnit, options);
  const distance =
    columns.distance === undefined
      ? undefined
      : locateDistance(header, columns.distance, columns.distanceUnit, options);
  const { reps, seconds, rpe, notes, supersetId } = columns;
  const setColumns = compact<SetColumns>({
    weights: weight ? [weight] : [],
    distance,
    reps,
    seconds,
    rpe,
    notes,
    supersetId,
  });
  return {
    format: {
      id: 'generic',
      app: 'other',
      description: 'CSV with columns as mapped',
      assumptions: assumptionsOf(weight, distance),
    },
    unitSource: unitSourceOf(weight),
    readRow: (row) => readRow(row, mapping, setColumns, options.latestDate),
  };
}

function readRow(row: Row, mapping: ColumnMapping, setColumns: SetColumns, latestDate: string): RowContent {
  const { columns } = mapping;
  const { type, warnings } =
    columns.setType === undefined ? { type: 'normal' as const, warnings: [] } : readSetType(row, columns.setType);
  const reading = readSet(row, setColumns, type);
  const order = optionalText(row, columns.setOrder);
  const exercise = compact<ExerciseHead>({
    name: requiredText(row, columns.exercise),
    notes: optionalText(row, columns.exerciseNotes),
    position: order !== undefined && /^\d+$/.test(order) ? Number(order) : undefined,
  });
  return {
    session: readSession(row, mapping, latestDate),
    exercise,
    reading: { ...reading, warnings: [...reading.warnings, ...warnings] },
  };
}

function readSession(row: Row, { columns, dateOrder }: ColumnMapping, latestDate: string): SessionHead {
  const moment = withTime(row, readMoment(row, columns.date, latestDate, dateOrder), columns.time);
  const title = optionalText(row, columns.title, LONGEST_NAME);
  const duration = columns.duration === undefined ? undefined : readDuration(row, columns.duration);
  return compact<SessionHead>({
    key: JSON.stringify([moment, title]),
    date: moment.date,
    startedAt: startOf(moment),
    title,
    notes: optionalText(row, columns.sessionNotes),
    durationSeconds: duration?.seconds,
    warnings: duration?.warnings ?? [],
  });
}

function withTime(row: Row, moment: Moment, column: string | undefined): Moment {
  const text = optionalText(row, column);
  if (text === undefined || column === undefined) return moment;
  const time = parseMoment(`${moment.date} ${text}`)?.time;
  if (time === undefined) throw row.error(column, 'is not a time of day');
  return { date: moment.date, time };
}

function optionalText(row: Row, column: string | undefined, longest?: number): string | undefined {
  return column === undefined ? undefined : row.text(column, longest);
}
