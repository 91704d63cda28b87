import { signal, type Signal } from '@preact/signals';
import type { JSX } from 'preact';
import { texts } from '../texts.ts';
import { get } from './api.ts';
import { hrefOf, Link } from './router.tsx';
import { may } from './session.ts';

interface Name {
  id: string;
  username: string;
  displayName: string | null;
}

/** The name that the server gives to an account whose person is gone. */
const ERASED = /^erased_[0-9a-f]{20}$/;

/** What to call an account. */
export function accountName({ displayName, username }: Pick<Name, 'displayName' | 'username'>): string {
  return displayName ?? (ERASED.test(username) ? texts.members.erasedName : username);
}

/** As many as the server tells at once. */
const MOST_AT_ONCE = 100;

/** By id; null until it is known, and for who is gone. */
const names = new Map<string, Signal<string | null>>();
let wanted = new Set<string>();

/** Somebody of whom only the id is known: the name, leading to the member. The names of a whole page are asked for together. */
export function MemberName({ id }: { id: string }): JSX.Element {
  return <MemberLink id={id} name={nameOf(id).value ?? id} />;
}

/** A name that leads to the member, for who may see members. */
export function MemberLink({ id, name }: { id: string; name: string }): JSX.Element {
  const isLink = hrefOf('/') === '/console' && may('admin');
  return isLink ? <Link to={`/members/${encodeURIComponent(id)}`}>{name}</Link> : <>{name}</>;
}

function nameOf(id: string): Signal<string | null> {
  const known = names.get(id);
  if (known !== undefined) return known;
  const name = signal<string | null>(null);
  names.set(id, name);
  if (may('moderator')) {
    if (wanted.size === 0) setTimeout(askForNames);
    wanted.add(id);
  }
  return name;
}

function askForNames(): void {
  const ids = [...wanted];
  wanted = new Set();
  for (let first = 0; first < ids.length; first += MOST_AT_ONCE) {
    const some = ids.slice(first, first + MOST_AT_ONCE);
    // Without its name a member is shown by the id, and asked for again on the next page.
    readNames(some).catch(() => {
      for (const id of some) names.delete(id);
    });
  }
}

async function readNames(ids: readonly string[]): Promise<void> {
  for (const { id, displayName, username } of await get<Name[]>('/admin/users/names', { ids: ids.join(',') })) {
    const name = names.get(id);
    if (name !== undefined) name.value = accountName({ displayName, username });
  }
}
