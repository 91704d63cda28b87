import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client';
import type { Fault, Observer } from '../plugins/containment.ts';
import type { Logger } from './logger.ts';

const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];

/** The figures behind /metrics, and who is told of every run of a plugin's code. */
export class Metrics implements Observer {
  readonly registry = new Registry();
  readonly #log: Logger;
  readonly #requests = new Histogram({
    name: 'http_request_duration_seconds',
    help: 'Time to answer a request',
    labelNames: ['route', 'status'],
    buckets: SECONDS,
    registers: [this.registry],
  });
  readonly #runs = new Histogram({
    name: 'musclemap_plugin_run_seconds',
    help: "Time that a plugin's code took, by where it ran",
    labelNames: ['plugin', 'where'],
    buckets: SECONDS,
    registers: [this.registry],
  });
  readonly #faults = new Counter({
    name: 'musclemap_plugin_faults_total',
    help: "Failures of a plugin's code, by where it ran",
    labelNames: ['plugin', 'where'],
    registers: [this.registry],
  });
  readonly #plugins = new Gauge({
    name: 'musclemap_plugins_enabled',
    help: 'Plugins in the current composition',
    registers: [this.registry],
  });

  constructor(log: Logger) {
    this.#log = log;
  }

  /** Adds the figures of the process itself; their collectors are per process, so tests leave them out. */
  collectProcess(): void {
    collectDefaultMetrics({ register: this.registry });
  }

  requested(route: string, status: number, milliseconds: number): void {
    this.#requests.observe({ route, status }, milliseconds / 1000);
  }

  ran(owner: string, where: string, milliseconds: number): void {
    if (owner !== 'kernel') this.#runs.observe({ plugin: owner, where }, milliseconds / 1000);
  }

  failed(fault: Fault): void {
    this.#faults.inc({ plugin: fault.owner, where: fault.where });
    this.#log.error({ plugin: fault.owner, where: fault.where, err: fault.error }, `${fault.owner}: ${fault.where} failed`);
  }

  composed(plugins: number): void {
    this.#plugins.set(plugins);
  }
}
