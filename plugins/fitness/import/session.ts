import { enteredWeight, toKilograms } from './units.ts';
import type { WeightUnit } from './units.ts';

export type SetType = 'normal' | 'warmup' | 'drop' | 'failure';

/**
 * Where the unit of a session's weights came from; `option` when the file itself does not say for at least one of them.
 */
export type UnitSource = 'header' | 'row' | 'option';

/** One set. A weight, distance or time of zero means that there was none, and is absent. */
export interface WorkoutSet {
  type: SetType;
  /** Whole, 0-1000. */
  reps?: number;
  /** Kilograms, whatever the unit it was entered in. */
  weightKg?: number;
  /** The unit in which the weight was entered. */
  unit: WeightUnit;
  distanceMeters?: number;
  /** Whole seconds, at most a day. */
  seconds?: number;
  /** 1-10. */
  rpe?: number;
  notes?: string;
  /** Sets of one session with the same id belong to one superset; `'0'` is an id like any other. */
  supersetId?: string;
}

/** One workout as it is written to a file. A stored workout and an {@link ImportedSession} both have this shape. */
export interface ExportedSession {
  /** `YYYY-MM-DD`. */
  date: string;
  /** Local time without a zone, `YYYY-MM-DDTHH:mm:ss`, on the day of `date`. */
  startedAt?: string;
  title?: string;
  notes?: string;
  durationSeconds?: number;
  /** Only said of what is not for everybody; a file of another app does not know. */
  isPublic?: false;
  exercises: readonly ExportedExercise[];
}

export interface ExportedExercise {
  name: string;
  notes?: string;
  sets: readonly WorkoutSet[];
}

export interface ImportedSet extends WorkoutSet {
  /** As entered, in `unit`. */
  weight?: number;
  /** Line of the file, from 1. */
  line: number;
}

export interface ImportedExercise {
  name: string;
  notes?: string;
  sets: ImportedSet[];
}

/** Something in the file that was left out while the row around it was kept. */
export interface ImportWarning {
  line: number;
  column?: string;
  value?: string;
  reason: string;
}

export interface ImportedSession extends ExportedSession {
  kind: 'session';
  exercises: ImportedExercise[];
  firstLine: number;
  lastLine: number;
  unitSource: UnitSource;
  /** See `contentKey`. */
  contentKey: string;
  warnings: ImportWarning[];
}

/** A row (in JSON: a workout, exercise or set) that could not be read and was skipped. */
export interface ImportProblem extends ImportWarning {
  kind: 'problem';
}

type Loose<T> = { [K in keyof T]: T[K] | undefined };

/** Leaves out the properties that are undefined. */
export function compact<T extends object>(value: Loose<T>): T {
  const kept: Partial<Loose<T>> = {};
  for (const key in value) {
    if (value[key] !== undefined) kept[key] = value[key];
  }
  return kept as T;
}

/** Text as it is kept: `\n` as line end, no space around it, absent instead of empty. */
export function canonicalText(text: string | undefined): string | undefined {
  const trimmed = text?.replace(/\r\n?/g, '\n').trim();
  return trimmed === '' ? undefined : trimmed;
}

/** The one form of a set: zero means none, grams below the precision of any plate are gone. */
export function canonicalSet(set: WorkoutSet): WorkoutSet {
  const seconds = nonZero(rounded(set.seconds, 0));
  const distanceMeters = nonZero(rounded(set.distanceMeters, 3));
  const weightKg = nonZero(set.weightKg);
  const isTimed = seconds !== undefined || distanceMeters !== undefined;
  return compact<WorkoutSet>({
    type: set.type,
    reps: set.reps === 0 && isTimed ? undefined : set.reps,
    weightKg: weightKg === undefined ? undefined : nonZero(toKilograms(enteredWeight(weightKg, set.unit), set.unit)),
    unit: set.unit,
    distanceMeters,
    seconds,
    rpe: nonZero(rounded(set.rpe, 2)),
    notes: canonicalText(set.notes),
    supersetId: canonicalText(set.supersetId),
  });
}

/** A set in its one form, with the weight as it was entered. */
export function importedSet(set: WorkoutSet, line: number): ImportedSet {
  const weight = set.weightKg === undefined ? undefined : enteredWeight(set.weightKg, set.unit);
  return compact<ImportedSet>({ ...set, weight, line });
}

/** The one form of a session. The name of an exercise is one line; exercises without a set are left out. */
export function canonicalSession(session: ExportedSession): ExportedSession {
  return compact<ExportedSession>({
    date: session.date,
    startedAt: session.startedAt,
    title: canonicalText(session.title),
    notes: canonicalText(session.notes),
    durationSeconds: nonZero(rounded(session.durationSeconds, 0)),
    isPublic: session.isPublic,
    exercises: session.exercises
      .filter((exercise) => exercise.sets.length > 0)
      .map((exercise) =>
        compact<ExportedExercise>({
          name: oneLine(exercise.name),
          notes: canonicalText(exercise.notes),
          sets: exercise.sets.map(canonicalSet),
        }),
      ),
  });
}

/** Nothing was measured, an app only filled the cell. */
export function nonZero(value: number | undefined): number | undefined {
  return value === 0 ? undefined : value;
}

function oneLine(text: string): string {
  const lines = canonicalText(text)?.split('\n') ?? [];
  return lines
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .join(' ');
}

function rounded(value: number | undefined, digits: number): number | undefined {
  return value === undefined ? undefined : Number(value.toFixed(digits));
}
