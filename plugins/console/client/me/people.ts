import type { Conversation } from './types.ts';
import { texts } from './texts.ts';

/** A conversation's own name, or those of the others. */
export function nameOf({ name, participants }: Pick<Conversation, 'name' | 'participants'>, me: string): string {
  const others = participants.filter(({ userId }) => userId !== me).map(({ displayName, username }) => displayName ?? username);
  return name ?? (others.length === 0 ? texts.noName : others.join(', '));
}
