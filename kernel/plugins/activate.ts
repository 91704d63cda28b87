import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { PluginFailure, Recorder, type Activation } from './activation.ts';
import { runContained, withTimeLimit, type Observer } from './containment.ts';
import type { Plugin, PluginKernel } from './contract.ts';
import { viewFor } from './database/view-for.ts';
import type { FoundPlugin } from './discovery.ts';
import { createConfigCheck } from './manifest.ts';
import { createPluginKernel, type PluginServices } from './plugin-kernel.ts';

/** Loads a plugin's code and runs its `apply`. @throws PluginFailure saying what went wrong, and where. */
export async function activate(
  found: FoundPlugin,
  config: Record<string, unknown> | null,
  services: PluginServices,
  observer: Observer,
): Promise<Activation> {
  const { id } = found.manifest;
  const validConfig = completeConfig(found, config);
  const plugin = await load(found, observer);
  const apply: (kernel: PluginKernel) => unknown = plugin.apply.bind(plugin);
  return applyPlugin(id, found, observer, (recorder) =>
    apply(createPluginKernel(found.manifest, validConfig, recorder, services)),
  );
}

/** Runs a registration and keeps what it recorded. */
export function applyPlugin(
  id: string,
  found: FoundPlugin | undefined,
  observer: Observer,
  apply: (recorder: Recorder) => unknown,
): Activation {
  const recorder = new Recorder(id, found && viewFor(found.manifest, found.isConfined));
  let result: unknown;
  try {
    result = runContained(observer, id, 'apply', () => apply(recorder));
  } catch (error) {
    throw asFailure(id, 'apply() failed', error);
  }
  if (result instanceof Promise) {
    result.catch(() => undefined);
    throw new PluginFailure(id, `${id}: apply() must be synchronous.`);
  }
  return recorder.seal(found);
}

/** The configuration with its defaults, frozen. @throws PluginFailure naming each wrong field. */
export function completeConfig(found: FoundPlugin, config: Record<string, unknown> | null): Record<string, unknown> {
  const { id, config: schema } = found.manifest;
  const complete = structuredClone(config ?? {});
  const validate = createConfigCheck(schema);
  if (!validate(complete)) {
    const problems = (validate.errors ?? []).map((error) => `config${error.instancePath} ${error.message ?? ''}`);
    throw new PluginFailure(id, `${id}: ${problems.join('; ')}.`);
  }
  return Object.freeze(complete);
}

async function load(found: FoundPlugin, observer: Observer): Promise<Plugin> {
  const { id, main = 'index.ts' } = found.manifest;
  const path = join(found.directory, main);
  let module: { default?: Partial<Plugin> };
  try {
    module = await runContained(observer, id, 'load', () =>
      withTimeLimit(import(pathToFileURL(path).href) as Promise<typeof module>, observer.limits.load, `${id}: loading ${main}`),
    );
  } catch (error) {
    throw asFailure(id, `${path} cannot be loaded`, error);
  }
  const plugin = module.default;
  if (typeof plugin?.apply !== 'function') {
    throw new PluginFailure(id, `${path}: the default export must be definePlugin({ apply }).`);
  }
  return plugin as Plugin;
}

function asFailure(id: string, what: string, error: unknown): PluginFailure {
  if (error instanceof PluginFailure) return error;
  const reason = error instanceof Error ? error.message : String(error);
  return new PluginFailure(id, `${id}: ${what}: ${reason}`, { cause: error });
}

