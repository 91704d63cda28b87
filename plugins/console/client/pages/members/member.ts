import { accountName } from '../../ui/member-name.tsx';
import type { Tone } from '../../ui/parts.tsx';
import { texts } from '../../texts.ts';

/** An account as GET /admin/users describes it. */
export interface Member {
  id: string;
  email: string;
  username: string;
  displayName: string | null;
  roles: string[];
  flags: { verified: boolean; banned: boolean; suspended: boolean; emailConfirmed: boolean };
  trialEndsAt: string | null;
  createdAt: string;
  lastUsedAt: string | null;
  sessions: number;
  secondFactor: boolean;
  restriction: { reason: string; since: string } | null;
  erasure: { dueAt: string; erasedAt: string | null } | null;
}

export const nameOf = (member: Pick<Member, 'displayName' | 'username'>): string => accountName(member);

/** Where somebody stands, in a word. */
export function stateOf({ flags, erasure }: Member): { tone: Tone; text: string } {
  if (erasure?.erasedAt != null) return { tone: 'neutral', text: texts.members.states.erased };
  if (erasure !== null) return { tone: 'warn', text: texts.members.states.leaving };
  if (flags.banned) return { tone: 'bad', text: texts.members.states.banned };
  if (flags.suspended) return { tone: 'warn', text: texts.members.states.suspended };
  return { tone: 'good', text: texts.members.states.active };
}
