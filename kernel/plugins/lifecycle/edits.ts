import { compare } from 'semver';
import { ApiError } from '../../http/errors.ts';
import type { Discovery, FoundPlugin } from '../discovery.ts';
import type { InstalledPlugin } from '../installed-plugins.ts';
import { unknownPlugin } from '../unknown-plugin.ts';

/** What a change is decided from: nothing of a plugin's code is loaded for it. */
export interface EditContext {
  plugins: ReadonlyMap<string, InstalledPlugin>;
  discovery: Discovery;
  /** The code of each installed plugin's wanted version, where it is there. */
  codes: ReadonlyMap<string, FoundPlugin>;
}

/** A change of what is wanted. */
export interface Edit {
  /** The plugins as they are to be, the one that was asked for first. */
  plugins: InstalledPlugin[];
  /** Plugins that are not installed any more. */
  forgotten: string[];
  /** Plugins that are loaded anew even though nothing about them has changed. */
  reloaded: string[];
}

export interface EnableOptions {
  /** Enables what it requires as well. */
  cascade?: boolean | undefined;
  /** Lets it run outside the ranges of its manifest. */
  force?: boolean | undefined;
  /** Leaves off what was taken along when it was disabled. */
  restore?: boolean | undefined;
}

/** Turns a plugin on, with what it requires if that is asked for, and with what went off together with it. */
export function enable(context: EditContext, id: string, options: EnableOptions): Edit {
  const changed = new Map<string, InstalledPlugin>();
  const missing: { plugin: string; problem: string }[] = [];
  const visit = (plugin: string, requiredBy: string | undefined): void => {
    if (changed.has(plugin)) return;
    const isOn = context.plugins.get(plugin)?.enabled === true;
    if (requiredBy !== undefined && (isOn || options.cascade !== true)) {
      if (!isOn) missing.push({ plugin, problem: `${requiredBy} requires it and it is not enabled` });
      return;
    }
    const code = codeOf(context, plugin);
    if (code === undefined && requiredBy !== undefined) {
      missing.push({ plugin, problem: `${requiredBy} requires it and it is not here` });
      return;
    }
    const isForced = requiredBy === undefined ? options.force === true : false;
    changed.set(plugin, switchedOn(context, plugin, isForced));
    for (const other of Object.keys(code?.manifest.requires ?? {})) visit(other, plugin);
    if (options.restore !== false) for (const other of takenAlong(context, plugin)) visit(other, undefined);
  };
  visit(id, undefined);
  if (missing.length > 0) {
    const names = [...new Set(missing.map(({ plugin }) => plugin))].join(', ');
    throw new ApiError('CONFLICT', `${id} requires ${names}, which is not enabled.`, { details: missing });
  }
  return { plugins: [...changed.values()], forgotten: [], reloaded: [id] };
}

function takenAlong({ plugins }: EditContext, id: string): string[] {
  return [...plugins.values()].filter((plugin) => plugin.disabledWith === id && !plugin.enabled).map((plugin) => plugin.id);
}

/** @throws ApiError NOT_FOUND for a plugin that is nowhere, CONFLICT for one that cannot be used. */
function switchedOn(context: EditContext, id: string, isForced: boolean): InstalledPlugin {
  const known = context.plugins.get(id);
  const code = codeOf(context, id) ?? refuseUnusable(context, id);
  const { version, displayName, description, scopes } = code.manifest;
  if (known !== undefined) return { ...known, enabled: true, disabledWith: null, isForced: isForced || known.isForced };
  return {
    ...{ id, version, displayName, description, scopes, isForced },
    ...{ enabled: true, config: null, isInstalled: false, disabledWith: null },
  };
}

function refuseUnusable(context: EditContext, id: string): never {
  const broken = context.discovery.broken.find((folder) => folder.id === id);
  if (broken !== undefined) throw new ApiError('CONFLICT', `${id} cannot be used: ${broken.reason}`);
  if (context.plugins.has(id)) throw new ApiError('CONFLICT', `${id} cannot be used: its folder or package is gone.`);
  throw unknown(context, id);
}

function codeOf({ codes, discovery, plugins }: EditContext, id: string): FoundPlugin | undefined {
  return plugins.has(id) ? codes.get(id) : discovery.found.get(id);
}

/** Turns a plugin off, with what needs it if that is asked for; those remember what took them along. */
export function disable(context: EditContext, id: string, options: { cascade?: boolean | undefined }): Edit {
  const plugin = getInstalled(context, id);
  const dependents = dependentsOf(context, id);
  refuseDependents(id, dependents, options.cascade);
  const along = dependents.flatMap((other) => context.plugins.get(other) ?? []);
  return {
    plugins: [
      { ...plugin, enabled: false, disabledWith: null },
      ...along.map((other) => ({ ...other, enabled: false, disabledWith: id })),
    ],
    forgotten: [],
    reloaded: [],
  };
}

function refuseDependents(id: string, dependents: readonly string[], cascade: boolean | undefined): void {
  if (dependents.length === 0 || cascade === true) return;
  const details = dependents.map((plugin) => ({ plugin, problem: `it is enabled and requires ${id}` }));
  throw new ApiError('CONFLICT', `${dependents.join(', ')} needs ${id} and is enabled.`, { details });
}

/** The enabled plugins that need a plugin, directly or through others. */
export function dependentsOf({ plugins, codes }: EditContext, id: string): string[] {
  const found = new Set<string>();
  const visit = (provider: string): void => {
    for (const { id: other, enabled } of plugins.values()) {
      if (!enabled || found.has(other) || codes.get(other)?.manifest.requires?.[provider] === undefined) continue;
      found.add(other);
      visit(other);
    }
  };
  visit(id);
  return [...found];
}

/** Gives a plugin another configuration, as it is to be stored. */
export function configure(context: EditContext, id: string, config: Record<string, unknown>): Edit {
  const plugin = context.plugins.get(id);
  const installed = plugin ?? { ...switchedOn(context, id, false), enabled: false };
  return { plugins: [{ ...installed, config }], forgotten: [], reloaded: [] };
}

export interface UpgradeOptions {
  force?: boolean | undefined;
  /** Agrees to scopes that the version before did not have. */
  acceptScopes?: boolean | undefined;
}

/** Goes to the version that is on disk. */
export function upgrade(context: EditContext, id: string, options: UpgradeOptions): Edit {
  const plugin = getInstalled(context, id);
  const found = context.discovery.found.get(id) ?? refuseUnusable(context, id);
  const { version } = found.manifest;
  if (version === plugin.version) throw new ApiError('CONFLICT', `${id} ${version} is what is installed and what is on disk.`);
  if (compare(version, plugin.version) < 0 && options.force !== true) {
    throw new ApiError('CONFLICT', `${id} ${version} is older than ${plugin.version}, which is installed; see rollback.`);
  }
  return { plugins: [toVersion(plugin, found, options)], forgotten: [], reloaded: [] };
}

/** The plugin in another version. @throws ApiError CONFLICT when that asks for scopes nobody agreed to. */
export function toVersion(plugin: InstalledPlugin, found: FoundPlugin, options: UpgradeOptions): InstalledPlugin {
  const { version, displayName, description, scopes } = found.manifest;
  const added = scopes.filter((scope) => !plugin.scopes.includes(scope));
  if (plugin.scopes.length > 0 && added.length > 0 && options.acceptScopes !== true) {
    throw new ApiError('CONFLICT', `${plugin.id} ${version} asks for more scopes: ${added.join(', ')}. Agree with acceptScopes.`, {
      details: added.map((scope) => ({ plugin: plugin.id, problem: `asks for the scope ${scope}` })),
    });
  }
  return { ...plugin, version, displayName, description, scopes, isForced: plugin.isForced || options.force === true };
}

/** Takes a plugin away; a bundled one stays known, turned off, so that the next start does not bring it back. */
export function uninstall(context: EditContext, id: string, options: { cascade?: boolean | undefined; purge?: boolean }): Edit {
  const plugin = getInstalled(context, id);
  const { plugins } = disable(context, id, options);
  if (context.discovery.found.get(id)?.isBundled !== true) return { plugins: plugins.slice(1), forgotten: [id], reloaded: [] };
  const rest = { ...plugin, enabled: false, disabledWith: null, isInstalled: false };
  return { plugins: [options.purge === true ? { ...rest, config: null, isForced: false } : rest, ...plugins.slice(1)], forgotten: [], reloaded: [] };
}

/** @throws ApiError NOT_FOUND, or CONFLICT for a plugin that was never enabled. */
export function getInstalled(context: EditContext, id: string): InstalledPlugin {
  const plugin = context.plugins.get(id);
  if (plugin !== undefined) return plugin;
  if (context.discovery.found.has(id)) throw new ApiError('CONFLICT', `${id} is not installed.`);
  throw unknown(context, id);
}

function unknown({ plugins, discovery }: EditContext, id: string): ApiError {
  return unknownPlugin(id, [...plugins.keys(), ...discovery.found.keys()]);
}
