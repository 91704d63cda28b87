import { signal } from '@preact/signals';
import { texts } from '../texts.ts';
import { get } from './api.ts';
import { toWords } from './form/schema.ts';
import { may } from './session.ts';

interface NamedPlugin {
  id: string;
  displayName: string;
  routes: readonly { method: string; path: string; summary: string }[];
}

/** What is asked for once, when it is first needed, and shown by its id until then. */
class Catalogue<Row> {
  readonly #path: string;
  readonly #rows = signal<readonly Row[] | undefined>(undefined);
  #isAsked = false;

  constructor(path: string) {
    this.#path = path;
  }

  find(fits: (row: Row) => boolean): Row | undefined {
    if (!this.#isAsked && may('admin')) void this.#ask();
    return this.#rows.value?.find(fits);
  }

  /** What a page has read for itself need not be asked for. */
  know(rows: readonly Row[]): void {
    this.#isAsked = true;
    this.#rows.value = rows;
  }

  async #ask(): Promise<void> {
    this.#isAsked = true;
    try {
      this.#rows.value = await get<Row[]>(this.#path);
    } catch {
      // Without its name a thing is shown by its id, and asked for again on the next page.
      this.#isAsked = false;
    }
  }
}

const plugins = new Catalogue<NamedPlugin>('/admin/plugins');
const actions = new Catalogue<{ id: string; name: string }>('/admin/credits/actions');

export function knowPlugins(rows: readonly NamedPlugin[]): void {
  plugins.know(rows);
}

export function pluginName(id: string): string {
  return plugins.find((plugin) => plugin.id === id)?.displayName ?? texts.plugins.kernel[id] ?? id;
}

/** What moved credits, as `Signup bonus`. */
export function creditActionName(id: string): string {
  return texts.credits.actions[id] ?? actions.find((action) => action.id === id)?.name ?? toWords(id.replaceAll('.', '_'));
}

/** What a plugin says of one of its routes, as `POST /api/admin/tips`. */
export function routeSummary(route: string): string | undefined {
  const isIt = (own: NamedPlugin['routes'][number]): boolean => `${own.method} ${own.path}` === route;
  return plugins.find(({ routes }) => routes.some(isIt))?.routes.find(isIt)?.summary;
}
