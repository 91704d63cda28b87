import { readWorkouts } from '../../../../plugins/fitness/import/read.ts';
import type { ReadCounts, ReadOptions } from '../../../../plugins/fitness/import/read.ts';
import type { DetectedFormat } from '../../../../plugins/fitness/import/row-format.ts';
import type { ImportedSession, ImportedSet, ImportProblem } from '../../../../plugins/fitness/import/session.ts';

export interface Read {
  format: DetectedFormat;
  counts: ReadCounts;
  sessions: ImportedSession[];
  problems: ImportProblem[];
}

export async function* chunksOf(text: string | Buffer, size = 7): AsyncGenerator<Buffer> {
  const bytes = Buffer.from(text);
  for (let start = 0; start < bytes.length; start += size) {
    yield await Promise.resolve(bytes.subarray(start, start + size));
  }
}

/** Reads a whole file that arrives in small pieces. */
export async function readAll(text: string | Buffer, options: ReadOptions = {}, chunkSize?: number): Promise<Read> {
  const reading = await readWorkouts(chunksOf(text, chunkSize), { now: new Date('2026-11-01T12:00:00Z'), ...options });
  const sessions: ImportedSession[] = [];
  const problems: ImportProblem[] = [];
  for await (const item of reading) {
    if (item.kind === 'problem') problems.push(item);
    else sessions.push(item);
  }
  return { format: reading.format, counts: { ...reading.counts }, sessions, problems };
}

export function setsOf({ sessions }: Read): ImportedSet[] {
  return sessions.flatMap((session) => session.exercises.flatMap((exercise) => exercise.sets));
}

/** The only one, which makes a test fail where there are none or several. */
export function only<T>(items: readonly T[]): T {
  const [first] = items;
  if (first === undefined || items.length !== 1) throw new Error(`${String(items.length)} instead of one`);
  return first;
}
