import assert from 'node:assert/strict';
import type { ColumnMapping } from '../../../../plugins/fitness/import/generic.ts';
import { only, readAll, setsOf } from './reading.ts';

const GERMAN = [
  'Datum;Uhrzeit;Übung;Gewicht (kg);Wdh;Art;Notiz;Dauer',
  '24.12.2025;18:30;Kniebeuge;102,5;5;Warm-up;;1h 5m',
  '24.12.2025;18:30;Kniebeuge;120;5;;schwer;1h 5m',
  '26.12.2025;09:00;Bankdrücken;80;8;;;45m',
  '',
].join('\n');

const MAPPING: ColumnMapping = {
  columns: {
    date: 'Datum',
    time: 'uhrzeit',
    exercise: 'Übung',
    weight: 'Gewicht (kg)',
    reps: 'Wdh',
    setType: 'Art',
    notes: 'Notiz',
    duration: 'Dauer',
  },
  dateOrder: 'dmy',
};

describe('a CSV file with mapped columns', () => {
  it('is read by the mapping: dates in the given order, decimal commas, the unit of the column', async () => {
    const read = await readAll(GERMAN, { mapping: MAPPING });
    assert.deepEqual(read.problems, []);
    assert.equal(read.format.id, 'generic');
    assert.deepEqual(
      read.sessions.map((session) => [session.startedAt, session.durationSeconds, session.unitSource]),
      [
        ['2025-12-24T18:30:00', 3900, 'header'],
        ['2025-12-26T09:00:00', 2700, 'header'],
      ],
    );
    assert.deepEqual(setsOf(read).slice(0, 2), [
      { type: 'warmup', reps: 5, weightKg: 102.5, weight: 102.5, unit: 'kg', line: 2 },
      { type: 'normal', reps: 5, weightKg: 120, weight: 120, unit: 'kg', notes: 'schwer', line: 3 },
    ]);
  });

  it('goes before what the header would be recognised as', async () => {
    const text = 'Date,Workout Name,Exercise Name,Set Order,Weight,Reps\n03/04/2026,A,Squat,1,100,5\n';
    const columns = { date: 'Date', exercise: 'Exercise Name', weight: 'Weight', reps: 'Reps' };
    const read = await readAll(text, { mapping: { columns, unit: 'lb', dateOrder: 'mdy' } });
    assert.equal(only(read.sessions).date, '2026-03-04');
    assert.equal(only(setsOf(read)).unit, 'lb');
    assert.equal(only(read.sessions).unitSource, 'option');
  });

  it('does not guess what 03/04/2026 is', async () => {
    const columns = { date: 'day', exercise: 'lift', reps: 'reps' };
    const read = await readAll('day,lift,reps\n03/04/2026,Squat,5\n', { mapping: { columns } });
    assert.deepEqual([only(read.problems).column, only(read.problems).reason], ['day', 'is a date of which the day and the month cannot be told apart; say dateOrder']);
  });

  it('is refused when a mapped column is not in it, with the names of both', async () => {
    const columns = { date: 'Datum', exercise: 'Lift' };
    await assert.rejects(readAll(GERMAN, { mapping: { columns } }), {
      fault: 'mapping',
      message: /"Lift" for exercise .* Datum, Uhrzeit, Übung/,
    });
  });

  it('may have units in a column of their own, for weights and for distances', async () => {
    const columns = {
      date: 'd',
      exercise: 'e',
      weight: 'w',
      weightUnit: 'wu',
      distance: 'm',
      distanceUnit: 'mu',
      seconds: 's',
      setOrder: 'o',
    };
    const read = await readAll(
      'd,e,w,wu,m,mu,s,o\n2026-01-01,Carry,50,Pounds,100,yd,1:10,1\n2026-01-01,Carry,50,kg,,,,1\n',
      { mapping: { columns } },
    );
    assert.deepEqual(setsOf(read)[0], {
      type: 'normal',
      weightKg: 22.6796185,
      weight: 50,
      unit: 'lb',
      distanceMeters: 91.44,
      seconds: 70,
      line: 2,
    });
    assert.equal(only(read.sessions).exercises.length, 2, 'the set order began anew');
  });
});
