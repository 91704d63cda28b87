import type { Knex } from 'knex';
import { inTransaction } from '../../database/transaction.ts';
import { ApiError } from '../../http/errors.ts';
import type { AuditActor } from '../../audit/audit.ts';
import { readQuarantines } from '../health/quarantine.ts';
import { announce, lockPlugin, lockPlugins, readDesiredState } from '../installed-plugins.ts';
import { isEmpty, readEditContext, withoutUnchanged, writeEdit, type CodeSources, type Outcome } from './changes.ts';
import { readInstances, type InstanceState } from './cluster.ts';
import { disable } from './edits.ts';
import { readRemains, type Remains } from './remains.ts';
import { maskSecrets } from './secrets.ts';

/** A plugin as it stands without any of its code being loaded. */
export interface PluginOverview {
  id: string;
  state: string;
  reason: string | null;
  installedVersion: string | null;
  diskVersion: string | null;
  /** Where the code on disk lies. */
  directory: string | null;
  /** Of one that came as an archive. */
  uploadedAt: string | null;
  /** What it has left when it is not installed. */
  remains: Remains | null;
  displayName: string;
  requires: Record<string, string>;
  uses: Record<string, string>;
  scopes: readonly string[];
  config: Record<string, unknown>;
  instances: { id: string; host: string; pid: number; state: string; reason: string | null; isCurrent: boolean }[];
}

/** Every plugin that is on disk or installed: what is wanted of it, and what the running instances say. */
export async function readOverview(knex: Knex, sources: CodeSources): Promise<PluginOverview[]> {
  const desired = await readDesiredState(knex);
  const { discovery, codes } = await readEditContext(knex, sources);
  const instances = await readInstances(knex);
  const quarantines = await readQuarantines(knex);
  const remains = await readRemains(knex, discovery.found);
  const broken = new Map(discovery.broken.map(({ id, reason }) => [id, reason]));
  const ids = new Set([...discovery.found.keys(), ...broken.keys(), ...desired.plugins.keys(), ...remains.keys()]);
  return [...ids].sort().map((id) => {
    const installed = desired.plugins.get(id);
    const found = discovery.found.get(id);
    const manifest = (codes.get(id) ?? found)?.manifest;
    const seen = instances.map((instance) => describeThere(instance, id, desired.generation));
    const isGone = manifest === undefined && !broken.has(id);
    const wanted = isGone ? 'missing' : installed === undefined ? 'available' : installed.enabled ? 'enabled' : 'disabled';
    const fault = broken.has(id) ? 'failed' : wanted;
    const quarantine = installed?.enabled === true && quarantines.get(id);
    const worst = seen.find(({ state }) => ['failed', 'quarantined', 'missing'].includes(state)) ?? (quarantine ? { state: 'quarantined', reason: quarantine.reason } : undefined);
    return {
      id,
      state: installed?.enabled === true && worst !== undefined ? worst.state : fault,
      reason: worst?.reason ?? broken.get(id) ?? (isGone && installed !== undefined ? 'its folder or package is gone' : null),
      installedVersion: installed?.version ?? null,
      diskVersion: found?.manifest.version ?? null,
      directory: found?.directory ?? null,
      uploadedAt: found?.upload?.at.toISOString() ?? null,
      remains: remains.get(id) ?? null,
      displayName: manifest?.displayName ?? installed?.displayName ?? id,
      requires: manifest?.requires ?? {},
      uses: manifest?.uses ?? {},
      scopes: manifest?.scopes ?? [],
      config: maskSecrets(manifest?.config, installed?.config ?? {}),
      instances: seen,
    };
  });
}

function describeThere({ id, host, pid, states, generation }: InstanceState, plugin: string, wanted: number): PluginOverview['instances'][number] {
  const there = states[plugin];
  return { id, host, pid, state: there?.state ?? 'available', reason: there?.reason ?? null, isCurrent: generation >= wanted };
}

/** Turns a plugin off by writing down that this is wanted: no code of any plugin is loaded, however broken it is. */
export async function disableByName(
  knex: Knex,
  sources: CodeSources,
  id: string,
  options: { cascade?: boolean | undefined; actor: AuditActor },
): Promise<Outcome> {
  return inTransaction(knex, async (trx) => {
    await lockPlugin(trx, id);
    await lockPlugins(trx);
    const context = await readEditContext(trx, sources);
    const edit = withoutUnchanged(disable(context, id, options), context);
    if (isEmpty(edit)) return { generation: (await readDesiredState(trx)).generation, changed: [] };
    await writeEdit(trx, { action: 'plugin.disable', actor: options.actor, id }, edit);
    return { generation: await announce(trx), changed: edit.plugins.map((plugin) => plugin.id) };
  });
}

const ACKNOWLEDGE_LIMIT_MS = 30_000;

/** Waits until every running instance has applied a change, and answers how they stand. @throws ApiError when one does not. */
export async function awaitInstances(knex: Knex, generation: number): Promise<InstanceState[]> {
  const deadline = performance.now() + ACKNOWLEDGE_LIMIT_MS;
  for (;;) {
    const instances = await readInstances(knex);
    const late = instances.filter((instance) => instance.generation < generation);
    if (late.length === 0) return instances;
    if (performance.now() > deadline) {
      const names = late.map(({ host, pid }) => `${host} (process ${String(pid)})`).join(', ');
      throw new ApiError('UNAVAILABLE', `The change is written down, but these instances have not applied it: ${names}.`);
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
