import type { Knex } from 'knex';
import { readCatalogue, type Catalogue } from './catalogue.ts';

/** An import into the catalogue by another process is seen after that. */
const KEPT_MS = 60_000;

/** The catalogue in memory. */
export class CatalogueCache {
  readonly #knex: Knex;
  #catalogue: Promise<Catalogue> | undefined;
  #readAt = 0;

  constructor(knex: Knex) {
    this.#knex = knex;
  }

  current(): Promise<Catalogue> {
    const now = performance.now();
    if (this.#catalogue !== undefined && now - this.#readAt < KEPT_MS) return this.#catalogue;
    const reading = readCatalogue(this.#knex);
    reading.catch(() => {
      if (this.#catalogue === reading) this.forget();
    });
    this.#catalogue = reading;
    this.#readAt = now;
    return reading;
  }

  forget(): void {
    this.#catalogue = undefined;
  }
}
