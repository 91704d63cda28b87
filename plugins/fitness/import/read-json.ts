import { WorkoutChecksum } from './checksum.ts';
import { WorkoutFileError } from './errors.ts';
import { readJsonSession } from './json-session.ts';
import { JsonStream } from './json-stream.ts';
import type { DetectedFormat, OpenedFile } from './row-format.ts';
import type { ImportedSession, ImportProblem } from './session.ts';
import type { TextStream } from './text-stream.ts';

export const JSON_FORMAT = 'musclemap.workouts';
export const JSON_VERSION = 1;

/** Reads our JSON up to its workouts. Its format and version have to stand before them. */
export async function openWorkoutJson(
  stream: TextStream,
  latestDate: string,
  counts: { rows: number },
): Promise<OpenedFile> {
  const json = new JsonStream(stream);
  const head = new Map<string, unknown>();
  if (!(await json.takes('{'))) throw unknownFormat(undefined);
  const hasWorkouts = await readMembers(json, head);
  if (head.get('format') !== JSON_FORMAT) throw unknownFormat(head.get('format'));
  if (head.get('version') !== JSON_VERSION) {
    const version = JSON.stringify(head.get('version') ?? null).slice(0, 100);
    throw new WorkoutFileError(
      'version',
      `The version of this file is ${version}; known is version ${String(JSON_VERSION)}.`,
    );
  }
  if (!hasWorkouts) throw json.fault('there are no workouts');
  const format: DetectedFormat = {
    id: 'musclemap-json',
    app: 'MuscleMap',
    description: 'MuscleMap JSON, version 1',
    assumptions: [],
  };
  return { format, items: readItems(json, head, latestDate, counts) };
}

async function* readItems(
  json: JsonStream,
  head: Map<string, unknown>,
  latestDate: string,
  counts: { rows: number },
): AsyncGenerator<ImportedSession | ImportProblem> {
  const checksum = new WorkoutChecksum();
  await json.expect('[');
  while (!(await json.takes(']'))) {
    if (counts.rows > 0) await json.expect(',');
    await json.peek();
    const line = json.line;
    const workout = await json.value();
    checksum.add(workout);
    counts.rows += 1;
    yield* readJsonSession(workout, line, latestDate);
  }
  await readTail(json, head);
  if (head.get('checksum') === checksum.digest()) return;
  throw new WorkoutFileError(
    'checksum',
    'The checksum of this file is not that of its workouts: it was changed or damaged.',
  );
}

/** Takes the members of the object up to `workouts`, or to the end of the object; says whether workouts follow. */
async function readMembers(json: JsonStream, members: Map<string, unknown>): Promise<boolean> {
  while (!(await json.takes('}'))) {
    if (members.size > 0) await json.expect(',');
    const key = await json.value();
    if (typeof key !== 'string') throw json.fault('a name is missing');
    if (members.has(key)) throw json.fault(`"${key}" stands there twice`);
    await json.expect(':');
    members.set(key, undefined);
    if (key === 'workouts') return true;
    members.set(key, await json.value());
  }
  return false;
}

async function readTail(json: JsonStream, members: Map<string, unknown>): Promise<void> {
  await readMembers(json, members);
  const rest = await json.peek();
  if (rest !== '') throw json.fault('something follows after the end');
}

function unknownFormat(found: unknown): WorkoutFileError {
  const what = found === undefined ? 'no format' : `the format ${JSON.stringify(found).slice(0, 100)}`;
  return new WorkoutFileError('unknown-header', `This JSON names ${what}; known is "${JSON_FORMAT}".`);
}
