import type { KeyRing } from '../../accounts/key-ring.ts';

/** What stands in an answer in place of a secret; sent back, it means the secret that is kept. */
export const MASK = '********';

/** A configuration that cannot be read or kept; `message` names the property. */
export class SecretError extends Error {
  override name = 'SecretError';
}

type Schema = Record<string, unknown>;
type Values = Record<string, unknown>;

const SEALED = 'sealed:';

/** Keeps the secret properties of plugins' configurations encrypted, each bound to its plugin and property. */
export class ConfigSecrets {
  readonly #ring: Pick<KeyRing, 'seal' | 'open'>;

  constructor(ring: Pick<KeyRing, 'seal' | 'open'>) {
    this.#ring = ring;
  }

  /** The configuration as it is stored. A mask stands for what `kept`, the stored one before, has in its place. */
  seal(pluginId: string, schema: Schema | undefined, config: Values, kept: Values | null): Values {
    return mapSecrets(schema, config, '', (value, path) =>
      value === MASK ? valueAt(kept, path) : SEALED + this.#ring.seal(purposeOf(pluginId, path), value),
    );
  }

  /** The configuration as the plugin reads it. @throws SecretError when it was sealed with a key that is gone. */
  open(pluginId: string, schema: Schema | undefined, stored: Values): Values {
    return mapSecrets(schema, stored, '', (value, path) => {
      if (typeof value !== 'string' || !value.startsWith(SEALED)) return value;
      try {
        return this.#ring.open(purposeOf(pluginId, path), value.slice(SEALED.length));
      } catch (error) {
        throw new SecretError(`the secret config${path} cannot be read, its key is gone. Set it again.`, { cause: error });
      }
    });
  }
}

function purposeOf(pluginId: string, path: string): string {
  return `plugin ${pluginId}${path}`;
}

/** The configuration as it may be shown: secrets that are set are masked. */
export function maskSecrets(schema: Schema | undefined, config: Values): Values {
  return mapSecrets(schema, config, '', () => MASK);
}

/** A copy in which `change` has been applied to every value that the schema calls secret; undefined leaves it out. */
function mapSecrets(
  schema: Schema | undefined,
  values: Values,
  path: string,
  change: (value: unknown, path: string) => unknown,
): Values {
  const properties = (schema?.properties ?? {}) as Record<string, Schema>;
  const entries = Object.entries(values).map(([name, value]): [string, unknown] => {
    const property = Object.hasOwn(properties, name) ? properties[name] : undefined;
    const here = `${path}/${name}`;
    if (property?.secret === true) return [name, change(value, here)];
    return [name, isObject(value) ? mapSecrets(property, value, here, change) : value];
  });
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined));
}

function valueAt(values: Values | null, path: string): unknown {
  let found: unknown = values;
  for (const name of path.slice(1).split('/')) found = isObject(found) ? found[name] : undefined;
  return found;
}

function isObject(value: unknown): value is Values {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
