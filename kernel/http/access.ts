import type { Caller, RouteAuth } from './route.ts';

const RANKS: Record<Extract<RouteAuth, string>, number> = { none: 0, optional: 0, user: 1, moderator: 2, admin: 3 };

/** Whether rank or permission lets somebody call what `auth` guards. */
export function admits(caller: Caller, auth: RouteAuth, permits: (caller: Caller, permission: string) => boolean): boolean {
  return typeof auth === 'object' ? permits(caller, auth.permission) : rankOf(caller) >= RANKS[auth];
}

function rankOf(caller: Caller): number {
  if (caller.roles.includes('admin')) return RANKS.admin;
  return caller.roles.includes('moderator') ? RANKS.moderator : RANKS.user;
}
