import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { get, newKey, send } from '../../ui/api.ts';
import { BarChart } from '../../ui/charts/bar-chart.tsx';
import { formatDay, formatNumber } from '../../ui/format.ts';
import { Button, Card, ErrorBox, Figure, Loading } from '../../ui/parts.tsx';
import { Panels } from '../../ui/panels/panels.tsx';
import { Link, navigate } from '../../ui/router.tsx';
import { session } from '../../ui/session.ts';
import { toast } from '../../ui/toasts.tsx';
import { useLoad } from '../../ui/use-load.ts';
import { features } from '../features.ts';
import { Frame } from '../frame.tsx';
import { MapLegend, MuscleMap } from '../map/muscle-map.tsx';
import { texts } from '../texts.ts';
import type { Archetype, Journey, MuscleWork } from '../types.ts';

/** Where a member stands. */
export default function HomePage(): JSX.Element {
  const me = session.value?.me;
  const has = (plugin: string): boolean => features.value?.has(plugin) === true;
  return (
    <Frame title={texts.home.hello(me?.displayName ?? me?.username ?? texts.noName)}>
      {features.value === undefined && <Loading rows={6} />}
      <div class="flow">
        {has('archetypes') && <JourneyCards />}
        {has('fitness') && (
          <div class="week-map">
            <WeekMap />
          </div>
        )}
        {has('tips') && <Milestones />}
        <Panels page="me" />
      </div>
    </Frame>
  );
}

function JourneyCards(): JSX.Element {
  const { data: journey, problem, reload } = useLoad((signal) => get<Journey>('/journey', {}, signal), []);
  const [isChoosing, setChoosing] = useState(false);
  if (problem) return <ErrorBox message={problem.message} retry={reload} />;
  if (journey === undefined) return <Loading rows={5} />;
  if (journey.archetype === null || isChoosing) {
    return (
      <Choice
        onChosen={async () => {
          setChoosing(false);
          await reload();
        }}
      />
    );
  }
  const { weekly } = journey;
  const last = weekly.at(-1);
  return (
    <>
      <Card>
        <Standing journey={journey} />
        <Button
          kind="quiet"
          onClick={() => {
            setChoosing(true);
          }}
        >
          {texts.home.change}
        </Button>
      </Card>
      <Card title={texts.home.weeks}>
        <div class="figures three">
          <Figure label={texts.home.thisWeek} value={formatNumber(last?.workouts ?? 0)} note={texts.home.workouts} />
          <Figure label={texts.home.streak} value={formatNumber(journey.streak.current)} note={texts.home.best(journey.streak.longest)} />
          <Figure label={texts.home.units} value={formatNumber(Math.round(journey.totalTU))} />
        </div>
        <BarChart title={texts.home.weeks} labels={weekly.map(({ week }) => formatDay(week))} series={[{ name: texts.home.units, values: weekly.map(({ totalTU }) => totalTU) }]} />
      </Card>
    </>
  );
}

const RADIUS = 52;
const ROUND = 2 * Math.PI * RADIUS;

function Standing({ journey }: { journey: Journey }): JSX.Element {
  const { archetype, level, levelName, progressPercent, tuToNextLevel, nextLevelName } = journey;
  const done = (progressPercent ?? 0) / 100;
  return (
    <div class="standing">
      <svg viewBox="0 0 120 120" role="img" aria-label={`${texts.home.level(level)}, ${formatNumber(progressPercent ?? 0)} %`}>
        <circle class="ring" cx="60" cy="60" r={RADIUS} />
        <circle class="ring done" cx="60" cy="60" r={RADIUS} stroke-dasharray={`${String(done * ROUND)} ${String(ROUND)}`} transform="rotate(-90 60 60)" />
        <text x="60" y="60" class="ring-level">
          {level}
        </text>
      </svg>
      <div>
        <p class="muted">{archetype?.name}</p>
        <h2>{levelName ?? texts.home.level(level)}</h2>
        <p>{tuToNextLevel === null ? texts.home.top : texts.home.toNext(`${formatNumber(Math.ceil(tuToNextLevel))} TU`, nextLevelName ?? '')}</p>
      </div>
    </div>
  );
}

function Choice({ onChosen }: { onChosen: () => Promise<void> }): JSX.Element {
  const { data } = useLoad((signal) => get<Archetype[]>('/archetypes', {}, signal), []);
  const choose = async ({ id, name }: Archetype): Promise<void> => {
    await send('POST', '/archetypes/select', { body: { archetypeId: id } });
    toast(texts.home.chosen(name));
    await onChosen();
  };
  return (
    <Card title={texts.home.choose}>
      <p class="lead">{texts.home.chooseLead}</p>
      {data === undefined && <Loading />}
      <ul class="archetypes">
        {data?.map((archetype) => (
          <li key={archetype.id}>
            <Button onClick={() => choose(archetype)}>{archetype.name}</Button>
            <p class="muted">{archetype.philosophy}</p>
          </li>
        ))}
      </ul>
    </Card>
  );
}

function WeekMap(): JSX.Element {
  const { data, problem, reload } = useLoad((signal) => get<MuscleWork[]>('/workouts/muscles', { days: 7 }, signal), []);
  const tiers = new Map(data?.map(({ muscleId, colorTier }) => [muscleId, colorTier]));
  return (
    <Card title={texts.home.map} actions={<Link to="/muscles">{texts.home.all}</Link>}>
      {problem && <ErrorBox message={problem.message} retry={reload} />}
      {data === undefined && problem === undefined && <Loading rows={4} />}
      {data && <MuscleMap tiers={tiers} label={texts.home.map} />}
      <MapLegend />
      <Button kind="primary" icon="plus" onClick={() => { navigate('/log'); }}>
        {texts.home.log}
      </Button>
    </Card>
  );
}

interface Milestone {
  id: string;
  name: string;
  description: string | null;
  target: number;
  progress: number;
  progressPercent: number;
  completedAt: string | null;
  rewardCredits: number;
  rewardClaimed: boolean;
}

const MOST_SHOWN = 4;

/** Those that are nearest, and rewards that wait. */
function Milestones(): JSX.Element | null {
  const { data, problem, reload } = useLoad((signal) => get<Milestone[]>('/milestones', {}, signal), []);
  const isWaiting = ({ completedAt, rewardClaimed, rewardCredits }: Milestone): boolean => completedAt !== null && !rewardClaimed && rewardCredits > 0;
  const next = data?.filter(({ completedAt }) => completedAt === null).sort((a, b) => b.progressPercent - a.progressPercent);
  const shown = [...(data?.filter(isWaiting) ?? []), ...(next ?? [])].slice(0, MOST_SHOWN);
  const claim = async ({ id, rewardCredits }: Milestone): Promise<void> => {
    await send('POST', `/milestones/${id}/claim`, { key: newKey() });
    toast(texts.home.claimed(rewardCredits));
    await reload();
  };
  if (data !== undefined && shown.length === 0) return null;
  return (
    <Card title={texts.home.milestones}>
      {problem && <ErrorBox message={problem.message} retry={reload} />}
      {data === undefined && problem === undefined && <Loading />}
      <ul class="plain milestones">
        {shown.map((milestone) => (
          <li key={milestone.id}>
            <div>
              <strong>{milestone.name}</strong>
              <span class="muted">
                {formatNumber(milestone.progress)} / {formatNumber(milestone.target)}
              </span>
            </div>
            <progress max={100} value={milestone.progressPercent} aria-label={milestone.name} />
            {isWaiting(milestone) && (
              <Button kind="primary" onClick={() => claim(milestone)}>
                {texts.home.claim(milestone.rewardCredits)}
              </Button>
            )}
          </li>
        ))}
      </ul>
    </Card>
  );
}
