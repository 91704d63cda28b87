import { useCallback, useEffect, useState } from 'preact/hooks';
import { asProblem, send, type ApiProblem } from '../ui/api.ts';

interface Pages<Row> {
  rows: readonly Row[];
  isLoading: boolean;
  problem: ApiProblem | undefined;
  /** Loads the next page; undefined when there is none. */
  more: (() => Promise<void>) | undefined;
  reload: () => Promise<void>;
  /** Changes what is shown, for what has come live. */
  set: (change: (rows: readonly Row[]) => readonly Row[]) => void;
}

/** The rows of a list route, page after page. */
export function usePages<Row>(path: string): Pages<Row> {
  const [state, setState] = useState<{ rows: readonly Row[]; cursor: string | null; isLoading: boolean; problem: ApiProblem | undefined }>({
    ...{ rows: [], cursor: null, isLoading: true, problem: undefined },
  });
  const load = useCallback(
    async (cursor: string | null) => {
      setState((before) => ({ ...before, isLoading: true, problem: undefined }));
      try {
        const { data, meta } = await send<Row[]>('GET', path, { query: { cursor } });
        setState((before) => ({ rows: cursor === null ? data : [...before.rows, ...data], cursor: meta.nextCursor ?? null, isLoading: false, problem: undefined }));
      } catch (error) {
        setState((before) => ({ ...before, isLoading: false, problem: asProblem(error) }));
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
