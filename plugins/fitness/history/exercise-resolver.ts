import { setImmediate } from 'node:timers/promises';
import type { ExerciseMatcher } from '../import/match.ts';
import { nameKey } from '../models/exercise-names.ts';
import type { ImportReport } from './import-report.ts';

const MOST_NAMES = 5000;
const MOST_SUGGESTED = 200;

/** What a name means: an exercise, null when its sets are left out, undefined when nobody knows. */
export type Resolution = string | null | undefined;

/** The file names more exercises than a person can have. */
export class TooManyNamesError extends Error {
  override name = 'TooManyNamesError';
  override message = `The file names more than ${String(MOST_NAMES)} different exercises; is the right column mapped?`;
}

/** Finds the exercises of a file: by what the member has decided, else by the catalogue's names and aliases. */
export class ExerciseResolver {
  readonly #matcher: ExerciseMatcher;
  readonly #decisions: ReadonlyMap<string, string | null>;
  readonly #known = new Map<string, Resolution>();

  constructor(matcher: ExerciseMatcher, decisions: ReadonlyMap<string, string | null>) {
    this.#matcher = matcher;
    this.#decisions = decisions;
  }

  /** @throws TooManyNamesError */
  resolve(name: string): Resolution {
    if (this.#known.has(name)) return this.#known.get(name);
    if (this.#known.size >= MOST_NAMES) throw new TooManyNamesError();
    const decision = this.#decisions.get(nameKey(name));
    const resolution = decision === undefined ? this.#matcher.find(name) : decision;
    this.#known.set(name, resolution);
    return resolution;
  }

  /** The names that nobody knew, the first of them with suggestions; others are served in between. */
  async unmatched(): Promise<ImportReport['unmatched']> {
    const names = [...this.#known].filter(([, resolution]) => resolution === undefined).map(([name]) => name);
    const unmatched: ImportReport['unmatched'] = [];
    for (const [index, name] of names.entries()) {
      unmatched.push({ name, suggestions: index < MOST_SUGGESTED ? this.#matcher.suggest(name) : [] });
      if (index % 10 === 9) await setImmediate();
    }
    return unmatched;
  }
}
