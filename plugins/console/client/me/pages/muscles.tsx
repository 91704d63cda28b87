import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { get } from '../../ui/api.ts';
import { formatNumber } from '../../ui/format.ts';
import { Card, ErrorBox, Loading, Tabs } from '../../ui/parts.tsx';
import { useLoad } from '../../ui/use-load.ts';
import { Frame } from '../frame.tsx';
import { MapLegend, MuscleMap } from '../map/muscle-map.tsx';
import { texts } from '../texts.ts';
import type { MuscleWork } from '../types.ts';

const SPANS = [7, 28, 90];

/** The map, and beside it the same as a list. */
export default function MusclesPage(): JSX.Element {
  const [days, setDays] = useState(7);
  const [chosen, setChosen] = useState<string>();
  const { data, problem, reload } = useLoad((signal) => get<MuscleWork[]>('/workouts/muscles', { days }, signal), [days]);
  const muscle = data?.find(({ muscleId }) => muscleId === chosen);
  return (
    <Frame title={texts.muscles.title}>
      <Tabs label={texts.muscles.days} tabs={SPANS.map((span) => [String(span), texts.muscles.span(span)] as const)} chosen={String(days)} onChoose={(span) => { setDays(Number(span)); }} />
      {problem && <ErrorBox message={problem.message} retry={reload} />}
      {data === undefined && problem === undefined && <Loading rows={6} />}
      {data && (
        <div class="map-page">
          <div class="beside">
            <Card>
              <MuscleMap
                tiers={new Map(data.map(({ muscleId, colorTier }) => [muscleId, colorTier]))}
                names={new Map(data.map(({ muscleId, muscleName }) => [muscleId, muscleName]))}
                chosen={chosen}
                onChoose={setChosen}
                label={texts.muscles.lastDays(days)}
              />
              <p class="picked" aria-live="polite">
                {muscle === undefined ? texts.muscles.picked : <MuscleLine muscle={muscle} />}
              </p>
              <MapLegend />
            </Card>
          </div>
          <MuscleList muscles={data} chosen={chosen} onChoose={setChosen} />
        </div>
      )}
    </Frame>
  );
}

function MuscleLine({ muscle }: { muscle: MuscleWork }): JSX.Element {
  const { muscleName, effectiveSets, optimalSets, recoveredPercent } = muscle;
  return (
    <>
      <strong>{muscleName}</strong> {texts.muscles.sets(oneDigit(effectiveSets), oneDigit(optimalSets))}, {texts.muscles.recovered(recoveredPercent)}
    </>
  );
}

function MuscleList({ muscles, chosen, onChoose }: { muscles: readonly MuscleWork[]; chosen: string | undefined; onChoose: (id: string) => void }): JSX.Element {
  const groups = [...new Set(muscles.map(({ muscleGroup }) => muscleGroup))];
  return (
    <Card>
      {groups.map((group) => (
        <section key={group} class="muscle-group">
          <h2>{texts.muscles.groups[group] ?? group}</h2>
          <ul class="plain muscle-list">
            {muscles
              .filter(({ muscleGroup }) => muscleGroup === group)
              .map((muscle) => (
                <li key={muscle.muscleId}>
                  <button type="button" aria-pressed={muscle.muscleId === chosen} onClick={() => { onChoose(muscle.muscleId); }}>
                    <span class={`swatch tier-${String(muscle.colorTier)}`} />
                    <span>{muscle.muscleName}</span>
                    <span class="hidden-text">{texts.muscles.legend[muscle.colorTier]}:</span>
                    <span class="muted">{texts.muscles.sets(oneDigit(muscle.effectiveSets), oneDigit(muscle.optimalSets))}</span>
                  </button>
                </li>
              ))}
          </ul>
        </section>
      ))}
    </Card>
  );
}

function oneDigit(value: number): string {
  return formatNumber(Math.round(value * 10) / 10);
}
