import { randomBytes } from 'node:crypto';
import type { Rows } from '../../database/connect.ts';
import { inTransaction } from '../../database/transaction.ts';
import { ApiError } from '../../http/errors.ts';
import { makeAccount, type AccountsContext } from '../accounts.ts';
import { MAILS } from '../mails.ts';
import { issueToken } from '../one-use-tokens.ts';
import { readMembersCsv, type LineProblem, type NamedMember } from './members-csv.ts';

export interface MemberImport {
  /** Accounts that were made, or would be. */
  made: number;
  /** Lines whose address has an account already. */
  known: number;
  /** Lines that were left out. */
  problems: LineProblem[];
  /** The first of those that were made, or would be. */
  sample: { line: number; email: string; username: string; displayName: string | null }[];
}

const SAMPLE = 10;
const INVITATION_MINUTES = 14 * 24 * 60;

/**
 * Makes an account for everybody on a list and mails them a link that sets their password. Each is a transaction of its own: what has
 * been made when the server dies stays, and the same list brought again makes the rest.
 */
export async function importMembers(context: AccountsContext, csv: string, options: { dryRun: boolean }): Promise<MemberImport> {
  const { members, problems } = readMembersCsv(csv);
  const { fresh, known, taken } = await withoutKnown(context, members);
  const named = fresh.map((member) => ({ ...member, username: member.username ?? freeName(member.email, taken) }));
  const done: typeof named = [];
  // Nobody knows this password, and a wrong one takes as long to refuse as anybody's.
  const passwordHash = options.dryRun ? '' : await context.passwords.hash(randomBytes(32).toString('base64url'));
  for (const member of named) {
    const clash = taken.clashing.get(member.line);
    const problem = clash ?? (options.dryRun ? undefined : await invite(context, member, passwordHash));
    if (problem === undefined) done.push(member);
    else problems.push({ line: member.line, message: problem });
  }
  const sample = done.slice(0, SAMPLE).map(({ displayName, ...member }) => ({ ...member, displayName: displayName ?? null }));
  return { made: done.length, known, problems: problems.sort((a, b) => a.line - b.line), sample };
}

interface TakenNames {
  names: Set<string>;
  /** Why lines that ask for a taken name cannot have it. */
  clashing: Map<number, string>;
}

/** Leaves out who has an account; the names in lower case that are taken by others. */
async function withoutKnown(context: AccountsContext, members: readonly NamedMember[]): Promise<{ fresh: NamedMember[]; known: number; taken: TakenNames }> {
  const bases = members.map((member) => (member.username ?? baseName(member.email)).toLowerCase());
  const { rows } = await context.knex.raw<Rows<{ email: string; username: string }>>(
    `SELECT lower(email) AS email, lower(username) AS username FROM users
     WHERE lower(email) = ANY (:emails) OR lower(username) = ANY (:bases) OR regexp_replace(lower(username), '_[0-9]+$', '') = ANY (:bases)`,
    { emails: members.map(({ email }) => email.toLowerCase()), bases },
  );
  const emails = new Set(rows.map(({ email }) => email));
  const fresh = members.filter(({ email }) => !emails.has(email.toLowerCase()));
  const taken: TakenNames = { names: new Set(rows.map(({ username }) => username)), clashing: new Map() };
  for (const { line, username } of fresh) {
    if (username === undefined) continue;
    if (taken.names.has(username.toLowerCase())) taken.clashing.set(line, `the name ${username} is taken`);
    taken.names.add(username.toLowerCase());
  }
  return { fresh, known: members.length - fresh.length, taken };
}

/** `jo.smith@example.org` as `jo_smith`. */
function baseName(email: string): string {
  const name = email.slice(0, email.indexOf('@')).replace(/[^A-Za-z0-9]+/g, '_').replace(/^_+|_+$/g, '');
  return name.slice(0, 24).padEnd(3, '0');
}

function freeName(email: string, { names }: TakenNames): string {
  const base = baseName(email);
  let name = base;
  for (let count = 2; names.has(name.toLowerCase()); count++) name = `${base}_${String(count)}`;
  names.add(name.toLowerCase());
  return name;
}

/** Makes the account and mails the link, both or neither; answers why not. */
async function invite(context: AccountsContext, member: NamedMember & { username: string }, passwordHash: string): Promise<string | undefined> {
  const { email, username, displayName } = member;
  try {
    await inTransaction(context.knex, async (trx) => {
      const { id } = await makeAccount(context, trx, { email, username, displayName: displayName ?? null, passwordHash, roles: ['user'] });
      const token = await issueToken(trx, { purpose: 'password-reset', userId: id, minutes: INVITATION_MINUTES });
      await context.mail.send(trx, { to: { userId: id }, template: MAILS.invitation, values: { username, token } });
    });
    return undefined;
  } catch (error) {
    if (error instanceof ApiError && error.status < 500) return error.message;
    throw error;
  }
}
