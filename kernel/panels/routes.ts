import Type from 'typebox';
import type { Caller, RouteAuth, RouteRegistrar } from '../http/route.ts';
import { Nullable } from '../accounts/schemas.ts';
import type { Composition } from '../plugins/composition.ts';
import { BySchema, FieldSchema, WhenSchema } from './panel-schema.ts';
import type { PanelCall, ResolvedAction, ResolvedInput, ResolvedPanel } from './resolve.ts';

const Values = Type.Record(Type.String(), Type.Union([Type.String(), Type.Number(), Type.Boolean(), Type.Null()]));
const JsonSchemaObject = Type.Record(Type.String(), Type.Unknown(), { description: 'A JSON Schema' });
const call = { method: Type.String(), path: Type.String({ description: 'From the root, with its parameters as :name' }) };

const Input = Type.Object({
  name: Type.String(),
  label: Type.Optional(Type.String()),
  help: Type.Optional(Type.String()),
  multiline: Type.Optional(Type.Boolean()),
  choices: Type.Optional(
    Type.Object({
      ...{ ...call, value: Type.String(), label: Type.String() },
      by: Nullable(BySchema),
      isFree: Type.Boolean({ description: 'Whether something else may be entered' }),
    }),
  ),
});

const Action = Type.Object({
  ...call,
  id: Type.String(),
  label: Type.String(),
  needsKey: Type.Boolean({ description: 'Whether it wants an Idempotency-Key' }),
  params: Type.Record(Type.String(), Type.String(), { description: 'The field of the row that each parameter of the path is taken from' }),
  body: Values,
  form: Nullable(Type.Object({ schema: JsonSchemaObject, inputs: Type.Array(Input), required: Type.Array(Type.String()) })),
  confirm: Nullable(Type.String()),
  tone: Nullable(Type.String()),
  when: Nullable(WhenSchema),
});

const Source = Type.Object({
  ...call,
  query: Values,
  isList: Type.Boolean({ description: 'Whether the answer comes in pages' }),
  rows: Nullable(Type.String({ description: 'Where in the answer the rows are; the answer itself when null' })),
  filters: Type.Array(Type.Object({ name: Type.String(), schema: JsonSchemaObject })),
});

export const PanelAnswer = Type.Object({
  id: Type.String({ description: 'plugin/panel' }),
  plugin: Type.Object({ id: Type.String(), displayName: Type.String() }),
  kind: Type.Enum(['table', 'figure', 'chart', 'form', 'action']),
  title: Type.String(),
  description: Nullable(Type.String()),
  page: Type.Enum(['plugin', 'home', 'moderation', 'member', 'me']),
  group: Nullable(Type.String({ description: 'A heading that panels of the same page share' })),
  opens: Nullable(Type.Enum(['plugin', 'moderation'], { description: 'Where more is found: on the page of the plugin, or with the moderation queue' })),
  source: Nullable(Source),
  fields: Type.Array(FieldSchema, { description: 'The columns of a table, the numbers of a figure, the series of a chart' }),
  chart: Nullable(Type.Object({ type: Type.Enum(['line', 'bar']), x: FieldSchema })),
  actions: Type.Array(Action),
  rowActions: Type.Array(Action),
});

/** Asks whether somebody may call what `auth` guards. */
export type Admits = (caller: Caller, auth: RouteAuth) => boolean;

/** GET /admin/panels and GET /users/me/panels. */
export function registerPanelRoutes(routes: RouteRegistrar, composition: () => Composition, admits: Admits): void {
  const describe = (caller: Caller, isOwnPage: boolean): object[] =>
    composition()
      .panels.filter(({ panel }) => (panel.page === 'me') === isOwnPage)
      .flatMap((panel) => describePanel(panel, composition(), (auth) => admits(caller, auth)));
  routes.get(
    '/admin/panels',
    { summary: 'What enabled plugins add to the console, as far as the caller may see and do it', response: Type.Array(PanelAnswer) },
    ({ user }) => describe(user, false),
  );
  routes.get(
    '/users/me/panels',
    { summary: "What enabled plugins add to a member's own page", response: Type.Array(PanelAnswer) },
    ({ user }) => describe(user, true),
  );
}

/** As the caller gets it; nothing when it is not for them. */
function describePanel(resolved: ResolvedPanel, { activations }: Composition, may: (auth: RouteAuth) => boolean): object[] {
  const { owner, panel, source, audience } = resolved;
  const [actions, rowActions] = [resolved.actions, resolved.rowActions].map((list) => list.filter(({ auth }) => may(auth)).map(describeAction));
  const isUseless = source === null || panel.kind === 'form' ? actions?.length === 0 : false;
  if (!may(audience) || isUseless || (source !== null && !may(source.auth))) return [];
  const plugin = { id: owner, displayName: activations.get(owner)?.found?.manifest.displayName ?? owner };
  return [
    {
      ...{ id: `${owner}/${panel.id}`, plugin, kind: panel.kind, title: panel.title },
      ...{ description: panel.description ?? null, page: panel.page ?? 'plugin', group: panel.group ?? null, opens: panel.opens ?? null },
      source: source && { ...place(source), query: source.query, isList: source.isList, rows: source.rows, filters: source.filters },
      fields: fieldsOf(panel),
      chart: panel.kind === 'chart' ? { type: panel.chart, x: panel.x } : null,
      ...{ actions, rowActions },
    },
  ];
}

function fieldsOf(panel: ResolvedPanel['panel']): unknown {
  if (panel.kind === 'table') return panel.columns;
  if (panel.kind === 'figure') return panel.figures;
  return panel.kind === 'chart' ? panel.series : [];
}

function describeAction({ form, confirm, tone, when, ...action }: ResolvedAction): object {
  const { id, label, needsKey, params, body } = action;
  const described = form && { ...form, inputs: form.inputs.map(describeInput) };
  return { ...place(action), id, label, needsKey, params, body, form: described, confirm: confirm ?? null, tone: tone ?? null, when: when ?? null };
}

function describeInput({ choices, ...input }: ResolvedInput): object {
  if (choices === undefined) return input;
  const { value, label, by, isFree = false } = choices;
  return { ...input, choices: { ...place(choices), value, label, by: by ?? null, isFree } };
}

function place({ method, path }: PanelCall): object {
  return { method, path };
}
