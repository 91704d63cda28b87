import { get, send } from '../../../ui/api.ts';

export interface Problem {
  line: number;
  column?: string;
  value?: string;
  reason: string;
}

export interface ImportSummary {
  id: string;
  state: 'receiving' | 'waiting' | 'running' | 'done' | 'failed' | 'canceled' | 'undoing' | 'undone';
  percent: number;
  error: string | null;
  createdAt: string | null;
  format: string;
  assumptions: string[];
  dryRun: boolean;
  workouts: number;
  sets: number;
  volumeKg: number;
  duplicates: number;
  problems: number;
}

export interface Unmatched {
  name: string;
  suggestions: { exerciseId: string; name: string }[];
}

/** What an import did, or would do; `id` is null where nothing was stored. */
export type Import = Omit<ImportSummary, 'id'> & { id: string | null; skipped: Problem[]; warnings: Problem[]; unmatched: Unmatched[] };

/** How a file is to be read. */
export interface Reading {
  unit: string;
  dateOrder: string;
  isPublic: boolean;
}

const PAUSE_MS = 700;

/** Whether something still happens to it. */
export const isActive = ({ state }: Pick<Import, 'state'>): boolean => ['receiving', 'waiting', 'running', 'undoing'].includes(state);

/** Sends a file; the server answers what it did at once, or, for a long file, that it has begun. @throws ApiProblem */
export async function sendHistory(file: File, reading: Reading, dryRun: boolean): Promise<Import> {
  return (await send<Import>('POST', '/workouts/import', { query: { ...reading, dryRun }, body: file })).data;
}

/** Tells how far an import is until it has ended, or `signal` says that nobody wants to know. @throws ApiProblem */
export async function followImport(begun: Import, signal: AbortSignal, tell: (now: Import) => void): Promise<void> {
  let now = begun;
  while (!signal.aborted) {
    tell(now);
    if (now.id === null || !isActive(now)) return;
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    now = await get<Import>(`/workouts/imports/${now.id}`, {}, signal);
  }
}
