import type { JSX } from 'preact';
import { get, send } from '../../ui/api.ts';
import { confirm } from '../../ui/dialog.tsx';
import { formatNumber } from '../../ui/format.ts';
import { Button, Card, Empty, Field, TextInput } from '../../ui/parts.tsx';
import { navigate } from '../../ui/router.tsx';
import { toast } from '../../ui/toasts.tsx';
import { useLoad } from '../../ui/use-load.ts';
import { addExercise, change, changeExercise, draft, startOver, toBody } from '../draft.ts';
import { ExerciseSearch } from '../exercise-search.tsx';
import { Frame } from '../frame.tsx';
import { MuscleMap } from '../map/muscle-map.tsx';
import { SetRows } from '../set-rows.tsx';
import { texts } from '../texts.ts';
import type { Balance, Exercise, Workout } from '../types.ts';

const TIMED = new Set(['cardio', 'stretching', 'mobility']);

/** Enters a workout, set by set. */
export default function LogPage(): JSX.Element {
  const { exercises, key } = draft.value;
  const pick = ({ id, name, type }: Exercise): void => {
    change({ exercises: [...exercises, addExercise({ exerciseId: id, name, isTimed: TIMED.has(type) })] });
  };
  const save = async (): Promise<void> => {
    const { data } = await send<Workout>('POST', '/workouts', { body: toBody(draft.value), key });
    startOver();
    toast(texts.log.saved(formatNumber(Math.round(data.totalTU))));
    navigate('/muscles');
  };
  const discard = async (): Promise<void> => {
    if (await confirm({ title: texts.log.discard, text: texts.log.discardText, confirm: texts.log.discard, isDangerous: true })) startOver();
  };
  return (
    <Frame title={texts.log.title} actions={exercises.length > 0 && <Button onClick={discard}>{texts.log.discard}</Button>}>
      <div class="log-page">
        <div>
          <Card>
            <ExerciseSearch onPick={pick} />
          </Card>
          {exercises.length === 0 && <Empty>{texts.log.empty}</Empty>}
          {exercises.map((exercise, index) => (
            <SetRows key={`${exercise.exerciseId}-${String(index)}`} exercise={exercise} onChange={(changed) => { changeExercise(index, changed); }} />
          ))}
        </div>
        {exercises.length > 0 && <Finish onSave={save} />}
      </div>
    </Frame>
  );
}

function Finish({ onSave }: { onSave: () => Promise<void> }): JSX.Element {
  const { date, notes, isPublic } = draft.value;
  return (
    <div>
      <Effect />
      <Card>
        <div class="form">
          <TextInput label={texts.log.date} type="date" value={date} onInput={(value) => { change({ date: value }); }} />
          <TextInput label={texts.log.notes} value={notes} onInput={(value) => { change({ notes: value }); }} />
          <Field label={texts.log.isPublic}>
            {({ id }) => (
              <input id={id} type="checkbox" role="switch" class="switch" checked={isPublic} onChange={({ currentTarget }) => { change({ isPublic: currentTarget.checked }); }} />
            )}
          </Field>
          <Cost />
          <Button kind="primary" onClick={onSave}>
            {texts.log.save}
          </Button>
          <p class="hint">{texts.log.kept}</p>
        </div>
      </Card>
    </div>
  );
}

interface Preview {
  totalTU: number;
  muscles: { muscleId: string; colorTier: number }[];
}

const PAUSE_MS = 300;

/** What the workout would do, asked while it is entered. */
function Effect(): JSX.Element {
  const body = toBody({ ...draft.value, date: '', notes: '' });
  const { data } = useLoad(
    async (signal) => {
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
      if (signal.aborted) return undefined;
      return (await send<Preview>('POST', '/workouts/preview', { body, signal })).data;
    },
    [JSON.stringify(body)],
  );
  const units = formatNumber(Math.round(data?.totalTU ?? 0));
  return (
    <Card title={texts.log.effect}>
      <p class="units" aria-live="polite">
        {texts.log.units(units)}
      </p>
      <MuscleMap isSmall tiers={new Map(data?.muscles.map(({ muscleId, colorTier }) => [muscleId, colorTier]))} label={texts.log.effect} />
    </Card>
  );
}

interface Action {
  id: string;
  defaultCost: number;
}

function Cost(): JSX.Element | null {
  const { data } = useLoad(async (signal) => Promise.all([get<Balance>('/credits/balance', {}, signal), get<Action[]>('/credits/actions', {}, signal)]), []);
  const [balance, actions] = data ?? [];
  const cost = actions?.find(({ id }) => id === 'workout.log')?.defaultCost ?? 0;
  return balance === undefined || balance.unlimited || cost === 0 ? null : <p class="hint">{texts.log.cost(cost)}</p>;
}
