import assert from 'node:assert/strict';
import fc from 'fast-check';
import { WorkoutFileError } from '../../../../plugins/fitness/import/errors.ts';
import type { ExportedSession } from '../../../../plugins/fitness/import/session.ts';
import { writeCsv } from '../../../../plugins/fitness/import/write-csv.ts';
import { writeJson } from '../../../../plugins/fitness/import/write-json.ts';
import { readAll } from './reading.ts';

const SESSIONS: ExportedSession[] = ['2026-04-08', '2026-04-09'].map((date) => ({
  date,
  title: 'Push, "heavy"',
  notes: 'two\nlines',
  exercises: [{ name: 'Squat', sets: [{ type: 'normal', reps: 5, weightKg: 100, unit: 'kg', seconds: 30 }] }],
}));
const STRONG = [
  'Date;Workout Name;Exercise Name;Set Order;Weight;Weight Unit;Reps;RPE;Distance;Distance Unit;Seconds;Notes;Workout Notes',
  '2019-09-10 02:30:09;"Chest";"Chest Press (Machine)";2;60;kg;5;9,5;;;0;"a;b";',
  '2019-09-10 02:30:09;"Chest";"Plank";W;;;;;;mi.;60;"";',
  '',
].join('\r\n');

async function filesToDamage(): Promise<Buffer[]> {
  const texts = [STRONG];
  for (const write of [writeCsv, writeJson]) {
    let text = '';
    for await (const chunk of write(SESSIONS)) text += chunk;
    texts.push(text);
  }
  return texts.map((text) => Buffer.from(text));
}

function damage(file: Buffer, cutAt: number, changes: readonly [at: number, byte: number][]): Buffer {
  const bytes = Buffer.from(file.subarray(0, Math.ceil(file.length * cutAt)));
  for (const [at, byte] of changes) if (bytes.length > 0) bytes[Math.floor(at * (bytes.length - 1))] = byte;
  return bytes;
}

describe('a damaged file', () => {
  it('is read as far as it goes or refused with a reason, whatever was cut off or changed in it', async () => {
    const files = await filesToDamage();
    const share = fc.integer({ min: 0, max: 1000 }).map((thousandths) => thousandths / 1000);
    const byte = fc.oneof(fc.constantFrom(...Buffer.from('",;\n\r\'=-[]{}\\0 9')), fc.integer({ min: 0, max: 255 }));
    const changes = fc.array(fc.tuple(share, byte), { maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...files), share, changes, async (file, cutAt, edits) => {
        try {
          const { sessions, problems } = await readAll(damage(file, cutAt, edits), { unit: 'kg' });
          for (const { line, reason } of problems) assert.ok(line >= 1 && reason !== '');
          for (const { exercises } of sessions) assert.ok(exercises.every(({ sets }) => sets.length > 0));
        } catch (error) {
          if (!(error instanceof WorkoutFileError)) throw error;
        }
      }),
      { numRuns: 300 },
    );
  });
});
