import type { Knex } from 'knex';
import type { KeyRing } from '../accounts/key-ring.ts';
import { inTransaction } from '../database/transaction.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import type { PlaceFigures } from '../telemetry/places.ts';
import { applyPlugin } from './activate.ts';
import { PluginFailure, type Activation, type Recorder } from './activation.ts';
import { compose, type Composition } from './composition.ts';
import { ensureSchemas, schemaOwners } from './database/schemas.ts';
import type { Discovery, FoundPlugin, PluginSources } from './discovery.ts';
import type { PluginFolder } from './health/culprit.ts';
import { putIntoQuarantine, readQuarantines, type Quarantine } from './health/quarantine.ts';
import { settleDeaths, StartSteps, type StepTime } from './health/start-steps.ts';
import {
  announce,
  installBundled,
  lockPlugins,
  readDesiredState,
  recordComposition,
  type DesiredState,
  type InstalledPlugin,
} from './installed-plugins.ts';
import { Builder, type Build, type RunningPlugin } from './lifecycle/builder.ts';
import { InFlight } from './lifecycle/in-flight.ts';
import { installPlugin, migratePlugin } from './lifecycle/schema.ts';
import { ConfigSecrets } from './lifecycle/secrets.ts';
import { PluginStore } from './lifecycle/store.ts';
import { currentTransition, Transition } from './lifecycle/transition.ts';
import { PluginPackages } from './packages/packages.ts';
import type { PluginServices } from './plugin-kernel.ts';

export type PluginState = 'available' | 'enabled' | 'disabled' | 'failed' | 'quarantined' | 'missing';

/** Where a plugin stands, and why. */
export interface PluginStatus {
  id: string;
  state: PluginState;
  reason: string | null;
  /** What is on disk. */
  found: FoundPlugin | undefined;
  installed: InstalledPlugin | undefined;
  quarantine?: Quarantine;
}

export interface PluginHostOptions {
  kernelVersion: string;
  sources: PluginSources;
  /** Where the versions of plugins are kept. */
  storeDirectory: string;
  /** Seals the secrets of plugins' configurations. */
  ring: KeyRing;
  /** Whether plugins may be uploaded. */
  takesPlugins: boolean;
  /** Start without any plugin. */
  safeMode: boolean;
  /** Start with these only. */
  onlyPlugins: readonly string[] | undefined;
  /** Write down which plugin is being started, and count the starts that one of them has killed. */
  marksStarts: boolean;
  /** Registers the kernel's own routes, as any plugin does. */
  registerKernel(recorder: Recorder): void;
  /** Told that a plugin has been stopped and runs no more. */
  stopped(id: string): void;
  /** Told that another composition serves from now on. */
  composed(): void;
}

const NOTHING: DesiredState = { generation: 0, plugins: new Map() };

/** Finds, loads and composes plugins, and holds the composition that serves. A plugin that fails never stops the others. */
export class PluginHost {
  readonly services: PluginServices;
  readonly builder: Builder;
  readonly store: PluginStore;
  readonly packages: PluginPackages;
  readonly secrets: ConfigSecrets;
  readonly inFlight = new InFlight();
  readonly #metrics: Metrics;
  readonly #options: PluginHostOptions;
  #composition: Composition;
  #running: ReadonlyMap<string, RunningPlugin> = new Map();
  #desired: DesiredState = NOTHING;
  #discovery: Discovery = { found: new Map(), broken: [], earlier: [] };
  #failures: ReadonlyMap<string, string> = new Map();
  #quarantines: ReadonlyMap<string, Quarantine> = new Map();
  #stepTimes: readonly StepTime[] = [];
  #last: Promise<void> = Promise.resolve();
  readonly #retiring = new Set<Promise<void>>();

  constructor(services: Omit<PluginServices, 'composition'>, metrics: Metrics, options: PluginHostOptions) {
    this.services = { ...services, composition: () => this.composition };
    this.#metrics = metrics;
    this.#options = options;
    const { kernelVersion, sources } = options;
    this.store = new PluginStore(options.storeDirectory);
    this.packages = new PluginPackages({ knex: services.knex, kernelVersion, sources, store: this.store });
    this.secrets = new ConfigSecrets(options.ring);
    const kernel: Activation = applyPlugin('kernel', undefined, metrics, options.registerKernel.bind(options));
    this.#composition = compose([kernel], metrics);
    const { store, secrets } = this;
    this.builder = new Builder({ kernelVersion, kernel, observer: metrics, services: this.services, secrets, store });
  }

  /** What serves; for code that is part of a change, what is to serve. */
  get composition(): Composition {
    return currentTransition()?.composition ?? this.#composition;
  }

  get running(): ReadonlyMap<string, RunningPlugin> {
    return this.#running;
  }

  /** What is wanted, as far as this instance has made it so. */
  get desired(): DesiredState {
    return this.#desired;
  }

  get discovery(): Discovery {
    return this.#discovery;
  }

  #mayRun(id: string): boolean {
    return !this.isSafe && (this.#options.onlyPlugins?.includes(id) ?? true);
  }

  get takesPlugins(): boolean {
    return this.#options.takesPlugins;
  }

  get isSafe(): boolean {
    return this.#options.safeMode;
  }

  get statuses(): readonly PluginStatus[] {
    const ids = new Set([...this.#discovery.found.keys(), ...this.#desired.plugins.keys(), ...this.#failures.keys()]);
    for (const { id } of this.#discovery.broken) ids.add(id);
    return [...ids].sort().map((id) => this.#describe(id));
  }

  /** Where the code of every plugin lies that was found or runs. */
  get folders(): readonly PluginFolder[] {
    const running = [...this.#running.values()].flatMap(({ activation: { id, found } }) => (found ? { id, directory: found.directory } : []));
    return [...this.#discovery.found].map(([id, { directory }]) => ({ id, directory })).concat(running);
  }

  /** The figures of each place where a plugin's code runs. */
  placesOf(id: string): readonly PlaceFigures[] {
    return this.#metrics.figuresOf(id).places;
  }

  /** What all of a plugin's code together has cost, and how it waited for connections. */
  usageOf(id: string): object {
    const { calls, errors, databaseMs, places } = this.#metrics.figuresOf(id);
    const total = (value: (place: PlaceFigures) => number): number => places.reduce((sum, place) => sum + value(place), 0);
    const totalMs = Math.round(total((place) => place.totalMs) * 1000) / 1000;
    const { processor = null, tableBytes = null, fileBytes = null } = this.#metrics.takenBy(id);
    return {
      ...{ calls, errors, totalMs, statements: total((place) => place.statements), databaseMs, connections: this.#metrics.waitsOf(id) },
      ...{ processor, tableBytes, fileBytes },
    };
  }

  /** How long each kind of a plugin's code may take. */
  get limits(): Metrics['limits'] {
    return this.#metrics.limits;
  }

  isQuarantined(id: string): boolean {
    return this.#desired.plugins.get(id)?.enabled === true && this.#quarantines.has(id);
  }

  /** How long each step of bringing up the plugins took, the last time. */
  get stepTimes(): readonly StepTime[] {
    return this.#stepTimes;
  }

  /** Brings up every enabled plugin that can run and is not in quarantine; those that run already go on running. */
  async start(): Promise<void> {
    await this.exclusively(async () => {
      const { knex, log } = this.services;
      const discovery = await this.discover();
      await installBundled(knex, [...discovery.found.values()].filter(({ isBundled }) => isBundled));
      await this.#quarantineKillers();
      await this.#bringUp(await readDesiredState(knex), { isBoot: true });
      for (const { id, reason, state } of this.statuses) {
        if (state !== 'failed' && state !== 'missing') continue;
        log.error({ plugin: id, state }, `the plugin ${id} is not running: ${reason ?? ''}`);
      }
    });
  }

  /** Composes again, here and on every other instance, as when a plugin has come into quarantine or out of it. */
  async recompose(): Promise<void> {
    await inTransaction(this.services.knex, announce);
    await this.start();
  }

  /** Why plugins that are wanted do not run here, by id. */
  get failures(): ReadonlyMap<string, string> {
    return this.#failures;
  }

  /** Gives plugins that did not run another try, when a change may have cured them; for who has acquired the turn. */
  async heal(): Promise<void> {
    if (this.#failures.size === 0) return;
    await this.#bringUp(this.#desired, { isBoot: true }).catch((error: unknown) => {
      this.services.log.warn({ err: error }, 'plugins that did not run could not be tried again');
    });
  }

  /** Makes what another instance or a command wrote down so here too; a plugin that fails is left out and named. */
  async follow(): Promise<void> {
    await this.exclusively(async () => {
      const desired = await readDesiredState(this.services.knex);
      if (desired.generation === this.#desired.generation) return;
      await this.discover();
      await this.#bringUp(desired, { isBoot: false });
    });
  }

  /**
   * Loads a plugin's code anew from its folder, as when its files have changed, and starts it in place of what runs.
   *
   * @throws PluginFailure when it, or a plugin that runs beside it, does not start with the new code: the old serves on.
   */
  async reload(id: string): Promise<void> {
    await this.exclusively(async () => {
      const discovery = this.#discovery;
      try {
        await this.discover();
        await this.#bringUp(this.#desired, { isBoot: true, reload: id });
      } catch (error) {
        this.#discovery = discovery;
        throw error;
      }
      const failure = this.#failures.get(id);
      if (failure !== undefined) throw new PluginFailure(id, failure);
    });
  }

  /** Runs the stop taps of every plugin, dependents first. */
  async stop(): Promise<void> {
    await Promise.all(this.#retiring);
    for (const plugin of [...this.#running.keys()].reverse()) {
      await stopPlugin(this.#composition, plugin);
      this.#options.stopped(plugin);
    }
    this.#running = new Map();
  }

  /** Looks again what is on disk. */
  async discover(knex?: Knex): Promise<Discovery> {
    this.#discovery = await this.packages.discover(knex);
    return this.#discovery;
  }

  /** Changes of the composition happen one after the other. */
  async exclusively<T>(work: () => Promise<T>): Promise<T> {
    const release = await this.acquire();
    try {
      return await work();
    } finally {
      release();
    }
  }

  /** The same for who cannot put the work into one function: call what is answered when it is done. */
  async acquire(): Promise<() => void> {
    const turn = this.#last;
    let release: () => void = () => undefined;
    this.#last = new Promise<void>((resolve) => (release = resolve));
    await turn;
    return release;
  }

  /** Serves with a build from now on; what it replaces is stopped once its requests are answered. */
  serve(build: Build, desired: DesiredState, failures: ReadonlyMap<string, string>): void {
    const before = { composition: this.#composition, running: this.#running };
    this.#composition = build.composition;
    this.#running = build.running;
    this.#desired = desired;
    this.#failures = failures;
    this.#metrics.composed(build.running.size);
    this.#options.composed();
    const retired = [...before.running].filter(([id, plugin]) => build.running.get(id) !== plugin).map(([id]) => id);
    const idle = this.inFlight.next();
    if (retired.length === 0) return;
    const retiring = idle.then(async () => {
      for (const id of retired.reverse()) await this.#stopFor(before.composition, id);
    });
    this.#retiring.add(retiring);
    void retiring.finally(() => this.#retiring.delete(retiring));
  }

  /** Stops what a composition ran of a plugin; where nothing has replaced it, the plugin is gone. */
  async #stopFor(composition: Composition, id: string): Promise<void> {
    await stopPlugin(composition, id);
    if (!this.#running.has(id)) this.#options.stopped(id);
  }

  /** Starts what a build activated. @throws PluginFailure naming who failed, after stopping the others. */
  async startFresh(build: Build, transition: Transition, steps = new StartSteps()): Promise<void> {
    const started: string[] = [];
    for (const plugin of build.fresh) {
      const moment = { plugin, wasOff: transition.trx !== undefined && !this.#running.has(plugin) };
      try {
        await steps.run(plugin, 'start', () => transition.run(() => build.composition.hooks.start.promise(moment)));
        started.push(plugin);
      } catch (error) {
        for (const other of started.reverse()) await this.#stopFor(build.composition, other);
        const reason = error instanceof Error ? error.message : String(error);
        throw new PluginFailure(plugin, `${plugin}: start failed: ${reason}`, { cause: error });
      }
    }
  }

  /** Puts those into quarantine that have killed the process once too often while they were brought up. */
  async #quarantineKillers(): Promise<void> {
    const { knex } = this.services;
    for (const { plugin_id: pluginId, step, deaths } of this.#options.marksStarts ? await settleDeaths(knex) : []) {
      const reason = `the server died ${String(deaths)} times in a row in its step "${step}"`;
      await putIntoQuarantine(knex, { pluginId, reason, place: step, error: 'the process was killed', stack: null });
    }
  }

  async #bringUp(desired: DesiredState, options: { isBoot: boolean; reload?: string }): Promise<void> {
    const steps = this.#options.marksStarts ? await StartSteps.open(this.services.knex) : new StartSteps();
    try {
      await this.#bringUpIn(steps, desired, options);
    } finally {
      this.#stepTimes = steps.times;
      await steps.close([...this.#running.keys()]);
    }
  }

  /** Tries until everything that is left works; each round leaves out who failed in the one before. */
  async #bringUpIn(
    steps: StartSteps,
    desired: DesiredState,
    options: { isBoot: boolean; reload?: string },
  ): Promise<void> {
    const { knex } = this.services;
    const failures = new Map<string, string>();
    const quarantines = await readQuarantines(knex);
    const plugins = [...desired.plugins].filter(([id]) => this.#mayRun(id) && !quarantines.has(id));
    const isStrict = (id: string): boolean => options.reload !== undefined && this.#running.has(id);
    for (;;) {
      const build = await this.builder.build({
        ...{ knex, failures, steps, discovery: this.#discovery, running: this.#running },
        desired: { ...desired, plugins: new Map(plugins) },
        reload: new Set(options.reload === undefined ? [] : [options.reload]),
        isStrict,
      });
      const transition = new Transition(build.composition, undefined);
      try {
        if (options.isBoot) await this.#prepare(steps, build, desired);
        await this.startFresh(build, transition, steps);
        this.#quarantines = quarantines;
        this.serve(build, desired, failures);
        return;
      } catch (error) {
        if (!(error instanceof PluginFailure) || isStrict(error.plugin)) throw error;
        failures.set(error.plugin, error.message);
      } finally {
        transition.end();
      }
    }
  }

  /** Brings the schema of every plugin to its code, installs those that were not, and writes down what they bring. */
  async #prepare(steps: StartSteps, { composition, running }: Build, desired: DesiredState): Promise<void> {
    const { knex, log } = this.services;
    await this.#prepareSchemas(composition);
    for (const id of running.keys()) {
      const isNew = desired.plugins.get(id)?.isInstalled === false;
      if (!isNew && !composition.migrations.has(id)) continue;
      const applied = await steps.run(id, 'migrate', () =>
        inTransaction(knex, async (trx) => {
          const runs = await migratePlugin(this, trx, composition, id);
          if (isNew) await installPlugin(trx, composition, id);
          return runs;
        }),
      );
      const migrations = applied.map(({ name }) => name);
      if (migrations.length > 0) log.info({ plugin: id, migrations }, `${id}: schema brought up to date`);
    }
    await inTransaction(knex, async (trx) => {
      await lockPlugins(trx);
      await recordComposition(trx, composition);
    });
  }

  /** Makes the schemas and roles of the plugins that need them, and says which run without a role. */
  async #prepareSchemas({ activations }: Composition): Promise<void> {
    const owners = schemaOwners([...activations.values()].map(({ found }) => found));
    if (owners.length === 0) return;
    const { knex, log } = this.services;
    const isolations = await inTransaction(knex, (trx) => ensureSchemas(trx, owners));
    for (const { id } of owners) {
      const { role = null, reason = null } = isolations.get(id) ?? {};
      if (role === null) log.warn({ plugin: id }, `${id} has the server's own rights on the database, since it cannot have a role: ${reason ?? ''}`);
    }
  }

  #describe(id: string): PluginStatus {
    const found = this.#discovery.found.get(id);
    const installed = this.#desired.plugins.get(id);
    const broken = this.#discovery.broken.find((folder) => folder.id === id);
    const common = { id, found, installed };
    if (installed?.enabled === false) return { ...common, state: 'disabled', reason: null };
    const quarantine = this.#quarantines.get(id);
    if (quarantine !== undefined && installed !== undefined) {
      return { ...common, state: 'quarantined', reason: quarantine.reason, quarantine };
    }
    const isMissing = installed !== undefined && found === undefined && broken === undefined;
    const failure = this.#failures.get(id) ?? (this.#running.has(id) ? undefined : broken?.reason);
    if (isMissing && !this.#running.has(id)) return { ...common, state: 'missing', reason: 'its folder or package is gone' };
    if (failure !== undefined) return { ...common, state: 'failed', reason: failure };
    if (installed === undefined) return { ...common, state: 'available', reason: null };
    if (this.isSafe) return { ...common, state: 'disabled', reason: 'the server runs in safe mode' };
    return { ...common, state: 'enabled', reason: null };
  }
}

/** Runs a plugin's stop taps. A failure is charged to the plugin by whoever observes the hook; it changes nothing. */
export async function stopPlugin(composition: Composition, plugin: string): Promise<void> {
  await composition.hooks.stop.promise({ plugin }).catch(() => undefined);
}
