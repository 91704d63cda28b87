import { canonicalSession } from './session.ts';
import type { ExportedExercise, ExportedSession, SetType, WorkoutSet } from './session.ts';
import { escapeFormula } from './spreadsheet.ts';

const HEVY_COLUMNS = [
  'title',
  'start_time',
  'end_time',
  'description',
  'exercise_title',
  'superset_id',
  'exercise_notes',
  'set_index',
  'set_type',
  'weight_kg',
  'reps',
  'distance_km',
  'duration_seconds',
  'rpe',
];
/** What Hevy's columns cannot hold: without these a round trip would lose something. */
const OWN_COLUMNS = ['unit', 'set_notes', 'session', 'session_seconds', 'is_public'];
const HEVY_SET_TYPES: Record<SetType, string> = {
  normal: 'normal',
  warmup: 'warmup',
  drop: 'dropset',
  failure: 'failure',
};
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/**
 * Writes workouts as CSV in Hevy's columns, weights in kg, followed by `unit` (as entered), `set_notes`, `session` (a
 * running number), `session_seconds` and `is_public` (`false` or empty). Cells that a spreadsheet would take for a formula begin with an apostrophe;
 * our reader takes it away.
 */
export async function* writeCsv(
  sessions: AsyncIterable<ExportedSession> | Iterable<ExportedSession>,
): AsyncGenerator<string> {
  yield `${[...HEVY_COLUMNS, ...OWN_COLUMNS].map(textCell).join(',')}\n`;
  let number = 0;
  for await (const session of sessions) {
    number += 1;
    yield sessionRows(canonicalSession(session), number);
  }
}

function sessionRows(session: ExportedSession, number: number): string {
  const head = [
    textCell(session.title),
    textCell(startTime(session)),
    textCell(endTime(session)),
    textCell(session.notes),
  ];
  const tail = [String(number), numberCell(session.durationSeconds), session.isPublic === false ? 'false' : ''];
  const rows = session.exercises.flatMap((exercise) =>
    exercise.sets.map((set, index) => [...head, ...setCells(exercise, set, index), ...tail].join(',')),
  );
  return rows.map((row) => `${row}\n`).join('');
}

function setCells(exercise: ExportedExercise, set: WorkoutSet, index: number): string[] {
  return [
    textCell(exercise.name),
    textCell(set.supersetId),
    textCell(exercise.notes),
    String(index),
    textCell(HEVY_SET_TYPES[set.type]),
    numberCell(set.weightKg),
    numberCell(set.reps),
    numberCell(set.distanceMeters === undefined ? undefined : Number((set.distanceMeters / 1000).toFixed(6))),
    numberCell(set.seconds),
    numberCell(set.rpe),
    textCell(set.unit),
    textCell(set.notes),
  ];
}

function startTime({ date, startedAt }: ExportedSession): string {
  return startedAt === undefined ? hevyDate(date) : hevyTime(startedAt);
}

function endTime({ startedAt, durationSeconds }: ExportedSession): string | undefined {
  if (startedAt === undefined || durationSeconds === undefined) return undefined;
  return hevyTime(new Date(Date.parse(`${startedAt}Z`) + durationSeconds * 1000).toISOString().slice(0, 19));
}

/** `8 Apr 2026, 17:15` as Hevy writes it, with seconds only where there are some. */
function hevyTime(local: string): string {
  const [date = '', time = ''] = local.split('T');
  return `${hevyDate(date)}, ${time.endsWith(':00') ? time.slice(0, 5) : time}`;
}

function hevyDate(date: string): string {
  const [year = '', month = '', day = ''] = date.split('-');
  return `${String(Number(day))} ${MONTHS[Number(month) - 1] ?? ''} ${year}`;
}

function textCell(text: string | undefined): string {
  return `"${escapeFormula(text ?? '').replaceAll('"', '""')}"`;
}

function numberCell(value: number | undefined): string {
  return value === undefined ? '' : String(value);
}
