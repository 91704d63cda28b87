import { WorkoutChecksum } from './checksum.ts';
import { JSON_FORMAT, JSON_VERSION } from './read-json.ts';
import { canonicalSession } from './session.ts';
import type { ExportedSession } from './session.ts';

/**
 * Writes workouts as our JSON, one in each line, without loss: `{ format, version, exportedAt, workouts, checksum }`.
 * The checksum covers the workouts and is verified when the file is read.
 */
export async function* writeJson(
  sessions: AsyncIterable<ExportedSession> | Iterable<ExportedSession>,
  options: { exportedAt?: Date } = {},
): AsyncGenerator<string> {
  const checksum = new WorkoutChecksum();
  const exportedAt = (options.exportedAt ?? new Date()).toISOString();
  const head = JSON.stringify({ format: JSON_FORMAT, version: JSON_VERSION, exportedAt });
  yield `${head.slice(0, -1)},"workouts":[`;
  let separator = '\n';
  for await (const session of sessions) {
    const workout = canonicalSession(session);
    checksum.add(workout);
    yield `${separator}${JSON.stringify(workout)}`;
    separator = ',\n';
  }
  yield `\n],"checksum":"${checksum.digest()}"}\n`;
}
