import type { JSX } from 'preact';
import { get, send } from '../../ui/api.ts';
import { confirm } from '../../ui/dialog.tsx';
import { formatDate, formatNumber } from '../../ui/format.ts';
import { Button, Card, ErrorBox, Figure, Loading } from '../../ui/parts.tsx';
import { Link, navigate, type PageProps } from '../../ui/router.tsx';
import { toast } from '../../ui/toasts.tsx';
import { useLoad } from '../../ui/use-load.ts';
import { addExercise, startOver } from '../draft.ts';
import { useNames } from '../exercise-names.ts';
import { Frame } from '../frame.tsx';
import { texts } from '../texts.ts';
import type { MuscleWork, Performed, SetDetail, Workout } from '../types.ts';

type Muscle = Pick<MuscleWork, 'muscleGroup'> & { id: string; name: string };

/** One workout with every set. */
export default function WorkoutPage({ params }: PageProps): JSX.Element {
  const id = params.id ?? '';
  const { data, problem, reload } = useLoad(async (signal) => Promise.all([get<Workout>(`/workouts/${id}`, {}, signal), get<Muscle[]>('/muscles', {}, signal)]), [id]);
  const [workout, muscles] = data ?? [];
  const names = useNames(workout?.exerciseData.map(({ exerciseId }) => exerciseId) ?? []);
  return (
    <Frame title={workout ? formatDate(workout.date) : texts.history.title} back={<Link to="/history" class="back">{texts.history.title}</Link>}>
      {problem && <ErrorBox message={problem.message} retry={reload} />}
      {workout === undefined && problem === undefined && <Loading rows={6} />}
      {workout && muscles && (
        <>
          <div class="figures spaced">
            <Figure label={texts.home.units} value={formatNumber(Math.round(workout.totalTU))} />
            <Figure label={texts.history.sets} value={formatNumber(workout.exerciseData.reduce((sum, { sets }) => sum + sets, 0))} note={texts.history.exercises(workout.exerciseData.length)} />
          </div>
          {workout.notes !== null && <p class="lead">{workout.notes}</p>}
          <div class="grid">
            <div>
              {workout.exerciseData.map((exercise, index) => (
                <Card key={index} title={names(exercise.exerciseId)}>
                  <ol class="sets">
                    {setsOf(exercise).map((set, at) => (
                      <li key={at}>{describeSet(set)}</li>
                    ))}
                  </ol>
                </Card>
              ))}
            </div>
            <Working workout={workout} muscles={muscles} />
          </div>
          <Doings workout={workout} names={names} />
        </>
      )}
    </Frame>
  );
}

function setsOf({ sets, setDetails, reps, weight, duration }: Performed): SetDetail[] {
  if (setDetails !== undefined) return setDetails;
  const set = { ...(reps != null && { reps }), ...(weight != null && { weight }), ...(duration != null && { duration }) };
  return Array.from({ length: sets }, () => set);
}

function describeSet({ type, reps, weight, duration, distance }: SetDetail): string {
  const isLoaded = weight !== undefined && weight > 0;
  const parts = [
    ...(isLoaded ? [`${formatNumber(weight)} kg${reps === undefined ? '' : ` × ${String(reps)}`}`] : []),
    ...(reps === undefined || isLoaded ? [] : [texts.history.reps(reps)]),
    ...(duration === undefined ? [] : [`${String(duration)} s`]),
    ...(distance === undefined ? [] : [`${formatNumber(distance)} m`]),
    ...(type === 'warmup' ? [texts.history.warmup] : []),
  ];
  return parts.length === 0 ? '–' : parts.join(' · ');
}

function Working({ workout, muscles }: { workout: Workout; muscles: readonly Muscle[] }): JSX.Element {
  const names = new Map(muscles.map(({ id, name }) => [id, name]));
  const worked = Object.entries(workout.muscleActivations).sort(([, a], [, b]) => b - a);
  const most = worked[0]?.[1] ?? 1;
  return (
    <Card title={texts.history.working}>
      <ul class="plain worked">
        {worked.map(([id, sets]) => (
          <li key={id}>
            <span>{names.get(id) ?? id}</span>
            <span class="muted">{formatNumber(Math.round(sets * 10) / 10)}</span>
            <progress max={most} value={sets} aria-label={names.get(id) ?? id} />
          </li>
        ))}
      </ul>
    </Card>
  );
}

function Doings({ workout, names }: { workout: Workout; names: (id: string) => string }): JSX.Element {
  const remove = async (): Promise<void> => {
    if (!(await confirm({ title: texts.history.remove, text: texts.history.removeText, confirm: texts.history.remove, isDangerous: true }))) return;
    await send('DELETE', `/workouts/${workout.id}`);
    toast(texts.history.removed);
    navigate('/history', { replace: true });
  };
  const again = (): void => {
    startOver(
      workout.exerciseData.map((exercise) => {
        const sets = setsOf(exercise);
        const isTimed = sets.every(({ reps, duration }) => reps === undefined && duration !== undefined);
        const typed = sets.map(({ type, weight = '', reps = '', duration = '' }) => ({ kind: type === 'warmup' ? ('warmup' as const) : ('normal' as const), weight: String(weight), reps: String(reps), seconds: String(duration) }));
        return { ...addExercise({ exerciseId: exercise.exerciseId, name: names(exercise.exerciseId), isTimed }), sets: typed };
      }),
    );
    navigate('/log');
  };
  return (
    <div class="actions below">
      <Button kind="primary" icon="refresh" onClick={again}>
        {texts.history.again}
      </Button>
      <Button kind="danger" onClick={remove}>
        {texts.history.remove}
      </Button>
    </div>
  );
}
