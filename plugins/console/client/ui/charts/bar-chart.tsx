import type { JSX } from 'preact';
import { useId } from 'preact/hooks';
import { formatNumber, formatShort } from '../format.ts';
import { BOTTOM, ChartTable, LEFT, Legend, niceMost, TOP, WIDTH, type ChartProps } from './chart-parts.tsx';

interface BarChartProps extends ChartProps {
  /** Beside each other instead of on top of each other: they are parts of no whole. */
  isGrouped?: boolean;
  height?: number;
}

/** Bars over time; the same numbers can be read as a table. */
export function BarChart({ title, labels, series, isGrouped, height = 200 }: BarChartProps): JSX.Element {
  const id = useId();
  const totals = labels.map((_, index) => series.reduce((sum, { values }) => sum + (values[index] ?? 0), 0));
  const most = niceMost(Math.max(0, ...(isGrouped === true ? series.flatMap(({ values }) => values) : totals)));
  const slot = (WIDTH - LEFT) / Math.max(1, labels.length);
  const toHeight = (value: number): number => (value / most) * (height - TOP - BOTTOM);
  const every = Math.max(1, Math.ceil(labels.length / 7));
  return (
    <figure class="chart">
      <figcaption id={id}>
        <span class="hidden-text">{title}</span>
        {series.length > 1 && <Legend names={series.map(({ name }) => name)} />}
      </figcaption>
      <svg viewBox={`0 0 ${String(WIDTH)} ${String(height)}`} role="img" aria-labelledby={id} preserveAspectRatio="none">
        {[0, 0.5, 1].map((share) => {
          const y = height - BOTTOM - toHeight(most * share);
          return <line key={share} class="grid-line" x1={LEFT} x2={WIDTH} y1={y} y2={y} />;
        })}
        {labels.map((label, index) => (
          <g key={label}>
            <title>{`${label}: ${series.map(({ name, values }) => `${formatNumber(values[index] ?? 0)} ${name}`).join(', ')}`}</title>
            <rect class="bar-slot" x={LEFT + index * slot} y={TOP} width={slot} height={height - TOP - BOTTOM} />
            {series.map(({ name, values }, which) => {
              const below = isGrouped === true ? 0 : series.slice(0, which).reduce((sum, other) => sum + (other.values[index] ?? 0), 0);
              const wide = (slot * 0.7) / (isGrouped === true ? series.length : 1);
              const x = LEFT + index * slot + slot * 0.15 + (isGrouped === true ? which * wide : 0);
              const tall = toHeight(values[index] ?? 0);
              return <rect key={name} class={`bar series-${String(which)}`} x={x} y={height - BOTTOM - toHeight(below) - tall} width={wide} height={tall} />;
            })}
          </g>
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
