import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Rows } from '../../database/connect.ts';
import { readIsolations, type Isolation } from '../database/schemas.ts';
import type { PluginHost, PluginStatus } from '../host.ts';
import type { PlaceFigures } from '../../telemetry/places.ts';
import { readInstances, type InstanceState } from './cluster.ts';
import { describeAuth, effectsOf } from './effects.ts';
import { readRemains, type Remains } from './remains.ts';
import { maskSecrets } from './secrets.ts';

/** What the database tells of all plugins, read once for a list. */
interface Facts {
  applied: Map<string, Set<string>>;
  prices: Map<string, { name: string; cost: number }>;
  instances: InstanceState[];
  isolations: Map<string, Isolation>;
  remains: Map<string, Remains>;
}

/** Every plugin as an administrator sees it, or the one of that id. */
export async function describePlugins(host: PluginHost, id?: string): Promise<object[]> {
  await host.exclusively(() => host.discover());
  const facts = await readFacts(host);
  const gone = [...facts.remains].filter(([other]) => host.statuses.every((status) => status.id !== other));
  const statuses = [...host.statuses, ...gone.map(([other, { advice }]) => missing(other, advice))].sort((a, b) => (a.id < b.id ? -1 : 1));
  const wanted = statuses.filter((status) => id === undefined || status.id === id);
  return Promise.all(wanted.map((status) => describePlugin(host, status, facts)));
}

/** One of which nothing is there but its data. */
function missing(id: string, reason: string): PluginStatus {
  return { id, state: 'missing', reason, found: undefined, installed: undefined };
}

async function readFacts({ services: { knex }, discovery }: PluginHost): Promise<Facts> {
  const [migrations, actions, instances, isolations, remains] = await Promise.all([
    knex.raw<Rows<{ id: string; name: string }>>('SELECT plugin_id AS id, name FROM plugin_migrations'),
    knex.raw<Rows<{ id: string; name: string; cost: number }>>('SELECT id, name, default_cost AS cost FROM credit_actions WHERE plugin_id IS NOT NULL'),
    readInstances(knex),
    readIsolations(knex),
    readRemains(knex, discovery.found),
  ]);
  const applied = new Map<string, Set<string>>();
  for (const { id, name } of migrations.rows) applied.set(id, (applied.get(id) ?? new Set()).add(name));
  return { applied, prices: new Map(actions.rows.map((row) => [row.id, row])), instances, isolations, remains };
}

async function describePlugin(host: PluginHost, status: PluginStatus, facts: Facts): Promise<object> {
  const { id, state, reason, found, installed } = status;
  const composition = host.composition;
  const { hooks, events, jobs, actions } = effectsOf(composition, id);
  const running = composition.activations.get(id)?.found;
  const manifest = running?.manifest ?? found?.manifest;
  const own = composition.routes.routes.filter(({ owner }) => owner === id);
  return {
    ...{ id, state, reason },
    displayName: manifest?.displayName ?? installed?.displayName ?? id,
    description: manifest?.description ?? installed?.description ?? null,
    installedVersion: installed?.version ?? null,
    diskVersion: found?.manifest.version ?? null,
    bundled: found?.isBundled ?? false,
    upload: found?.upload === undefined ? null : { ...found.upload, at: found.upload.at.toISOString() },
    remains: facts.remains.get(id) ?? null,
    forced: installed?.isForced ?? false,
    disabledWith: installed?.disabledWith ?? null,
    quarantine: describeQuarantine(status),
    kernel: manifest?.kernel ?? null,
    requires: manifest?.requires ?? {},
    uses: manifest?.uses ?? {},
    dependents: host.statuses.filter((other) => other.found?.manifest.requires?.[id] !== undefined).map((other) => other.id),
    scopes: manifest?.scopes ?? [],
    config: maskSecrets(manifest?.config, installed?.config ?? {}),
    configSchema: manifest?.config ?? null,
    routes: own.map(({ method, path, options }) => ({ method, path, auth: describeAuth(options.auth), summary: options.summary })),
    actions: actions.map((action) => ({ id: action, name: facts.prices.get(action)?.name ?? action, cost: facts.prices.get(action)?.cost ?? 0 })),
    hooks: hooks.map((hook) => describeHook(hook, host.placesOf(id))),
    pages: composition.pages.all.filter(({ owner }) => owner === id).map(({ path, title }) => ({ path, title })),
    usage: host.usageOf(id),
    ...{ events, jobs },
    isolation: facts.isolations.get(id) ?? null,
    pendingMigrations: await pendingNames(found?.directory, facts.applied.get(id)),
    instances: facts.instances.map((instance) => describeInstance(instance, host, id)),
  };
}

function describeQuarantine({ quarantine }: PluginStatus): object | null {
  if (quarantine === undefined) return null;
  const { place, error, stack, quarantinedAt } = quarantine;
  return { place, error, stack, since: quarantinedAt.toISOString() };
}

function describeHook(hook: string, places: readonly PlaceFigures[]): object {
  const place = places.find(({ where }) => where === `hook ${hook}`);
  const { calls = 0, errors = 0, p50 = null, p99 = null, statements = 0, databaseMs = 0 } = place ?? {};
  return { hook, calls, errors, p50, p99, statements, databaseMs };
}

function describeInstance({ states, ...instance }: InstanceState, host: PluginHost, id: string): object {
  const own = states[id];
  return {
    ...instance,
    isCurrent: instance.generation >= host.desired.generation,
    state: own?.state ?? 'available',
    reason: own?.reason ?? null,
    version: own?.version ?? null,
  };
}

/** The migrations on disk that are not applied, by the names of their files: no code is loaded to look. */
async function pendingNames(directory: string | undefined, applied: ReadonlySet<string> | undefined): Promise<string[]> {
  if (directory === undefined) return [];
  const files = await readdir(join(directory, 'migrations')).catch(() => []);
  const names = files.flatMap((file) => /^(\d{4}_[a-z0-9_]+)\.(?:ts|js|mjs)$/.exec(file)?.[1] ?? []);
  return names.filter((name) => applied?.has(name) !== true).sort();
}
