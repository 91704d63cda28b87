import type { CellError } from './errors.ts';
import { compact } from './session.ts';
import type { ImportProblem, ImportWarning } from './session.ts';

/** A value was left out, its row kept. */
export function warningOf(error: CellError, line: number): ImportWarning {
  return compact<ImportWarning>({ line, column: error.column, value: error.value, reason: error.message });
}

/** The whole row was skipped. */
export function problemOf(error: CellError, line: number): ImportProblem {
  return { kind: 'problem', ...warningOf(error, line) };
}
