import type { JSX } from 'preact';
import { useId } from 'preact/hooks';
import { texts } from '../../texts.ts';
import { formatNumber, formatShort } from '../format.ts';

export interface Series {
  name: string;
  values: readonly number[];
}

interface BarChartProps {
  title: string;
  /** Of the bars, as days. */
  labels: readonly string[];
  /** Drawn on top of each other. */
  series: readonly Series[];
  height?: number;
}

const WIDTH = 640;
const LEFT = 44;
const BOTTOM = 24;
const TOP = 8;

/** Bars over time; the same numbers can be read as a table. */
export function BarChart({ title, labels, series, height = 200 }: BarChartProps): JSX.Element {
  const id = useId();
  const totals = labels.map((_, index) => series.reduce((sum, { values }) => sum + (values[index] ?? 0), 0));
  const most = niceMost(Math.max(0, ...totals));
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
        {labels.map((label, index) => {
          let y = height - BOTTOM;
          return (
            <g key={label}>
              <title>{`${label}: ${formatNumber(totals[index] ?? 0)}`}</title>
              <rect class="bar-slot" x={LEFT + index * slot} y={TOP} width={slot} height={height - TOP - BOTTOM} />
              {series.map(({ name, values }, which) => {
                const tall = toHeight(values[index] ?? 0);
                y -= tall;
                return <rect key={name} class={`bar series-${String(which)}`} x={LEFT + index * slot + slot * 0.15} y={y} width={slot * 0.7} height={tall} rx={Math.min(3, slot * 0.2)} />;
              })}
            </g>
          );
        })}
      </svg>
      <div class="chart-scale" aria-hidden="true">
        {[1, 0.5, 0].map((share) => (
          <span key={share}>{formatShort(most * share)}</span>
        ))}
      </div>
      <div class="chart-labels" aria-hidden="true">
        {labels.filter((_, index) => index % every === 0).map((label) => (
          <span key={label}>{label}</span>
        ))}
      </div>
      <ChartTable title={title} labels={labels} series={series} />
    </figure>
  );
}

function Legend({ names }: { names: readonly string[] }): JSX.Element {
  return (
    <span class="legend">
      {names.map((name, index) => (
        <span key={name} class={`series-${String(index)}`}>
          {name}
        </span>
      ))}
    </span>
  );
}

function ChartTable({ title, labels, series }: Pick<BarChartProps, 'title' | 'labels' | 'series'>): JSX.Element {
  return (
    <details class="chart-table">
      <summary>{texts.common.asTable}</summary>
      <table aria-label={title}>
        <thead>
          <tr>
            <th scope="col">{texts.common.when}</th>
            {series.map(({ name }) => (
              <th key={name} scope="col" class="number">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {labels.map((label, index) => (
            <tr key={label}>
              <th scope="row">{label}</th>
              {series.map(({ name, values }) => (
                <td key={name} class="number">
                  {formatNumber(values[index] ?? 0)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </details>
  );
}

/** A round number that nothing exceeds. */
function niceMost(most: number): number {
  if (most <= 4) return 4;
  const power = 10 ** Math.floor(Math.log10(most));
  const step = [1, 2, 4, 5, 10].find((factor) => factor * power >= most) ?? 10;
  return step * power;
}
