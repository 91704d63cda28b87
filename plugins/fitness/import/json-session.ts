import { isCalendarDate } from './dates.ts';
import { CellError } from './errors.ts';
import { faultOfNumber, faultOfText, LIMITS, LONGEST_NAME, LONGEST_NOTE, MOST_SETS_PER_SESSION } from './limits.ts';
import type { Limit } from './limits.ts';
import { importedSession } from './imported-session.ts';
import { problemOf } from './problems.ts';
import { canonicalSet, canonicalText, compact, importedSet } from './session.ts';
import type { ImportedExercise, ImportedSession, ImportedSet, ImportProblem, SetType, WorkoutSet } from './session.ts';
import type { WeightUnit } from './units.ts';

const SET_TYPES: readonly SetType[] = ['normal', 'warmup', 'drop', 'failure'];
const UNITS: readonly WeightUnit[] = ['kg', 'lb'];
const START = /^\d{4}-\d{2}-\d{2}T([01]\d|2[0-3]):[0-5]\d:[0-5]\d$/;

/**
 * Reads one workout of our JSON. What is wrong in a set or an exercise costs only that; problems come before the
 * session.
 */
export function* readJsonSession(
  value: unknown,
  line: number,
  latestDate: string,
): Generator<ImportedSession | ImportProblem> {
  const problems: ImportProblem[] = [];
  const session = guarded(problems, line, () => readSession(new Members(value, ''), line, latestDate, problems));
  yield* problems;
  if (session) yield session;
}

function readSession(workout: Members, line: number, latestDate: string, problems: ImportProblem[]): ImportedSession {
  const date = workout.required('date', workout.text('date', LONGEST_NAME));
  if (!isCalendarDate(date)) throw workout.error('date', 'is not a date');
  if (date > latestDate) throw workout.error('date', 'lies in the future');
  const startedAt = workout.text('startedAt', LONGEST_NAME);
  if (startedAt !== undefined && !(START.test(startedAt) && startedAt.startsWith(date))) {
    throw workout.error('startedAt', 'is not a local time on the day of the workout');
  }
  const exercises = workout
    .list('exercises')
    .flatMap((entry) => guarded(problems, line, () => readExercise(entry, line, problems)) ?? []);
  const setCount = exercises.reduce((sum, exercise) => sum + exercise.sets.length, 0);
  if (setCount === 0) throw workout.error('exercises', 'hold no set');
  if (setCount > MOST_SETS_PER_SESSION) {
    throw workout.error('exercises', `hold more than ${String(MOST_SETS_PER_SESSION)} sets`);
  }
  return importedSession(
    {
      date,
      startedAt,
      title: workout.text('title', LONGEST_NAME),
      notes: workout.text('notes', LONGEST_NOTE),
      durationSeconds: workout.number('durationSeconds', LIMITS.sessionSeconds),
      isPublic: workout.flag('isPublic') === false ? false : undefined,
      exercises,
    },
    { firstLine: line, lastLine: line, unitSource: 'row', warnings: [] },
  );
}

function readExercise(exercise: Members, line: number, problems: ImportProblem[]): ImportedExercise | undefined {
  const name = exercise.required('name', exercise.text('name', LONGEST_NAME));
  if (name.includes('\n')) throw exercise.error('name', 'runs over several lines');
  const sets = exercise.list('sets').flatMap((entry) => guarded(problems, line, () => readSet(entry, line)) ?? []);
  return sets.length === 0
    ? undefined
    : compact<ImportedExercise>({ name, notes: exercise.text('notes', LONGEST_NOTE), sets });
}

function readSet(set: Members, line: number): ImportedSet {
  const unit = set.oneOf('unit', UNITS);
  const content = compact<WorkoutSet>({
    type: set.oneOf('type', SET_TYPES),
    reps: set.number('reps', LIMITS.reps),
    weightKg: set.number('weightKg', LIMITS.weight),
    unit,
    distanceMeters: set.number('distanceMeters', LIMITS.distanceMeters),
    seconds: set.number('seconds', LIMITS.seconds),
    rpe: set.number('rpe', LIMITS.rpe),
    notes: set.text('notes', LONGEST_NOTE),
    supersetId: set.text('supersetId', LONGEST_NAME),
  });
  return importedSet(canonicalSet(content), line);
}

function guarded<T>(problems: ImportProblem[], line: number, read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof CellError)) throw error;
    problems.push(problemOf(error, line));
    return undefined;
  }
}

/**
 * The members of an object of which nothing is known yet. Absent and null are the same; unknown members are left out.
 */
class Members {
  readonly #values: ReadonlyMap<string, unknown>;
  readonly #path: string;

  constructor(value: unknown, path: string) {
    this.#path = path;
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      throw new CellError(path === '' ? 'workouts' : path, undefined, 'is not an object');
    }
    this.#values = new Map<string, unknown>(Object.entries(value));
  }

  text(name: string, longest: number): string | undefined {
    const value = this.#values.get(name) ?? undefined;
    if (value === undefined) return undefined;
    if (typeof value !== 'string') throw this.error(name, 'is not text');
    const text = canonicalText(value);
    const fault = text === undefined ? undefined : faultOfText(text, longest);
    if (fault) throw this.error(name, fault);
    return text;
  }

  number(name: string, limit: Limit): number | undefined {
    const value = this.#values.get(name) ?? undefined;
    if (value === undefined) return undefined;
    const fault = typeof value === 'number' ? faultOfNumber(limit, value) : 'is not a number';
    if (fault) throw this.error(name, fault);
    return Number(value);
  }

  flag(name: string): boolean | undefined {
    const value = this.#values.get(name) ?? undefined;
    if (value === undefined || typeof value === 'boolean') return value;
    throw this.error(name, 'is neither true nor false');
  }

  oneOf<T extends string>(name: string, values: readonly T[]): T {
    const found = values.find((value) => value === this.#values.get(name));
    if (found === undefined) throw this.error(name, `is not one of ${values.join(', ')}`);
    return found;
  }

  list(name: string): Members[] {
    const value = this.#values.get(name);
    if (!Array.isArray(value)) throw this.error(name, 'is not a list');
    return value.map((entry: unknown, index) => new Members(entry, `${this.#pathOf(name)}[${String(index)}]`));
  }

  required(name: string, value: string | undefined): string {
    if (value === undefined) throw this.error(name, 'is missing');
    return value;
  }

  error(name: string, reason: string): CellError {
    const value = this.#values.get(name);
    const shown = typeof value === 'string' || typeof value === 'number' ? String(value).slice(0, 100) : undefined;
    return new CellError(this.#pathOf(name), shown, reason);
  }

  #pathOf(name: string): string {
    return this.#path === '' ? name : `${this.#path}.${name}`;
  }
}
