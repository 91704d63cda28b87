import { awaitInstances } from '../../../plugins/lifecycle/overview.ts';
import type { Outcome } from '../../../plugins/lifecycle/changes.ts';
import { CommandFailure } from '../../plugin-command.ts';
import { withSession } from '../../session.ts';
import { printJson, printLine, printRows } from '../../terminal.ts';

/** Says what was done and who has applied it. @throws CommandFailure when it does not run everywhere. */
export async function reportChange({ generation, changed }: Outcome, { json }: { json?: boolean | undefined }): Promise<void> {
  const instances = await withSession(({ knex }) => awaitInstances(knex, generation));
  const rows = instances.map(({ host, pid, states }) => ({
    ...{ host, pid },
    plugins: changed.map((id) => `${id}: ${states[id]?.state ?? 'available'}`).join(', '),
    reason: changed.flatMap((id) => states[id]?.reason ?? []).join('; ') || null,
  }));
  if (json === true) printJson({ generation, changed, instances: rows });
  else if (changed.length === 0) printLine('Nothing had to be changed.');
  else {
    printLine(`Changed: ${changed.join(', ')}.`);
    printRows(rows, ['host', 'pid', 'plugins', 'reason'], { whenEmpty: 'No instance is running; the next start applies it.' });
  }
  const failed = rows.filter(({ reason }) => reason !== null);
  if (failed.length > 0) throw new CommandFailure(`On ${String(failed.length)} of ${String(rows.length)} instances it does not run.`);
}
