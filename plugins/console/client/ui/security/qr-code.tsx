import { correction, generate } from 'lean-qr/nano';
import { toSvgPath } from 'lean-qr/extras/svg';
import type { JSX } from 'preact';
import { useMemo } from 'preact/hooks';

/** The light edge that readers need, in modules. */
const QUIET = 4;

/** A text for a camera. It is dark on light in every scheme: many readers do not know it the other way round. */
export function QrCode({ text, label }: { text: string; label: string }): JSX.Element {
  const { path, size } = useMemo(() => {
    const code = generate(text, { minCorrectionLevel: correction.M });
    return { path: toSvgPath(code), size: code.size };
  }, [text]);
  const edge = size + 2 * QUIET;
  return (
    <svg class="qr-code" role="img" aria-label={label} viewBox={`${String(-QUIET)} ${String(-QUIET)} ${String(edge)} ${String(edge)}`} shape-rendering="crispEdges">
      <rect x={-QUIET} y={-QUIET} width={edge} height={edge} fill="#fff" />
      <path d={path} fill="#000" />
    </svg>
  );
}
