import { Option, type Command } from 'commander';
import { EFFECTS } from '../../../plugins/lifecycle/effects.ts';
import { readOverview, type PluginOverview } from '../../../plugins/lifecycle/overview.ts';
import type { Plan } from '../../../plugins/lifecycle/plan.ts';
import { unknownPlugin } from '../../../plugins/unknown-plugin.ts';
import { withSession } from '../../session.ts';
import { printJson, printLine, printRows } from '../../terminal.ts';
import { planOf, sourcesOf } from './asking.ts';

interface PlanOptions {
  for: 'enable' | 'upgrade' | 'disable' | 'rollback' | 'uninstall';
  cascade?: boolean;
  force?: boolean;
  purge?: boolean;
  acceptScopes?: boolean;
  json?: boolean;
}

/** plugin list, info and plan. */
export function registerPluginReading(plugin: Command): void {
  plugin
    .command('list')
    .description('list every plugin that is on disk or installed, or has left data')
    .option('--json', 'print them as JSON')
    .action(async ({ json }: { json?: boolean }) => {
      const rows = await withSession((session) => readOverview(session.knex, sourcesOf(session)));
      if (json === true) printJson(rows);
      else printRows(rows.map(withAdvice), ['id', 'state', 'installedVersion', 'diskVersion', 'reason'], { whenEmpty: 'There are no plugins.' });
    });
  plugin
    .command('info <plugin>')
    .description('show one plugin: versions, dependencies, scopes, configuration and how it stands on each running instance')
    .option('--json', 'print it as JSON')
    .action(async (id: string, { json }: { json?: boolean }) => {
      const all = await withSession((session) => readOverview(session.knex, sourcesOf(session)));
      const found = all.find((row) => row.id === id);
      if (found === undefined) throw unknownPlugin(id, all.map((row) => row.id));
      if (json === true) {
        printJson(found);
        return;
      }
      const { instances, ...facts } = found;
      for (const [name, value] of Object.entries(facts)) printLine(`${name}: ${typeof value === 'string' ? value : JSON.stringify(value)}`);
      printRows(instances, ['host', 'pid', 'state', 'isCurrent', 'reason'], { whenEmpty: 'No instance is running.' });
    });
  plugin
    .command('plan <plugin>')
    .description('show what a change would do, and change nothing')
    .addOption(
      new Option('--for <change>', 'the change').choices(['enable', 'upgrade', 'disable', 'rollback', 'uninstall']).default('enable'),
    )
    .option('--cascade', 'with the plugins that go along')
    .option('--force', 'outside the ranges of the manifest')
    .option('--purge', 'of an uninstall: with its data')
    .option('--accept-scopes', 'agree to more scopes')
    .option('--json', 'print it as JSON')
    .action(async (id: string, { json, for: verb, ...options }: PlanOptions) => {
      const plan = await planOf(id, { verb, ...options });
      if (json === true) printJson(plan);
      else printPlan(plan);
    });
}

/** Of a plugin that has left data, what can be done about them. */
function withAdvice(row: PluginOverview): PluginOverview {
  return { ...row, reason: row.reason ?? row.remains?.advice ?? null };
}

/** A plan for people: what comes with a plus, what goes with a minus, then the SQL. */
export function printPlan(plan: Plan): void {
  for (const { id, from, to } of plan.plugins) printLine(`${id}: ${from ?? 'off'} → ${to ?? 'off'}`);
  for (const kind of EFFECTS) {
    for (const line of plan.removed[kind]) printLine(`  - ${kind}: ${line}`);
    for (const line of plan.added[kind]) printLine(`  + ${kind}: ${line}${priceOf(plan, kind, line)}`);
  }
  for (const { plugin, name, direction, statements } of plan.migrations) {
    printLine(`  ${direction === 'up' ? '+' : '-'} migration ${plugin}/${name}`);
    for (const statement of statements) printLine(statement.replace(/^/gm, '      '));
  }
}

function priceOf({ prices }: Plan, kind: string, line: string): string {
  const price = kind === 'actions' ? prices.find(({ action }) => action === line) : undefined;
  return price === undefined ? '' : ` (${String(price.cost)} credits)`;
}
