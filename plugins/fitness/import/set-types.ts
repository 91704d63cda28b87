import { warningOf } from './problems.ts';
import type { ImportWarning, SetType } from './session.ts';
import type { Row } from './table.ts';

const TYPES_BY_WORD = new Map<string, SetType>([
  ...['normal', 'working', 'work', 'regular', 'n'].map((word) => [word, 'normal'] as const),
  ...['warmup', 'w'].map((word) => [word, 'warmup'] as const),
  ...['drop', 'dropset', 'd'].map((word) => [word, 'drop'] as const),
  ...['failure', 'tofailure', 'f'].map((word) => [word, 'failure'] as const),
]);

/** Reads `warmup`, `Drop set`, `F`; a word that is not known counts as a normal set, with a warning. */
export function readSetType(row: Row, column: string): { type: SetType; warnings: ImportWarning[] } {
  const text = row.text(column);
  const type = text === undefined ? 'normal' : TYPES_BY_WORD.get(text.toLowerCase().replace(/[^a-z]/g, ''));
  if (type) return { type, warnings: [] };
  return {
    type: 'normal',
    warnings: [warningOf(row.error(column, 'is not a type of set; read as a normal set'), row.line)],
  };
}
