import type { JSX } from 'preact';
import { useId } from 'preact/hooks';
import { formatShort } from '../format.ts';
import { BOTTOM, ChartTable, LEFT, Legend, niceMost, TOP, WIDTH, type ChartProps } from './chart-parts.tsx';

const HEIGHT = 200;

/** Lines over time; the same numbers can be read as a table. */
export function LineChart({ title, labels, series }: ChartProps): JSX.Element {
  const id = useId();
  const most = niceMost(Math.max(0, ...series.flatMap(({ values }) => values)));
  const step = (WIDTH - LEFT) / Math.max(1, labels.length - 1);
  const toY = (value: number): number => HEIGHT - BOTTOM - (value / most) * (HEIGHT - TOP - BOTTOM);
  const every = Math.max(1, Math.ceil(labels.length / 7));
  return (
    <figure class="chart">
      <figcaption id={id}>
        <span class="hidden-text">{title}</span>
        {series.length > 1 && <Legend names={series.map(({ name }) => name)} />}
      </figcaption>
      <svg viewBox={`0 0 ${String(WIDTH)} ${String(HEIGHT)}`} role="img" aria-labelledby={id} preserveAspectRatio="none">
        {[0, 0.5, 1].map((share) => (
          <line key={share} class="grid-line" x1={LEFT} x2={WIDTH} y1={toY(most * share)} y2={toY(most * share)} />
        ))}
        {series.map(({ name, values }, which) => (
          <polyline key={name} class={`line series-${String(which)}`} points={values.map((value, index) => `${(LEFT + index * step).toFixed(1)},${toY(value).toFixed(1)}`).join(' ')} />
        ))}
      </svg>
      <div class="chart-scale" aria-hidden="true">
        {[1, 0.5, 0].map((share) => (
          <span key={share}>{formatShort(most * share)}</span>
        ))}
      </div>
      <div class="chart-labels" aria-hidden="true">
        {labels.filter((_, index) => index % every === 0).map((label) => (
          <span key={label} style={{ flexBasis: `${String((every / labels.length) * 100)}%` }}>
            {label}
          </span>
        ))}
      </div>
      <ChartTable title={title} labels={labels} series={series} />
    </figure>
  );
}
