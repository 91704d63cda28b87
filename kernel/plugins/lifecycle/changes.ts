import { isDeepStrictEqual } from 'node:util';
import type { Knex } from 'knex';
import { recordAudit, type AuditActor } from '../../audit/audit.ts';
import { inTransaction, type Transaction } from '../../database/transaction.ts';
import { ApiError } from '../../http/errors.ts';
import { PluginFailure } from '../activation.ts';
import type { Discovery, FoundPlugin } from '../discovery.ts';
import { stopPlugin, type PluginHost } from '../host.ts';
import { readQuarantines } from '../health/quarantine.ts';
import { StartSteps } from '../health/start-steps.ts';
import {
  announce,
  lockPlugin,
  lockPlugins,
  readDesiredState,
  recordComposition,
  writeInstalled,
  type DesiredState,
  type InstalledPlugin,
} from '../installed-plugins.ts';
import { findCode, type Build } from './builder.ts';
import { readInstances } from './cluster.ts';
import type { Edit, EditContext } from './edits.ts';
import { installPlugin, migratePlugin, type MigrationRun } from './schema.ts';
import type { PluginStore } from './store.ts';
import { Transition } from './transition.ts';

/** What is to be done, and by whom. */
export interface Change {
  /** As `plugin.enable`, for the audit. */
  action: string;
  /** The plugin that it is about. */
  id: string;
  actor: AuditActor;
  edit(context: EditContext): Edit | Promise<Edit>;
  /** Work in the transaction before the next composition is built: undoing migrations, uninstall taps. Answers what was undone. */
  prepare?(trx: Transaction, context: EditContext): Promise<MigrationRun[]>;
  /** Looks at what has come about. In a rehearsal everything is undone after it; what it throws undoes everything too. */
  inspect?(trx: Transaction, result: Result): Promise<void> | void;
  /** Neither installs nor starts anything, and undoes all at the end. */
  isRehearsal?: boolean;
}

export interface Result {
  build: Build;
  edit: Edit;
  failures: ReadonlyMap<string, string>;
  /** The migrations that were run, in their order. */
  migrations: readonly MigrationRun[];
}

/** What a change did: the plugins whose wanted state is another now. */
export interface Outcome {
  generation: number;
  changed: string[];
}

class RehearsalOver extends Error {}

/**
 * Carries a change out: what is wanted, the schema, the install and start taps are one transaction, and the composition that
 * results serves once that is committed. Whatever fails leaves everything as it was.
 *
 * @throws ApiError CONFLICT while another command works on the plugin, UNPROCESSABLE when a plugin fails.
 */
export async function change(host: PluginHost, request: Change): Promise<Outcome> {
  let release = (): void => undefined;
  let attempt: Attempt | undefined;
  try {
    const done = await inTransaction(host.services.knex, async (trx) => {
      await lockPlugin(trx, request.id);
      await lockPlugins(trx);
      release = await host.acquire();
      attempt = new Attempt(host, request, trx);
      return attempt.run();
    });
    host.serve(done.build, done.desired, done.failures);
    await host.heal();
    return { generation: done.desired.generation, changed: done.edit.plugins.map(({ id }) => id).concat(done.edit.forgotten) };
  } catch (error) {
    await attempt?.abandon();
    if (error instanceof RehearsalOver) return { generation: host.desired.generation, changed: [] };
    throw asRefusal(error);
  } finally {
    attempt?.end();
    release();
  }
}

function asRefusal(error: unknown): unknown {
  if (!(error instanceof PluginFailure)) return error;
  const details = [{ plugin: error.plugin, problem: error.message }];
  return new ApiError('UNPROCESSABLE', error.message, { details, cause: error });
}

/** An edit without the plugins that are already what it makes of them. */
export function withoutUnchanged(edit: Edit, { plugins }: EditContext): Edit {
  return { ...edit, plugins: edit.plugins.filter((plugin) => !isDeepStrictEqual(plugin, plugins.get(plugin.id))) };
}

export function isEmpty({ plugins, forgotten, reloaded }: Edit): boolean {
  return plugins.length + forgotten.length + reloaded.length === 0;
}

/** Writes what an edit decided, with an entry of the audit for each plugin. */
export async function writeEdit(trx: Transaction, request: Pick<Change, 'action' | 'actor' | 'id'>, edit: Edit): Promise<void> {
  const { action, actor } = request;
  for (const id of edit.forgotten) await trx('installed_plugins').where({ id }).delete();
  for (const plugin of edit.plugins) await writeInstalled(trx, plugin);
  for (const id of [...edit.plugins.map((plugin) => plugin.id), ...edit.forgotten]) {
    const details = { ...(id !== request.id && { because: request.id }), ...describeEdit(edit.plugins, id) };
    await recordAudit(trx, { actor, action, objectType: 'plugins', objectId: id, result: 'done', details });
  }
}

function describeEdit(plugins: readonly InstalledPlugin[], id: string): object {
  const plugin = plugins.find((candidate) => candidate.id === id);
  return plugin === undefined ? {} : { version: plugin.version, enabled: plugin.enabled, forced: plugin.isForced };
}

/** Where the code of plugins is looked for. */
export interface CodeSources {
  store: PluginStore;
  discover(knex: Knex): Promise<Discovery>;
}

/** What edits are decided from. */
export async function readEditContext(knex: Knex, sources: CodeSources): Promise<EditContext> {
  const desired = await readDesiredState(knex);
  const discovery = await sources.discover(knex);
  const codes = new Map<string, FoundPlugin>();
  for (const plugin of desired.plugins.values()) {
    const code = await findCode(plugin, discovery, sources.store).catch(() => undefined);
    if (code !== undefined) codes.set(plugin.id, code);
  }
  return { plugins: desired.plugins, discovery, codes };
}

/** @throws ApiError CONFLICT for a plugin that is to run and is in quarantine. */
async function withoutQuarantined(
  trx: Transaction,
  desired: DesiredState,
  targets: ReadonlySet<string>,
): Promise<DesiredState['plugins']> {
  const quarantines = await readQuarantines(trx);
  const blocked = [...targets].filter((id) => quarantines.has(id));
  if (blocked.length > 0) throw new ApiError('CONFLICT', `${blocked.join(', ')} is in quarantine; release it first.`);
  return new Map([...desired.plugins].filter(([id]) => !quarantines.has(id)));
}

class Attempt {
  readonly #host: PluginHost;
  readonly #request: Change;
  readonly #trx: Transaction;
  #transition: Transition | undefined;
  #started: Build | undefined;

  constructor(host: PluginHost, request: Change, trx: Transaction) {
    this.#host = host;
    this.#request = request;
    this.#trx = trx;
  }

  async run(): Promise<{ build: Build; desired: DesiredState; edit: Edit; failures: ReadonlyMap<string, string> }> {
    const [host, request, trx] = [this.#host, this.#request, this.#trx];
    const context = await readEditContext(trx, host);
    const edit = await this.#withoutIdle(await request.edit(context), context);
    await writeEdit(trx, request, edit);
    const undone = (await request.prepare?.(trx, context)) ?? [];

    const desired = await readDesiredState(trx);
    const targets = new Set(edit.plugins.filter(({ enabled }) => enabled).map(({ id }) => id));
    // Who could not run before does not stand in the way of others; it gets another try afterwards.
    const failures = new Map([...host.failures].filter(([id]) => !targets.has(id)));
    const build = await host.builder.build({
      ...{ knex: trx, failures, discovery: context.discovery, running: host.running, steps: new StartSteps() },
      desired: { ...desired, plugins: await withoutQuarantined(trx, desired, targets) },
      reload: new Set(edit.reloaded),
      isStrict: (id) => targets.has(id) || (host.running.has(id) && desired.plugins.get(id)?.enabled === true),
    });
    const applied = await this.#migrate(build, desired, targets);
    await recordComposition(trx, build.composition);
    await request.inspect?.(trx, { build, edit, failures, migrations: [...undone, ...applied] });
    if (request.isRehearsal === true) throw new RehearsalOver();
    await this.#start(build, targets);
    const generation = isEmpty(edit) ? desired.generation : await announce(trx);
    return { build, desired: { ...(await readDesiredState(trx)), generation }, edit, failures };
  }

  /** Leaves out plugins that are as they are to be; one that is to run and does not, here or elsewhere, gets another try. */
  async #withoutIdle(edit: Edit, context: EditContext): Promise<Edit> {
    if (this.#request.prepare !== undefined) return edit;
    const changed = withoutUnchanged(edit, context);
    if (edit.reloaded.length === 0) return changed;
    const instances = await readInstances(this.#trx);
    const runs = (id: string): boolean => this.#host.running.has(id) && instances.every(({ states }) => (states[id]?.state ?? 'enabled') === 'enabled');
    const retried = edit.reloaded.filter((id) => !runs(id) || changed.plugins.some((plugin) => plugin.id === id));
    return { ...changed, plugins: edit.plugins.filter((plugin) => retried.includes(plugin.id) || changed.plugins.includes(plugin)), reloaded: retried };
  }

  /** Undoes in this process what the transaction cannot undo. */
  async abandon(): Promise<void> {
    for (const id of [...(this.#started?.fresh ?? [])].reverse()) {
      if (this.#started !== undefined) await stopPlugin(this.#started.composition, id);
    }
  }

  end(): void {
    this.#transition?.end();
  }

  async #migrate(build: Build, desired: DesiredState, targets: ReadonlySet<string>): Promise<MigrationRun[]> {
    const migrated: MigrationRun[] = [];
    for (const id of build.running.keys()) {
      if (!targets.has(id)) continue;
      migrated.push(...(await migratePlugin(this.#host, this.#trx, build.composition, id)));
      await this.#rememberVersion(build, id);
      const isForced = desired.plugins.get(id)?.isForced === true;
      if (isForced) this.#host.services.log.warn({ plugin: id }, `${id} runs outside the ranges of its manifest: an administrator said so`);
    }
    return migrated;
  }

  async #start(build: Build, targets: ReadonlySet<string>): Promise<void> {
    const transition = new Transition(build.composition, this.#trx);
    this.#transition = transition;
    for (const id of build.running.keys()) {
      if (targets.has(id)) await transition.run(() => installPlugin(this.#trx, build.composition, id));
    }
    await this.#host.startFresh(build, transition);
    this.#started = build;
  }

  /** Keeps the code of a version that comes to run, for a rollback. Bundled plugins come and go with the kernel. */
  async #rememberVersion({ running }: Build, id: string): Promise<void> {
    const found = running.get(id)?.activation.found;
    if (found === undefined || found.isBundled) return;
    const { digest } = await this.#host.store.keep(found);
    const last = await this.#trx('plugin_versions').where({ plugin_id: id }).orderBy('position', 'desc').first<
      { version: string; digest: string } | undefined
    >('version', 'digest');
    if (last?.version === found.manifest.version && last.digest === digest) return;
    await this.#trx('plugin_versions').insert({ plugin_id: id, version: found.manifest.version, digest });
  }
}
