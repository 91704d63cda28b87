import type { Knex } from 'knex';
import type { Transaction } from '../database/transaction.ts';
import { invalid } from '../http/errors.ts';
import { ACCOUNTS_CHANNEL } from './revocations.ts';

/** A right that routes ask for with `auth: { permission }`. */
export interface Permission {
  /** `plugin.what`, as `gym.manage`. */
  id: string;
  /** For the administrator who gives it to a role: what it lets somebody do. */
  description: string;
  /** The bundled roles that hold it unless an administrator says otherwise; administrators hold every permission. */
  roles?: readonly ('user' | 'coach' | 'moderator')[];
}

/** Where a plugin says which rights it knows. Adding one that another plugin has is refused. */
export interface PermissionRegistrar {
  add(permission: Permission): void;
}

export interface OwnedPermission extends Permission {
  owner: string;
}

/** The bundled roles: who they are for. An account can have several. */
export const ROLES = {
  user: 'Everybody with an account',
  coach: 'Trains other people',
  moderator: 'Keeps the community in order',
  admin: 'Runs the server and holds every permission',
} as const;

export type Role = keyof typeof ROLES;

/** Collects one owner's permissions. */
export function permissionRegistrar(
  owner: string,
  into: Map<string, OwnedPermission>,
  refuse: (what: string) => never,
): PermissionRegistrar {
  return {
    add(permission) {
      const twin = into.get(permission.id);
      if (twin !== undefined) refuse(`the permission ${permission.id} is taken by ${twin.owner}.`);
      if (!/^[a-z][a-z0-9-]*\.[a-z][a-z0-9.-]*$/.test(permission.id)) {
        refuse(`the permission "${permission.id}" is not named like plugin.what.`);
      }
      const stranger = permission.roles?.find((role) => !(role in ROLES));
      if (stranger !== undefined) refuse(`the permission ${permission.id} names the unknown role ${stranger}.`);
      into.set(permission.id, { ...permission, owner });
    },
  };
}

/** Which roles hold which permission: what their owners propose, and what administrators made of it. */
export class RolePermissions {
  readonly #proposed: () => ReadonlyMap<string, OwnedPermission>;
  /** By `role permission`. */
  #decided: ReadonlyMap<string, boolean> = new Map();

  constructor(proposed: () => ReadonlyMap<string, OwnedPermission>) {
    this.#proposed = proposed;
  }

  /** Whether one of the roles holds the permission. Synchronous: it is asked on every request. */
  permits(roles: readonly string[], permission: string): boolean {
    if (roles.includes('admin')) return true;
    const holders: readonly string[] = this.#proposed().get(permission)?.roles ?? [];
    return roles.some((role) => this.#decided.get(`${role} ${permission}`) ?? holders.includes(role));
  }

  /** The permissions that the roles hold together. */
  of(roles: readonly string[]): string[] {
    return [...this.#proposed().keys()].filter((id) => this.permits(roles, id)).sort();
  }

  /** Every permission with the roles that hold it. */
  describe(): { id: string; description: string; owner: string; roles: string[] }[] {
    const roles = Object.keys(ROLES);
    return [...this.#proposed().values()]
      .map(({ id, description, owner }) => ({ id, description, owner, roles: roles.filter((role) => this.permits([role], id)) }))
      .sort((a, b) => a.id.localeCompare(b.id));
  }

  /** Writes down what an administrator decides; null takes the decision back. @throws ApiError for an unknown permission. */
  async change(trx: Transaction, role: string, changes: Readonly<Record<string, boolean | null>>): Promise<void> {
    for (const permission of Object.keys(changes)) {
      if (!this.#proposed().has(permission)) throw invalid(`/body/permissions/${permission}`, 'is not a permission of an enabled plugin');
    }
    const decided = Object.entries(changes).flatMap(([permission, granted]) => (granted === null ? [] : [{ role, permission, granted }]));
    await trx('role_permissions').where({ role }).whereIn('permission', Object.keys(changes)).delete();
    if (decided.length > 0) await trx('role_permissions').insert(decided);
    await trx.raw('NOTIFY ??', [ACCOUNTS_CHANNEL]);
  }

  /** Reads what has been decided. */
  async read(knex: Knex): Promise<void> {
    const rows = await knex('role_permissions').select<{ role: string; permission: string; granted: boolean }[]>();
    this.#decided = new Map(rows.map(({ role, permission, granted }) => [`${role} ${permission}`, granted]));
  }
}
