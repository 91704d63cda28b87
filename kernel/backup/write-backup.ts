import { createWriteStream } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import pg from 'pg';
import { to as copyTo } from 'pg-copy-streams';
import type { ObjectStore } from '../storage/object-store.ts';
import { nameOf } from '../storage/storage.ts';
import { END_OF_DATA, type BackupCounts, type Entry } from './format.ts';
import { findTables, readSchema } from './schema.ts';

export interface BackupOptions {
  databaseUrl: string;
  file: string;
  version: string;
  /** The keys that the server made for itself; undefined when they come from outside. */
  keys: string | undefined;
  /** Where the files of plugins lie; those in a bucket are the bucket's to keep. */
  files: ObjectStore | undefined;
  now: Date;
  progress?(text: string): void;
}

/** What a backup holds, and how many files the database names that are not there. */
export interface WrittenBackup extends BackupCounts {
  missing: number;
}

const BYTES_PER_LINE = 57 * 1024;

/**
 * Writes the whole database as it is at one moment, and the files that belong to it, while the server goes on serving. The file is
 * there when it is whole, readable by its owner alone: it holds everything.
 */
export async function writeBackup(options: BackupOptions): Promise<WrittenBackup> {
  const client = new pg.Client({ connectionString: options.databaseUrl, application_name: 'musclemap-backup' });
  await client.connect();
  const unfinished = `${options.file}.unfinished`;
  try {
    await client.query(`BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL search_path = ''; SET LOCAL statement_timeout = 0`);
    const counts: WrittenBackup = { tables: 0, rows: 0, files: 0, missing: 0 };
    const entries = Readable.from(writeEntries(client, options, counts), { objectMode: false });
    await pipeline(entries, createGzip({ level: 6 }), createWriteStream(unfinished, { mode: 0o600, flush: true }));
    await rename(unfinished, options.file);
    return counts;
  } catch (error) {
    await rm(unfinished, { force: true });
    throw error;
  } finally {
    await client.end();
  }
}

function line(entry: Entry): string {
  return `${JSON.stringify(entry)}\n`;
}

async function* writeEntries(client: pg.Client, options: BackupOptions, counts: WrittenBackup): AsyncGenerator<string | Buffer> {
  const { rows } = await client.query<{ server: string }>(`SELECT current_setting('server_version') AS server`);
  const { version, keys, now } = options;
  yield line({ kind: 'header', format: 1, version, madeAt: now.toISOString(), server: rows[0]?.server ?? '', keys });
  const { before, after } = await readSchema(client);
  for (const sql of before) yield line({ kind: 'statement', sql, when: 'before' });
  const tables = await findTables(client);
  for (const { name, columns } of tables) {
    options.progress?.(`${String(counts.tables)} of ${String(tables.length)} tables, ${String(counts.rows)} rows: ${name}`);
    yield line({ kind: 'rows', table: name, columns });
    const copy = client.query(copyTo(`COPY ${name} (${columns}) TO STDOUT`));
    for await (const chunk of copy as AsyncIterable<Buffer>) yield chunk;
    yield `${END_OF_DATA}\n`;
    counts.tables += 1;
    counts.rows += copy.rowCount;
  }
  for (const sql of after) yield line({ kind: 'statement', sql, when: 'after' });
  if (options.files !== undefined) yield* writeFiles(client, options, options.files, counts);
  const { tables: tableCount, rows: rowCount, files } = counts;
  yield line({ kind: 'end', tables: tableCount, rows: rowCount, files });
}

/** The files that were kept at the moment of the database. One that was removed since is not there, nor is one that was lost. */
async function* writeFiles(client: pg.Client, options: BackupOptions, store: ObjectStore, counts: WrittenBackup): AsyncGenerator<string> {
  const { rows } = await client.query<{ plugin: string; id: string; size: string }>(
    `SELECT plugin_id AS plugin, id, size FROM public.stored_objects WHERE state = 'kept' ORDER BY id`,
  );
  for (const { plugin, id, size } of rows) {
    const name = nameOf(plugin, id);
    const bytes = await store.read(name).catch(() => undefined);
    if (bytes === undefined) {
      counts.missing += 1;
      continue;
    }
    options.progress?.(`${String(counts.files)} of ${String(rows.length)} files`);
    yield line({ kind: 'file', name, size: Number(size) });
    let rest = Buffer.alloc(0);
    for await (const chunk of bytes as AsyncIterable<Buffer>) {
      rest = Buffer.concat([rest, chunk]);
      for (; rest.length >= BYTES_PER_LINE; rest = rest.subarray(BYTES_PER_LINE)) yield `${rest.subarray(0, BYTES_PER_LINE).toString('base64')}\n`;
    }
    if (rest.length > 0) yield `${rest.toString('base64')}\n`;
    yield `${END_OF_DATA}\n`;
    counts.files += 1;
  }
}

/** Whether a file can be written there: found out before the long work. */
export async function refuseUnwritable(file: string): Promise<void> {
  const handle = await open(`${file}.unfinished`, 'w', 0o600);
  await handle.close();
  await rm(`${file}.unfinished`);
}
