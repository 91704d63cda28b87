import type { JSX } from 'preact';
import { texts } from '../texts.ts';
import { BACK, FRONT, HEAD, type View } from './regions.ts';

interface MapProps {
  /** The colour of each muscle, 0 to 5, by its id; muscles that are not named are 0. */
  tiers: ReadonlyMap<string, number>;
  names?: ReadonlyMap<string, string>;
  chosen?: string | undefined;
  /** Muscles can be tapped; whoever uses a keyboard or a screen reader has the list beside the map. */
  onChoose?: (muscleId: string) => void;
  /** What it shows, in words. */
  label: string;
  isSmall?: boolean;
}

/** A body from the front and from behind, each muscle in the colour of what it has done. */
export function MuscleMap({ label, isSmall, ...map }: MapProps): JSX.Element {
  return (
    <div class={`muscle-map ${isSmall === true ? 'small' : ''}`} role="img" aria-label={label}>
      <Body view={FRONT} caption={texts.muscles.front} {...map} />
      <Body view={BACK} caption={texts.muscles.back} {...map} />
    </div>
  );
}

type BodyProps = Omit<MapProps, 'label' | 'isSmall'> & { view: View; caption: string };

function Body({ view, caption, ...map }: BodyProps): JSX.Element {
  return (
    <figure aria-hidden="true">
      <svg viewBox="14 2 172 434">
        <Half view={view} {...map} />
        <g transform="translate(200 0) scale(-1 1)">
          <Half view={view} {...map} />
        </g>
      </svg>
      <figcaption>{caption}</figcaption>
    </figure>
  );
}

function Half({ view, tiers, names, chosen, onChoose }: Omit<BodyProps, 'caption'>): JSX.Element {
  return (
    <>
      <path class="skin" d={HEAD} />
      <path class="skin" d={view.outline} />
      {Object.entries(view.regions).flatMap(([id, paths]) =>
        paths.map((path) => (
          <path
            key={path}
            class={`muscle tier-${String(tiers.get(id) ?? 0)} ${id === chosen ? 'chosen' : ''}`}
            data-muscle={id}
            d={path}
            onClick={onChoose && (() => { onChoose(id); })}
          >
            {names && <title>{names.get(id)}</title>}
          </path>
        )),
      )}
    </>
  );
}

/** What the colours mean. */
export function MapLegend(): JSX.Element {
  return (
    <ul class="map-legend">
      {texts.muscles.legend.map((text, tier) => (
        <li key={text}>
          <span class={`swatch tier-${String(tier)}`} />
          {text}
        </li>
      ))}
    </ul>
  );
}
