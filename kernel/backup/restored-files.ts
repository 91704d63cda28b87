import type pg from 'pg';
import type { ByteSource, ObjectStore } from '../storage/object-store.ts';
import { nameOf } from '../storage/storage.ts';
import { BackupError } from './format.ts';

/** Files that a restore writes while its transaction is open: they stay with it, or go with it. */
export class RestoredFiles {
  readonly #store: ObjectStore | undefined;
  /** Of the database as it was. */
  readonly #before = new Set<string>();
  readonly #written = new Set<string>();
  #isCommitted = false;

  /** @param store Where they go; undefined when they are a bucket's to keep. */
  constructor(store: ObjectStore | undefined) {
    this.#store = store;
  }

  /** Remembers which files belong to what is about to be replaced. */
  async lookAt(client: pg.Client): Promise<void> {
    const { rows: tables } = await client.query<{ name: string | null }>(`SELECT to_regclass('public.stored_objects') AS name`);
    if (tables[0]?.name == null) return;
    const { rows } = await client.query<{ plugin: string; id: string }>('SELECT plugin_id AS plugin, id FROM public.stored_objects');
    for (const { plugin, id } of rows) this.#before.add(nameOf(plugin, id));
  }

  /** Answers how many bytes were written. */
  async write(name: string, bytes: ByteSource): Promise<number> {
    if (this.#store === undefined) throw new BackupError('The backup holds files, and STORAGE_URL names a bucket: restore them to a folder first.');
    const size = await this.#store.write(name, bytes);
    this.#written.add(name);
    return size;
  }

  /** From now on the database names them. */
  committed(): void {
    this.#isCommitted = true;
  }

  /** The restore has failed: what was there before is kept, unless it failed after its commit. */
  async takeBack(): Promise<void> {
    if (this.#isCommitted) return;
    for (const name of this.#written) {
      if (!this.#before.has(name)) await this.#store?.remove(name);
    }
  }

  /** The restore is done: what belonged to the people who were replaced goes after them. */
  async removeOthers(): Promise<void> {
    for (const name of this.#before) {
      if (!this.#written.has(name)) await this.#store?.remove(name);
    }
  }
}
