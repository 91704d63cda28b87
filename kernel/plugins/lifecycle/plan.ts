import { createHash } from 'node:crypto';
import type { Rows } from '../../database/connect.ts';
import type { Transaction } from '../../database/transaction.ts';
import type { Composition } from '../composition.ts';
import type { PluginHost } from '../host.ts';
import type { Result } from './changes.ts';
import { EFFECTS, effectsOf, noEffects, type Effects } from './effects.ts';
import type { MigrationRun } from './schema.ts';

/** What a change will do, before it is done. */
export interface Plan {
  /** The plugins that change, with the versions that run before and after; null for not at all. */
  plugins: { id: string; from: string | null; to: string | null }[];
  added: Effects;
  removed: Effects;
  /** What actions that come will cost. */
  prices: { action: string; name: string; cost: number }[];
  /** The migrations to be run, with their SQL, in their order. */
  migrations: MigrationRun[];
  /** Given to enable or upgrade, it makes sure that this is what happens. */
  hash: string;
}

/** Describes what a change has done so far, in its transaction. */
export async function describePlan(host: PluginHost, trx: Transaction, result: Result): Promise<Plan> {
  const before = host.composition;
  const after = result.build.composition;
  const touched = new Set([...result.edit.plugins.map(({ id }) => id), ...result.edit.forgotten]);
  const ids = [...touched].sort();
  const [added, removed] = [differences(before, after, ids), differences(after, before, ids)];
  const plugins = ids.map((id) => ({ id, from: versionIn(before, id), to: versionIn(after, id) }));
  const plan = { plugins, added, removed, prices: await pricesOf(trx, added.actions), migrations: [...result.migrations] };
  return { ...plan, hash: createHash('sha256').update(JSON.stringify(plan)).digest('hex').slice(0, 32) };
}

function versionIn(composition: Composition, id: string): string | null {
  return composition.activations.get(id)?.found?.manifest.version ?? null;
}

/** What is in `to` and not in `from`, of these plugins. */
function differences(from: Composition, to: Composition, ids: readonly string[]): Effects {
  const found = noEffects();
  for (const id of ids) {
    const [old, now] = [effectsOf(from, id), effectsOf(to, id)];
    for (const kind of EFFECTS) found[kind].push(...now[kind].filter((line) => !old[kind].includes(line)));
  }
  return found;
}

async function pricesOf(trx: Transaction, actions: readonly string[]): Promise<Plan['prices']> {
  if (actions.length === 0) return [];
  const { rows } = await trx.raw<Rows<Plan['prices'][number]>>(
    'SELECT id AS action, name, default_cost AS cost FROM credit_actions WHERE id = ANY (?) ORDER BY id',
    [[...actions]],
  );
  return rows;
}
