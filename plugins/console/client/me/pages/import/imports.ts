import { ApiProblem, get, send } from '../../../ui/api.ts';
import type { FoundColumns, Mapping } from './columns.ts';

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
  /** How its columns were read, when the app is not known. */
  mapping: Mapping | null;
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
export async function sendHistory(file: File, { reading, mapping, dryRun }: { reading: Reading; mapping: Mapping | undefined; dryRun: boolean }): Promise<Import> {
  // What the mapping says of units and dates goes before the rest.
  const query = { ...reading, dryRun, mapping: mapping && JSON.stringify(mapping) };
  return (await send<Import>('POST', '/workouts/import', { query, body: file })).data;
}

/** The columns of a file that was refused because nobody knows its app; undefined for what was refused for something else. */
export function columnsOf(error: unknown): FoundColumns | undefined {
  if (!(error instanceof ApiProblem) || typeof error.details !== 'object' || error.details === null) return undefined;
  const { columns, rows } = error.details as Partial<FoundColumns>;
  return columns === undefined || rows === undefined || columns.length === 0 ? undefined : { columns, rows };
}

/** How the columns of earlier files were named, the newest first. */
export async function findMappings(): Promise<(Mapping | null)[]> {
  return (await get<ImportSummary[]>('/workouts/imports', { limit: 100 })).map(({ mapping }) => mapping);
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
