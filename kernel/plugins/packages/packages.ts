import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { Readable } from 'node:stream';
import type { Knex } from 'knex';
import { recordAudit, type AuditActor } from '../../audit/audit.ts';
import type { Rows } from '../../database/connect.ts';
import { inTransaction, type Transaction } from '../../database/transaction.ts';
import { ApiError } from '../../http/errors.ts';
import { discoverPlugins, type Discovery, type FoundPlugin, type PluginSources } from '../discovery.ts';
import { announce, lockPlugin, lockPlugins, readDesiredState } from '../installed-plugins.ts';
import { exists, type PluginStore } from '../lifecycle/store.ts';
import { readManifest, type PluginManifest } from '../manifest.ts';
import { unknownPlugin } from '../unknown-plugin.ts';
import { unpackArchive } from './archive.ts';
import { examinePackage, linkPackages } from './contents.ts';

export interface PackagesContext {
  knex: Knex;
  kernelVersion: string;
  sources: PluginSources;
  store: PluginStore;
}

/** An archive on this machine. */
export interface ArchiveFile {
  path: string;
  /** In hex. */
  sha256: string;
  /** What the sender calls it. */
  name: string;
}

/** What an upload came to. */
export interface Uploaded {
  id: string;
  version: string;
  /** Whether it was not there before. */
  isNew: boolean;
  generation: number;
}

interface PackageRow {
  id: string;
  version: string;
  sha256: string;
  size: number;
  at: Date;
}

/**
 * Where plugins are found: in folders, among the packages of npm, and as archives that were uploaded. Those lie in the database, where
 * every instance and every backup finds them; each instance unpacks them for itself.
 */
export class PluginPackages {
  readonly #context: PackagesContext;

  constructor(context: PackagesContext) {
    this.#context = context;
  }

  /** Finds every plugin. What was uploaded lies unpacked on this machine afterwards. Within a transaction it takes that one's connection. */
  async discover(knex: Knex = this.#context.knex): Promise<Discovery> {
    const discovery = await discoverPlugins(this.#context.sources);
    const rows = await readRows(knex);
    const newest = new Map(rows.map((row) => [row.id, row]));
    for (const row of rows) await this.#addTo(discovery, knex, row, newest.get(row.id) === row);
    return discovery;
  }

  /**
   * Keeps an archive. Nothing of it is run, and what runs goes on running: a newer version waits for an upgrade.
   *
   * @throws ApiError UNPROCESSABLE for what is no plugin, CONFLICT for a plugin or version that is there already.
   */
  async add(file: ArchiveFile, actor: AuditActor): Promise<Uploaded> {
    const { knex, store, kernelVersion, sources } = this.#context;
    return store.fill(
      async (staging) => {
        await unpackArchive(createReadStream(file.path), staging);
        const manifest = await examinePackage(staging, { kernelVersion, nodeModules: sources.nodeModules });
        await linkPackages(staging, sources.nodeModules);
        return inTransaction(knex, (trx) => this.#register(trx, manifest, file, actor));
      },
      ({ id, version }) => this.#folderOf({ id, version, sha256: file.sha256 }),
    );
  }

  /** Takes away what was uploaded of a plugin that is not installed. @throws ApiError saying why not. */
  async remove(id: string, actor: AuditActor): Promise<number> {
    const { knex, sources } = this.#context;
    return inTransaction(knex, async (trx) => {
      await lockPlugin(trx, id);
      await lockPlugins(trx);
      const { plugins } = await readDesiredState(trx);
      const versions = await trx('plugin_packages').where({ plugin_id: id }).pluck<string[]>('version');
      if (versions.length === 0) {
        const { found } = await discoverPlugins(sources);
        const place = found.get(id)?.directory;
        if (place === undefined && !plugins.has(id)) throw unknownPlugin(id, [...found.keys(), ...plugins.keys()]);
        throw new ApiError('CONFLICT', `${id} was not uploaded${place === undefined ? '' : `: it lies in ${place}`}.`);
      }
      if (plugins.has(id)) throw new ApiError('CONFLICT', `${id} is installed: uninstall it first. Its data stay unless they are purged.`);
      await trx('plugin_packages').where({ plugin_id: id }).delete();
      await recordAudit(trx, { actor, action: 'plugin.remove', objectType: 'plugins', objectId: id, result: 'done', details: { versions } });
      return announce(trx);
    });
  }

  /** Forgets the code of plugins that are neither installed nor uploaded any more. */
  async sweep(): Promise<void> {
    const { knex, store } = this.#context;
    const { rows } = await knex.raw<Rows<{ id: string }>>(
      'SELECT id FROM installed_plugins UNION SELECT plugin_id FROM plugin_versions UNION SELECT plugin_id FROM plugin_packages',
    );
    await store.sweep(new Set(rows.map(({ id }) => id)));
  }

  async #addTo(discovery: Discovery, knex: Knex, row: PackageRow, isNewest: boolean): Promise<void> {
    const { id, sha256, size, at } = row;
    const directory = this.#folderOf(row);
    const fail = (reason: string): void => {
      if (isNewest) discovery.broken.push({ id, directory, reason });
    };
    const twin = discovery.found.get(id);
    if (twin !== undefined && twin.upload === undefined) {
      fail(`what was uploaded is not used: the id is taken by ${twin.directory}`);
      return;
    }
    try {
      await this.#provide(knex, row, directory);
      const found: FoundPlugin = { manifest: await readManifest(directory), directory, isBundled: false, isConfined: true, upload: { sha256, size, at } };
      if (isNewest) discovery.found.set(id, found);
      else discovery.earlier.push(found);
    } catch (error) {
      fail(`what was uploaded cannot be unpacked here: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  async #provide(knex: Knex, { id, version }: PackageRow, directory: string): Promise<void> {
    if (await exists(directory)) return;
    const { store, sources } = this.#context;
    const row = await knex('plugin_packages').where({ plugin_id: id, version }).first<{ archive: Buffer } | undefined>('archive');
    if (row === undefined) throw new Error('it has just been taken away');
    await store.fill(
      async (staging) => {
        await unpackArchive(Readable.from([row.archive]), staging);
        await linkPackages(staging, sources.nodeModules);
      },
      () => directory,
    );
  }

  /** Writes down that an archive is there; the newest upload of a plugin is what counts. */
  async #register(trx: Transaction, { id, version }: PluginManifest, file: ArchiveFile, actor: AuditActor): Promise<Uploaded> {
    await lockPlugin(trx, id);
    await lockPlugins(trx);
    const twin = (await discoverPlugins(this.#context.sources)).found.get(id);
    if (twin !== undefined) throw new ApiError('CONFLICT', `${id} ${twin.isBundled ? 'comes with MuscleMap' : `lies in ${twin.directory}`}: it cannot be uploaded.`);
    const newest = (await readRows(trx, id)).at(-1);
    if (newest?.sha256 === file.sha256) return { id, version, isNew: false, generation: (await readDesiredState(trx)).generation };
    await forgetUnused(trx, id);
    const [before] = (await readRows(trx, id)).filter((row) => row.version === version);
    if (before !== undefined && before.sha256 !== file.sha256) {
      throw new ApiError('CONFLICT', `${id} ${version} has run here with another content: give what is new another version.`);
    }
    await trx('plugin_packages').where({ plugin_id: id, version }).delete();
    const { size } = await insertArchive(trx, id, version, file);
    const details = { version, sha256: file.sha256, size, file: basename(file.name) };
    await recordAudit(trx, { actor, action: 'plugin.upload', objectType: 'plugins', objectId: id, result: 'done', details });
    return { id, version, isNew: true, generation: await announce(trx) };
  }

  #folderOf({ id, version, sha256 }: Pick<PackageRow, 'id' | 'version' | 'sha256'>): string {
    return this.#context.store.folderOf(id, version, sha256.slice(0, 16));
  }
}

/** What was uploaded, the newest last, without the archives themselves. */
async function readRows(knex: Knex, id?: string): Promise<PackageRow[]> {
  const { rows } = await knex.raw<Rows<PackageRow>>(
    `SELECT plugin_id AS id, version, sha256, octet_length(archive) AS size, uploaded_at AS at FROM plugin_packages
     WHERE plugin_id = coalesce(?::TEXT, plugin_id) ORDER BY position`,
    [id ?? null],
  );
  return rows;
}

/** Takes away the versions that have never run: the one that comes is in their place. */
async function forgetUnused(trx: Transaction, id: string): Promise<void> {
  await trx.raw(
    `DELETE FROM plugin_packages WHERE plugin_id = :id AND version NOT IN (
       SELECT version FROM plugin_versions WHERE plugin_id = :id UNION SELECT version FROM installed_plugins WHERE id = :id
     )`,
    { id },
  );
}

async function insertArchive(trx: Transaction, id: string, version: string, { path, sha256 }: ArchiveFile): Promise<{ size: number }> {
  const archive = await readFile(path);
  await trx('plugin_packages').insert({ plugin_id: id, version, sha256, archive });
  return { size: archive.length };
}
