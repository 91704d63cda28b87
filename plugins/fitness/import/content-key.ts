import { createHash } from 'node:crypto';
import { canonicalSession } from './session.ts';
import type { ExportedSession, WorkoutSet } from './session.ts';
import { enteredWeight } from './units.ts';

/**
 * A key made from what a session holds (SHA-256, 64 hex digits), so that importing the same session twice can be
 * noticed. It depends neither on the lines of the file nor on its quoting, line ends or byte order mark; order of
 * exercises and sets counts.
 */
export function contentKey(session: ExportedSession): string {
  const { date, startedAt, title, notes, durationSeconds, exercises } = canonicalSession(session);
  const content = [
    date,
    startedAt,
    title,
    notes,
    durationSeconds,
    exercises.map((exercise) => [exercise.name, exercise.notes, exercise.sets.map(setContent)]),
  ];
  return createHash('sha256').update(JSON.stringify(content)).digest('hex');
}

function setContent(set: WorkoutSet): unknown[] {
  // The unit of a set without weight says nothing, and a file may not even hold it.
  const load = set.weightKg === undefined ? [] : [enteredWeight(set.weightKg, set.unit), set.unit];
  return [set.type, set.reps, load, set.distanceMeters, set.seconds, set.rpe, set.notes, set.supersetId];
}
