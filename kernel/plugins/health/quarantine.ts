import type { Knex } from 'knex';

/** Why a plugin is left out until an administrator releases it. */
export interface Quarantine {
  pluginId: string;
  reason: string;
  /** Where its code ran, as `hook price`. */
  place: string;
  error: string;
  stack: string | null;
  quarantinedAt: Date;
}

interface QuarantineRow {
  plugin_id: string;
  reason: string;
  place: string;
  error: string;
  stack: string | null;
  quarantined_at: Date;
}

/** Every plugin in quarantine, by id. */
export async function readQuarantines(knex: Knex): Promise<Map<string, Quarantine>> {
  const rows = await knex<QuarantineRow>('plugin_quarantines').select();
  return new Map(
    rows.map(({ plugin_id, quarantined_at, ...row }) => [plugin_id, { ...row, pluginId: plugin_id, quarantinedAt: quarantined_at }]),
  );
}

/** Puts a plugin into quarantine; the first reason stays. Answers whether it was not there already. */
export async function putIntoQuarantine(knex: Knex, quarantine: Omit<Quarantine, 'quarantinedAt'>): Promise<boolean> {
  const { pluginId, ...row } = quarantine;
  const { rowCount } = await knex.raw<{ rowCount: number }>(
    `INSERT INTO plugin_quarantines (plugin_id, reason, place, error, stack)
     SELECT id, :reason, :place, :error, :stack FROM installed_plugins WHERE id = :pluginId
     ON CONFLICT (plugin_id) DO NOTHING`,
    { pluginId, ...row },
  );
  return rowCount > 0;
}

/** Ends a quarantine. Answers whether there was one. */
export async function endQuarantine(knex: Knex, pluginId: string): Promise<boolean> {
  const ended = await knex('plugin_quarantines').where({ plugin_id: pluginId }).delete();
  await knex('plugin_deaths').where({ plugin_id: pluginId }).delete();
  return ended > 0;
}
