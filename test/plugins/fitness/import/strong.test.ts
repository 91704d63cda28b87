import assert from 'node:assert/strict';
import { only, readAll, setsOf } from './reading.ts';

const A = 'Date,Workout Name,Duration,Exercise Name,Set Order,Weight,Reps,Distance,Seconds,Notes,Workout Notes,RPE';
const B =
  'Date;Workout Name;Exercise Name;Set Order;Weight;Weight Unit;Reps;RPE;Distance;Distance Unit;Seconds;Notes;Workout Notes';
const C =
  '"Workout #";"Date";"Workout Name";"Duration (sec)";"Exercise Name";"Set Order";"Weight (kg)";"Reps";"RPE";' +
  '"Distance (meters)";"Seconds";"Notes";"Workout Notes"';
const D = 'Date,Workout Name,Exercise Name,Set Order,Weight,Reps,Distance,Seconds,Notes,Workout Notes,RPE';
const E = 'Date,Workout Name,Duration,Exercise Name,Set Order,Weight,Reps,Distance,Seconds,RPE';

function file(header: string, ...rows: string[]): string {
  return [header, ...rows, ''].join('\n');
}

describe('Strong', () => {
  it('reads the classic export (A) with its session, notes and durations', async () => {
    const read = await readAll(
      file(
        A,
        '2020-12-30 18:51:52,"Evening Workout",2h 38m,"Snatch (Barbell)",1,40.0,3,0,0,"","Slept badly",',
        '2020-12-30 18:51:52,"Evening Workout",2h 38m,"Snatch (Barbell)",2,42.5,3,0,0,"Left knee",,8.5',
        '2020-12-30 18:51:52,"Evening Workout",2h 38m,"Swimming",1,0,0,1.5,1800,,,',
      ),
      { unit: 'kg' },
    );
    const session = only(read.sessions);
    assert.equal(read.format.id, 'strong-a');
    assert.deepEqual(read.format.assumptions, [
      'Weights are read as kg: the file does not name their unit.',
      'Distances are read as km: the file does not name their unit.',
    ]);
    assert.deepEqual(
      [session.date, session.startedAt, session.title, session.notes, session.durationSeconds, session.unitSource],
      ['2020-12-30', '2020-12-30T18:51:52', 'Evening Workout', 'Slept badly', 9480, 'option'],
    );
    assert.deepEqual([session.firstLine, session.lastLine], [2, 4]);
    assert.deepEqual(session.exercises, [
      {
        name: 'Snatch (Barbell)',
        notes: 'Left knee',
        sets: [
          { type: 'normal', reps: 3, weightKg: 40, weight: 40, unit: 'kg', line: 2 },
          { type: 'normal', reps: 3, weightKg: 42.5, weight: 42.5, unit: 'kg', rpe: 8.5, line: 3 },
        ],
      },
      { name: 'Swimming', sets: [{ type: 'normal', unit: 'kg', distanceMeters: 1500, seconds: 1800, line: 4 }] },
    ]);
  });

  it('reads a unit in each row (B), a time set with "mi." and no distance, and pounds as they were entered', async () => {
    const read = await readAll(
      file(
        B,
        '2019-01-11 12:31:54;"Leg";"Plank";1;;;;;;mi.;60;"";',
        '2019-02-08 04:38:07;"Morning Workout";"Deadlift (Dumbbell)";1;35.27;lbs;30;;;;0;"";""',
        '2019-09-10 02:30:09;"Chest and Triceps";"Chest Press (Machine)";2;60;kg;5;9.5;;;0;;',
        '2019-09-11 02:30:09;"Run";"Running";1;;;;;3.1;mi.;1500;;',
      ),
      { unit: 'kg' },
    );
    assert.equal(read.format.id, 'strong-b');
    assert.deepEqual(read.problems, []);
    const [plank, deadlift, press, run] = setsOf(read);
    assert.deepEqual(plank, { type: 'normal', unit: 'kg', seconds: 60, line: 2 });
    assert.deepEqual(deadlift, { type: 'normal', reps: 30, weightKg: 15.99820289, weight: 35.27, unit: 'lb', line: 3 });
    assert.equal(press?.rpe, 9.5);
    assert.equal(run?.distanceMeters, 4988.966);
    assert.deepEqual(
      read.sessions.map((session) => session.unitSource),
      ['row', 'row', 'row', 'row'],
    );
  });

  for (const { language, header, rest } of [
    {
      language: 'French',
      header: "Date,Nom de l'entraînement,Durée,Nom de l'exercice,Ordre de la série,Poids,Réps,Distance,Secondes,Notes,Notes d'entraînement,RPE",
      rest: 'Minuteur de repos',
    },
    {
      language: 'Portuguese',
      header: 'Data,Nome do treino,Duração,Nome do exercício,Ordem da série,Peso,Reps,Distância,Segundos,Notas,Notas do treino,RPE',
      rest: 'Rest Timer',
    },
    {
      language: 'German',
      header: 'Datum,Workout-Name,Dauer,Name der Übung,Reihenfolge festlegen,Gewicht,Wiederh.,Entfernung,Sekunden,Notizen,Workout-Notizen,RPE',
      rest: 'Rest Timer',
    },
  ]) {
    it(`reads the classic export of the app in ${language}, without its rest timers`, async () => {
      const read = await readAll(
        file(
          header,
          '2025-12-30 20:57:41,"Evening",1h 39min,"Bench Press (Dumbbell)",1,22.5,15.0,0,0.0,"slow","tired",8',
          `2025-12-30 20:57:41,"Evening",1h 39min,"Bench Press (Dumbbell)",${rest},0,0.0,0,120.0,,,`,
          '2025-12-30 20:57:41,"Evening",1h 39min,"Walking",1,0,0.0,5.5,1200.0,"",,',
        ),
        { unit: 'kg' },
      );
      assert.deepEqual([read.format.id, read.problems], ['strong-a', []]);
      const { title, notes, durationSeconds, exercises } = only(read.sessions);
      assert.deepEqual([title, notes, durationSeconds], ['Evening', 'tired', 5940]);
      assert.deepEqual(exercises, [
        {
          name: 'Bench Press (Dumbbell)',
          notes: 'slow',
          sets: [{ type: 'normal', reps: 15, weightKg: 22.5, weight: 22.5, unit: 'kg', rpe: 8, line: 2 }],
        },
        { name: 'Walking', sets: [{ type: 'normal', unit: 'kg', distanceMeters: 5500, seconds: 1200, line: 4 }] },
      ]);
    });
  }

  it('names a column as the file does when a cell of a translated export is wrong', async () => {
    const header = "Date,Nom de l'entraînement,Durée,Nom de l'exercice,Ordre de la série,Poids,Réps";
    const read = await readAll(file(header, '2025-12-30 20:57:41,Soir,39min,Squat (Barbell),1,lourd,5'), { unit: 'kg' });
    assert.deepEqual(only(read.problems).column, 'Poids');
  });

  it('reads the newer B with the duration of the workout at its end', async () => {
    const read = await readAll(
      file(
        `${B};Workout Duration`,
        '2022-02-16 17:40:08;"Press";"Overhead Press (Barbell)";1;45;lbs;2;;;;0;"";"note";58m',
      ),
    );
    assert.equal(read.format.id, 'strong-b');
    assert.equal(only(read.sessions).durationSeconds, 3480);
    assert.equal(only(read.sessions).notes, 'note');
  });

  it('reads numbered workouts (C), takes the unit from the header, drops rest timers and keeps rows that are notes', async () => {
    const read = await readAll(
      file(
        C,
        '"7";"2026-01-05 18:00:00";"Push";"3600";"Bench Press (Barbell)";"Note";"";"";"";"";"";"Narrow grip";""',
        '"7";"2026-01-05 18:00:00";"Push";"3600";"Bench Press (Barbell)";"W";"40";"10";"";"";"";"";""',
        '"7";"2026-01-05 18:00:00";"Push";"3600";"Bench Press (Barbell)";"1";"82,5";"8";"8,5";"";"";"";""',
        '"7";"2026-01-05 18:00:00";"Push";"3600";"Bench Press (Barbell)";"Rest Timer";"";"";"";"";"90";"";""',
        '"7";"2026-01-05 18:00:00";"Push";"3600";"Rowing";"1";"";"";"";"500";"120";"";""',
        '"8";"2026-01-05 18:00:00";"Push";"3600";"Bench Press (Barbell)";"1";"80";"5";"";"";"";"";""',
      ),
    );
    assert.equal(read.format.id, 'strong-c');
    assert.deepEqual(read.problems, []);
    assert.equal(read.counts.rests, 1);
    assert.equal(read.sessions.length, 2, 'the number of the workout tells two sessions with one start apart');
    assert.deepEqual(read.sessions[0]?.exercises[0], {
      name: 'Bench Press (Barbell)',
      notes: 'Narrow grip',
      sets: [
        { type: 'warmup', reps: 10, weightKg: 40, weight: 40, unit: 'kg', line: 3 },
        { type: 'normal', reps: 8, weightKg: 82.5, weight: 82.5, unit: 'kg', rpe: 8.5, line: 4 },
      ],
    });
    assert.equal(setsOf(read)[2]?.distanceMeters, 500);
    assert.equal(read.sessions[0].unitSource, 'header');
  });

  it('reads pounds and miles from the header of C', async () => {
    const header = C.replace('(kg)', '(lbs)').replace('(meters)', '(miles)');
    const read = await readAll(
      file(header, '"7";"2026-01-05 18:00:00";"Push";"3600";"Carry";"1";"135";"";"";"0,5";"60";"";""'),
    );
    const set = only(setsOf(read));
    assert.deepEqual([set.weight, set.unit, set.distanceMeters], [135, 'lb', 804.672]);
  });

  it('reads an export without durations (D) and keeps weights that another app turned into kilograms', async () => {
    const read = await readAll(file(D, '2021-03-01 08:00:00,"Arms","Bicep Curl (Dumbbell)",1,6.80388555,12,0,0,,,'), {
      unit: 'kg',
    });
    assert.equal(read.format.id, 'strong-d');
    assert.equal(only(setsOf(read)).weightKg, 6.80388555);
  });

  it('reads the short export (E) and keeps two sessions of one day and one name apart by their start', async () => {
    const read = await readAll(
      file(
        E,
        '2026-05-28 09:20:22,"SBD",1h 6m,"Squat (Barbell)",W,20.0,5.0,0,0.0,',
        '2026-05-28 09:20:22,"SBD",1h 6m,"Squat (Barbell)",1,100.0,5.0,0,0.0,',
        '2026-05-28 17:05:00,"SBD",11s,"Squat (Barbell)",1,60.0,5.0,0,0.0,',
      ),
      { unit: 'kg' },
    );
    assert.equal(read.format.id, 'strong-e');
    assert.deepEqual(
      read.sessions.map((session) => [session.startedAt, session.durationSeconds]),
      [
        ['2026-05-28T09:20:22', 3960],
        ['2026-05-28T17:05:00', 11],
      ],
    );
    assert.equal(read.sessions[0]?.exercises[0]?.sets[0]?.type, 'warmup');
  });

  it('reads the oldest export, whose columns are named by their units and whose sets begin at 0', async () => {
    const header = 'Date,Workout Name,Exercise Name,Set Order,kg,Reps,km,Seconds,Notes';
    const read = await readAll(
      file(
        header,
        '2016-10-03 19:30:55,"W1","Squat",0,70.0,5,0.0,0,"belt"',
        '2016-10-03 19:30:55,"W1","Squat",1,72.5,5,0.0,0,""',
        '2016-10-03 19:30:55,"W1","Running",0,0.0,0,2.5,900,""',
      ),
    );
    assert.equal(read.format.id, 'strong-g');
    assert.deepEqual([read.problems, read.format.assumptions], [[], []]);
    assert.deepEqual(setsOf(read), [
      { type: 'normal', reps: 5, weightKg: 70, weight: 70, unit: 'kg', line: 2 },
      { type: 'normal', reps: 5, weightKg: 72.5, weight: 72.5, unit: 'kg', line: 3 },
      { type: 'normal', unit: 'kg', distanceMeters: 2500, seconds: 900, line: 4 },
    ]);
    const pounds = await readAll(file(header.replace('kg', 'lb').replace('km', 'mi'), '2016-09-05 13:04:16,"A1","Bench Press",1,115.0,4,1.0,0,""'));
    assert.deepEqual(
      setsOf(pounds).map(({ weight, unit, distanceMeters }) => [weight, unit, distanceMeters]),
      [[115, 'lb', 1609.344]],
    );
  });

  it('keeps a set whose distance makes no sense, without the distance', async () => {
    const row = (seconds: string): string => `2025-02-26 14:56:56,"Afternoon",17s,"Stair Climber",1,0,0,1585.0,${seconds},"","",`;
    const read = await readAll(file(A, row('1800')), { unit: 'kg' });
    assert.deepEqual(
      setsOf(read).map(({ seconds, distanceMeters }) => [seconds, distanceMeters]),
      [[1800, undefined]],
    );
    assert.deepEqual(
      only(read.sessions).warnings.map(({ column, line }) => [column, line]),
      [['Distance', 2]],
    );
    const nothingElse = await readAll(file(A, row('0')), { unit: 'kg' });
    assert.equal(only(nothingElse.problems).column, 'Distance');
  });

  it('drops the rest timers of F without a word, reads 10.0 as ten, and flags a duration of 264 hours once', async () => {
    const read = await readAll(
      file(
        A,
        '2025-06-03 20:23:00,"Evening Workout",264h 1m,"Incline Bench Press (Dumbbell)",1,35.0,10.0,0,0.0,"","",',
        '2025-06-03 20:23:00,"Evening Workout",264h 1m,"Incline Bench Press (Dumbbell)",Rest Timer,0,0.0,0,120.0,,,',
        '2025-06-03 20:23:00,"Evening Workout",264h 1m,"Incline Bench Press (Dumbbell)",2,35.0,7.0,0,0.0,,,',
      ),
      { unit: 'kg' },
    );
    assert.deepEqual(read.counts, { rows: 3, sessions: 1, sets: 2, problems: 0, rests: 1 });
    assert.deepEqual(
      setsOf(read).map((set) => set.reps),
      [10, 7],
    );
    const session = only(read.sessions);
    assert.equal(session.durationSeconds, undefined);
    assert.deepEqual(session.warnings, [
      { line: 2, column: 'Duration', value: '264h 1m', reason: 'is longer than a day and was left out' },
    ]);
  });

  it('reads W, D and F as warm-up, drop and failure sets, and refuses an order it does not know', async () => {
    const orders = ['W', '1', 'D', 'F', 'W2', 'Pause'];
    const read = await readAll(
      file(E, ...orders.map((order) => `2026-05-28 09:20:22,"SBD",1h,"Squat",${order},50,5,0,0,`)),
      { unit: 'kg' },
    );
    assert.deepEqual(
      setsOf(read).map((set) => set.type),
      ['warmup', 'normal', 'drop', 'failure', 'warmup'],
    );
    assert.deepEqual(
      [only(read.problems).line, only(read.problems).column, only(read.problems).value],
      [7, 'Set Order', 'Pause'],
    );
  });

  it('begins an exercise anew where its set order restarts, with the warm-ups before it', async () => {
    const rows = ['W', '1', '2', 'W', '1', '2'].map(
      (order, index) => `2026-05-28 09:20:22,"SBD",1h,"Squat",${order},${String(50 + index)},5,0,0,`,
    );
    const read = await readAll(file(E, ...rows), { unit: 'kg' });
    assert.deepEqual(
      only(read.sessions).exercises.map((exercise) => exercise.sets.map((set) => set.weight)),
      [
        [50, 51, 52],
        [53, 54, 55],
      ],
    );
  });

  it('keeps an exercise that comes back after another one in its place', async () => {
    const rows = ['Squat', 'Press', 'Squat'].map((name) => `2026-05-28 09:20:22,"SBD",1h,"${name}",1,50,5,0,0,`);
    const read = await readAll(file(E, ...rows), { unit: 'kg' });
    assert.deepEqual(
      only(read.sessions).exercises.map((exercise) => exercise.name),
      ['Squat', 'Press', 'Squat'],
    );
  });

  it('refuses to guess the unit of a file that names none', async () => {
    await assert.rejects(readAll(file(E, '2026-05-28 09:20:22,"SBD",1h,"Squat",1,50,5,0,0,')), {
      fault: 'unit-required',
    });
  });

  it('reads a file without unit as pounds when asked to, and its distances as miles', async () => {
    const read = await readAll(file(E, '2026-05-28 09:20:22,"SBD",1h,"Squat",1,135,5,1,0,'), { unit: 'lb' });
    const set = only(setsOf(read));
    assert.deepEqual([set.weight, set.unit, set.weightKg, set.distanceMeters], [135, 'lb', 61.23496995, 1609.344]);
  });

  it('skips a row whose weight has no unit when nobody said which', async () => {
    const read = await readAll(
      file(
        B,
        '2019-01-11 12:31:54;"Leg";"Squat";1;100;;5;;;;;;',
        '2019-01-11 12:31:54;"Leg";"Squat";2;100;stone;5;;;;;;',
      ),
    );
    assert.deepEqual(
      read.problems.map(({ line, column, reason }) => [line, column, reason]),
      [
        [2, 'Weight Unit', 'the unit of this weight is not known'],
        [3, 'Weight Unit', 'is not a unit of weight; known are kg and lb'],
      ],
    );
  });
});
