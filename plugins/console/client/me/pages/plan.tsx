import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { newKey, send } from '../../ui/api.ts';
import { formatTime } from '../../ui/format.ts';
import { Button, Card, Select } from '../../ui/parts.tsx';
import { navigate } from '../../ui/router.tsx';
import { addExercise, startOver } from '../draft.ts';
import { Frame } from '../frame.tsx';
import { texts } from '../texts.ts';
import type { Prescription } from '../types.ts';
import { usePages } from '../use-pages.ts';

const DURATIONS = [20, 30, 45, 60, 75, 90];

/** Asks for a session, and shows it and the earlier ones. */
export default function PlanPage(): JSX.Element {
  const [wishes, setWishes] = useState({ duration: '45', location: 'gym', goal: 'hypertrophy', fitnessLevel: 'beginner' });
  const { rows, set, more } = usePages<Prescription>('/prescriptions');
  const [shown, setShown] = useState<string>();
  const choose = (name: keyof typeof wishes) => (value: string) => {
    setWishes((before) => ({ ...before, [name]: value }));
  };
  const make = async (): Promise<void> => {
    const { duration, location, goal, fitnessLevel } = wishes;
    const body = { duration: Number(duration), location, goals: [goal], fitnessLevel, ...(location === 'gym' && { equipment: ['full_gym'] }) };
    const { data } = await send<Prescription>('POST', '/prescriptions', { body, key: newKey() });
    set((before) => [data, ...before]);
    setShown(data.id);
  };
  const plan = rows.find(({ id }) => id === shown) ?? rows[0];
  const entries = (of: Readonly<Record<string, string>>): (readonly [string, string])[] => Object.entries(of);
  return (
    <Frame title={texts.plan.title}>
      <p class="lead">{texts.plan.lead}</p>
      <Card>
        <div class="wishes">
          <Select label={texts.plan.duration} value={wishes.duration} options={DURATIONS.map((minutes) => [String(minutes), String(minutes)] as const)} onChange={choose('duration')} />
          <Select label={texts.plan.location} value={wishes.location} options={entries(texts.plan.locations)} onChange={choose('location')} />
          <Select label={texts.plan.goal} value={wishes.goal} options={entries(texts.plan.goals)} onChange={choose('goal')} />
          <Select label={texts.plan.level} value={wishes.fitnessLevel} options={entries(texts.plan.levels)} onChange={choose('fitnessLevel')} />
        </div>
        <Button kind="primary" icon="bulb" onClick={make}>
          {texts.plan.make}
        </Button>
      </Card>
      {plan && <PlanCard plan={plan} />}
      {rows.length > 1 && (
        <Card title={texts.plan.earlier}>
          <ul class="plain earlier">
            {rows.map(({ id, createdAt, actualDuration, exercises }) => (
              <li key={id}>
                <button type="button" aria-pressed={id === plan?.id} onClick={() => { setShown(id); }}>
                  <span>{formatTime(createdAt)}</span>
                  <span class="muted">
                    {texts.plan.minutes(Math.round(actualDuration / 60))}, {texts.history.exercises(exercises.length)}
                  </span>
                </button>
              </li>
            ))}
          </ul>
          {more && <Button onClick={more}>{texts.plan.earlier}</Button>}
        </Card>
      )}
    </Frame>
  );
}

function PlanCard({ plan }: { plan: Prescription }): JSX.Element {
  const { exercises, warmup, cooldown, actualDuration, creditCost } = plan;
  const start = (): void => {
    startOver(
      exercises.map(({ exerciseId, name, sets, reps, holdSeconds }) =>
        addExercise({ exerciseId, name, sets, isTimed: holdSeconds !== null, set: { reps: String(reps ?? ''), seconds: String(holdSeconds ?? '') } }),
      ),
    );
    navigate('/log');
  };
  return (
    <Card title={`${texts.plan.minutes(Math.round(actualDuration / 60))} · ${texts.plan.cost(creditCost)}`}>
      <Moves title={texts.plan.warmup} moves={warmup} />
      <h3>{texts.plan.main}</h3>
      <ol class="plain moves">
        {exercises.map(({ exerciseId, name, sets, reps, holdSeconds, restSeconds }) => (
          <li key={exerciseId}>
            <strong>{name}</strong>
            <span>{texts.plan.times(sets, reps, holdSeconds)}</span>
            <span class="muted">{texts.plan.rest(restSeconds)}</span>
          </li>
        ))}
      </ol>
      <Moves title={texts.plan.cooldown} moves={cooldown} />
      <Button kind="primary" onClick={start}>
        {texts.plan.start}
      </Button>
    </Card>
  );
}

function Moves({ title, moves }: { title: string; moves: Prescription['warmup'] }): JSX.Element | null {
  if (moves.length === 0) return null;
  return (
    <>
      <h3>{title}</h3>
      <ul class="plain moves">
        {moves.map(({ exerciseId, name, seconds }) => (
          <li key={exerciseId}>
            <span>{name}</span>
            <span class="muted">{`${String(seconds)} s`}</span>
          </li>
        ))}
      </ul>
    </>
  );
}
