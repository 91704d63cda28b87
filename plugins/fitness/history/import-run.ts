import type { Transaction } from 'musclemap';
import { ExerciseMatcher } from '../import/match.ts';
import type { WorkoutReading } from '../import/read.ts';
import type { ImportedExercise, ImportedSession, ImportProblem, ImportWarning } from '../import/session.ts';
import { compact } from '../import/session.ts';
import type { Catalogue } from '../models/catalogue.ts';
import { insertImported, type ImportedWorkout, type SourceExercise } from '../models/imports.ts';
import type { WorkoutExercise } from '../models/workouts.ts';
import { trainingEffect } from '../training-units.ts';
import { ExerciseResolver, type Resolution } from './exercise-resolver.ts';
import type { ImportReport, ImportSettings } from './import-report.ts';
import { KnownSessions } from './known-sessions.ts';

const SESSIONS_AT_ONCE = 100;
const MOST_REPORTED = 200;
const MOST_ROWS = 250_000;

/** The file is longer than one import takes. */
export class TooManyRowsError extends Error {
  override name = 'TooManyRowsError';
  override message = `The file has more than ${MOST_ROWS.toLocaleString('en')} rows; split it, and import the parts one after the other.`;
}

export interface ImportContext {
  trx: Transaction;
  /** With the member's own exercises. */
  catalogue: Catalogue;
  /** Of exercises, by their ids. */
  nameOf: (exerciseId: string) => string;
  userId: string;
  importId: string;
  settings: ImportSettings;
  /** What names mean to the member, by their keys. */
  decisions: ReadonlyMap<string, string | null>;
}

/** One pass through a file, which stores its new workouts some hundred at a time. */
export class ImportRun {
  readonly #context: ImportContext;
  readonly #reading: WorkoutReading;
  readonly #resolver: ExerciseResolver;
  readonly #known: KnownSessions;
  readonly report: ImportReport;

  constructor(context: ImportContext, reading: WorkoutReading) {
    this.#context = context;
    this.#reading = reading;
    const { catalogue, settings, trx, userId, importId } = context;
    this.#resolver = new ExerciseResolver(new ExerciseMatcher(catalogue.exercises), context.decisions);
    const keepsTwins = reading.format.app === 'MuscleMap';
    this.#known = new KnownSessions(trx, { userId, importId, keepsTwins }, context.nameOf);
    const { description: format, assumptions } = reading.format;
    const totals = { rows: 0, workouts: 0, sets: 0, volumeKg: 0, totalTU: 0, duplicates: 0, problems: 0 };
    this.report = { format, assumptions, dryRun: settings.dryRun, ...totals, skipped: [], warnings: [], unmatched: [] };
  }

  /** Stores what is new. `stored` is awaited after each step, and may end the run by throwing. */
  async run(stored: (report: ImportReport) => Promise<void> | void): Promise<ImportReport> {
    let waiting: ImportedSession[] = [];
    for await (const item of this.#reading) {
      if (this.#reading.counts.rows > MOST_ROWS) throw new TooManyRowsError();
      if (item.kind === 'problem') this.#skip(item);
      else waiting.push(item);
      if (waiting.length < SESSIONS_AT_ONCE) continue;
      await this.#store(waiting);
      await stored(this.#counted());
      waiting = [];
    }
    await this.#store(waiting);
    return { ...this.#counted(), unmatched: await this.#resolver.unmatched() };
  }

  #counted(): ImportReport {
    const { report } = this;
    return { ...report, rows: this.#reading.counts.rows, volumeKg: round(report.volumeKg), totalTU: round(report.totalTU) };
  }

  #skip({ kind: _kind, ...problem }: ImportProblem): void {
    this.report.problems += 1;
    if (this.report.skipped.length < MOST_REPORTED) this.report.skipped.push(problem);
  }

  #warn(warnings: readonly ImportWarning[]): void {
    this.report.warnings.push(...warnings.slice(0, MOST_REPORTED - this.report.warnings.length));
  }

  async #store(sessions: readonly ImportedSession[]): Promise<void> {
    const { trx, userId, importId } = this.#context;
    const keys = await this.#known.keysOfNew(sessions);
    this.report.duplicates += sessions.length - keys.size;
    const workouts = [...keys].flatMap(([session, contentKey]) => this.#toWorkout(session, contentKey) ?? []);
    const ids = await insertImported(trx, { userId, importId, workouts });
    const stored = workouts.filter(({ contentKey }) => ids.has(contentKey));
    this.report.duplicates += workouts.length - stored.length;
    for (const workout of stored) this.#count(workout);
  }

  #count(workout: ImportedWorkout): void {
    const { report } = this;
    report.workouts += 1;
    report.totalTU += workout.totalTU;
    for (const { setDetails = [] } of workout.exerciseData) {
      report.sets += setDetails.length;
      for (const { weight, reps } of setDetails) report.volumeKg += (weight ?? 0) * (reps ?? 0);
    }
  }

  /** Undefined when an exercise is unknown: the workout waits for the name to be decided, instead of losing sets. */
  #toWorkout(session: ImportedSession, contentKey: string): ImportedWorkout | undefined {
    const resolved = session.exercises.map((exercise) => ({ exercise, exerciseId: this.#resolver.resolve(exercise.name) }));
    const unknown = resolved.find(({ exerciseId }) => exerciseId === undefined);
    if (unknown !== undefined) {
      this.#leaveOut(session, `The workout of ${session.date} has the unknown exercise "${unknown.exercise.name}".`);
      return undefined;
    }
    const kept = resolved.filter(isKept);
    if (kept.length === 0) {
      this.#leaveOut(session, `The workout of ${session.date} has only exercises that you leave out.`);
      return undefined;
    }
    this.#warn(session.warnings);
    const { catalogue, userId, settings } = this.#context;
    const exerciseData = kept.map(({ exercise, exerciseId }) => toExercise(exercise, exerciseId));
    return {
      userId,
      date: session.date,
      ...trainingEffect(exerciseData, catalogue),
      creditsUsed: 0,
      notes: session.notes ?? null,
      isPublic: session.isPublic ?? settings.isPublic,
      exerciseData,
      contentKey,
      title: session.title ?? null,
      startedAt: session.startedAt ?? null,
      durationSeconds: session.durationSeconds ?? null,
      details: {
        exercises: kept.map(({ exercise, exerciseId }) => toSource(exercise, exerciseId)),
        unitSource: session.unitSource,
      },
    };
  }

  #leaveOut(session: ImportedSession, reason: string): void {
    this.#skip({ kind: 'problem', line: session.firstLine, reason });
  }
}

function isKept(resolved: {
  exercise: ImportedExercise;
  exerciseId: Resolution;
}): resolved is { exercise: ImportedExercise; exerciseId: string } {
  return typeof resolved.exerciseId === 'string';
}

/** The heaviest set stands for the exercise; the details keep them all. */
function toExercise(exercise: ImportedExercise, exerciseId: string): WorkoutExercise {
  const heaviest = exercise.sets.reduce((best, set) => ((set.weightKg ?? 0) > (best.weightKg ?? 0) ? set : best));
  return {
    exerciseId,
    sets: exercise.sets.length,
    reps: heaviest.reps ?? null,
    weight: heaviest.weightKg ?? null,
    duration: heaviest.seconds ?? null,
    notes: exercise.notes ?? null,
    setDetails: exercise.sets.map(({ type, reps, weightKg, unit, seconds, distanceMeters, rpe }) => ({
      type,
      reps,
      weight: weightKg,
      unit,
      duration: seconds,
      distance: distanceMeters,
      rpe,
    })),
  };
}

function toSource({ name, sets }: ImportedExercise, exerciseId: string): SourceExercise {
  return { exerciseId, name, sets: sets.map(({ notes, supersetId }) => compact<SourceExercise['sets'][number]>({ notes, supersetId })) };
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
