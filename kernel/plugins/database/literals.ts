import pg from 'pg';
import { prepareValue } from 'pg/lib/utils.js';
import type { ReadStatement } from './statement.ts';

/**
 * The statement with its values in place of its parameters. A quoted literal is to PostgreSQL what a parameter without a type
 * is: it takes the type that its place asks for.
 */
export function withValues({ parts, parameters }: ReadStatement, values: readonly unknown[]): string {
  const highest = Math.max(0, ...parameters);
  if (highest > values.length) throw new RangeError(`The statement has the parameter $${String(highest)} and ${String(values.length)} values.`);
  return parts.map((part, index) => (index === 0 ? part : literal(values[(parameters[index - 1] ?? 0) - 1]) + part)).join('');
}

function literal(value: unknown): string {
  const prepared = prepareValue(value);
  if (prepared === null) return 'NULL';
  return pg.escapeLiteral(Buffer.isBuffer(prepared) ? `\\x${prepared.toString('hex')}` : String(prepared));
}
