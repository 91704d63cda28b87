import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { send } from '../ui/api.ts';
import { TextInput } from '../ui/parts.tsx';
import { useLoad } from '../ui/use-load.ts';
import { texts } from './texts.ts';
import type { Exercise } from './types.ts';

const SHOWN = 6;
const PAUSE_MS = 150;

/** Finds exercises while their name is typed. */
export function ExerciseSearch({ onPick, labelOf = texts.log.add }: { onPick: (exercise: Exercise) => void; labelOf?: (name: string) => string }): JSX.Element {
  const [search, setSearch] = useState('');
  const wanted = search.trim();
  const { data } = useLoad(
    async (signal) => {
      if (wanted === '') return [];
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
      if (signal.aborted) return [];
      return (await send<Exercise[]>('GET', '/exercises', { query: { search: wanted, limit: SHOWN }, signal })).data;
    },
    [wanted],
  );
  return (
    <div class="finder" role="search">
      <TextInput label={texts.log.search} type="search" placeholder={texts.log.searchHint} value={search} onInput={setSearch} autocomplete="off" />
      <ul class="plain found">
        {(wanted === '' ? [] : data)?.map((exercise) => (
          <li key={exercise.id}>
            <button
              type="button"
              aria-label={labelOf(exercise.name)}
              onClick={() => {
                onPick(exercise);
                setSearch('');
              }}
            >
              <span>{exercise.name}</span>
              <span class="muted">{exercise.equipmentRequired.join(', ').replaceAll('_', ' ')}</span>
            </button>
          </li>
        ))}
      </ul>
    </div>
  );
}
