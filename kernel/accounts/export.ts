import { Readable } from 'node:stream';
import type { Knex } from 'knex';
import { runContained, withTimeLimit, type Observer } from '../plugins/containment.ts';
import type { Composition } from '../plugins/composition.ts';
import type { Logger } from '../telemetry/logger.ts';
import type { OwnedPersonalData } from './personal-data.ts';

export interface ExportContext {
  knex: Knex;
  observer: Observer;
  log: Logger;
  composition: () => Composition;
}

const PIECE_LIMIT_MS = 60_000;

/**
 * Everything that is held about a user as one JSON document: `{ exportedAt, kernel: {…}, plugins: { <id>: … }, problems }`.
 * It is made while it is sent. What a plugin fails to give stands in `problems`, and the rest is still there.
 */
export function exportEverything(context: ExportContext, userId: string, at: Date): Readable {
  return Readable.from(document(context, userId, at), { objectMode: false, encoding: 'utf8' });
}

async function* document(context: ExportContext, userId: string, at: Date): AsyncGenerator<string> {
  const problems: { plugin: string; message: string }[] = [];
  const byOwner = groupByOwner(context.composition().exporters);
  const { kernel = [], ...plugins } = byOwner;
  yield `{"exportedAt":${JSON.stringify(at.toISOString())},"kernel":`;
  yield* partsOf(context, kernel, userId, problems);
  yield ',"plugins":{';
  let separator = '';
  for (const [owner, parts] of Object.entries(plugins)) {
    yield `${separator}${JSON.stringify(owner)}:`;
    separator = ',';
    yield* partsOf(context, parts, userId, problems);
  }
  yield `},"problems":${JSON.stringify(problems)}}`;
}

function groupByOwner(exporters: readonly OwnedPersonalData[]): Record<string, OwnedPersonalData[]> {
  const groups: Record<string, OwnedPersonalData[]> = {};
  for (const exporter of exporters) (groups[exporter.owner] ??= []).push(exporter);
  return groups;
}

/** What an owner keeps: by name when it has several parts, else the one part itself. */
async function* partsOf(
  context: ExportContext,
  parts: readonly OwnedPersonalData[],
  userId: string,
  problems: { plugin: string; message: string }[],
): AsyncGenerator<string> {
  const [only] = parts;
  if (parts.length === 1 && only?.name === undefined) {
    yield* only === undefined ? 'null' : partOf(context, only, userId, problems);
    return;
  }
  yield '{';
  for (const [n, part] of parts.entries()) {
    yield `${n === 0 ? '' : ','}${JSON.stringify(part.name ?? 'data')}:`;
    yield* partOf(context, part, userId, problems);
  }
  yield '}';
}

async function* partOf(
  context: ExportContext,
  part: OwnedPersonalData,
  userId: string,
  problems: { plugin: string; message: string }[],
): AsyncGenerator<string> {
  const contained = async <T>(work: () => Promise<T>): Promise<T> =>
    runContained(context.observer, part.owner, 'export', () => withTimeLimit(work(), PIECE_LIMIT_MS, `${part.owner}: export`));
  const failed = (error: unknown): void => {
    context.log.error({ plugin: part.owner, userId, err: error }, `${part.owner} could not export what it keeps about a user`);
    problems.push({ plugin: part.owner, message: 'Not everything could be exported. Ask again later.' });
  };
  let iterator: AsyncIterator<unknown>;
  try {
    const given = await contained(async () => part.export(userId));
    if (!isIterable(given)) {
      yield JSON.stringify(given);
      return;
    }
    iterator = given[Symbol.asyncIterator]();
  } catch (error) {
    failed(error);
    yield 'null';
    return;
  }
  yield '[';
  try {
    for (let n = 0; ; n++) {
      const next = await contained(() => iterator.next());
      if (next.done === true) break;
      const piece: unknown = next.value;
      yield `${n === 0 ? '' : ','}${JSON.stringify(piece)}`;
    }
  } catch (error) {
    failed(error);
  } finally {
    await iterator.return?.().catch(() => undefined);
  }
  yield ']';
}

function isIterable(given: object): given is AsyncIterable<unknown> {
  return Symbol.asyncIterator in given;
}
