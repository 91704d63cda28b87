/** A right that routes ask for with `auth: { permission }`. */
export interface Permission {
  /** `plugin.what`, as `gym.manage`. */
  id: string;
  /** For the administrator who gives it to a role: what it lets somebody do. */
  description: string;
  /** The bundled roles that hold it unless an administrator says otherwise; administrators hold every permission. */
  roles?: readonly ('user' | 'coach' | 'moderator')[];
}

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

  constructor(proposed: () => ReadonlyMap<string, OwnedPermission>) {
    this.#proposed = proposed;
  }

  /** Whether one of the roles holds the permission. Synchronous: it is asked on every request. */
  permits(roles: readonly string[], permission: string): boolean {
    if (roles.includes('admin')) return true;
    const holders: readonly string[] = this.#proposed().get(permission)?.roles ?? [];
    return roles.some((role) => holders.includes(role));
  }
}
