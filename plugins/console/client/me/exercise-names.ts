import { signal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { get } from '../ui/api.ts';
import type { Exercise } from './types.ts';

/** What exercises are called, by id, each asked for once. */
const known = signal<ReadonlyMap<string, string>>(new Map());
const asked = new Set<string>();

/** Answers the names of exercises, as far as they have come; before that what the id says. */
export function useNames(ids: readonly string[]): (id: string) => string {
  const wanted = [...new Set(ids)].sort().join(' ');
  useEffect(() => {
    for (const id of wanted.split(' ')) if (id !== '') find(id);
  }, [wanted]);
  return (id) => known.value.get(id) ?? wordsOf(id);
}

function find(id: string): void {
  if (asked.has(id)) return;
  asked.add(id);
  const path = id.startsWith('own_') ? `/exercises/mine/${id}` : `/exercises/${id}`;
  get<Exercise>(path).then(
    ({ name }) => {
      known.value = new Map(known.value).set(id, name);
    },
    () => asked.delete(id),
  );
}

function wordsOf(id: string): string {
  const words = id.replaceAll('_', ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}
