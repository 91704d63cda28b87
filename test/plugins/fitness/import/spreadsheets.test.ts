import assert from 'node:assert/strict';
import { only, readAll, setsOf } from './reading.ts';

const FITNOTES = 'Date,Exercise,Category,Weight (kgs),Reps,Distance,Distance Unit,Time';
const STRONG = 'Date,Workout Name,Duration,Exercise Name,Set Order,Weight,Reps,Distance,Seconds,Notes,Workout Notes,RPE';

describe('a file that went through a spreadsheet', () => {
  it('may name its separator in a line of its own', async () => {
    for (const separator of [';', ',', '\t']) {
      const rows = [`sep=${separator}`, FITNOTES.replaceAll(',', separator), ['2014-02-11', 'Squat', 'Legs', '75', '5', '', '', ''].join(separator)];
      const read = await readAll(`${rows.join('\r\n')}\r\n`);
      assert.deepEqual([read.format.id, read.problems, only(setsOf(read)).weight], ['fitnotes-kg', [], 75], separator);
    }
  });

  it('may have decimal commas in quotes between commas, but no number that may be a thousand', async () => {
    const row = (weight: string): string => `${STRONG}\n2025-06-03 20:23:00,"E",1h,"Squat (Barbell)",1,${weight},10,0,0,"","",\n`;
    assert.equal(only(setsOf(await readAll(row('"102,5"'), { unit: 'kg' }))).weight, 102.5);
    assert.equal(only(setsOf(await readAll(row('"102,25"'), { unit: 'kg' }))).weight, 102.25);
    assert.equal(only((await readAll(row('"1,025"'), { unit: 'kg' })).problems).column, 'Weight');
  });

  it('may have dates without a year in front once it is said how they are written', async () => {
    const file = `${FITNOTES}\n02/03/2014,Squat,Legs,75,5,,,\n`;
    assert.match(only((await readAll(file)).problems).reason, /dateOrder/);
    assert.equal(only((await readAll(file, { dateOrder: 'dmy' })).sessions).date, '2014-03-02');
    assert.equal(only((await readAll(file, { dateOrder: 'mdy' })).sessions).date, '2014-02-03');
    const hevy =
      '"title","start_time","end_time","exercise_title","set_index","set_type","weight_kg","reps"\n"P","8/4/2026 17:15","8/4/2026 18:15","Squat",0,"normal",22.5,8\n';
    const session = only((await readAll(hevy, { dateOrder: 'dmy' })).sessions);
    assert.deepEqual([session.startedAt, session.durationSeconds], ['2026-04-08T17:15:00', 3600]);
  });

  it('may be UTF-16, as "Unicode text" is saved', async () => {
    const text = `\uFEFF${FITNOTES.replaceAll(',', '\t')}\r\n2014-02-11\tÜbung\tLegs\t75\t5\t\t\t\r\n`;
    const read = await readAll(Buffer.from(text, 'utf16le'));
    assert.deepEqual([read.sessions[0]?.exercises[0]?.name, read.problems], ['Übung', []]);
  });
});
