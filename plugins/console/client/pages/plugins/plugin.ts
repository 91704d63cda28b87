import type { JsonSchema } from '../../ui/form/schema.ts';
import { send } from '../../ui/api.ts';
import { knowPlugins } from '../../ui/names.ts';
import type { Tone } from '../../ui/parts.tsx';

export type PluginState = 'available' | 'enabled' | 'disabled' | 'failed' | 'quarantined' | 'missing';

/** A plugin as GET /admin/plugins describes it. */
export interface AdminPlugin {
  id: string;
  displayName: string;
  description: string | null;
  state: PluginState;
  reason: string | null;
  installedVersion: string | null;
  diskVersion: string | null;
  bundled: boolean;
  /** Of one that came as a file. */
  upload: { sha256: string; size: number; at: string } | null;
  /** What it has left when it is not installed any more. */
  remains: { schema: string | null; tables: number; files: number; size: number; advice: string } | null;
  quarantine: { place: string; error: string; stack: string | null; since: string } | null;
  requires: Record<string, string>;
  uses: Record<string, string>;
  dependents: string[];
  scopes: string[];
  config: Record<string, unknown>;
  configSchema: JsonSchema | null;
  routes: { method: string; path: string; auth: string; summary: string }[];
  pages: { path: string; title: string }[];
  actions: { id: string; name: string; cost: number }[];
  hooks: { hook: string; calls: number; errors: number; p50: number | null; p99: number | null }[];
  events: string[];
  jobs: string[];
  pendingMigrations: string[];
  instances: { id: string; host: string; pid: number; heartbeatAt: string; isCurrent: boolean; state: PluginState; reason: string | null; version: string | null }[];
}

/** Every plugin that there is, and whether more may be brought; from then on they are called by their names. @throws ApiProblem */
export async function readPluginList(signal: AbortSignal): Promise<{ plugins: AdminPlugin[]; takesUploads: boolean }> {
  const { data: plugins, meta } = await send<AdminPlugin[]>('GET', '/admin/plugins', { signal });
  knowPlugins(plugins);
  return { plugins, takesUploads: meta.takesUploads === true };
}

/** Every plugin that there is. @throws ApiProblem */
export async function readPlugins(signal: AbortSignal): Promise<AdminPlugin[]> {
  return (await readPluginList(signal)).plugins;
}

/** What a change would do, as GET /admin/plugins/:id/plan answers. */
export interface Plan {
  plugins: { id: string; from: string | null; to: string | null }[];
  added: Record<string, string[]>;
  removed: Record<string, string[]>;
  prices: { action: string; name: string; cost: number }[];
  migrations: { plugin: string; name: string; direction: 'up' | 'down'; statements: string[] }[];
  hash: string;
}

export interface ChangeDone {
  changed: string[];
}

export const TONES: Readonly<Record<PluginState, Tone>> = {
  available: 'neutral',
  enabled: 'good',
  disabled: 'neutral',
  failed: 'bad',
  quarantined: 'bad',
  missing: 'bad',
};

/** Whether it is meant to run, whether or not it does. */
export function isOn({ state, installedVersion }: AdminPlugin): boolean {
  return state === 'enabled' || state === 'quarantined' || (state === 'failed' && installedVersion !== null);
}

/** Whether its switch can do anything: there has to be a plugin that can be read. */
export function canSwitch(plugin: AdminPlugin): boolean {
  return isOn(plugin) || (plugin.diskVersion !== null && plugin.state !== 'missing');
}
