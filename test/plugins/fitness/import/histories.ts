import fc from 'fast-check';
import type { ExportedExercise, ExportedSession, WorkoutSet } from '../../../../plugins/fitness/import/session.ts';
import { toKilograms } from '../../../../plugins/fitness/import/units.ts';

function defined<T extends object>(value: { [K in keyof T]: T[K] | undefined }): T {
  return Object.fromEntries(Object.entries(value).filter(([, content]) => content !== undefined)) as T;
}

const optional = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> => fc.option(value, { nil: undefined });
const note = fc
  .oneof(
    fc.string({ unit: 'grapheme', maxLength: 40 }),
    fc
      .array(
        fc.constantFrom('=', '+', '-', '@', "'", '"', ',', ';', '\n', '\r', '\t', '＝', ' ', 'a', '💪🏽', 'ü', '\uFFFD'),
        { maxLength: 8 },
      )
      .map((parts) => parts.join('')),
    fc.constantFrom('=1+1', "'=1+1", "''@x", '=HYPERLINK("http://x","y")', '-', '"', 'sep=;', 'null'),
  )
  .filter((text) => !text.includes('\0'));

const set: fc.Arbitrary<WorkoutSet> = fc
  .record({
    type: fc.constantFrom('normal', 'warmup', 'drop', 'failure'),
    reps: optional(fc.integer({ min: 0, max: 1000 })),
    entered: optional(
      fc.oneof(
        fc.integer({ min: 0, max: 40_000 }).map((quarters) => quarters / 4),
        fc.double({ min: 0, max: 10_000, noNaN: true }),
      ),
    ),
    unit: fc.constantFrom('kg', 'lb'),
    distanceMeters: optional(fc.double({ min: 0, max: 1_000_000, noNaN: true })),
    seconds: optional(fc.integer({ min: 0, max: 86_400 })),
    rpe: optional(fc.integer({ min: 2, max: 20 }).map((halves) => halves / 2)),
    notes: optional(note),
    supersetId: optional(fc.constantFrom('0', '1', 'A', '=B')),
  })
  .map(({ entered, ...rest }) =>
    defined<WorkoutSet>({ ...rest, weightKg: entered === undefined ? undefined : toKilograms(entered, rest.unit) }),
  );

function exerciseOf(names: fc.Arbitrary<string>): fc.Arbitrary<ExportedExercise> {
  return fc
    .record({ name: names, notes: optional(note), sets: fc.array(set, { minLength: 1, maxLength: 4 }) })
    .map((value) => defined<ExportedExercise>(value));
}

/** Names of any text. */
export const anyName = fc.oneof(
  note.filter((text) => text.trim() !== ''),
  fc.constantFrom('Squat (Barbell)', 'Plank'),
);

function sessionOf(names: fc.Arbitrary<string>): fc.Arbitrary<ExportedSession> {
  return fc
    .record({
      start: fc.date({ min: new Date('1990-01-01'), max: new Date('2026-10-01'), noInvalidDate: true }),
      hasTime: fc.boolean(),
      title: optional(note),
      notes: optional(note),
      durationSeconds: optional(fc.integer({ min: 0, max: 86_400 })),
      isPublic: fc.constantFrom(undefined, undefined, false as const),
      exercises: fc.array(exerciseOf(names), { minLength: 1, maxLength: 4 }),
    })
    .map(({ start, hasTime, ...rest }) => {
      const local = start.toISOString().slice(0, 19);
      return defined<ExportedSession>({ ...rest, date: local.slice(0, 10), startedAt: hasTime ? local : undefined });
    });
}

/** A history of sessions that are hard to write and to read; neighbours that are alike are the hard ones to keep apart. */
export function historyOf(names: fc.Arbitrary<string>): fc.Arbitrary<ExportedSession[]> {
  return fc.array(sessionOf(names), { maxLength: 4 }).chain((sessions) =>
    fc.constantFrom(
      sessions,
      sessions.flatMap((one) => [one, one]),
    ),
  );
}
