import assert from 'node:assert/strict';
import { only, readAll, setsOf } from './reading.ts';

const HEADER = 'Date,Workout Name,Exercise Name,Set Order,Weight (kg),Reps,Distance (meters),Seconds,RPE,Workout Notes';

interface Cells {
  date?: string;
  name?: string;
  exercise?: string;
  order?: string;
  weight?: string;
  reps?: string;
  distance?: string;
  seconds?: string;
  rpe?: string;
  notes?: string;
}

function row(cells: Cells): string {
  const {
    date = '2026-01-05 18:00:00',
    name = 'A',
    exercise = 'Squat',
    order = '1',
    weight = '100',
    reps = '5',
  } = cells;
  return [
    date,
    name,
    exercise,
    order,
    weight,
    reps,
    cells.distance ?? '',
    cells.seconds ?? '',
    cells.rpe ?? '',
    cells.notes ?? '',
  ].join(',');
}

function file(...rows: Cells[]): string {
  return [HEADER, ...rows.map(row), ''].join('\n');
}

describe('a row that cannot be read', () => {
  const bad: [what: string, cells: Cells, column: string, reason: RegExp][] = [
    ['no date', { date: 'soon' }, 'Date', /is not a date/],
    ['a day that is not in the calendar', { date: '2026-02-30 10:00:00' }, 'Date', /is not a date/],
    ['no time of day', { date: '2026-02-03 25:00:00' }, 'Date', /is not a date/],
    ['an empty date', { date: '' }, 'Date', /is missing/],
    ['a date in the future', { date: '2026-11-03 10:00:00' }, 'Date', /lies in the future/],
    ['no exercise', { exercise: ' ' }, 'Exercise Name', /is missing/],
    ['a name of 201 characters', { exercise: 'x'.repeat(201) }, 'Exercise Name', /longer than 200/],
    ['a weight below zero', { weight: '-20' }, 'Weight (kg)', /must not be negative/],
    ['too much weight', { weight: '10000.5' }, 'Weight (kg)', /at most 10000/],
    ['a weight that is text', { weight: '60kg' }, 'Weight (kg)', /is not a number/],
    ['a weight in hexadecimal', { weight: '0x10' }, 'Weight (kg)', /is not a number/],
    ['an infinite weight', { weight: '1e999' }, 'Weight (kg)', /is not a number/],
    ['half a repetition', { reps: '10.5' }, 'Reps', /must be a whole number/],
    ['too many repetitions', { reps: '1001' }, 'Reps', /at most 1000/],
    ['negative repetitions', { reps: '-1' }, 'Reps', /must not be negative/],
    ['more than a day in a set', { seconds: '86401' }, 'Seconds', /at most 86400/],
    ['a time that is none', { seconds: '1:2:3:4' }, 'Seconds', /is not a time/],
    ['an RPE above 10', { rpe: '10.5' }, 'RPE', /at most 10/],
    ['an RPE below 1', { rpe: '0.5' }, 'RPE', /at least 1/],
    ['nothing but a distance around the earth', { weight: '', reps: '', distance: '40000000' }, 'Distance (meters)', /at most 1000000/],
    ['a NUL character', { notes: 'a\0b' }, 'Workout Notes', /not text/],
  ];
  for (const [what, cells, column, reason] of bad) {
    it(`is skipped with its line, column and value, and the rest is read: ${what}`, async () => {
      const read = await readAll(file({}, cells, { order: '2' }));
      const problem = only(read.problems);
      assert.deepEqual([problem.line, problem.column], [3, column]);
      assert.match(problem.reason, reason);
      assert.deepEqual(
        setsOf(read).map((set) => set.line),
        [2, 4],
      );
      assert.deepEqual(read.counts, { rows: 3, sessions: 1, sets: 2, problems: 1, rests: 0 });
    });
  }

  it('is skipped when it is not UTF-8, and says so', async () => {
    const text = Buffer.concat([
      Buffer.from(`${HEADER}\n2026-01-05 18:00:00,A,Kniebeuge,1,1,1,,,,\n2026-01-05 18:00:00,A,`),
      Buffer.from([0xdc]),
      Buffer.from('bung,1,1,1,,,,\n'),
    ]);
    const read = await readAll(text);
    assert.deepEqual([only(read.problems).line, only(read.problems).column], [3, 'Exercise Name']);
    assert.match(only(read.problems).reason, /save the file as UTF-8/);
  });

  it('is skipped when it has more cells than the header, as an unquoted decimal comma makes them', async () => {
    const read = await readAll(`${file({})}2026-01-05 18:00:00,A,Squat,2,102,5,5,,,,\n`);
    assert.deepEqual(
      [only(read.problems).line, only(read.problems).reason],
      [3, 'has 11 cells where the header has 10'],
    );
  });

  it('is skipped when a quote closed too late gives it too many cells, and says how far it runs', async () => {
    const read = await readAll(
      `${HEADER}\n2026-01-05 18:00:00,A,Squat,1,100,5,,,,"note\n2026-01-05 18:00:00,"A",Squat,2,100,5,,,,\n`,
    );
    assert.match(
      only(read.problems).reason,
      /has \d+ cells where the header has 10 and runs to line 3; a quote may be missing/,
    );
  });

  it('costs a session only when no set of it is left', async () => {
    const read = await readAll(file({ reps: 'x' }, { date: '2026-01-06 18:00:00' }));
    assert.equal(only(read.sessions).date, '2026-01-06');
  });
});

describe('a row that can be read', () => {
  it('may miss cells at its end', async () => {
    const read = await readAll(`${HEADER}\n2026-01-05 18:00:00,A,Squat,1,100,5\n2026-01-05 18:00:00,A,Squat,2,100,5\n`);
    assert.equal(setsOf(read).length, 2);
  });

  it('may hold numbers on the limits, with fractions of zero, spaces and a plus sign', async () => {
    const read = await readAll(
      file(
        { weight: '10000', reps: '1000.0', seconds: '86400', rpe: '10', distance: ' +1000000 ' },
        { order: '2', weight: '.5', reps: '5.', rpe: '1' },
      ),
    );
    assert.deepEqual(read.problems, []);
    assert.deepEqual(setsOf(read)[1], {
      type: 'normal',
      reps: 5,
      weightKg: 0.5,
      weight: 0.5,
      unit: 'kg',
      rpe: 1,
      line: 3,
    });
  });

  it('reads zeros as nothing, except repetitions of a set that has no time and no distance', async () => {
    const read = await readAll(
      file(
        { weight: '0.0', reps: '0', seconds: '60', rpe: '0', distance: '0' },
        { order: '2', weight: '150', reps: '0', seconds: '0.0' },
      ),
    );
    assert.deepEqual(setsOf(read), [
      { type: 'normal', unit: 'kg', seconds: 60, line: 2 },
      { type: 'normal', reps: 0, weightKg: 150, weight: 150, unit: 'kg', line: 3 },
    ]);
  });

  it('may be dated today anywhere on earth', async () => {
    const now = new Date('2026-11-01T12:00:00Z');
    assert.equal((await readAll(file({ date: '2026-11-02 01:00:00' }), { now })).sessions.length, 1);
    assert.equal(
      (await readAll(file({ date: '2026-11-02 01:00:00' }), { now: new Date('2026-11-01T09:00:00Z') })).problems.length,
      1,
    );
  });
});

describe('a file that is broken', () => {
  it('keeps what was read before a quote that is never closed, and names the line of the quote', async () => {
    const read = await readAll(
      `${file({}, { notes: '"two\nlines"' }, { date: '2026-01-06 18:00:00' })}2026-01-06 18:00:00,"A,Squat,2,100,5,,,,\nmore\n`,
    );
    assert.deepEqual(
      read.sessions.map((session) => session.date),
      ['2026-01-05', '2026-01-06'],
    );
    assert.equal(only(read.problems).line, 6);
    assert.match(only(read.problems).reason, /never closed/);
  });

  it('does not gather the rest of a large file behind an open quote', async () => {
    const read = await readAll(`${file({})}2026-01-06 18:00:00,"A,Squat\n${'x'.repeat(1_000_000)}`, {}, 65_536);
    assert.equal(read.sessions.length, 1);
    assert.equal(only(read.problems).line, 3);
  });

  it('refuses the last row of a file that was cut off inside it', async () => {
    const read = await readAll(file({}, { order: '2' }).slice(0, -8));
    assert.deepEqual(
      [only(read.problems).line, only(read.problems).reason],
      [3, 'the file breaks off here: 5 of 10 cells'],
    );
    assert.equal(setsOf(read).length, 1);
  });

  it('reads stray quotes in a cell as they are', async () => {
    const read = await readAll(file({ exercise: 'Box jump 24"' }, { exercise: 'Box "high" jump', order: '2' }));
    assert.deepEqual(read.problems, []);
    assert.deepEqual(
      only(read.sessions).exercises.map((exercise) => exercise.name),
      ['Box jump 24"', 'Box "high" jump'],
    );
  });

  it('notices a row that swallowed the next because its quote was closed too late', async () => {
    const read = await readAll(file({ exercise: '"Squat' }, { exercise: '"Press"', order: '2' }, { order: '3' }));
    assert.deepEqual([only(read.problems).line, only(read.problems).column], [2, 'Exercise Name']);
    assert.match(only(read.problems).reason, /a quote may be missing/);
    assert.deepEqual(
      setsOf(read).map((set) => set.line),
      [4],
    );
  });
});

describe('the sessions of a file', () => {
  it('are not merged with an earlier one of the same key, and lose no row', async () => {
    const read = await readAll(
      file({}, { date: '2026-01-06 18:00:00' }, { weight: '90' }, { weight: '80', order: '2' }),
    );
    assert.deepEqual(
      read.sessions.map((session) => [session.date, session.exercises[0]?.sets.length]),
      [
        ['2026-01-05', 1],
        ['2026-01-06', 1],
        ['2026-01-05', 2],
      ],
    );
    assert.equal(new Set(read.sessions.map((session) => session.contentKey)).size, 3);
  });

  it('are given out as soon as the next one begins', async () => {
    const { readWorkouts } = await import('../../../../plugins/fitness/import/read.ts');
    let rowsRead = 0;
    async function* source(): AsyncGenerator<string> {
      yield `${HEADER}\n`;
      for (let day = 10; day < 30; day += 1) {
        rowsRead += 1;
        yield await Promise.resolve(`${row({ date: `2026-01-${String(day)} 18:00:00` })}\n`);
      }
    }
    for await (const item of await readWorkouts(source())) {
      assert.equal(item.kind, 'session');
      break;
    }
    assert.ok(rowsRead <= 3, `${String(rowsRead)} rows were read for the first session`);
  });

  it('hold at most 5000 sets', async () => {
    const rows = Array.from({ length: 5002 }, () => ({}));
    const read = await readAll(file(...rows), {}, 65_536);
    assert.equal(setsOf(read).length, 5000);
    assert.deepEqual(
      read.problems.map((problem) => problem.line),
      [5002, 5003],
    );
  });
});
