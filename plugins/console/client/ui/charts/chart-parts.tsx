import type { JSX } from 'preact';
import { texts } from '../../texts.ts';
import { formatNumber } from '../format.ts';

export interface Series {
  name: string;
  values: readonly number[];
}

export interface ChartProps {
  title: string;
  /** Of the points, as days. */
  labels: readonly string[];
  series: readonly Series[];
}

export const WIDTH = 640;
export const LEFT = 44;
export const BOTTOM = 24;
export const TOP = 8;

export function Legend({ names }: { names: readonly string[] }): JSX.Element {
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

/** The same numbers, to be read. */
export function ChartTable({ title, labels, series }: ChartProps): JSX.Element {
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
export function niceMost(most: number): number {
  if (most <= 4) return 4;
  const power = 10 ** Math.floor(Math.log10(most));
  const step = [1, 2, 4, 5, 10].find((factor) => factor * power >= most) ?? 10;
  return step * power;
}
