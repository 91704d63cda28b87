import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import type { TestKernel } from '../../../kernel/testing.ts';
import { startCopy } from '../../support/setup.ts';

const REAL = resolve('..', 'shared', 'data', 'free-exercise-db.json');
const CURL = {
  id: 'Zebra_Curl', name: 'Zebra Curl', force: 'pull', level: 'beginner', mechanic: 'isolation', equipment: 'dumbbell',
  primaryMuscles: ['biceps'], secondaryMuscles: ['forearms'], instructions: ['Curl the zebra.'], category: 'strength', images: ['0.jpg'],
};
const KNOWN = { ...CURL, id: 'Bench_Press', name: 'bench-press' };
const STRETCH = { ...CURL, id: 'Zebra_Stretch', name: 'Zebra Stretch', mechanic: null, force: 'static', equipment: null, category: 'stretching' };

describe('npx musclemap fitness import FILE', function () {
  this.timeout(60_000);
  let kernel: TestKernel;
  let directory: string;
  before(async () => {
    kernel = await startCopy();
    directory = await mkdtemp(join(tmpdir(), 'musclemap-catalogue-'));
  });
  after(async () => {
    await kernel.stop();
    await rm(directory, { recursive: true, force: true });
  });

  const run = async (file: string, ...options: string[]): Promise<{ stdout: string; stderr: string }> =>
    promisify(execFile)(process.execPath, ['kernel/cli/musclemap.mjs', 'fitness', 'import', file, ...options], {
      env: { PATH: process.env.PATH, DATABASE_URL: kernel.databaseUrl, MUSCLEMAP_HOME: directory, JWT_SECRET: randomBytes(32).toString('hex') },
    });
  const write = async (entries: unknown): Promise<string> => {
    const file = join(directory, `${randomBytes(4).toString('hex')}.json`);
    await writeFile(file, JSON.stringify(entries));
    return file;
  };

  it('adds what is new, matches what is known, says what is wrong, and doubles nothing', async () => {
    const file = await write([CURL, KNOWN, STRETCH, { ...CURL, id: 'no spaces', name: 'Wrong' }, 7]);
    const first = JSON.parse((await run(file, '--json')).stdout);
    const { problems, ...counts } = first;
    assert.deepEqual(counts, { entries: 5, added: 2, updated: 0, matched: 1 });
    assert.deepEqual(problems.map(({ entry, name }: Record<string, unknown>) => [entry, name]), [[4, 'Wrong'], [5, '–']]);
    const { data } = (await kernel.get('/api/exercises/zebra_curl')).body;
    const { type, difficulty, equipmentRequired, locations, movementPattern, primaryMuscles, description } = data;
    assert.deepEqual({ type, difficulty, equipmentRequired, locations, movementPattern, primaryMuscles, description }, {
      type: 'strength', difficulty: 1, equipmentRequired: ['dumbbell'], locations: ['gym', 'home', 'hotel'],
      movementPattern: 'isolation_pull', primaryMuscles: ['biceps', 'brachialis'], description: 'Curl the zebra.',
    });
    assert.deepEqual(data.activations.map(({ muscleId, activation }: Record<string, unknown>) => [muscleId, activation]), [
      ['biceps', 90], ['brachialis', 68], ['brachioradialis', 45], ['forearm_flexors', 35], ['forearm_extensors', 25],
    ]);
    assert.deepEqual((await kernel.get('/api/exercises/zebra_stretch')).body.data.activations, []);

    const again = await run(await write([{ ...CURL, level: 'intermediate' }, KNOWN, STRETCH]));
    assert.match(again.stdout, /3 entries: 0 added, 2 brought up to date, 1 known already, 0 left out\./);
    assert.equal((await kernel.get('/api/exercises/zebra_curl')).body.data.difficulty, 3);
    assert.equal((await kernel.get('/api/exercises?search=zebra+curl')).body.data[0].id, 'zebra_curl');
  });

  it('ends with 1 and a sentence for a file that is missing or no JSON', async () => {
    const broken = join(directory, 'broken.json');
    await writeFile(broken, '[{"id": ');
    for (const [file, sentence] of [[join(directory, 'none.json'), /There is no file/], [broken, /is not JSON/]] as const) {
      await assert.rejects(run(file), (error: { code: number; stderr: string }) => error.code === 1 && sentence.test(error.stderr));
    }
  });

  it('takes all of free-exercise-db, with activations for all but stretches and foam rolls', async function () {
    if (!existsSync(REAL)) {
      console.log('      skipped: free-exercise-db.json is not here');
      this.skip();
    }
    const shipped = (await kernel.knex('exercises')).length;
    const first = JSON.parse((await run(REAL, '--json')).stdout) as Record<'entries' | 'added' | 'updated' | 'matched', number> & { problems: unknown[] };
    assert.deepEqual([first.entries, first.updated, first.problems], [873, 0, []]);
    assert.equal(first.added + first.matched, 873);
    console.log(`      ${String(first.matched)} of 873 known by name`);
    assert.ok(first.matched >= 146, String(first.matched));
    assert.equal((await kernel.knex('exercises')).length, shipped + first.added);
    const { rows } = await kernel.knex.raw<{ rows: object[] }>(`
      SELECT e.id FROM exercises e LEFT JOIN exercise_activations a ON a.exercise_id = e.id
      JOIN imported_exercises i ON i.exercise_id = e.id AND i.is_made
      WHERE e.type <> 'stretching' AND NOT e.equipment_required ? 'foam_roller'
      GROUP BY e.id HAVING coalesce(max(a.activation), 0) < 60 OR max(a.activation) > 90 OR min(a.activation) < 5`.replace(' ? ', ' \\? '));
    assert.deepEqual(rows, []);
    const again = JSON.parse((await run(REAL, '--json')).stdout) as typeof first;
    assert.deepEqual([again.added, again.updated, again.matched], [0, first.added, first.matched]);
  });
});
