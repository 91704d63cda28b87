import type { JSX } from 'preact';

const WIDTH = 96;
const HEIGHT = 28;

/** The course of a few numbers, as small as a word. */
export function Sparkline({ values, label }: { values: readonly number[]; label: string }): JSX.Element {
  const most = Math.max(1, ...values);
  const step = WIDTH / Math.max(1, values.length - 1);
  const points = values.map((value, index) => `${(index * step).toFixed(1)},${(HEIGHT - 2 - (value / most) * (HEIGHT - 4)).toFixed(1)}`);
  return (
    <svg class="sparkline" role="img" aria-label={label} width={WIDTH} height={HEIGHT} viewBox={`0 0 ${String(WIDTH)} ${String(HEIGHT)}`}>
      <polyline points={points.join(' ')} fill="none" stroke="currentColor" stroke-width="1.8" stroke-linejoin="round" />
    </svg>
  );
}
