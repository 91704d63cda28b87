import { Counter, Gauge, type Registry } from 'prom-client';

/** The figures of a replica in /metrics. */
export class ReplicaMetrics {
  readonly #reads: Counter<'target'>;
  readonly #fallbacks: Counter;

  constructor(registry: Registry, state: { lag(): number; isUsable(): boolean }) {
    const registers = [registry];
    this.#reads = new Counter({
      name: 'musclemap_replica_reads_total',
      help: 'Requests that may be answered by the replica, by where they were',
      labelNames: ['target'],
      registers,
    });
    this.#fallbacks = new Counter({
      name: 'musclemap_replica_fallbacks_total',
      help: 'Statements that failed on the replica and were answered by the primary',
      registers,
    });
    new Gauge({
      name: 'musclemap_replica_lag_seconds',
      help: 'How far the replica is behind the primary, to a quarter of a second',
      registers,
      collect() {
        this.set(state.lag());
      },
    });
    new Gauge({
      name: 'musclemap_replica_usable',
      help: '1 while the replica is read from',
      registers,
      collect() {
        this.set(state.isUsable() ? 1 : 0);
      },
    });
  }

  read(target: 'replica' | 'primary'): void {
    this.#reads.inc({ target });
  }

  fellBack(): void {
    this.#fallbacks.inc();
  }
}
