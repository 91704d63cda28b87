import type { Command } from 'commander';
import { verifyLedger } from '../../credits/verify.ts';
import { withSession } from '../session.ts';
import { CommandFailure } from '../plugin-command.ts';
import { printJson, printLine, printRows } from '../terminal.ts';

/** npx musclemap credits … */
export function registerCreditsCommands(program: Command): void {
  const credits = program.command('credits').description('the ledger of credits');
  credits
    .command('verify')
    .description('prove that every balance equals its ledger; exit code 1 when one does not')
    .option('--json', 'print the proof as JSON')
    .action(async ({ json }: { json?: boolean }) => {
      const verification = await withSession(({ knex }) => verifyLedger(knex));
      const { users, entries, mismatches } = verification;
      if (json === true) printJson(verification);
      else if (mismatches.length === 0) printLine(`${String(users)} balances agree with ${String(entries)} entries.`);
      else printRows(mismatches, ['userId', 'balance', 'ledgerSum', 'newestBalanceAfter'], { whenEmpty: '' });
      if (mismatches.length > 0) throw new CommandFailure(`${String(mismatches.length)} balances differ from their ledger.`);
    });
}
