import { pluginLedger, migrateUp, readMigrations, type Migration } from '../database/migrations.ts';
import { inTransaction } from '../database/transaction.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import { activate, applyPlugin } from './activate.ts';
import { PluginFailure, type Activation, type Recorder } from './activation.ts';
import { compose, type Composition } from './composition.ts';
import { discoverPlugins, type Discovery, type FoundPlugin, type PluginSources } from './discovery.ts';
import type { PluginFolder } from './health/culprit.ts';
import { putIntoQuarantine, readQuarantines, type Quarantine } from './health/quarantine.ts';
import { settleDeaths, StartSteps, type StepTime } from './health/start-steps.ts';
import { readWaitingSubscribers, recordSubscriptions } from './health/waiting-events.ts';
import { readDormantRoutes, readInstalled, recordComposition, type InstalledPlugin } from './installed-plugins.ts';
import { orderPlugins } from './order.ts';
import type { PluginServices } from './plugin-kernel.ts';

export type PluginState = 'available' | 'enabled' | 'disabled' | 'failed' | 'quarantined' | 'missing';

/** Where a plugin stands, and why. */
export interface PluginStatus {
  id: string;
  state: PluginState;
  reason: string | null;
  found: FoundPlugin | undefined;
  installed: InstalledPlugin | undefined;
  quarantine?: Quarantine;
}

export interface PluginHostOptions {
  kernelVersion: string;
  sources: PluginSources;
  /** Start without any plugin. */
  safeMode: boolean;
  /** Write down which plugin is being started, and count the starts that one of them has killed. */
  marksStarts: boolean;
  /** Registers the kernel's own routes, as any plugin does. */
  registerKernel(recorder: Recorder): void;
  /** Told that another composition serves from now on. */
  composed(): void;
}

/** Finds, loads and composes plugins, and holds the composition that serves. A plugin that fails never stops the others. */
export class PluginHost {
  readonly #services: Omit<PluginServices, 'composition'>;
  readonly #metrics: Metrics;
  readonly #options: PluginHostOptions;
  readonly #kernel: Activation;
  #composition: Composition;
  #statuses = new Map<string, PluginStatus>();
  #folders: PluginFolder[] = [];
  #stepTimes: readonly StepTime[] = [];
  #changing: Promise<void> = Promise.resolve();

  constructor(services: Omit<PluginServices, 'composition'>, metrics: Metrics, options: PluginHostOptions) {
    this.#services = services;
    this.#metrics = metrics;
    this.#options = options;
    this.#kernel = applyPlugin('kernel', undefined, metrics, options.registerKernel.bind(options));
    this.#composition = compose([this.#kernel], metrics);
  }

  get composition(): Composition {
    return this.#composition;
  }

  get statuses(): readonly PluginStatus[] {
    return [...this.#statuses.values()].sort((a, b) => a.id.localeCompare(b.id));
  }

  /** Where the code of every plugin lies that was found. */
  get folders(): readonly PluginFolder[] {
    return this.#folders;
  }

  isQuarantined(pluginId: string): boolean {
    return this.#statuses.get(pluginId)?.state === 'quarantined';
  }

  /** How long each step of bringing up the plugins took, the last time. */
  get stepTimes(): readonly StepTime[] {
    return this.#stepTimes;
  }

  /** Brings up every enabled plugin that can run and is not in quarantine; those that run already go on running. */
  async start(): Promise<void> {
    this.#changing = this.#changing.catch(() => undefined).then(() => this.#change());
    await this.#changing;
  }

  async #change(): Promise<void> {
    const discovery = await discoverPlugins(this.#options.sources);
    this.#folders = [...discovery.found].map(([id, { directory }]) => ({ id, directory }));
    const bundled = [...discovery.found.values()].filter(({ isBundled }) => isBundled);
    const installed = await readInstalled(this.#services.knex, bundled);
    const failures = new Map(discovery.broken.map(({ id, reason }) => [id, reason]));
    const quarantines = await this.#quarantine();
    const enabled = this.#options.safeMode ? [] : installed.filter((row) => row.enabled && !quarantines.has(row.id));
    const before = this.#composition;
    const started = await this.#bringUp(discovery, enabled, failures);
    this.#statuses = describeStatuses({ discovery, installed, failures, quarantines, safeMode: this.#options.safeMode });
    this.#metrics.composed(started.length);
    await stopAll(before, [...before.activations.keys()].filter((id) => id !== 'kernel' && !started.includes(id)));
    for (const { id, reason, state } of this.#statuses.values()) {
      if (state === 'failed' || state === 'missing') {
        this.#services.log.error({ plugin: id, state }, `the plugin ${id} is not running: ${reason ?? ''}`);
      }
    }
  }

  /** Runs the stop taps of every plugin, dependents first. */
  async stop(): Promise<void> {
    await stopAll(this.#composition, [...this.#composition.activations.keys()]);
  }

  /** Everybody in quarantine, after adding those that have killed the process once too often. */
  async #quarantine(): Promise<ReadonlyMap<string, Quarantine>> {
    const { knex } = this.#services;
    for (const { plugin_id: pluginId, step, deaths } of this.#options.marksStarts ? await settleDeaths(knex) : []) {
      const reason = `the server died ${String(deaths)} times in a row in its step "${step}"`;
      await putIntoQuarantine(knex, { pluginId, reason, place: step, error: 'the process was killed', stack: null });
    }
    return readQuarantines(knex);
  }

  /** Tries until everything that is left works; each round leaves out who failed in the one before. */
  async #bringUp(
    discovery: Discovery,
    enabled: readonly InstalledPlugin[],
    failures: Map<string, string>,
  ): Promise<string[]> {
    const steps = this.#options.marksStarts ? await StartSteps.open(this.#services.knex) : new StartSteps();
    const activations = new Map([...this.#composition.activations].filter(([id]) => id !== 'kernel'));
    const started = new Set(activations.keys());
    try {
      return await this.#bringUpIn(steps, { discovery, enabled, failures, activations, started });
    } finally {
      this.#stepTimes = steps.times;
      await steps.close([...started]);
    }
  }

  async #bringUpIn(steps: StartSteps, { discovery, enabled, failures, activations, started }: BringUp): Promise<string[]> {
    for (;;) {
      const wanted = enabled.filter(({ id }) => discovery.found.has(id) && !failures.has(id));
      const manifests = wanted.flatMap(({ id }) => discovery.found.get(id)?.manifest ?? []);
      const { order, refused } = orderPlugins(manifests, this.#options.kernelVersion);
      for (const [id, reason] of refused) failures.set(id, reason);
      try {
        const ids = order.map(({ id }) => id);
        for (const id of ids.filter((known) => !activations.has(known))) {
          activations.set(id, await steps.run(id, 'load', () => this.#activate(discovery, wanted, id)));
        }
        await this.#compose(steps, ids.flatMap((id) => activations.get(id) ?? []));
        for (const id of ids.filter((known) => !started.has(known))) {
          await steps.run(id, 'start', () => this.#start(id));
          started.add(id);
        }
        return ids;
      } catch (error) {
        if (!(error instanceof PluginFailure)) throw error;
        failures.set(error.plugin, error.message);
      }
    }
  }

  async #activate(discovery: Discovery, rows: readonly InstalledPlugin[], id: string): Promise<Activation> {
    const found = discovery.found.get(id);
    if (found === undefined) throw new PluginFailure(id, `${id}: is not on disk.`);
    const config = rows.find((row) => row.id === id)?.config ?? null;
    const services = { ...this.#services, composition: () => this.#composition };
    return activate(found, config, services, this.#metrics);
  }

  /** Builds the next composition, brings the schema to it and swaps it in. */
  async #compose(steps: StartSteps, activations: readonly Activation[]): Promise<void> {
    const { knex } = this.#services;
    const running = activations.map(({ id }) => id);
    const dormant = await readDormantRoutes(knex, running);
    const waiting = await readWaitingSubscribers(knex, running);
    await steps.pause();
    const composition = compose([this.#kernel, ...activations], this.#metrics, { dormant, waiting });
    for (const [id, directories] of composition.migrations) await steps.run(id, 'migrate', () => this.#migrate(id, directories));
    await inTransaction(knex, async (trx) => {
      await recordComposition(trx, composition);
      await recordSubscriptions(trx, running, composition.subscriptions);
    });
    this.#composition = composition;
    this.#options.composed();
  }

  async #migrate(id: string, directories: readonly string[]): Promise<void> {
    try {
      const lists = await Promise.all(directories.map(readMigrations));
      const migrations: Migration[] = lists.flat();
      const applied = await migrateUp(this.#services.knex, pluginLedger(id), migrations);
      if (applied.length > 0) this.#services.log.info({ plugin: id, migrations: applied }, `${id}: schema brought up to date`);
    } catch (error) {
      throw new PluginFailure(id, error instanceof Error ? error.message : String(error), { cause: error });
    }
  }

  async #start(plugin: string): Promise<void> {
    try {
      await this.#composition.hooks.start.promise({ plugin });
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new PluginFailure(plugin, `${plugin}: start failed: ${reason}`, { cause: error });
    }
  }
}

interface BringUp {
  discovery: Discovery;
  enabled: readonly InstalledPlugin[];
  failures: Map<string, string>;
  activations: Map<string, Activation>;
  started: Set<string>;
}

/** Runs the stop taps of some plugins, dependents first; one that fails has been reported. */
async function stopAll(composition: Composition, ids: readonly string[]): Promise<void> {
  for (const plugin of [...ids].reverse()) await composition.hooks.stop.promise({ plugin }).catch(() => undefined);
}

interface Standing {
  discovery: Discovery;
  installed: readonly InstalledPlugin[];
  failures: ReadonlyMap<string, string>;
  quarantines: ReadonlyMap<string, Quarantine>;
  safeMode: boolean;
}

function describeStatuses({ discovery, installed, failures, quarantines, safeMode }: Standing): Map<string, PluginStatus> {
  const rows = new Map(installed.map((row) => [row.id, row]));
  const ids = new Set([...discovery.found.keys(), ...rows.keys(), ...failures.keys()]);
  const describe = (id: string): PluginStatus => {
    const found = discovery.found.get(id);
    const row = rows.get(id);
    const common = { id, found, installed: row };
    if (row?.enabled === false) return { ...common, state: 'disabled', reason: null };
    const quarantine = quarantines.get(id);
    if (quarantine !== undefined) return { ...common, state: 'quarantined', reason: quarantine.reason, quarantine };
    const failure = failures.get(id);
    if (failure !== undefined) return { ...common, state: 'failed', reason: failure };
    if (row === undefined) return { ...common, state: 'available', reason: null };
    if (found === undefined) return { ...common, state: 'missing', reason: 'its folder or package is gone' };
    if (safeMode) return { ...common, state: 'disabled', reason: 'the server runs in safe mode' };
    return { ...common, state: 'enabled', reason: null };
  };
  return new Map([...ids].map((id) => [id, describe(id)]));
}
