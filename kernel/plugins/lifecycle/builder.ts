import type { Knex } from 'knex';
import { activate } from '../activate.ts';
import { PluginFailure, type Activation } from '../activation.ts';
import { compose, type Composition } from '../composition.ts';
import type { Observer } from '../containment.ts';
import { misplacement, readDataPlaces } from '../database/data-place.ts';
import type { Discovery, FoundPlugin } from '../discovery.ts';
import type { StartSteps } from '../health/start-steps.ts';
import { readWaitingSubscribers } from '../health/waiting-events.ts';
import { readDormantRoutes, type DesiredState, type InstalledPlugin } from '../installed-plugins.ts';
import type { PluginManifest } from '../manifest.ts';
import { orderPlugins } from '../order.ts';
import type { PluginServices } from '../plugin-kernel.ts';
import { SecretError, type ConfigSecrets } from './secrets.ts';
import type { PluginStore } from './store.ts';

/** A plugin whose code is loaded, with what it was loaded for: as long as both stay, so does the activation. */
export interface RunningPlugin {
  activation: Activation;
  version: string;
  /** The stored configuration, as text. */
  config: string;
}

export interface Build {
  composition: Composition;
  running: ReadonlyMap<string, RunningPlugin>;
  /** Those that were activated for it, in their order: they are still to be started. */
  fresh: readonly string[];
}

export interface BuildRequest {
  knex: Knex;
  desired: DesiredState;
  discovery: Discovery;
  /** What runs now; it is used again where nothing has changed. */
  running: ReadonlyMap<string, RunningPlugin>;
  /** Plugins that are loaded anew in any case. */
  reload: ReadonlySet<string>;
  /** Why plugins are left out, by id; those that fail are added. */
  failures: Map<string, string>;
  steps: StartSteps;
  /** Whether the failure of this plugin fails the whole instead of leaving it out. */
  isStrict(id: string): boolean;
}

export interface BuilderContext {
  kernelVersion: string;
  kernel: Activation;
  observer: Observer;
  services: PluginServices;
  secrets: ConfigSecrets;
  store: PluginStore;
}

/** The code of the version that is to run: on disk, or kept from before. @throws PluginFailure when it is nowhere. */
export async function findCode(
  plugin: Pick<InstalledPlugin, 'id' | 'version'>,
  discovery: Discovery,
  store: PluginStore,
): Promise<FoundPlugin> {
  const { id, version } = plugin;
  const found = discovery.found.get(id);
  if (found === undefined) {
    const broken = discovery.broken.find((folder) => folder.id === id);
    throw new PluginFailure(id, broken?.reason ?? 'its folder or package is gone');
  }
  if (found.isBundled || found.manifest.version === version) return found;
  const kept = discovery.earlier.find(({ manifest }) => manifest.id === id && manifest.version === version) ?? (await store.find(id, version));
  if (kept !== undefined) return kept;
  throw new PluginFailure(id, `version ${version} is installed and its code is gone; ${found.manifest.version} is on disk: upgrade.`);
}

/** Makes compositions of what is wanted. */
export class Builder {
  readonly #context: BuilderContext;

  constructor(context: BuilderContext) {
    this.#context = context;
  }

  /** Tries until everything that is left works; each round leaves out who failed in the one before. */
  async build(request: BuildRequest): Promise<Build> {
    const loaded = new Map<string, RunningPlugin>();
    const fresh = new Set<string>();
    for (;;) {
      const { order, codes } = await this.#arrange(request);
      try {
        const running = new Map<string, RunningPlugin>();
        for (const { id } of order) {
          const known = loaded.get(id) ?? this.#reusable(request, id);
          if (known === undefined) fresh.add(id);
          const plugin = known ?? (await request.steps.run(id, 'load', () => this.#load(request, codes.get(id), id)));
          loaded.set(id, plugin);
          running.set(id, plugin);
        }
        const dormant = await readDormantRoutes(request.knex, [...running.keys()]);
        const waiting = await readWaitingSubscribers(request.knex, [...running.keys()]);
        await request.steps.pause();
        const activations = [...running.values()].map(({ activation }) => activation);
        const composition = compose([this.#context.kernel, ...activations], this.#context.observer, { dormant, waiting });
        return { composition, running, fresh: [...running.keys()].filter((id) => fresh.has(id)) };
      } catch (error) {
        if (!(error instanceof PluginFailure) || request.isStrict(error.plugin)) throw error;
        request.failures.set(error.plugin, error.message);
      }
    }
  }

  /** The plugins that can run, in their order, with their code. */
  async #arrange(request: BuildRequest): Promise<{ order: PluginManifest[]; codes: Map<string, FoundPlugin> }> {
    const { desired, discovery, failures } = request;
    const codes = new Map<string, FoundPlugin>();
    const refuse = (id: string, reason: string): void => {
      if (request.isStrict(id)) throw new PluginFailure(id, `${id}: ${reason}`);
      failures.set(id, reason);
    };
    const wanted = [...desired.plugins.values()].filter(({ id, enabled }) => enabled && !failures.has(id));
    const places = await readDataPlaces(request.knex);
    for (const plugin of wanted) {
      try {
        const code = await findCode(plugin, discovery, this.#context.store);
        const misplaced = misplacement(code, places.get(plugin.id));
        if (misplaced !== undefined) throw new PluginFailure(plugin.id, misplaced);
        codes.set(plugin.id, code);
      } catch (error) {
        if (!(error instanceof Error)) throw error;
        refuse(plugin.id, error.message);
      }
    }
    const forced = new Set(wanted.filter(({ isForced }) => isForced).map(({ id }) => id));
    const manifests = [...codes.values()].map(({ manifest }) => manifest);
    const { order, refused } = orderPlugins(manifests, this.#context.kernelVersion, { ignoreRangesOf: forced });
    for (const [id, reason] of refused) refuse(id, reason);
    return { order, codes };
  }

  #reusable({ running, desired, reload }: BuildRequest, id: string): RunningPlugin | undefined {
    const known = running.get(id);
    const plugin = desired.plugins.get(id);
    if (known === undefined || plugin === undefined || reload.has(id)) return undefined;
    const isBundled = known.activation.found?.isBundled === true;
    const isSame = (isBundled || known.version === plugin.version) && known.config === JSON.stringify(plugin.config);
    return isSame ? known : undefined;
  }

  async #load({ desired }: BuildRequest, found: FoundPlugin | undefined, id: string): Promise<RunningPlugin> {
    const { store, services, observer } = this.#context;
    const stored = desired.plugins.get(id)?.config ?? null;
    if (found === undefined) throw new PluginFailure(id, `${id}: is not on disk.`);
    const config = this.openConfig(found, stored);
    const activation = await activate(await store.fresh(found), config, services, observer);
    return { activation, version: found.manifest.version, config: JSON.stringify(stored) };
  }

  /** A composition of the kernel and one plugin alone, whatever else runs. */
  async composeAlone(found: FoundPlugin, stored: Record<string, unknown> | null): Promise<Composition> {
    const { kernel, observer, services, store } = this.#context;
    const activation = await activate(await store.fresh(found), this.openConfig(found, stored), services, observer);
    return compose([kernel, activation], observer);
  }

  /** The configuration that a plugin gets, its secrets readable. @throws PluginFailure when they are not. */
  openConfig(found: FoundPlugin, stored: Record<string, unknown> | null): Record<string, unknown> {
    const { id, config: schema } = found.manifest;
    try {
      return this.#context.secrets.open(id, schema, stored ?? {});
    } catch (error) {
      if (!(error instanceof SecretError)) throw error;
      throw new PluginFailure(id, `${id}: ${error.message}`, { cause: error });
    }
  }
}
