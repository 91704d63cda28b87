import assert from 'node:assert/strict';
import fc from 'fast-check';
import { contentKey } from '../../../../plugins/fitness/import/content-key.ts';
import { canonicalSession } from '../../../../plugins/fitness/import/session.ts';
import type { ExportedSession } from '../../../../plugins/fitness/import/session.ts';
import { writeCsv } from '../../../../plugins/fitness/import/write-csv.ts';
import { writeJson } from '../../../../plugins/fitness/import/write-json.ts';
import { anyName, historyOf } from './histories.ts';
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

const history = historyOf(anyName);

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
