import { Type, type Static } from 'musclemap';
import { DATE_ORDERS, parseMoment } from './dates.ts';
import type { Moment } from './dates.ts';
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
import { DISTANCE_UNITS, WEIGHT_UNITS } from './units.ts';

export const LONGEST_COLUMN = 200;

const Column = Type.String({ minLength: 1, maxLength: LONGEST_COLUMN });
const OptionalColumn = Type.Optional(Column);

/** The columns of any CSV file, by the names they have there. `date` may hold the time of day as well. */
const MappedColumnsSchema = Type.Object(
  {
    date: Column,
    exercise: Column,
    time: OptionalColumn,
    title: OptionalColumn,
    sessionNotes: OptionalColumn,
    /** Length of the session. */
    duration: OptionalColumn,
    exerciseNotes: OptionalColumn,
    setOrder: OptionalColumn,
    setType: OptionalColumn,
    weight: OptionalColumn,
    weightUnit: OptionalColumn,
    reps: OptionalColumn,
    distance: OptionalColumn,
    distanceUnit: OptionalColumn,
    /** Time of the set. */
    seconds: OptionalColumn,
    rpe: OptionalColumn,
    notes: OptionalColumn,
    supersetId: OptionalColumn,
  },
  { additionalProperties: false },
);

/** How to read a CSV file of no known app. */
export const ColumnMappingSchema = Type.Object(
  {
    columns: MappedColumnsSchema,
    unit: Type.Optional(Type.Enum([...WEIGHT_UNITS])),
    distanceUnit: Type.Optional(Type.Enum([...DISTANCE_UNITS])),
    dateOrder: Type.Optional(Type.Enum([...DATE_ORDERS])),
  },
  { additionalProperties: false },
);

export type ColumnMapping = Static<typeof ColumnMappingSchema>;

/** A format made from a mapping. Throws when the file lacks a mapped column. */
export function mapFormat(header: Header, mapping: ColumnMapping, given: FormatOptions): RowFormat {
  const { columns } = mapping;
  for (const [field, column] of Object.entries(columns)) {
    if (header.has(column)) continue;
    throw new WorkoutFileError(
      'mapping',
      `The column "${column}" for ${field} is not in the file, which has: ${header.labels.join(', ')}.`,
    );
  }
  const options = {
    ...given,
    ...compact({ unit: mapping.unit ?? given.unit, distanceUnit: mapping.distanceUnit ?? given.distanceUnit }),
    ...compact({ dateOrder: mapping.dateOrder ?? given.dateOrder }),
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
    readRow: (row) => readRow(row, mapping, setColumns, options),
  };
}

function readRow(row: Row, mapping: ColumnMapping, setColumns: SetColumns, options: FormatOptions): RowContent {
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
    session: readSession(row, mapping, options),
    exercise,
    reading: { ...reading, warnings: [...reading.warnings, ...warnings] },
  };
}

function readSession(row: Row, { columns }: ColumnMapping, options: FormatOptions): SessionHead {
  const moment = withTime(row, readMoment(row, columns.date, options), columns.time);
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
