import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { asProblem, type ApiProblem } from './api.ts';

export interface Loaded<Data> {
  data: Data | undefined;
  problem: ApiProblem | undefined;
  isLoading: boolean;
  /** Loads again; what is there stays until the new is. */
  reload: () => Promise<void>;
}

/** Loads what a page shows, and again whenever one of `inputs` changes. */
export function useLoad<Data>(load: (signal: AbortSignal) => Promise<Data>, inputs: readonly unknown[]): Loaded<Data> {
  const [state, setState] = useState<Omit<Loaded<Data>, 'reload'>>({ data: undefined, problem: undefined, isLoading: true });
  const current = useRef<AbortController>(undefined);
  const latest = useRef(load);
  latest.current = load;
  const reload = useCallback(async () => {
    current.current?.abort();
    const controller = new AbortController();
    current.current = controller;
    setState((before) => ({ ...before, isLoading: true }));
    try {
      const data = await latest.current(controller.signal);
      if (!controller.signal.aborted) setState({ data, problem: undefined, isLoading: false });
    } catch (error) {
      if (!controller.signal.aborted) setState((before) => ({ ...before, problem: asProblem(error), isLoading: false }));
    }
  }, []);
  useEffect(() => {
    void reload();
    return () => current.current?.abort();
  }, [reload, ...inputs]);
  return { ...state, reload };
}
