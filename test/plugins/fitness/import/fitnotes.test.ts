import assert from 'node:assert/strict';
import { only, readAll, setsOf } from './reading.ts';

function file(header: string, ...rows: string[]): string {
  return [header, ...rows, ''].join('\n');
}

const KG = 'Date,Exercise,Category,Weight (kgs),Reps,Distance,Distance Unit,Time';
const UNIT = 'Date,Exercise,Category,Weight,Weight Unit,Reps,Distance,Distance Unit,Time,Comment';

describe('FitNotes', () => {
  it('makes one session of a day, in the order of the file, equal rows included', async () => {
    const read = await readAll(
      file(
        KG,
        '2014-02-11,Bench Press (Touch and Go),Chest,75.0,5,,,',
        '2014-02-11,Bench Press (Touch and Go),Chest,75.0,5,,,',
        '2014-02-11,Running (Treadmill),Cardio,,,1.23,mi,0:09:21',
        '2014-02-13,Pull Up,Back,0.0,10,,,0:00:00',
      ),
    );
    assert.equal(read.format.id, 'fitnotes-kg');
    assert.deepEqual(read.problems, []);
    assert.deepEqual(
      read.sessions.map(({ date, startedAt, title, unitSource }) => ({ date, startedAt, title, unitSource })),
      [
        { date: '2014-02-11', startedAt: undefined, title: undefined, unitSource: 'header' },
        { date: '2014-02-13', startedAt: undefined, title: undefined, unitSource: 'header' },
      ],
    );
    assert.deepEqual(setsOf(read), [
      { type: 'normal', reps: 5, weightKg: 75, weight: 75, unit: 'kg', line: 2 },
      { type: 'normal', reps: 5, weightKg: 75, weight: 75, unit: 'kg', line: 3 },
      { type: 'normal', unit: 'kg', distanceMeters: 1979.493, seconds: 561, line: 4 },
      { type: 'normal', reps: 10, unit: 'kg', line: 5 },
    ]);
  });

  it('puts a name together again that holds a comma, and never takes a decimal comma for one', async () => {
    const read = await readAll(
      file(
        KG,
        '2025-04-29,Overhead Press (Each Side, Dumbbells),Shoulders,8.0,5,,,',
        '2025-04-29,Plank, weighted,Abs,5.0,,,,0:01:00',
        '2025-04-29,Row (Cable,Wide),Back,40.0,8,,,',
        '2025-04-29,Bench Press,Chest,75,0,5,,,',
      ),
    );
    assert.deepEqual(
      read.sessions.flatMap(({ exercises }) => exercises.map(({ name, sets }) => [name, sets[0]?.weight])),
      [
        ['Overhead Press (Each Side, Dumbbells)', 8],
        ['Plank, weighted', 5],
        ['Row (Cable,Wide)', 40],
      ],
    );
    assert.deepEqual(
      read.problems.map(({ line, reason }) => [line, reason]),
      [[5, 'has 9 cells where the header has 8']],
    );
  });

  it('reads pounds from the header', async () => {
    const read = await readAll(file(KG.replace('kgs', 'lbs'), '2014-02-11,Bench Press,Chest,225.0,5,,,'));
    assert.equal(read.format.id, 'fitnotes-lb');
    assert.deepEqual(
      [only(setsOf(read)).weight, only(setsOf(read)).unit, only(setsOf(read)).weightKg],
      [225, 'lb', 102.05828325],
    );
  });

  it('reads the unit of each row, and a comment that marks a warm-up', async () => {
    const read = await readAll(
      file(
        UNIT,
        '2024-04-25,Seated Machine Fly,Chest,50.0,kgs,8,,,,""',
        '2024-04-25,Curl,Arms,30.0,lbs,10,,,,"Warm up, easy"',
        '2024-04-25,Curl,Arms,40.0,lbs,10,,,,"no warm up"',
      ),
    );
    assert.equal(read.format.id, 'fitnotes-unit');
    assert.deepEqual(
      setsOf(read).map((set) => [set.weight, set.unit, set.type, set.notes]),
      [
        [50, 'kg', 'normal', undefined],
        [30, 'lb', 'warmup', 'Warm up, easy'],
        [40, 'lb', 'normal', 'no warm up'],
      ],
    );
  });

  it('reads the side-by-side weights of the iOS app once, in the unit of the account', async () => {
    const text = file(
      'Date,Exercise,Category,Weight (kg),Weight (lbs),Reps,Distance,Distance Unit,Time,Notes,Kind',
      '2021-05-20,Barbell Squat,Legs,42.50,93.70,8,,,,,wr',
      '2021-05-20,Treadmill,Cardio,,,,5,km,30:00,Zone 2,dt',
    );
    const read = await readAll(text);
    assert.equal(read.format.id, 'fitnotes-ios');
    assert.deepEqual([setsOf(read)[0]?.weight, setsOf(read)[0]?.unit], [42.5, 'kg']);
    assert.deepEqual(setsOf(read)[1], {
      type: 'normal',
      unit: 'kg',
      distanceMeters: 5000,
      seconds: 1800,
      notes: 'Zone 2',
      line: 3,
    });
    const inPounds = await readAll(text, { unit: 'lb' });
    assert.deepEqual([setsOf(inPounds)[0]?.weight, setsOf(inPounds)[0]?.unit], [93.7, 'lb']);
  });

  it('rejects kg as a unit of distance and keeps the time', async () => {
    const read = await readAll(
      file(UNIT, '2024-04-25,Side Plank,Abs,,,,0.0,kg,0:00:45,', '2024-04-25,Side Plank,Abs,,,,5.0,kg,0:00:45,'),
    );
    assert.deepEqual(
      setsOf(read).map((set) => [set.seconds, set.distanceMeters]),
      [
        [45, undefined],
        [45, undefined],
      ],
    );
    const warning = only(only(read.sessions).warnings);
    assert.deepEqual([warning.line, warning.column, warning.value], [3, 'Distance Unit', 'kg']);
  });

  it('skips a row that has nothing but a distance in an unknown unit', async () => {
    const read = await readAll(file(UNIT, '2024-04-25,Sled,Legs,,,,5.0,kg,,'));
    assert.deepEqual([only(read.problems).line, only(read.problems).column], [2, 'Distance Unit']);
    assert.deepEqual(read.sessions, []);
  });
});
