import type { Knex } from 'knex';
import { recordAudit, type AuditActor } from '../../audit/audit.ts';
import { inTransaction } from '../../database/transaction.ts';
import { tellWorkers } from '../../events/queue.ts';
import { ApiError } from '../../http/errors.ts';
import { announce, lockPlugin, readDesiredState } from '../installed-plugins.ts';
import { unknownPlugin } from '../unknown-plugin.ts';
import { endQuarantine } from './quarantine.ts';

/**
 * Ends a quarantine by writing that down: every instance starts the plugin again. Answers the number of the change, to wait
 * for. @throws ApiError NOT_FOUND, or CONFLICT for a plugin that is not in quarantine.
 */
export async function releaseByName(knex: Knex, id: string, actor: AuditActor): Promise<number> {
  return inTransaction(knex, async (trx) => {
    await lockPlugin(trx, id);
    if (!(await endQuarantine(trx, id))) {
      const { plugins } = await readDesiredState(trx);
      throw plugins.has(id) ? new ApiError('CONFLICT', `The plugin ${id} is not in quarantine.`) : unknownPlugin(id, plugins.keys());
    }
    await recordAudit(trx, { actor, action: 'plugin.release', objectType: 'plugins', objectId: id, result: 'done' });
    await tellWorkers(trx);
    return announce(trx);
  });
}
