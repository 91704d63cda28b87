import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import type { Knex } from 'knex';
import type { Config } from '../config/config.ts';
import type { Rows } from '../database/connect.ts';
import type { Transaction } from '../database/transaction.ts';
import type { WorkQueue } from '../events/queue.ts';
import { ApiError } from '../http/errors.ts';
import type { JobRegistrar } from '../plugins/contract.ts';
import type { DiskWatch } from '../plugins/health/disk-watch.ts';
import { FileStore } from './file-store.ts';
import type { ByteRange, ByteSource, ObjectStore } from './object-store.ts';
import { S3Store } from './s3-store.ts';
import type { OpenFile, StorageService, StoredFile } from './service.ts';
import { Spool } from './spool.ts';

const SWEEP_JOB = 'sweep-files';
const BATCH = 100;

export interface StorageOptions {
  knex: Knex;
  config: Pick<Config, 'home' | 'storage'>;
  queue: Pick<WorkQueue, 'enqueue'>;
  /** Says whether a plugin may store more. */
  disk: Pick<DiskWatch, 'refuseWhenFull' | 'stored'>;
}

/** The files of all plugins: their rows, which are the truth, and the bytes beside them. */
export class Storage {
  /** For what is on its way, also of requests. */
  readonly spool: Spool;
  readonly #knex: Knex;
  readonly #queue: StorageOptions['queue'];
  readonly #store: ObjectStore;
  readonly #disk: StorageOptions['disk'];

  constructor({ knex, config, queue, disk }: StorageOptions) {
    this.#disk = disk;
    this.#knex = knex;
    this.#queue = queue;
    this.spool = new Spool(join(config.home, 'incoming'));
    this.#store = config.storage?.kind === 's3' ? new S3Store(config.storage, this.spool) : localFiles(config);
  }

  registerJobs(jobs: JobRegistrar): void {
    jobs.add(SWEEP_JOB, { cron: '*/10 * * * *', timeLimitSeconds: 3600 }, () => this.sweep());
  }

  /** What one plugin gets. */
  serviceFor(plugin: string): StorageService {
    return {
      put: (bytes, { maxBytes }) => this.#put(plugin, bytes, maxBytes),
      keep: (trx, ids) => keep(trx, plugin, ids),
      find: (id) => this.#find(plugin, id),
      open: (id, range) => this.#open(plugin, id, range),
      remove: async (trx, ids) => {
        await trx('stored_objects').where({ plugin_id: plugin }).whereIn('id', [...ids]).update({ state: 'removed' });
        await this.#sweepAfter(trx);
      },
    };
  }

  /** Takes away everything of a plugin once `trx` is committed. */
  async purge(trx: Transaction, plugin: string): Promise<void> {
    const count = await trx('stored_objects').where({ plugin_id: plugin }).update({ state: 'removed' });
    if (count > 0) await this.#sweepAfter(trx);
  }

  /** Takes away the bytes of what was removed, and of what nobody kept within an hour. */
  async sweep(): Promise<void> {
    await this.spool.sweep();
    await this.#knex.raw(
      `UPDATE stored_objects SET state = 'removed' WHERE state = 'waiting' AND created_at < clock_timestamp() - INTERVAL '1 hour'`,
    );
    for (;;) {
      const { rows } = await this.#knex.raw<Rows<{ id: string; plugin: string }>>(
        `SELECT id, plugin_id AS plugin FROM stored_objects WHERE state = 'removed' ORDER BY created_at LIMIT ?`,
        [BATCH],
      );
      for (const { id, plugin } of rows) await this.#forget(plugin, id);
      if (rows.length < BATCH) return;
    }
  }

  async #put(plugin: string, bytes: ByteSource, maxBytes: number): Promise<StoredFile> {
    try {
      this.#disk.refuseWhenFull(plugin);
      return await this.#write(plugin, limit(bytes, maxBytes));
    } catch (error) {
      // What fails before the first byte has begun no reading whose end would close the stream.
      if (bytes instanceof Readable) bytes.destroy();
      throw error;
    }
  }

  async #write(plugin: string, bytes: ByteSource): Promise<StoredFile> {
    const id = `file_${randomUUID()}`;
    await this.#knex('stored_objects').insert({ id, plugin_id: plugin });
    try {
      const size = await this.#store.write(nameOf(plugin, id), bytes);
      await this.#knex('stored_objects').where({ id }).update({ size });
      this.#disk.stored(plugin, size);
      return { id, size };
    } catch (error) {
      // When this fails as well, the row stays and the sweep finds it.
      await this.#forget(plugin, id).catch(() => undefined);
      throw error;
    }
  }

  async #find(plugin: string, id: string): Promise<StoredFile | undefined> {
    const { rows } = await this.#knex.raw<Rows<StoredFile>>(
      `SELECT id, size FROM stored_objects WHERE id = ? AND plugin_id = ? AND state <> 'removed' AND size IS NOT NULL`,
      [id, plugin],
    );
    return rows[0];
  }

  async #open(plugin: string, id: string, range?: ByteRange): Promise<OpenFile | undefined> {
    const file = await this.#find(plugin, id);
    return file && { size: file.size, bytes: await this.#store.read(nameOf(plugin, id), range) };
  }

  async #forget(plugin: string, id: string): Promise<void> {
    await this.#store.remove(nameOf(plugin, id));
    await this.#knex('stored_objects').where({ id }).delete();
  }

  async #sweepAfter(trx: Transaction): Promise<void> {
    await this.#queue.enqueue('kernel', SWEEP_JOB, {}, { trx });
  }
}

async function keep(trx: Transaction, plugin: string, ids: readonly string[]): Promise<void> {
  const { rows } = await trx.raw<Rows<{ id: string }>>(
    `UPDATE stored_objects SET state = 'kept' WHERE plugin_id = ? AND id = ANY (?) AND state <> 'removed' AND size IS NOT NULL RETURNING id`,
    [plugin, [...ids]],
  );
  const kept = new Set(rows.map(({ id }) => id));
  const missing = ids.find((id) => !kept.has(id));
  if (missing !== undefined) throw new Error(`There is no stored file ${missing}: one that is not kept within an hour is swept.`);
}

async function* limit(bytes: ByteSource, maxBytes: number): ByteSource {
  let size = 0;
  for await (const chunk of bytes) {
    size += chunk.length;
    if (size > maxBytes) throw new ApiError('PAYLOAD_TOO_LARGE', `A file is larger than ${String(maxBytes)} bytes.`);
    yield chunk;
  }
}

/** The folder of files on this machine. */
export function localFiles(config: StorageOptions['config']): FileStore {
  return new FileStore(config.storage?.kind === 'file' ? config.storage.directory : join(config.home, 'files'));
}

/** Spread over folders, so that none of them holds a million. */
export function nameOf(plugin: string, id: string): string {
  return `${plugin}/${id.slice(5, 7)}/${id}`;
}
