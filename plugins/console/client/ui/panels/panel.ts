import type { JsonSchema } from '../form/schema.ts';

export type FieldType = 'text' | 'number' | 'percent' | 'credits' | 'boolean' | 'date' | 'datetime' | 'duration' | 'state' | 'list' | 'user' | 'image';

export interface PanelField {
  /** Where in the row, as `user.id`. */
  field: string;
  label: string;
  type?: FieldType;
  tones?: Record<string, 'good' | 'attention' | 'bad' | 'quiet'>;
  /** What its values are called. */
  words?: Record<string, string>;
}

export interface PanelInput {
  name: string;
  label?: string;
  help?: string;
  multiline?: boolean;
  /** Chosen from what a route answers. */
  choices?: { path: string; value: string; label: string; by: { input: string; field: string } | null; isFree: boolean };
}

export interface PanelAction {
  method: string;
  path: string;
  id: string;
  label: string;
  needsKey: boolean;
  /** The field of the row that each parameter of the path is taken from. */
  params: Record<string, string>;
  body: Record<string, unknown>;
  form: { schema: JsonSchema; inputs: PanelInput[]; required: string[] } | null;
  confirm: string | null;
  tone: string | null;
  when: { field: string; is: unknown[] } | null;
}

/** What a plugin shows, as GET /admin/panels and GET /users/me/panels describe it. */
export interface Panel {
  id: string;
  plugin: { id: string; displayName: string };
  kind: 'table' | 'figure' | 'chart' | 'form' | 'action';
  title: string;
  description: string | null;
  page: 'plugin' | 'home' | 'moderation' | 'member' | 'me';
  /** A heading that panels of the page share. */
  group: string | null;
  opens: 'plugin' | 'moderation' | null;
  source: {
    method: string;
    path: string;
    query: Record<string, string | number | boolean | null>;
    isList: boolean;
    rows: string | null;
    filters: { name: string; schema: JsonSchema }[];
  } | null;
  fields: PanelField[];
  chart: { type: 'line' | 'bar'; x: PanelField } | null;
  actions: PanelAction[];
  rowActions: PanelAction[];
}

export type PanelRow = Record<string, unknown>;

/** What lies in a row at `user.id`. */
export function valueAt(row: unknown, path: string): unknown {
  let found = row;
  for (const name of path.split('.')) found = typeof found === 'object' && found !== null ? (found as PanelRow)[name] : undefined;
  return found;
}

/** The path of a call below /api, its parameters filled in from the row first, then from what is known of the page. */
export function pathOf(call: { path: string; params?: Record<string, string> }, row: PanelRow, known: Readonly<Record<string, string>>): string {
  return call.path.replace(/^\/api/, '').replace(/:([a-zA-Z]+)/g, (_, name: string) => {
    const field = call.params?.[name] ?? name;
    const value = valueAt(row, field) ?? known[name];
    return encodeURIComponent(typeof value === 'number' ? String(value) : typeof value === 'string' ? value : '');
  });
}
