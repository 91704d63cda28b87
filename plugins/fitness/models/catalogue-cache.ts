import type { Knex } from 'knex';
import { readCatalogue, type Catalogue } from './catalogue.ts';

/** An import into the catalogue by another process is seen after that. */
const KEPT_MS = 60_000;

/** The catalogue in memory. */
export class CatalogueCache {
  readonly #knex: Knex;
  #catalogue: Catalogue | undefined;
  #readAt = 0;
  #isRefreshing = false;
  /** Counts how often it was forgotten, so that what was being read meanwhile is not kept. */
  #generation = 0;

  constructor(knex: Knex) {
    this.#knex = knex;
  }

  /**
   * The catalogue; an old one while it is read anew. Who holds a transaction gives it: were all connections held by
   * transactions that wait for another one to read the catalogue, none of them would go on.
   */
  async current(trx?: Knex): Promise<Catalogue> {
    if (this.#catalogue === undefined) return this.#read(trx ?? this.#knex);
    if (performance.now() - this.#readAt > KEPT_MS) this.#refresh();
    return this.#catalogue;
  }

  forget(): void {
    this.#catalogue = undefined;
    this.#generation += 1;
  }

  async #read(knex: Knex): Promise<Catalogue> {
    const generation = this.#generation;
    const catalogue = await readCatalogue(knex);
    if (generation === this.#generation) {
      this.#catalogue = catalogue;
      this.#readAt = performance.now();
    }
    return catalogue;
  }

  /** When this fails, the next caller tries again. */
  #refresh(): void {
    if (this.#isRefreshing) return;
    this.#isRefreshing = true;
    this.#read(this.#knex)
      .catch(() => undefined)
      .finally(() => {
        this.#isRefreshing = false;
      });
  }
}
