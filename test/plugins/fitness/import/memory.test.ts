import assert from 'node:assert/strict';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { readWorkouts } from '../../../../plugins/fitness/import/read.ts';
import { writeJson } from '../../../../plugins/fitness/import/write-json.ts';
import type { ExportedSession } from '../../../../plugins/fitness/import/session.ts';

const ROWS = 100_000;
const SETS_PER_SESSION = 20;
/** All sessions together take about 14 MiB. */
const MOST_GROWTH = 5 * 1024 * 1024;
setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;
const FIRST_DAY = Date.UTC(2000, 0, 1);

function startOf(session: number): string {
  return new Date(FIRST_DAY + session * 3_600_000).toISOString().slice(0, 19);
}

async function* strongRows(): AsyncGenerator<string> {
  yield 'Date,Workout Name,Duration,Exercise Name,Set Order,Weight,Reps,Distance,Seconds,Notes,Workout Notes,RPE\n';
  for (let session = 0; session < ROWS / SETS_PER_SESSION; session += 1) {
    const start = startOf(session).replace('T', ' ');
    const rows = Array.from(
      { length: SETS_PER_SESSION },
      (_, set) => `${start},"Evening Workout",1h 5m,"Squat (Barbell)",${String(set + 1)},100.0,5,0,0,"","",8\n`,
    );
    yield await Promise.resolve(rows.join(''));
  }
}

function* sessions(): Generator<ExportedSession> {
  for (let session = 0; session < ROWS / SETS_PER_SESSION; session += 1) {
    const startedAt = startOf(session);
    const sets = Array.from(
      { length: SETS_PER_SESSION },
      () => ({ type: 'normal', reps: 5, weightKg: 100, unit: 'kg' }) as const,
    );
    yield { date: startedAt.slice(0, 10), startedAt, exercises: [{ name: 'Squat (Barbell)', sets }] };
  }
}

/** Bytes that are still held once garbage is gone: without a collection the figure says nothing. */
function heldBytes(): number {
  collectGarbage();
  return process.memoryUsage().heapUsed;
}

/** The most that the reader held above its beginning, looked at after each fifth of the history. */
async function growthWhileReading(source: AsyncIterable<string>): Promise<{ sets: number; growth: number }> {
  const start = heldBytes();
  let growth = 0;
  let sessionCount = 0;
  const reading = await readWorkouts(source, { unit: 'kg' });
  for await (const item of reading) {
    assert.equal(item.kind, 'session');
    sessionCount += 1;
    if (sessionCount % 1000 === 0) growth = Math.max(growth, heldBytes() - start);
  }
  return { sets: reading.counts.sets, growth };
}

describe('a history of 100,000 sets', () => {
  const sources: Record<string, () => AsyncIterable<string>> = {
    'a Strong export': strongRows,
    'our JSON, as it is written': () => writeJson(sessions()),
  };
  for (const [what, source] of Object.entries(sources)) {
    it(`is read in constant memory: ${what}`, async () => {
      const { sets, growth } = await growthWhileReading(source());
      assert.equal(sets, ROWS);
      assert.ok(growth < MOST_GROWTH, `the heap grew by ${String(Math.round(growth / 1024 / 1024))} MiB`);
    }).timeout(30_000);
  }
});
