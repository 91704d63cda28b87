import type { Readable } from 'node:stream';
import type { Transaction } from '../database/transaction.ts';
import type { ByteRange, ByteSource } from './object-store.ts';

/** A file that has been stored whole. */
export interface StoredFile {
  /** Names it from now on, as `file_{uuid}`; tells nothing of what it is. */
  id: string;
  /** In bytes. */
  size: number;
}

/** A file that is being read. */
export interface OpenFile {
  /** Of the whole file, in bytes. */
  size: number;
  bytes: Readable;
}

/**
 * Files of a plugin, outside of the database: on the server's disk or in a bucket, as the server is configured. A file is first
 * put, then kept in the transaction that makes it part of something; what is not kept within an hour is swept, so that neither a
 * rollback nor a crash leaves one behind. Nobody but the plugin reaches its files, and a purge takes them along.
 */
export interface StorageService {
  /**
   * Stores what a stream brings, whole or not at all. Not within a transaction: it takes as long as the stream does.
   *
   * @throws ApiError PAYLOAD_TOO_LARGE beyond `maxBytes`; UNAVAILABLE when the plugin has used up what the server gives it.
   * @example
   * const { id } = await kernel.storage.put(rawBody, { maxBytes: 1e6 });
   * await kernel.database.transaction(async (trx) => {
   *   await trx('logos').insert({ gym_id: gymId, file_id: id });
   *   await kernel.storage.keep(trx, [id]);
   * });
   */
  put(bytes: ByteSource, options: { maxBytes: number }): Promise<StoredFile>;
  /** Keeps files from being swept, once `trx` is committed. @throws Error naming one that is not there, or no longer. */
  keep(trx: Transaction, ids: readonly string[]): Promise<void>;
  /** A file without its bytes; undefined when there is none of this id. */
  find(id: string): Promise<StoredFile | undefined>;
  /** Opens a file, or a part of it; undefined when there is none of this id. What is opened is read to its end or destroyed. */
  open(id: string, range?: ByteRange): Promise<OpenFile | undefined>;
  /** Takes files away once `trx` is committed; those that are not there are passed over. */
  remove(trx: Transaction, ids: readonly string[]): Promise<void>;
}
