import { faultOfNumber, LIMITS } from './limits.ts';
import type { Limit } from './limits.ts';
import { parseSeconds } from './durations.ts';
import { warningOf } from './problems.ts';
import { canonicalSet, compact, importedSet } from './session.ts';
import type { ImportedSet, ImportWarning, SetType, UnitSource, WorkoutSet } from './session.ts';
import type { Row } from './table.ts';
import type { UnitColumn } from './unit-columns.ts';
import { parseDistanceUnit, parseWeightUnit, toKilograms, toMeters } from './units.ts';
import type { DistanceUnit, WeightUnit } from './units.ts';

/** The columns in which a format keeps the measures of a set. Of several weights the first that is filled counts. */
export interface SetColumns {
  weights: readonly UnitColumn<WeightUnit>[];
  distance?: UnitColumn<DistanceUnit>;
  reps?: string;
  seconds?: string;
  rpe?: string;
  notes?: string;
  supersetId?: string;
}

export interface SetReading {
  set: ImportedSet;
  /** Absent when the set has no weight. */
  unitSource?: UnitSource;
  warnings: ImportWarning[];
}

interface Weight {
  weight?: number;
  unit: WeightUnit;
  unitSource?: UnitSource;
}

/** Reads the measures of a row. Throws a `CellError` for the first that cannot be read. */
export function readSet(row: Row, columns: SetColumns, type: SetType): SetReading {
  const { weight, unit, unitSource } = readWeight(row, columns.weights);
  const reps = columns.reps === undefined ? undefined : readMeasure(row, columns.reps, LIMITS.reps);
  const seconds = columns.seconds === undefined ? undefined : readTime(row, columns.seconds);
  const rpe = columns.rpe === undefined ? undefined : readRpe(row, columns.rpe);
  const hasOtherMeasure = [reps, seconds].some((measure) => measure !== undefined && measure > 0);
  const distance = columns.distance && readDistance(row, columns.distance, hasOtherMeasure);
  const set = canonicalSet(
    compact<WorkoutSet>({
      type,
      reps,
      weightKg: weight === undefined ? undefined : toKilograms(weight, unit),
      unit,
      distanceMeters: distance?.meters,
      seconds,
      rpe,
      notes: columns.notes === undefined ? undefined : row.text(columns.notes),
      supersetId: columns.supersetId === undefined ? undefined : row.text(columns.supersetId, 100),
    }),
  );
  return compact<SetReading>({
    set: importedSet(set, row.line),
    unitSource: set.weightKg === undefined ? undefined : unitSource,
    warnings: distance?.warning ? [distance.warning] : [],
  });
}

/** The length of a session. It never costs the row: what makes no sense is left out with a warning. */
export function readDuration(row: Row, column: string): { seconds?: number; warnings: ImportWarning[] } {
  const text = row.text(column);
  if (text === undefined) return { warnings: [] };
  const seconds = parseSeconds(text);
  if (seconds !== undefined && seconds <= LIMITS.sessionSeconds.most) return { seconds, warnings: [] };
  const reason = seconds === undefined ? 'is not a duration and was left out' : 'is longer than a day and was left out';
  return { warnings: [warningOf(row.error(column, reason), row.line)] };
}

function readWeight(row: Row, columns: readonly UnitColumn<WeightUnit>[]): Weight {
  const filled = columns.find((column) => row.decimal(column.column) !== undefined) ?? columns[0];
  if (!filled) return { unit: 'kg' };
  const weight = readMeasure(row, filled.column, LIMITS.weight);
  if (filled.headerUnit) return compact<Weight>({ weight, unit: filled.headerUnit, unitSource: 'header' });
  const unitText = filled.unitColumn === undefined ? undefined : row.text(filled.unitColumn);
  if (unitText !== undefined && filled.unitColumn !== undefined) {
    const unit = parseWeightUnit(unitText);
    if (unit) return compact<Weight>({ weight, unit, unitSource: 'row' });
    if (weight) throw row.error(filled.unitColumn, 'is not a unit of weight; known are kg and lb');
  }
  if (weight && !filled.optionUnit) {
    throw row.error(filled.unitColumn ?? filled.column, 'the unit of this weight is not known');
  }
  return compact<Weight>({ weight, unit: filled.optionUnit ?? 'kg', unitSource: 'option' });
}

function readDistance(
  row: Row,
  distance: UnitColumn<DistanceUnit>,
  hasOtherMeasure: boolean,
): { meters?: number; warning?: ImportWarning } {
  const value = readMeasure(row, distance.column, { least: 0, most: Number.MAX_VALUE });
  if (!value) return {};
  const unitText = distance.unitColumn === undefined ? undefined : row.text(distance.unitColumn);
  const unit = distance.headerUnit ?? (unitText === undefined ? distance.optionUnit : parseDistanceUnit(unitText));
  const meters = unit && toMeters(value, unit);
  const fault = meters === undefined ? undefined : faultOfNumber(LIMITS.distanceMeters, meters);
  if (meters !== undefined && fault === undefined) return { meters };
  const error =
    fault === undefined
      ? row.error(distance.unitColumn ?? distance.column, 'is not a unit of distance; known are m, km, mi, yd and ft')
      : row.error(distance.column, `${fault} meters`);
  // What else the row says is not lost with a distance that makes no sense.
  if (!hasOtherMeasure) throw error;
  return { warning: warningOf(error, row.line) };
}

function readTime(row: Row, column: string): number | undefined {
  const text = row.text(column);
  if (text === undefined) return undefined;
  const seconds = text.includes(':') ? parseSeconds(text) : row.decimal(column);
  const fault = seconds === undefined ? 'is not a time' : faultOfNumber(LIMITS.seconds, seconds);
  if (fault) throw row.error(column, fault);
  return seconds;
}

/** Zero-filled like the other cells of a row, an RPE of 0 means that none was given. */
function readRpe(row: Row, column: string): number | undefined {
  return row.decimal(column) === 0 ? undefined : readMeasure(row, column, LIMITS.rpe);
}

function readMeasure(row: Row, column: string, limit: Limit): number | undefined {
  const value = row.decimal(column);
  const fault = value === undefined ? undefined : faultOfNumber(limit, value);
  if (fault) throw row.error(column, fault);
  return value;
}
