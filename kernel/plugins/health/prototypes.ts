/** What everything inherits from. */
const PROTOTYPES: readonly [string, object][] = [
  ['Object.prototype', Object.prototype],
  ['Array.prototype', Array.prototype],
  ['Function.prototype', Function.prototype],
  ['String.prototype', String.prototype],
  ['Number.prototype', Number.prototype],
  ['Boolean.prototype', Boolean.prototype],
  ['Date.prototype', Date.prototype],
  ['RegExp.prototype', RegExp.prototype],
  ['Promise.prototype', Promise.prototype],
  ['Map.prototype', Map.prototype],
  ['Set.prototype', Set.prototype],
  ['Error.prototype', Error.prototype],
  ['JSON', JSON],
  ['Math', Math],
  ['Reflect', Reflect],
  ['Promise', Promise],
  ['Object', Object],
  ['Array', Array],
];

/**
 * Closes the prototypes to new properties for the rest of the process: adding one throws where it is tried, so prototype
 * pollution never takes effect. They are not frozen, since an object of a frozen prototype cannot have its own `toString`.
 */
export function closePrototypes(): void {
  for (const [, target] of PROTOTYPES) Object.preventExtensions(target);
}

type Seen = ReadonlyMap<string, ReadonlyMap<PropertyKey, PropertyDescriptor>>;

/** What the prototypes hold, to compare with later. */
export function rememberPrototypes(): Seen {
  return new Map(PROTOTYPES.map(([name, target]) => [name, new Map(Reflect.ownKeys(target).map((key) => [key, describe(target, key)]))]));
}

function describe(target: object, key: PropertyKey): PropertyDescriptor {
  return Object.getOwnPropertyDescriptor(target, key) ?? {};
}

/** Puts back every method that was replaced since, and answers their names. */
export function restorePrototypes(seen: Seen): string[] {
  const changed: string[] = [];
  for (const [name, target] of PROTOTYPES) {
    for (const [key, before] of seen.get(name) ?? []) {
      const now = Object.getOwnPropertyDescriptor(target, key);
      if (now !== undefined && now.value === before.value && now.get === before.get && now.set === before.set) continue;
      Object.defineProperty(target, key, before);
      changed.push(`${name}.${String(key)}`);
    }
  }
  return changed;
}
