import { randomUUID } from 'node:crypto';
import type { Command } from 'commander';
import type { Knex } from 'knex';
import { reverseEntry } from '../../credits/admin-routes.ts';
import { findEntries } from '../../credits/entries.ts';
import { changeCredits, ledgerKey } from '../../credits/ledger.ts';
import { verifyLedger } from '../../credits/verify.ts';
import { recordAudit } from '../../audit/audit.ts';
import type { Rows } from '../../database/connect.ts';
import { inTransaction } from '../../database/transaction.ts';
import { CommandFailure } from '../plugin-command.ts';
import { withSession } from '../session.ts';
import { printJson, printLine, printRows } from '../terminal.ts';

/** npx musclemap credits … */
export function registerCreditsCommands(program: Command): void {
  const credits = program.command('credits').description('the ledger of credits');
  registerVerify(credits);
  registerHistory(credits);
  registerCorrections(credits);
}

function registerVerify(credits: Command): void {
  credits
    .command('verify')
    .description('prove that every balance equals its ledger; exit code 1 when one does not')
    .option('--json', 'print the proof as JSON')
    .action(async ({ json }: { json?: boolean }) => {
      const verification = await withSession(({ knex }) => verifyLedger(knex));
      const { users, entries, mismatches } = verification;
      if (json === true) printJson(verification);
      else if (mismatches.length === 0) printLine(`${String(users)} balances agree with ${String(entries)} entries.`);
      else printRows(mismatches, ['userId', 'balance', 'ledgerSum', 'newestBalanceAfter', 'brokenEntries'], { whenEmpty: '' });
      if (mismatches.length > 0) throw new CommandFailure(`${String(mismatches.length)} balances differ from their ledger.`);
    });
}

function registerHistory(credits: Command): void {
  credits
    .command('history')
    .description("a member's newest entries")
    .argument('<member>', 'id, username or e-mail address')
    .option('--limit <n>', 'how many', '20')
    .option('--json', 'print them as JSON')
    .action(async (member: string, { limit, json }: { limit: string; json?: boolean }) => {
      const count = positiveInteger(limit, '--limit');
      const entries = await withSession(async ({ knex }) =>
        findEntries(knex, { userId: await findMember(knex, member) }, undefined, { limit: count - 1 }),
      );
      const rows = entries.map(({ position: _position, userId: _userId, ...entry }) => ({ ...entry, createdAt: entry.createdAt.toISOString() }));
      printRows(rows, ['createdAt', 'id', 'action', 'amount', 'balanceAfter', 'metadata'], { json, whenEmpty: 'There are no entries.' });
    });
}

interface Correction {
  reason: string;
  key?: string;
  json?: boolean;
}

function registerCorrections(credits: Command): void {
  credits
    .command('grant')
    .description('give a member credits')
    .argument('<member>', 'id, username or e-mail address')
    .argument('<amount>', 'a whole number of credits')
    .requiredOption('--reason <text>', 'kept with the entry')
    .option('--key <key>', 'the same key again gives nothing more')
    .option('--json', 'print the entry as JSON')
    .action(async (member: string, amount: string, { reason, key = randomUUID(), json }: Correction) => {
      const given = positiveInteger(amount, '<amount>');
      const entry = await withSession(({ knex }) =>
        inTransaction(knex, async (trx) => {
          const userId = await findMember(trx, member);
          const idempotencyKey = ledgerKey('cli', 'grant', key);
          const metadata = { by: 'cli', reason };
          const granted = await changeCredits(trx, { userId, amount: given, action: 'admin_grant', metadata, idempotencyKey });
          await recordAudit(trx, { actor: { kind: 'cli' }, action: 'credits.grant', objectType: 'users', objectId: userId, result: 'done', details: { amount: given, reason } });
          return granted;
        }),
      );
      if (json === true) printJson(entry);
      else printLine(`${entry.entryId}: ${String(given)} credits given, the balance is ${String(entry.balance)}.`);
    });
  credits
    .command('reverse')
    .description('undo what is left of an entry, by a new entry')
    .argument('<entry>', 'its id, txn_…')
    .requiredOption('--reason <text>', 'kept with the new entry')
    .option('--key <key>', 'the same key again reverses nothing more')
    .option('--json', 'print the new entry as JSON')
    .action(async (entryId: string, { reason, key = randomUUID(), json }: Correction) => {
      const entry = await withSession(({ knex }) =>
        inTransaction(knex, async (trx) => {
          const reversed = await reverseEntry(trx, entryId, { by: 'cli', reason }, ledgerKey('cli', 'reverse', key));
          await recordAudit(trx, { actor: { kind: 'cli' }, action: 'credits.reverse', objectType: 'credits', objectId: entryId, result: 'done', details: { reason } });
          return reversed;
        }),
      );
      if (json === true) printJson(entry);
      else printLine(`${entry.entryId}: ${String(entry.amount)} credits reversed, the balance is ${String(entry.balance)}.`);
    });
}

function positiveInteger(text: string, what: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1 || value > 2_147_483_647) {
    throw new CommandFailure(`${what} is a whole number from 1 to 2,147,483,647, not ${text}.`);
  }
  return value;
}

async function findMember(knex: Knex, name: string): Promise<string> {
  const { rows } = await knex.raw<Rows<{ id: string }>>(
    'SELECT id FROM users WHERE id = :name OR lower(username) = lower(:name) OR lower(email) = lower(:name) LIMIT 1',
    { name },
  );
  const [member] = rows;
  if (member === undefined) throw new CommandFailure(`Nobody is called ${name}.`);
  return member.id;
}
