import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { send } from '../../../ui/api.ts';
import { Button, Card, Select } from '../../../ui/parts.tsx';
import { toast } from '../../../ui/toasts.tsx';
import { ExerciseSearch } from '../../exercise-search.tsx';
import { texts } from '../../texts.ts';
import type { Unmatched } from './imports.ts';

const words = texts.imports;

const LATER = '';
const LEAVE_OUT = 'leave-out';
const OTHER = 'other';
/** What the route calls an exercise of one's own. */
const OWN = 'own';

type Choices = Readonly<Record<string, string>>;

/** Has the member say what names of the file mean. `onRemembered` follows when the server has kept it. */
export function Names({ unmatched, onRemembered }: { unmatched: readonly Unmatched[]; onRemembered: () => Promise<void> }): JSX.Element {
  const [choices, setChoices] = useState<Choices>({});
  const decided = Object.entries(choices).filter(([, choice]) => choice !== LATER && choice !== OTHER);
  const remember = async (): Promise<void> => {
    for (const [name, choice] of decided) {
      await send('POST', '/workouts/imports/names', { body: { name, exerciseId: choice === LEAVE_OUT ? null : choice } });
    }
    toast(words.decided(decided.length));
    await onRemembered();
  };
  const takeNearest = (): void => {
    const nearest = unmatched.flatMap(({ name, suggestions: [first] }) => (first === undefined ? [] : [[name, first.exerciseId] as const]));
    setChoices({ ...choices, ...Object.fromEntries(nearest) });
  };
  const hasNearest = unmatched.some(({ suggestions }) => suggestions.length > 0);
  return (
    <Card title={words.names} level={3} actions={hasNearest && <Button onClick={takeNearest}>{words.best}</Button>}>
      <p class="lead">{words.namesLead}</p>
      <ul class="plain unmatched">
        {unmatched.map((one) => (
          <li key={one.name}>
            <Meaning
              of={one}
              choice={choices[one.name] ?? LATER}
              onChoose={(choice) => {
                setChoices({ ...choices, [one.name]: choice });
              }}
            />
          </li>
        ))}
      </ul>
      <Button kind="primary" disabled={decided.length === 0} onClick={remember}>
        {words.remember}
      </Button>
    </Card>
  );
}

function Meaning({ of: { name, suggestions }, choice, onChoose }: { of: Unmatched; choice: string; onChoose: (choice: string) => void }): JSX.Element {
  const [found, setFound] = useState<readonly (readonly [string, string])[]>([]);
  const options = [
    [LATER, words.later] as const,
    ...suggestions.map((suggestion) => [suggestion.exerciseId, suggestion.name] as const),
    ...found,
    [OTHER, words.other] as const,
    [OWN, words.own] as const,
    [LEAVE_OUT, words.leaveOut] as const,
  ];
  return (
    <>
      <Select label={words.nameIs(name)} value={choice} options={options} onChange={onChoose} />
      {choice === OTHER && (
        <ExerciseSearch
          labelOf={words.pick}
          onPick={(exercise) => {
            if (!options.some(([id]) => id === exercise.id)) setFound([...found, [exercise.id, exercise.name]]);
            onChoose(exercise.id);
          }}
        />
      )}
    </>
  );
}
