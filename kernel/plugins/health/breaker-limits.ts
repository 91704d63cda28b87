import type { Knex } from 'knex';
import type { BreakerLimit } from './breaker.ts';

interface BreakerRow {
  plugin_id: string;
  is_on: boolean;
  faults: number;
  window_seconds: number;
  share: number;
}

/** The limits that administrators have set, by plugin. */
export async function readBreakers(knex: Knex): Promise<Map<string, BreakerLimit>> {
  const rows = await knex<BreakerRow>('plugin_breakers').select();
  return new Map(
    rows.map(({ plugin_id, is_on, faults, window_seconds, share }) => [
      plugin_id,
      { isOn: is_on, faults, windowSeconds: window_seconds, share },
    ]),
  );
}

export async function writeBreaker(knex: Knex, pluginId: string, limit: BreakerLimit): Promise<void> {
  const { isOn, faults, windowSeconds, share } = limit;
  const row = { plugin_id: pluginId, is_on: isOn, faults, window_seconds: windowSeconds, share };
  await knex<BreakerRow>('plugin_breakers').insert(row).onConflict('plugin_id').merge();
}
