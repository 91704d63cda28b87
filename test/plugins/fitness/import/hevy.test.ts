import assert from 'node:assert/strict';
import { only, readAll, setsOf } from './reading.ts';

function header(weight = 'weight_kg', distance = 'distance_km'): string {
  const columns = [
    'title',
    'start_time',
    'end_time',
    'description',
    'exercise_title',
    'superset_id',
    'exercise_notes',
    'set_index',
    'set_type',
  ];
  return [...columns, weight, 'reps', distance, 'duration_seconds', 'rpe'].map((column) => `"${column}"`).join(',');
}

function file(...rows: string[]): string {
  return [header(), ...rows, ''].join('\n');
}

const SESSION = '"Pull","2 Oct 2025, 18:06","2 Oct 2025, 19:16",""';

describe('Hevy', () => {
  it('reads sessions in the order of the file, with emoji, superset 0 and holds without repetitions', async () => {
    const read = await readAll(
      file(
        '"Upper 💪🏽 chest","8 Apr 2026, 17:15","8 Apr 2026, 18:24","Γερά","Pushdown (Cable)",0,"Rope",0,"normal",22.5,8,,,7',
        '"CHEST & BACK DAY 2","19 Nov 2025, 17:18","19 Nov 2025, 18:09","","Lateral Raise (Dumbbell)",,"",2,"dropset",5,12,,,9.5',
        `${SESSION},"Dead Hang",,"",0,"normal",,,,50,`,
      ),
    );
    assert.deepEqual(read.problems, []);
    assert.equal(read.format.id, 'hevy');
    assert.deepEqual(
      read.sessions.map((session) => [session.title, session.startedAt, session.durationSeconds, session.unitSource]),
      [
        ['Upper 💪🏽 chest', '2026-04-08T17:15:00', 4140, 'header'],
        ['CHEST & BACK DAY 2', '2025-11-19T17:18:00', 3060, 'header'],
        ['Pull', '2025-10-02T18:06:00', 4200, 'header'],
      ],
    );
    assert.equal(read.sessions[0]?.notes, 'Γερά');
    assert.deepEqual(read.sessions[0].exercises[0], {
      name: 'Pushdown (Cable)',
      notes: 'Rope',
      sets: [{ type: 'normal', reps: 8, weightKg: 22.5, weight: 22.5, unit: 'kg', rpe: 7, supersetId: '0', line: 2 }],
    });
    assert.deepEqual(setsOf(read).slice(1), [
      { type: 'drop', reps: 12, weightKg: 5, weight: 5, unit: 'kg', rpe: 9.5, line: 3 },
      { type: 'normal', unit: 'kg', seconds: 50, line: 4 },
    ]);
  });

  for (const [weight, unit, kilograms] of [
    ['weight_kg', 'kg', 100],
    ['weight_lbs', 'lb', 45.359237],
  ] as const) {
    for (const [distance, meters] of [
      ['distance_km', 2500],
      ['distance_miles', 4023.36],
    ] as const) {
      it(`takes both units from the header, each on its own: ${weight} with ${distance}`, async () => {
        const read = await readAll(
          [header(weight, distance), `${SESSION},"Carry",,"",0,"normal",100,,2.5,600,`, ''].join('\n'),
        );
        const set = only(setsOf(read));
        assert.deepEqual([set.unit, set.weight, set.weightKg, set.distanceMeters], [unit, 100, kilograms, meters]);
        assert.deepEqual(read.format.assumptions, []);
      });
    }
  }

  it('reads warmup, dropset and failure, and takes a type it does not know for a normal set with a warning', async () => {
    const types = ['warmup', 'normal', 'dropset', 'failure', 'myorep'];
    const read = await readAll(
      file(...types.map((type, index) => `${SESSION},"Row",,"",${String(index)},"${type}",50,8,,,`)),
    );
    assert.deepEqual(
      setsOf(read).map((set) => set.type),
      ['warmup', 'normal', 'drop', 'failure', 'normal'],
    );
    assert.deepEqual(only(only(read.sessions).warnings), {
      line: 6,
      column: 'set_type',
      value: 'myorep',
      reason: 'is not a type of set; read as a normal set',
    });
  });

  it('begins an exercise anew where its set index restarts, and leaves warm-ups at the end where they are', async () => {
    const rows = [0, 1, 0].map(
      (index) => `${SESSION},"Row",,"",${String(index)},"${index === 1 ? 'warmup' : 'normal'}",50,8,,,`,
    );
    const read = await readAll(file(...rows));
    assert.deepEqual(
      only(read.sessions).exercises.map((exercise) => exercise.sets.map((set) => set.line)),
      [[2, 3], [4]],
    );
  });

  it('keeps an exercise note that is repeated in each row once', async () => {
    const read = await readAll(
      file(...[0, 1].map((index) => `${SESSION},"Row",,"Slow\nand low",${String(index)},"normal",50,8,,,`)),
    );
    assert.equal(only(only(read.sessions).exercises).notes, 'Slow\nand low');
  });

  it('leaves out a duration that would be negative or longer than a day, with a warning', async () => {
    for (const end of ['2 Oct 2025, 17:00', '4 Oct 2025, 18:06', 'later']) {
      const read = await readAll(file(`"Pull","2 Oct 2025, 18:06","${end}","","Row",,"",0,"normal",50,8,,,`));
      const session = only(read.sessions);
      assert.equal(session.durationSeconds, undefined);
      assert.deepEqual([only(session.warnings).column, only(session.warnings).value], ['end_time', end]);
    }
  });

  it('takes a title that begins with an apostrophe or an equals sign as it is', async () => {
    const read = await readAll(file(`"'=1+1","2 Oct 2025, 18:06","","","=Row",,"",0,"normal",50,8,,,`));
    assert.equal(only(read.sessions).title, "'=1+1");
    assert.equal(only(only(read.sessions).exercises).name, '=Row');
  });
});
