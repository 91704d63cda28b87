import { Durations } from './durations.ts';

/** Where a plugin's code runs (`hook price`, `route GET /api/tips`), with what has been seen there since the start. */
export class Place {
  readonly index: number;
  readonly owner: string;
  readonly where: string;
  readonly durations = new Durations();
  calls = 0;
  errors = 0;
  milliseconds = 0;
  statements = 0;
  databaseMilliseconds = 0;

  constructor(index: number, owner: string, where: string) {
    this.index = index;
    this.owner = owner;
    this.where = where;
  }

  ran(milliseconds: number, isFault: boolean): void {
    this.calls += 1;
    this.milliseconds += milliseconds;
    this.durations.add(milliseconds);
    if (isFault) this.errors += 1;
  }

  /** A run that had gone well turned out to be a fault, as an answer that cannot be sent. */
  spoilt(): void {
    this.errors += 1;
  }

  queried(milliseconds: number): void {
    this.statements += 1;
    this.databaseMilliseconds += milliseconds;
  }
}

/** What was seen at one place, for people. Times are milliseconds since the start of this process. */
export interface PlaceFigures {
  where: string;
  calls: number;
  errors: number;
  p50: number | null;
  p99: number | null;
  totalMs: number;
  statements: number;
  databaseMs: number;
}

const MOST_PLACES = 500;

/** Every place of every plugin. How many one plugin may have is bounded; what is beyond is counted together. */
export class Places {
  readonly #byOwner = new Map<string, Map<string, Place>>();
  readonly #byIndex: Place[] = [];

  /** The place of that name, the same at every call. */
  at(owner: string, where: string): Place {
    let places = this.#byOwner.get(owner);
    if (places === undefined) this.#byOwner.set(owner, (places = new Map<string, Place>()));
    const known = places.get(where);
    if (known !== undefined) return known;
    if (places.size >= MOST_PLACES && where !== 'elsewhere') return this.at(owner, 'elsewhere');
    const place = new Place(this.#byIndex.length, owner, where);
    places.set(where, place);
    this.#byIndex.push(place);
    return place;
  }

  get all(): readonly Place[] {
    return this.#byIndex;
  }

  of(owner: string): readonly Place[] {
    return [...(this.#byOwner.get(owner)?.values() ?? [])];
  }
}

export function describePlace(place: Place): PlaceFigures {
  const { where, calls, errors, durations, milliseconds, statements, databaseMilliseconds } = place;
  return {
    ...{ where, calls, errors, statements },
    p50: round(durations.quantile(0.5)),
    p99: round(durations.quantile(0.99)),
    totalMs: round(milliseconds) ?? 0,
    databaseMs: round(databaseMilliseconds) ?? 0,
  };
}

function round(milliseconds: number | null): number | null {
  return milliseconds === null ? null : Math.round(milliseconds * 1000) / 1000;
}
