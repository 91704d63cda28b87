import { createHash } from 'node:crypto';
import type { Rows, Transaction } from 'musclemap';
import { shippedId } from '../catalogue/content-ids.ts';
import { MILESTONES } from '../catalogue/milestones.ts';
import { TIPS } from '../catalogue/tips.ts';

interface ShippedRow {
  table: 'tips' | 'milestones';
  row: { id: string } & Record<string, unknown>;
  checksum: string;
}

const SHIPPED: readonly ShippedRow[] = [
  ...Object.entries(TIPS).flatMap(([trigger, tips]) =>
    tips.map((tip) =>
      shipped('tips', {
        id: shippedId('tip', tip.slug),
        trigger_type: trigger,
        trigger_value: tip.value,
        category: tip.category,
        title: tip.title,
        content: tip.content,
        priority: tip.priority ?? 0,
        display_context: tip.contexts === undefined ? null : [...tip.contexts],
        min_level: tip.minLevel ?? 1,
        max_level: tip.maxLevel ?? null,
      }),
    ),
  ),
  ...MILESTONES.map((milestone) =>
    shipped('milestones', {
      id: shippedId('ms', milestone.slug),
      name: milestone.name,
      description: milestone.description,
      category: milestone.category,
      condition_type: milestone.condition,
      condition_value: JSON.stringify(milestone.value),
      reward_credits: milestone.rewardCredits,
    }),
  ),
];
const EDITION = createHash('sha256').update(SHIPPED.map(({ checksum }) => checksum).join()).digest('hex');

function shipped(table: ShippedRow['table'], row: ShippedRow['row']): ShippedRow {
  return { table, row, checksum: createHash('sha256').update(JSON.stringify(row)).digest('hex') };
}

/**
 * Brings the tables to the tips and milestones that this version ships, but for those that an administrator has edited or
 * deleted. Instances that start together do it once.
 */
export async function loadShipped(trx: Transaction): Promise<boolean> {
  await trx.raw(`SELECT pg_advisory_xact_lock(hashtextextended('tips:catalogue', 0))`);
  const edition = await trx.raw<Rows<{ checksum: string }>>('SELECT checksum FROM shipped_tips_edition');
  if (edition.rows[0]?.checksum === EDITION) return false;
  const { rows } = await trx.raw<Rows<{ id: string; checksum: string; isEdited: boolean }>>(
    'SELECT id, checksum, is_edited AS "isEdited" FROM shipped_tips',
  );
  const known = new Map(rows.map((row) => [row.id, row]));
  const changed = SHIPPED.filter(({ row, checksum }) => {
    const before = known.get(row.id);
    return before === undefined || (!before.isEdited && before.checksum !== checksum);
  });
  for (const table of ['tips', 'milestones'] as const) {
    const news = changed.filter((entry) => entry.table === table).map(({ row }) => row);
    if (news.length > 0) await trx(table).insert(news).onConflict('id').merge();
  }
  const ledger = changed.map(({ row, checksum }) => ({ id: row.id, checksum }));
  if (ledger.length > 0) await trx('shipped_tips').insert(ledger).onConflict('id').merge(['checksum']);
  await trx.raw('DELETE FROM shipped_tips_edition');
  await trx.raw('INSERT INTO shipped_tips_edition VALUES (?)', [EDITION]);
  return true;
}

/** Keeps later editions from touching what an administrator has edited or deleted. */
export async function keepEdited(trx: Transaction, id: string): Promise<void> {
  await trx('shipped_tips').where({ id }).update({ is_edited: true });
}
