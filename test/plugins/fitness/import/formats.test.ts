import assert from 'node:assert/strict';
import { WorkoutFileError } from '../../../../plugins/fitness/import/errors.ts';
import { only, readAll, setsOf } from './reading.ts';

const HEADER =
  'Date,Workout Name,Duration,Exercise Name,Set Order,Weight,Reps,Distance,Seconds,Notes,Workout Notes,RPE';
const ROWS = [
  '2026-01-05 18:00:00,"Push, heavy",1h,Bench Press,1,80,5,0,0,"two\nlines",,8',
  '2026-01-05 18:00:00,"Push, heavy",1h,Bench Press,2,80,5,0,0,,,',
];
const PLAIN = [HEADER, ...ROWS, ''].join('\n');

describe('the recognition of a file', () => {
  it('gives the same content with a byte order mark, other line ends, other quoting, case and order of columns', async () => {
    const expected = only((await readAll(PLAIN, { unit: 'kg' })).sessions);
    const quoted = PLAIN.replace(
      HEADER,
      HEADER.split(',')
        .map((name) => `"${name.toUpperCase()}"`)
        .join(','),
    );
    const swapped = PLAIN.replaceAll(/^([^,\n]+),("Push, heavy"|Workout Name),/gm, '$2,$1,');
    const variants: Record<string, string | Buffer> = {
      'byte order mark': `\uFEFF${PLAIN}`,
      'CR LF': PLAIN.replaceAll('\n', '\r\n'),
      CR: PLAIN.replaceAll('\n', '\r'),
      'no line end at the end': PLAIN.trimEnd(),
      'blank lines': PLAIN.replace(HEADER, `\n\n${HEADER}\n`),
      'quoted header in capitals': quoted,
      'other order': swapped,
      semicolons: PLAIN.replaceAll(/,(?! heavy)/g, ';'),
      tabs: PLAIN.replaceAll(/,(?! heavy)/g, '\t'),
      'UTF-16': Buffer.from(`\uFEFF${PLAIN}`, 'utf16le'),
      'an extra column': PLAIN.replace(HEADER, `${HEADER},Gym`),
    };
    for (const [name, text] of Object.entries(variants)) {
      for (const chunkSize of [1, 3, 10_000]) {
        const read = await readAll(text, { unit: 'kg' }, chunkSize);
        assert.deepEqual(read.problems, [], name);
        assert.equal(read.format.id, 'strong-a', name);
        assert.equal(only(read.sessions).contentKey, expected.contentKey, name);
      }
    }
  });

  it('says what it knows and what it found when the header is unknown', async () => {
    await assert.rejects(readAll('Date,Time,Measurement,Value,Unit\n2024-01-01,,Waist,80,cm\n'), (error) => {
      assert.ok(error instanceof WorkoutFileError);
      assert.equal(error.fault, 'unknown-header');
      assert.deepEqual(error.found?.rows, [['2024-01-01', '', 'Waist', '80', 'cm']]);
      assert.match(error.message, /Date, Time, Measurement, Value, Unit.*Strong: .*Hevy: .*FitNotes: .*mapping/);
      return true;
    });
  });

  it('tells the columns of an unknown file by name, and its first rows as far as they can be read', async () => {
    const rows = Array.from({ length: 9 }, (_, row) => `2024-01-0${String(row + 1)},${'x'.repeat(100)},,7,8\n`).join('');
    await assert.rejects(readAll(`Day,Lift,,Day,${'y'.repeat(300)}\n\n${rows}`), (error) => {
      assert.ok(error instanceof WorkoutFileError && error.found);
      assert.deepEqual([error.found.columns, error.found.rows.length], [['Day', 'Lift'], 5]);
      assert.deepEqual(error.found.rows[0], ['2024-01-01', 'x'.repeat(60)]);
      return true;
    });
  });

  it('refuses an empty file, one without text and one whose header never ends', async () => {
    await assert.rejects(readAll(''), { fault: 'empty' });
    await assert.rejects(readAll('\n \n\n'), WorkoutFileError);
    await assert.rejects(readAll(Buffer.from([0, 1, 2, 0xff, 0xfe, 10, 0])), { fault: 'unknown-header' });
    await assert.rejects(readAll(' '.repeat(400_000), {}, 65_536), WorkoutFileError);
    await assert.rejects(readAll(`"${'x'.repeat(400_000)}`, {}, 65_536), { fault: 'unknown-header' });
  });

  it('refuses a file of another app than asked for', async () => {
    await assert.rejects(readAll(PLAIN, { unit: 'kg', app: 'Hevy' }), {
      fault: 'wrong-format',
      message: /a file of Strong .* not of Hevy/,
    });
    assert.equal((await readAll(PLAIN, { unit: 'kg', app: 'Strong' })).sessions.length, 1);
  });

  it('reads a header without rows as a history without workouts', async () => {
    const read = await readAll(`${HEADER}\n`, { unit: 'kg' });
    assert.deepEqual([read.sessions, read.problems, read.counts.rows], [[], [], 0]);
  });

  it('lets go of its source when the file is refused and when the reader stops early', async () => {
    const { readWorkouts } = await import('../../../../plugins/fitness/import/read.ts');
    let isReleased = false;
    async function* source(text: string): AsyncGenerator<string> {
      isReleased = false;
      try {
        for (;;) yield await Promise.resolve(text);
      } finally {
        isReleased = true;
      }
    }
    await assert.rejects(readWorkouts(source('a,b,c\n')));
    assert.ok(isReleased);
    const reading = await readWorkouts(
      source('Date,Workout Name,Exercise Name,Set Order,Weight (kg),Reps\n2026-01-05,A,Squat,1,x,5\n'),
    );
    for await (const item of reading) {
      assert.equal(item.kind, 'problem');
      break;
    }
    assert.ok(isReleased);
    const workout = '{"date":"2026-01-05","exercises":[{"name":"Squat","sets":[{"type":"normal","unit":"kg"}]}]},';
    for await (const item of await readWorkouts(
      source(`{"format":"musclemap.workouts","version":1,"workouts":[${workout}`),
    )) {
      assert.equal(item.kind, 'session');
      break;
    }
    assert.ok(isReleased);
  });

  it('reads decimal commas only where cells are not separated by commas', async () => {
    const semicolons =
      'Date;Workout Name;Exercise Name;Set Order;Weight (kg);Reps\n2026-01-05 18:00:00;A;Squat;1;102,5;5\n';
    assert.equal(only(setsOf(await readAll(semicolons))).weight, 102.5);
    const commas =
      'Date,Workout Name,Exercise Name,Set Order,Weight (kg),Reps\n2026-01-05 18:00:00,A,Squat,1,"1,025",5\n';
    assert.deepEqual(
      [only((await readAll(commas)).problems).value, only((await readAll(commas)).problems).reason],
      ['1,025', 'is not a number'],
    );
  });
});
