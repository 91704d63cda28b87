import assert from 'node:assert/strict';
import type { ExportedSession } from '../../../../plugins/fitness/import/session.ts';
import { escapeFormula, unescapeFormula } from '../../../../plugins/fitness/import/spreadsheet.ts';
import { writeCsv } from '../../../../plugins/fitness/import/write-csv.ts';
import { only, readAll, setsOf } from './reading.ts';

const SESSION: ExportedSession = {
  date: '2026-04-08',
  startedAt: '2026-04-08T17:15:00',
  title: '=cmd|calc',
  durationSeconds: 4140,
  exercises: [
    {
      name: 'Bench "press"',
      notes: '@home',
      sets: [
        {
          type: 'drop',
          reps: 8,
          weightKg: 61.23496995,
          unit: 'lb',
          rpe: 8.5,
          distanceMeters: 1500,
          seconds: 60,
          notes: '+1',
          supersetId: '0',
        },
      ],
    },
  ],
};

async function csvOf(...sessions: ExportedSession[]): Promise<string> {
  let text = '';
  for await (const chunk of writeCsv(sessions)) text += chunk;
  return text;
}

describe('writeCsv', () => {
  it("writes Hevy's columns, then what they cannot hold, and no formula", async () => {
    assert.equal(
      await csvOf(SESSION),
      [
        '"title","start_time","end_time","description","exercise_title","superset_id","exercise_notes","set_index","set_type",' +
          '"weight_kg","reps","distance_km","duration_seconds","rpe","unit","set_notes","session","session_seconds","is_public"',
        '"\'=cmd|calc","8 Apr 2026, 17:15","8 Apr 2026, 18:24","","Bench ""press""","0","\'@home",0,"dropset",' +
          '61.23496995,8,1.5,60,8.5,"lb","\'+1",1,4140,',
        '',
      ].join('\n'),
    );
  });

  it('can be read as a plain Hevy export by those who know no more', async () => {
    const lines = (await csvOf({ ...SESSION, title: 'Push' }))
      .split('\n')
      .map((line) => line.split(',').slice(0, -5).join(','));
    const read = await readAll(lines.join('\n'));
    assert.equal(read.format.id, 'hevy');
  });

  it('keeps two workouts of one day apart that nothing else distinguishes', async () => {
    const plain: ExportedSession = {
      date: '2026-04-08',
      exercises: [{ name: 'Squat', sets: [{ type: 'normal', reps: 5, unit: 'kg' }] }],
    };
    const read = await readAll(await csvOf(plain, plain));
    assert.equal(read.sessions.length, 2);
    assert.equal(read.format.id, 'musclemap-csv');
    assert.equal(
      new Set(read.sessions.map((session) => session.contentKey)).size,
      1,
      'the same content has the same key',
    );
  });

  it('is read with a problem where the unit or the weight was spoilt', async () => {
    const text = await csvOf(SESSION);
    assert.equal(only((await readAll(text.replace('"lb"', '"stone"'))).problems).column, 'unit');
    assert.equal(only((await readAll(text.replace('61.23496995', '90000'))).problems).column, 'weight_kg');
    assert.equal(only(setsOf(await readAll(text))).weight, 135);
  });
});

describe('escapeFormula', () => {
  it('puts an apostrophe before everything that a spreadsheet may run, and is undone exactly', () => {
    for (const start of ['=', '+', '-', '@', '\t', '\r', '＝', '＠'])
      assert.equal(escapeFormula(`${start}x`), `'${start}x`);
    for (const text of ['=x', "'=x", "''=x", "'x", "'", '', 'x=', '-', "'-"]) {
      assert.doesNotMatch(escapeFormula(text), /^[=+\-@\t\r]/);
      assert.equal(unescapeFormula(escapeFormula(text)), text);
    }
  });
});
