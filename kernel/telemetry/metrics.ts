import { Gauge, Registry, collectDefaultMetrics } from 'prom-client';
import type { Containment } from '../config/config.ts';
import type { Fault, Observer } from '../plugins/containment.ts';
import { Timing } from './durations.ts';
import { exposePlaces, exposeRequests, exposeTaken, exposeWaits } from './exposition.ts';
import { describeError, type DescribedError } from './faults.ts';
import type { Logger } from './logger.ts';
import { describePlace, Places, type Place, type PlaceFigures } from './places.ts';

const LOGGED_PER_PLACE = 10;
const LOG_WINDOW_MS = 10_000;

/** A fault with its error as text, which keeps nothing of the plugin alive. */
export interface ReportedFault {
  owner: string;
  where: string;
  error: DescribedError;
  at: Date;
}

/** What was seen of one plugin since this process started. */
export interface PluginFigures {
  calls: number;
  errors: number;
  databaseMs: number;
  lastFault: { where: string; message: string; at: string } | null;
  /** Each place where its code runs: hooks, routes, events, jobs. */
  places: PlaceFigures[];
}

/** What a plugin takes of the machine, as it was last looked at. */
export interface Taken {
  /** Of one processor, 0 to 1, while the event loop was busy; undefined when it was not. */
  processor?: number | undefined;
  /** Bytes of its own schema; null for a bundled plugin, whose tables are among the kernel's. */
  tableBytes?: number | null;
  /** Bytes of its files. */
  fileBytes?: number;
}

/** The figures behind /metrics, and who is told of every run of a plugin's code. */
export class Metrics implements Observer {
  readonly registry = new Registry();
  readonly places = new Places();
  /** How long each owner waited for connections of the database, in milliseconds. */
  readonly #waits = new Map<string, Timing>();
  readonly #taken = new Map<string, Taken>();
  readonly limits: Containment['limits'];
  readonly #log: Logger;
  readonly #lastFaults = new Map<string, ReportedFault>();
  readonly #logged = new Map<Place, { since: number; lines: number }>();
  readonly #listeners: ((fault: ReportedFault, thrown: unknown) => void)[] = [];
  /** By route, then by status. */
  readonly #requests = new Map<string, Map<number, Timing>>();
  readonly #plugins = new Gauge({
    name: 'musclemap_plugins_enabled',
    help: 'Plugins in the current composition',
    registers: [this.registry],
  });

  constructor(log: Logger, limits: Containment['limits']) {
    this.#log = log;
    this.limits = limits;
  }

  /** Adds the figures of the process itself; their collectors are per process, so tests leave them out. */
  collectProcess(): void {
    collectDefaultMetrics({ register: this.registry });
  }

  requested(route: string, status: number, milliseconds: number): void {
    let byStatus = this.#requests.get(route);
    if (byStatus === undefined) this.#requests.set(route, (byStatus = new Map<number, Timing>()));
    let timing = byStatus.get(status);
    if (timing === undefined) byStatus.set(status, (timing = new Timing()));
    timing.add(milliseconds);
  }

  place(owner: string, where: string): Place {
    return this.places.at(owner, where);
  }

  failed({ owner, where, error }: Fault): void {
    const fault: ReportedFault = { owner, where, error: describeError(error), at: new Date() };
    this.#lastFaults.set(owner, fault);
    const place = this.place(owner, where);
    if (this.#mayLog(place)) {
      this.#log.error({ plugin: owner, where, err: fault.error }, `${owner}: ${where} failed: ${fault.error.message}`);
    }
    for (const listen of this.#listeners) listen(fault, error);
  }

  /** A fault that no run saw, as one of a timer: it counts as a run that failed. */
  strayed(fault: Fault): void {
    this.place(fault.owner, fault.where).ran(0, true);
    this.failed(fault);
  }

  /** Calls `listen` at every fault of a plugin. */
  onFault(listen: (fault: ReportedFault, thrown: unknown) => void): void {
    this.#listeners.push(listen);
  }

  composed(plugins: number): void {
    this.#plugins.set(plugins);
  }

  /** What was seen of a plugin since this process started. */
  figuresOf(pluginId: string): PluginFigures {
    const places = this.places.of(pluginId);
    const last = this.#lastFaults.get(pluginId);
    const sum = (value: (place: Place) => number): number => places.reduce((total, place) => total + value(place), 0);
    return {
      calls: sum(({ calls }) => calls),
      errors: sum(({ errors }) => errors),
      databaseMs: Math.round(sum(({ databaseMilliseconds }) => databaseMilliseconds)),
      lastFault: last ? { where: last.where, message: last.error.message, at: last.at.toISOString() } : null,
      places: places.map(describePlace),
    };
  }

  /** Somebody has waited for a connection of the database. */
  waited(owner: string, milliseconds: number): void {
    let timing = this.#waits.get(owner);
    if (timing === undefined) this.#waits.set(owner, (timing = new Timing()));
    timing.add(milliseconds);
  }

  /** How an owner has waited for connections. */
  waitsOf(owner: string): { waits: number; p50: number | null; p99: number | null } {
    const timing = this.#waits.get(owner);
    return { waits: timing?.count ?? 0, p50: timing?.durations.quantile(0.5) ?? null, p99: timing?.durations.quantile(0.99) ?? null };
  }

  /** Somebody has looked at what a plugin takes; what they did not look at stays as it is. */
  took(pluginId: string, taken: Taken): void {
    this.#taken.set(pluginId, { ...this.#taken.get(pluginId), ...taken });
  }

  takenBy(pluginId: string): Taken {
    return this.#taken.get(pluginId) ?? {};
  }

  /** Everything as Prometheus reads it. */
  async expose(): Promise<string> {
    const ours = [exposeRequests(this.#requests), exposePlaces(this.places.all), exposeWaits(this.#waits), exposeTaken(this.#taken)];
    return (await this.registry.metrics()) + ours.join('');
  }

  /** A fault that comes a thousand times a second is written down a few times only; it is counted every time. */
  #mayLog(place: Place): boolean {
    const now = performance.now();
    const logged = this.#logged.get(place);
    if (logged === undefined || now - logged.since > LOG_WINDOW_MS) {
      this.#logged.set(place, { since: now, lines: 1 });
      return true;
    }
    logged.lines += 1;
    return logged.lines <= LOGGED_PER_PLACE;
  }
}
