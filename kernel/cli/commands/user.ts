import { Option, type Command } from 'commander';
import Type from 'typebox';
import { logoutAll, register } from '../../accounts/accounts.ts';
import {
  changeAccountByCommand,
  findUsers,
  resetPasswordByCommand,
  type AccountChange,
  type AdminUser,
} from '../../accounts/administration.ts';
import { ROLES, type Role } from '../../accounts/permissions.ts';
import { Email, Username } from '../../accounts/schemas.ts';
import { findUserByLogin, type User } from '../../accounts/users.ts';
import { recordAudit } from '../../audit/audit.ts';
import { createValidate } from '../../http/validation.ts';
import type { Kernel } from '../../kernel.ts';
import { CommandFailure } from '../plugin-command.ts';
import { askPassword } from '../password-prompt.ts';
import { withKernel, withSession } from '../session.ts';
import { printJson, printLine, printRows } from '../terminal.ts';

const Names = Type.Object({ email: Email, username: Username });
const ROLE_NAMES = Object.keys(ROLES) as Role[];

/** npx musclemap user …, for the first administrator and for emergencies. */
export function registerUserCommands(program: Command): void {
  const user = program.command('user').description('accounts: the first administrator, and emergencies');
  registerCreate(user);
  registerList(user);
  registerRoles(user);
  registerLocks(user);
  registerPasswordReset(user);
}

interface CreateOptions {
  email: string;
  username: string;
  displayName?: string;
  role: Role[];
  generate?: boolean;
  json?: boolean;
}

function registerCreate(user: Command): void {
  user
    .command('create')
    .description('make an account; the password is asked for, or piped in')
    .requiredOption('--email <address>', 'its e-mail address')
    .requiredOption('--username <name>', '3 to 30 letters, digits and _')
    .option('--display-name <name>', 'the name that is shown')
    .addOption(new Option('--role <role...>', 'its roles').choices(ROLE_NAMES).default(['user']))
    .option('--generate', 'make a password and print it')
    .option('--json', 'print the account as JSON')
    .action(async ({ email, username, displayName, role, json, ...source }: CreateOptions) => {
      createValidate(Names, 'body')({ email, username });
      const { password, isGenerated } = await askPassword(source);
      const roles = [...new Set<Role>(['user', ...role])];
      const registration = { email, username, password, ...(displayName !== undefined && { displayName }) };
      const made = await withKernel(async ({ accounts }) => {
        const { user: account } = await register(accounts.context, registration, { ip: '', device: undefined }, async (trx) => {
          await recordAudit(trx, { actor: { kind: 'cli' }, action: 'user.create', objectType: 'users', result: 'done', details: { username, roles } });
          return roles;
        });
        await logoutAll(accounts.context, account.id);
        return account;
      });
      const printed = { id: made.id, username, roles, ...(isGenerated && { password }) };
      if (json === true) printJson(printed);
      else printLine(`${username} (${made.id}) is ${roles.join(', ')}.${isGenerated ? ` The password is ${password}` : ''}`);
    });
}

interface ListOptions {
  search?: string;
  role?: Role;
  limit: string;
  json?: boolean;
}

function registerList(user: Command): void {
  user
    .command('list')
    .description('accounts, the newest first')
    .option('--search <text>', 'an e-mail address, or a part of a name')
    .addOption(new Option('--role <role>', 'who has this role').choices(ROLE_NAMES))
    .option('--limit <number>', 'how many at most', '50')
    .option('--json', 'print them as JSON')
    .action(async ({ search, role, limit, json }: ListOptions) => {
      const most = Number(limit);
      if (!Number.isInteger(most) || most < 1 || most > 10_000) throw new CommandFailure('--limit is a number from 1 to 10000.');
      const users = await withSession(({ knex }) => findUsers(knex, { search, role }, { limit: most }));
      printRows(users.map(toRow), ['id', 'username', 'email', 'roles', 'state', 'createdAt'], { json, whenEmpty: 'There is nobody.' });
    });
}

function toRow({ id, username, email, roles, flags, erasure, createdAt }: AdminUser): Record<'id' | 'username' | 'email' | 'roles' | 'state' | 'createdAt', string> {
  const states = { banned: flags.banned, suspended: flags.suspended, leaving: erasure !== null && erasure.erasedAt === null };
  const state = Object.entries(states).flatMap(([name, holds]) => (holds ? [name] : []));
  return { id, username, email, roles: roles.join(' '), state: state.join(' ') || 'active', createdAt: createdAt.toISOString() };
}

function registerRoles(user: Command): void {
  const role = (description: string): Option => new Option('--role <role>', description).choices(ROLE_NAMES).makeOptionMandatory();
  user
    .command('grant <user>')
    .description('give an account a role; <user> is an id, an e-mail address or a name')
    .addOption(role('the role to give'))
    .action(async (login: string, options: { role: Role }) => {
      const roles = await changeRoles(login, 'user.grant', (before) => [...before, options.role]);
      printLine(`${login} is ${roles.join(', ')}.`);
    });
  user
    .command('revoke <user>')
    .description('take a role from an account')
    .addOption(role('the role to take'))
    .action(async (login: string, options: { role: Role }) => {
      const roles = await changeRoles(login, 'user.revoke', (before) => before.filter((name) => name !== options.role));
      printLine(`${login} is ${roles.join(', ')}.`);
    });
}

async function changeRoles(login: string, action: string, change: (before: Role[]) => Role[]): Promise<Role[]> {
  return withKernel(async (kernel) => {
    const { id, roles } = await findAccount(kernel, login);
    const next = [...new Set(change(roles as Role[]))];
    await changeAccountByCommand(kernel.accounts.context, id, { roles: next }, action);
    return next;
  });
}

function registerLocks(user: Command): void {
  const lock = (login: string, action: string, change: AccountChange): Promise<void> =>
    withKernel(async (kernel) => {
      const { id } = await findAccount(kernel, login);
      await changeAccountByCommand(kernel.accounts.context, id, change, action);
    });
  user
    .command('ban <user>')
    .description('lock an account out; its sessions end at once')
    .requiredOption('--reason <text>', 'why')
    .action(async (login: string, { reason }: { reason: string }) => {
      await lock(login, 'user.ban', { flags: { banned: true }, reason });
      printLine(`${login} is banned.`);
    });
  user
    .command('unban <user>')
    .description('let an account in again')
    .action(async (login: string) => {
      await lock(login, 'user.unban', { flags: { banned: false, suspended: false } });
      printLine(`${login} may sign in again.`);
    });
}

function registerPasswordReset(user: Command): void {
  user
    .command('reset-password <user>')
    .description('set a new password; every session ends')
    .option('--generate', 'make a password and print it')
    .option('--remove-second-factor', 'for who has lost the app or the passkeys, and the recovery codes')
    .action(async (login: string, options: { generate?: boolean; removeSecondFactor?: boolean }) => {
      const { password, isGenerated } = await askPassword(options);
      await withKernel(async (kernel) => {
        const { id } = await findAccount(kernel, login);
        const removesSecondFactor = options.removeSecondFactor === true;
        await resetPasswordByCommand(kernel.accounts.context, id, password, { removesSecondFactor });
      });
      printLine(isGenerated ? `The new password of ${login} is ${password}` : `${login} has a new password.`);
    });
}

async function findAccount({ knex }: Kernel, login: string): Promise<Pick<User, 'id' | 'roles'>> {
  const byId = login.startsWith('user_')
    ? await knex('users').where({ id: login }).first<Pick<User, 'id' | 'roles'> | undefined>('id', 'roles')
    : undefined;
  const found = byId ?? (await findUserByLogin(knex, login));
  if (found === undefined) throw new CommandFailure(`There is no account ${login}.`);
  return found;
}
