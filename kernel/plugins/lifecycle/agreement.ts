import type { AuditActor } from '../../audit/audit.ts';
import { ApiError } from '../../http/errors.ts';
import type { PluginHost } from '../host.ts';
import { change, type Outcome } from './changes.ts';
import { readInstances, type InstanceState } from './cluster.ts';
import { awaitInstances } from './overview.ts';
import { prepareRollback } from './rollback.ts';

/** Where a plugin did not run before a change: what holds there is not the change's doing. */
export async function instancesWithout(host: PluginHost, id: string): Promise<ReadonlySet<string>> {
  const instances = await readInstances(host.services.knex);
  return new Set(instances.filter(({ states }) => states[id]?.state !== 'enabled').map((instance) => instance.id));
}

export interface Upgrade {
  id: string;
  /** The version that ran before. */
  from: string;
  outcome: Outcome;
  /** Instances on which it did not run before. */
  without: ReadonlySet<string>;
}

/**
 * Waits until every running instance has applied an upgrade. Where one of them cannot run it, or does not answer, all go back to
 * the version before, their schema with them. @throws ApiError UNPROCESSABLE naming the instance and its reason.
 */
export async function agreeOnUpgrade(host: PluginHost, { id, from, outcome, without }: Upgrade): Promise<void> {
  const { knex, log } = host.services;
  const refusal = await awaitInstances(knex, outcome.generation).then(
    (instances) => refusalOf(instances.filter((instance) => !without.has(instance.id)), id),
    (error: unknown) => {
      if (error instanceof ApiError) return error.message;
      throw error;
    },
  );
  if (refusal === undefined) return;
  const actor: AuditActor = { kind: 'kernel' };
  log.error({ plugin: id }, `${id} goes back to ${from} everywhere: ${refusal}`);
  await change(host, { action: 'plugin.rollback', id, actor, ...prepareRollback(host, id, { version: from }) });
  throw new ApiError('UNPROCESSABLE', `${refusal} Every instance runs ${id} ${from} again.`, {
    details: [{ plugin: id, problem: refusal }],
  });
}

function refusalOf(instances: readonly InstanceState[], id: string): string | undefined {
  const failed = instances.find(({ states }) => states[id]?.state === 'failed');
  if (failed === undefined) return undefined;
  return `${failed.host} (process ${String(failed.pid)}) cannot run it: ${failed.states[id]?.reason ?? ''}`;
}
