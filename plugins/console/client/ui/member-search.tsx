import type { JSX } from 'preact';
import { useId, useState } from 'preact/hooks';
import { get } from './api.ts';
import { Field } from './parts.tsx';
import { useLoad } from './use-load.ts';

interface Found {
  id: string;
  username: string;
  displayName: string | null;
}

interface MemberSearchProps {
  label: string;
  hint: string;
  /** With the id of who was chosen; undefined while nobody is. */
  onChange: (id: string | undefined) => void;
}

const LEAST_LETTERS = 2;
const MOST = 10;

/** Somebody, found by a part of the name instead of an id. */
export function MemberSearch({ label, hint, onChange }: MemberSearchProps): JSX.Element {
  const list = useId();
  const [typed, setTyped] = useState('');
  const search = typed.trim();
  const { data: found = [] } = useLoad<Found[]>(
    (signal) => (search.length < LEAST_LETTERS || /\(.+\)$/.test(search) ? Promise.resolve([]) : get('/admin/users', { search, limit: MOST }, signal)),
    [search],
  );
  const [known, setKnown] = useState<ReadonlyMap<string, string>>(new Map());
  const all = new Map([...known, ...found.map((one) => [nameOf(one), one.id] as const)]);
  return (
    <Field label={label} hint={hint}>
      {({ id, describedBy }) => (
        <>
          <input
            id={id}
            type="search"
            list={list}
            value={typed}
            aria-describedby={describedBy}
            onInput={({ currentTarget: { value } }) => {
              setTyped(value);
              setKnown(all);
              onChange(all.get(value));
            }}
          />
          <datalist id={list}>
            {found.map((one) => (
              <option key={one.id} value={nameOf(one)} />
            ))}
          </datalist>
        </>
      )}
    </Field>
  );
}

/** A name that is nobody else's. */
const nameOf = ({ displayName, username }: Found): string => `${displayName ?? username} (${username})`;
