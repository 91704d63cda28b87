import Type from 'typebox';
import { invalid } from './errors.ts';
import { Reply, type PageQuery } from './route.ts';

/** The query of every list. */
export const PageQuerySchema = {
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 100, default: 20 })),
  cursor: Type.Optional(Type.String({ maxLength: 500, description: 'The nextCursor of the page before.' })),
};

/**
 * Answers one page of a list. Read `limit + 1` rows in the order of the cursor's columns; the extra row only tells that
 * there is more.
 *
 * @param position The values that place a row in the order, as `[createdAt, id]`.
 */
export function page<Row>(rows: readonly Row[], query: PageQuery, position: (row: Row) => unknown[]): Reply<Row[]> {
  const items = rows.slice(0, query.limit);
  const last = items.at(-1);
  const nextCursor = rows.length > query.limit && last !== undefined ? encodeCursor(position(last)) : null;
  return new Reply(items, { meta: { limit: query.limit, nextCursor } });
}

function encodeCursor(position: unknown[]): string {
  return Buffer.from(JSON.stringify(position)).toString('base64url');
}

/**
 * The position that a cursor names; undefined for the first page.
 *
 * @param types What each value of the position is, so that a forged cursor is refused instead of reaching the database.
 * @throws ApiError VALIDATION_ERROR for a cursor that the list did not give out.
 */
export function cursorPosition<const Types extends readonly ('string' | 'number' | 'date')[]>(
  cursor: string | undefined,
  types: Types,
): { [Index in keyof Types]: Types[Index] extends 'number' ? number : string } | undefined {
  if (cursor === undefined) return undefined;
  const position = decodeCursor(cursor);
  if (!Array.isArray(position) || position.length !== types.length || !position.every((value, i) => isOf(value, types[i]))) {
    throw invalid('/query/cursor', 'is not a cursor of this list');
  }
  return position as { [Index in keyof Types]: Types[Index] extends 'number' ? number : string };
}

function isOf(value: unknown, type: 'string' | 'number' | 'date' | undefined): boolean {
  if (type === 'number') return typeof value === 'number' && Number.isFinite(value);
  if (typeof value !== 'string' || value.includes('\0')) return false;
  return type === 'string' || !Number.isNaN(Date.parse(value));
}

function decodeCursor(cursor: string): unknown {
  try {
    return JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
  } catch {
    return undefined;
  }
}
