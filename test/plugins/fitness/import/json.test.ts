import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import type { ExportedSession } from '../../../../plugins/fitness/import/session.ts';
import { writeJson } from '../../../../plugins/fitness/import/write-json.ts';
import { only, readAll, setsOf } from './reading.ts';

const SESSION: ExportedSession = {
  date: '2026-04-08',
  startedAt: '2026-04-08T17:15:00',
  title: 'Push "heavy" {1}',
  exercises: [{ name: 'Bench Press', sets: [{ type: 'normal', reps: 5, weightKg: 61.23496995, unit: 'lb' }] }],
};

async function jsonOf(...sessions: ExportedSession[]): Promise<string> {
  let text = '';
  for await (const chunk of writeJson(sessions, { exportedAt: new Date('2026-11-01T10:00:00Z') })) text += chunk;
  return text;
}

/** A file as a stranger could write it, with the checksum that belongs to it. */
async function fileWith(...workouts: unknown[]): Promise<string> {
  const { WorkoutChecksum } = await import('../../../../plugins/fitness/import/checksum.ts');
  const checksum = new WorkoutChecksum();
  for (const workout of workouts) checksum.add(workout);
  return JSON.stringify({ format: 'musclemap.workouts', version: 1, workouts, checksum: checksum.digest() }, null, 2);
}

describe('our JSON', () => {
  it('names its format, version and time, one workout in each line, and ends with a checksum', async () => {
    const text = await jsonOf(SESSION, SESSION);
    const parsed: unknown = JSON.parse(text);
    assert.deepEqual(parsed, {
      format: 'musclemap.workouts',
      version: 1,
      exportedAt: '2026-11-01T10:00:00.000Z',
      workouts: [SESSION, SESSION],
      checksum: `sha256:${createHash('sha256')
        .update(`${JSON.stringify(SESSION)}\n${JSON.stringify(SESSION)}\n`)
        .digest('hex')}`,
    });
    assert.equal(text.split('\n').length, 5);
  });

  it('holds nothing of an import but its content', async () => {
    const imported = (await readAll(await jsonOf(SESSION))).sessions;
    assert.equal(await jsonOf(...imported), await jsonOf(SESSION));
  });

  it('is read whatever its spaces and the members around its workouts', async () => {
    const parsed = JSON.parse(await jsonOf(SESSION)) as Record<string, unknown>;
    const { format, version, workouts, checksum } = parsed;
    for (const text of [
      JSON.stringify(parsed, null, 4),
      JSON.stringify({ checksum, format, other: { a: ['}'] }, version, workouts, n: 1 }),
    ]) {
      const read = await readAll(`\uFEFF ${text}`);
      assert.equal(read.format.id, 'musclemap-json');
      assert.equal(only(read.sessions).title, 'Push "heavy" {1}');
      assert.deepEqual(only(setsOf(read)).weight, 135);
    }
  });

  it('can be empty', async () => {
    const read = await readAll(await jsonOf());
    assert.deepEqual([read.sessions, read.problems], [[], []]);
  });

  it('is refused before its first workout when the version or the format is not known', async () => {
    const text = await jsonOf(SESSION);
    await assert.rejects(readAll(text.replace('"version":1', '"version":2')), {
      fault: 'version',
      message: /is 2; known is version 1/,
    });
    await assert.rejects(readAll(text.replace('"version":1,', '')), { fault: 'version' });
    await assert.rejects(readAll(text.replace('musclemap.workouts', 'strava')), {
      fault: 'unknown-header',
      message: /"strava"; known is "musclemap.workouts"/,
    });
    for (const other of ['[]', '{}', '{"workouts":[]}', '[{"a":1}]'])
      await assert.rejects(readAll(other), { fault: 'unknown-header' });
  });

  it('is refused at its end when a workout was changed, removed or exchanged', async () => {
    const text = await jsonOf(SESSION, { ...SESSION, title: 'Pull' });
    const [head, first, second, tail] = text.split('\n');
    const changed = [
      text.replace('"reps":5', '"reps":6'),
      [head, second, tail].join('\n'),
      [head, `${second ?? ''},`, first?.slice(0, -1), tail].join('\n'),
    ];
    for (const file of changed) await assert.rejects(readAll(file), { fault: 'checksum' });
    await assert.rejects(readAll(text.replace(/,"checksum.*\n/, '}')), { fault: 'checksum' });
  });

  it('is refused with the line where it is no JSON', async () => {
    const text = await jsonOf(SESSION, SESSION);
    const broken = [
      text.slice(0, -90),
      text.slice(0, 200),
      text.replace('\n]', '\n]]'),
      `${text}x`,
      text.replace(',\n', '\n'),
      text.replace('"date"', 'date'),
    ];
    for (const file of broken) await assert.rejects(readAll(file), { fault: 'json', message: /at line \d/ });
    await assert.rejects(readAll(`{"format":${'['.repeat(100_000)}`, {}, 65_536), { fault: 'json' });
    await assert.rejects(readAll('{"format":"musclemap.workouts","format":"x"'), { fault: 'json', message: /twice/ });
  });

  it('names the member of a workout that cannot be read, and reads the rest', async () => {
    const set = { type: 'normal', reps: 5, weightKg: 100, unit: 'kg' };
    const workout = (change: object, setChange: object = {}): object => ({
      date: '2026-04-08',
      exercises: [{ name: 'Squat', sets: [set, { ...set, ...setChange }] }],
      ...change,
    });
    const wrongSets: [change: object, column: string][] = [
      [{ reps: 5.5 }, 'exercises[0].sets[1].reps'],
      [{ reps: '5' }, 'exercises[0].sets[1].reps'],
      [{ weightKg: -1 }, 'exercises[0].sets[1].weightKg'],
      [{ weightKg: 10_001 }, 'exercises[0].sets[1].weightKg'],
      [{ unit: 'stone' }, 'exercises[0].sets[1].unit'],
      [{ type: 'cluster' }, 'exercises[0].sets[1].type'],
      [{ seconds: 90_000 }, 'exercises[0].sets[1].seconds'],
      [{ notes: '\uD800' }, 'exercises[0].sets[1].notes'],
      [{ notes: 7 }, 'exercises[0].sets[1].notes'],
    ];
    for (const [change, column] of wrongSets) {
      const read = await readAll(await fileWith(workout({}, change)));
      assert.equal(only(read.problems).column, column);
      assert.equal(setsOf(read).length, 1);
    }
    const wrongWorkouts: [change: object, column: string][] = [
      [{ date: '2026-02-30' }, 'date'],
      [{ date: '2027-01-01' }, 'date'],
      [{ date: undefined }, 'date'],
      [{ startedAt: '2026-04-09T10:00:00' }, 'startedAt'],
      [{ startedAt: '2026-04-08T25:00:00' }, 'startedAt'],
      [{ durationSeconds: 86_401 }, 'durationSeconds'],
      [{ exercises: {} }, 'exercises'],
      [{ exercises: [] }, 'exercises'],
      [{ exercises: [3] }, 'exercises[0]'],
    ];
    for (const [change, column] of wrongWorkouts) {
      const read = await readAll(await fileWith(workout(change), workout({})));
      assert.equal(only(read.problems).column, column);
      assert.equal(read.sessions.length, 1);
    }
    assert.equal(only((await readAll(await fileWith(null))).problems).reason, 'is not an object');
  });
});
