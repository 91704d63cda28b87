import assert from 'node:assert/strict';
import fc from 'fast-check';
import { contentKey } from '../../../../plugins/fitness/import/content-key.ts';
import { canonicalSession } from '../../../../plugins/fitness/import/session.ts';
import type { ExportedExercise, ExportedSession, WorkoutSet } from '../../../../plugins/fitness/import/session.ts';
import { toKilograms } from '../../../../plugins/fitness/import/units.ts';
import { writeCsv } from '../../../../plugins/fitness/import/write-csv.ts';
import { writeJson } from '../../../../plugins/fitness/import/write-json.ts';
import { readAll } from './reading.ts';

type Write = (sessions: Iterable<ExportedSession>) => AsyncIterable<string>;

const EXPORTED_AT = new Date('2026-11-01T10:00:00Z');
const WRITERS: Record<string, Write> = {
  CSV: writeCsv,
  JSON: (sessions) => writeJson(sessions, { exportedAt: EXPORTED_AT }),
};

async function textOf(chunks: AsyncIterable<string>): Promise<string> {
  let text = '';
  for await (const chunk of chunks) text += chunk;
  return text;
}

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
const name = note.filter((text) => text.trim() !== '');

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

const exercise: fc.Arbitrary<ExportedExercise> = fc
  .record({
    name: fc.oneof(name, fc.constantFrom('Squat (Barbell)', 'Plank')),
    notes: optional(note),
    sets: fc.array(set, { minLength: 1, maxLength: 4 }),
  })
  .map((value) => defined<ExportedExercise>(value));

const session: fc.Arbitrary<ExportedSession> = fc
  .record({
    start: fc.date({ min: new Date('1990-01-01'), max: new Date('2026-10-01'), noInvalidDate: true }),
    hasTime: fc.boolean(),
    title: optional(note),
    notes: optional(note),
    durationSeconds: optional(fc.integer({ min: 0, max: 86_400 })),
    exercises: fc.array(exercise, { minLength: 1, maxLength: 4 }),
  })
  .map(({ start, hasTime, ...rest }) => {
    const local = start.toISOString().slice(0, 19);
    return defined<ExportedSession>({ ...rest, date: local.slice(0, 10), startedAt: hasTime ? local : undefined });
  });

/** Neighbours that are alike are the hard ones to keep apart. */
const history = fc.array(session, { maxLength: 4 }).chain((sessions) =>
  fc.constantFrom(
    sessions,
    sessions.flatMap((one) => [one, one]),
  ),
);

describe('an export', () => {
  for (const [format, write] of Object.entries(WRITERS)) {
    it(`as ${format} reads back as exactly what was written`, async () => {
      await fc.assert(
        fc.asyncProperty(history, fc.integer({ min: 1, max: 200 }), async (sessions, chunkSize) => {
          const read = await readAll(await textOf(write(sessions)), {}, chunkSize);
          assert.deepEqual(read.problems, []);
          assert.deepEqual(read.sessions.map(canonicalSession), sessions.map(canonicalSession));
          assert.deepEqual(
            read.sessions.map((one) => one.contentKey),
            sessions.map(contentKey),
          );
        }),
        { numRuns: 150 },
      );
    });

    it(`as ${format} of what was read is the same file again`, async () => {
      await fc.assert(
        fc.asyncProperty(history, async (sessions) => {
          const written = await textOf(write(sessions));
          const again = (await readAll(written)).sessions;
          assert.equal(await textOf(write(again)), written);
        }),
        { numRuns: 50 },
      );
    });
  }

  it('of an import from another app has the same content keys in both formats', async () => {
    const strong = [
      'Date,Workout Name,Duration,Exercise Name,Set Order,Weight,Reps,Distance,Seconds,Notes,Workout Notes,RPE',
      '2020-12-30 18:51:52,"=Evening",2h 38m,"Squat (Barbell)",W,45,10,0,0,"","Slept badly",',
      '2020-12-30 18:51:52,"=Evening",2h 38m,"Squat (Barbell)",1,225,5,0,0,"-2 cm lower\nnext time 💪🏽",,8.5',
      '2020-12-30 18:51:52,"=Evening",2h 38m,"Squat (Barbell)",1,100.1,5,0,0,,,',
      '2020-12-30 18:51:52,"=Evening",2h 38m,"Running",1,0,0,3.1,1500,,,',
      '2021-01-02 07:00:00,"+1",11s,"Plank",1,0,0,0,60,,,',
      '',
    ].join('\r\n');
    const imported = await readAll(strong, { unit: 'lb' });
    assert.equal(imported.sessions.length, 2);
    for (const write of Object.values(WRITERS)) {
      const read = await readAll(await textOf(write(imported.sessions)));
      assert.deepEqual(read.sessions.map(canonicalSession), imported.sessions.map(canonicalSession));
      assert.deepEqual(
        read.sessions.map((one) => one.contentKey),
        imported.sessions.map((one) => one.contentKey),
      );
      assert.equal(read.sessions[0]?.exercises[1]?.sets[0]?.weight, 100.1);
    }
  });
});
