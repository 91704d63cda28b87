import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { asProblem, send, type ApiProblem } from '../ui/api.ts';

interface Pages<Row> {
  rows: readonly Row[];
  isLoading: boolean;
  problem: ApiProblem | undefined;
  /** Loads the next page; undefined when there is none. */
  more: (() => Promise<void>) | undefined;
  /** Loads the first page again; what was loaded of older ones stays. */
  reload: () => Promise<void>;
  /** Changes what is shown, for what has come live. */
  set: (change: (rows: readonly Row[]) => readonly Row[]) => void;
}

interface State<Row> {
  rows: readonly Row[];
  cursor: string | null;
  isLoading: boolean;
  problem: ApiProblem | undefined;
}

/** The rows of a list route, page after page. Whichever page is answered first, none takes the place of another. */
export function usePages<Row extends { id: string }>(path: string): Pages<Row> {
  const [state, setState] = useState<State<Row>>({ rows: [], cursor: null, isLoading: true, problem: undefined });
  const loads = useRef(0);
  const load = useCallback(
    async (cursor: string | null) => {
      const turn = ++loads.current;
      const isLoading = (): boolean => turn !== loads.current;
      setState((before) => ({ ...before, isLoading: true, problem: undefined }));
      try {
        const { data, meta } = await send<Row[]>('GET', path, { query: { cursor } });
        const page = { rows: data, cursor: meta.nextCursor ?? null };
        setState((before) => ({ ...(cursor === null ? asFirst(page, before) : asNext(page, before)), isLoading: isLoading(), problem: undefined }));
      } catch (error) {
        setState((before) => ({ ...before, isLoading: isLoading(), problem: asProblem(error) }));
      }
    },
    [path],
  );
  useEffect(() => void load(null), [load]);
  const { cursor, ...shown } = state;
  return {
    ...shown,
    more: cursor === null ? undefined : () => load(cursor),
    reload: () => load(null),
    set: (change) => {
      setState((before) => ({ ...before, rows: change(before.rows) }));
    },
  };
}

type Page<Row> = Pick<State<Row>, 'rows' | 'cursor'>;

/** The first page stands before the older rows, as far as there are any below it. */
function asFirst<Row extends { id: string }>(page: Page<Row>, before: Page<Row>): Page<Row> {
  const last = before.rows.findIndex(({ id }) => id === page.rows.at(-1)?.id);
  const older = page.cursor === null || last === -1 ? [] : without(before.rows.slice(last + 1), page.rows);
  return older.length === 0 ? page : { rows: [...page.rows, ...older], cursor: before.cursor };
}

function asNext<Row extends { id: string }>(page: Page<Row>, before: Page<Row>): Page<Row> {
  return { rows: [...before.rows, ...without(page.rows, before.rows)], cursor: page.cursor };
}

function without<Row extends { id: string }>(rows: readonly Row[], others: readonly Row[]): readonly Row[] {
  const ids = new Set(others.map(({ id }) => id));
  return rows.filter(({ id }) => !ids.has(id));
}
