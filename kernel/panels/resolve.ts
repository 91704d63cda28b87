import { isAdministrative } from '../audit/trail.ts';
import type { OwnedPermission } from '../accounts/permissions.ts';
import type { Route, RouteAuth } from '../http/route.ts';
import { closeObjects } from '../http/validation.ts';
import type { OwnedPanel, Panel, PanelAction, PanelChoices, PanelField, PanelInput } from './panel.ts';
import { asSchema, itemsOf, mayBeArray, propertiesOf, requiredOf, schemaAt, type JsonSchema } from './schema-walk.ts';

/** A route that a panel reads or calls, with what a client has to know to do so. */
export interface PanelCall {
  method: Route['method'];
  path: string;
  /** Whether it wants an Idempotency-Key. */
  needsKey: boolean;
  auth: RouteAuth;
}

export interface ResolvedSource extends PanelCall {
  query: Readonly<Record<string, string | number | boolean>>;
  /** Whether the answer comes in pages. */
  isList: boolean;
  rows: string | null;
  filters: { name: string; schema: JsonSchema }[];
}

export interface ResolvedAction extends PanelCall, Pick<PanelAction, 'id' | 'label' | 'confirm' | 'tone' | 'when'> {
  params: Readonly<Record<string, string>>;
  body: NonNullable<PanelAction['body']>;
  /** What is asked for before it is done; null when nothing is. */
  form: { schema: JsonSchema; inputs: ResolvedInput[]; required: string[] } | null;
}

export interface ResolvedInput extends Omit<PanelInput, 'choices'> {
  choices?: PanelCall & Omit<PanelChoices, 'route'>;
}

/** A panel with its routes found and everything worked out that does not depend on who looks. */
export interface ResolvedPanel {
  owner: string;
  panel: Panel;
  source: ResolvedSource | null;
  actions: ResolvedAction[];
  rowActions: ResolvedAction[];
  /** Who may see it, beside who may call its routes. */
  audience: RouteAuth;
}

/** The parameter that the page of a member fills in. */
const MEMBER = 'userId';

/** Finds what a panel names among what its plugin registers. @param refuse Throws the failure of its plugin. */
export function resolvePanel(
  { owner, panel }: OwnedPanel,
  routes: readonly Route[],
  permissions: ReadonlyMap<string, OwnedPermission>,
  refuse: (what: string) => never,
): ResolvedPanel {
  const resolver = new Resolver(panel, routes.filter((route) => route.owner === owner), (what) => refuse(`the panel "${panel.id}" ${what}`));
  const resolved = resolver.resolve();
  if (panel.permission !== undefined && !permissions.has(panel.permission)) {
    refuse(`the panel "${panel.id}" asks for the permission ${panel.permission}, which nobody adds.`);
  }
  return { owner, panel, ...resolved, audience: audienceOf(panel, resolved) };
}

function audienceOf(panel: Panel, { source, actions }: Pick<ResolvedPanel, 'source' | 'actions'>): RouteAuth {
  if (panel.permission !== undefined) return { permission: panel.permission };
  if (panel.page === 'me') return 'user';
  const auths = source === null ? actions.map(({ auth }) => auth) : [source.auth];
  return auths.some(isAdministrative) ? 'user' : 'admin';
}

class Resolver {
  readonly #panel: Panel;
  readonly #routes: readonly Route[];
  readonly #refuse: (what: string) => never;

  constructor(panel: Panel, routes: readonly Route[], refuse: (what: string) => never) {
    this.#panel = panel;
    this.#routes = routes;
    this.#refuse = refuse;
  }

  resolve(): Pick<ResolvedPanel, 'source' | 'actions' | 'rowActions'> {
    const panel = this.#panel;
    switch (panel.kind) {
      case 'form': {
        const { label, route, inputs, body, confirm, reads } = panel;
        const action = { id: 'submit', label, route, ...(inputs && { inputs }), ...(body && { body }), ...(confirm !== undefined && { confirm }) };
        return { source: reads === undefined ? null : this.#source({ route: reads }), actions: [this.#action(action)], rowActions: [] };
      }
      case 'action':
        return { source: null, actions: this.#actions(panel.actions), rowActions: [] };
      case 'figure':
        this.#fields(panel.figures, this.#answerOf(panel.route));
        return { source: this.#source(panel), actions: [], rowActions: [] };
      case 'chart':
        this.#fields([panel.x, ...panel.series], this.#rowOf(panel.route, panel.rows));
        return { source: this.#source(panel), actions: [], rowActions: [] };
      case 'table': {
        const row = this.#rowOf(panel.route, panel.rows);
        this.#fields(panel.columns, row);
        return { source: this.#source(panel), actions: this.#actions(panel.actions), rowActions: this.#actions(panel.rowActions, row) };
      }
    }
  }

  #find(name: string): Route {
    const [method, path = ''] = name.split(' ');
    const route = this.#routes.find((candidate) => candidate.method === method && candidate.path === `/api${path}`);
    return route ?? this.#refuse(`names ${name}, which is no route of the plugin.`);
  }

  #call(name: string): PanelCall & { route: Route } {
    const route = this.#find(name);
    const { method, path, options } = route;
    const auth = options.auth ?? 'user';
    if (this.#panel.page === 'me' && isAdministrative(auth)) this.#refuse(`is shown to every member, but ${name} is not open to them.`);
    return { route, method, path, needsKey: options.idempotent === true || options.priced !== undefined, auth };
  }

  #source(given: { route: string; query?: ResolvedSource['query']; rows?: string; filters?: readonly string[] }): ResolvedSource {
    const { route, ...call } = this.#call(given.route);
    const known = propertiesOf(asSchema(route.options.query)) ?? {};
    const check = (name: string): void => {
      if (known[name] === undefined) this.#refuse(`names the query parameter ${name}, which ${given.route} does not have.`);
    };
    for (const name of Object.keys(given.query ?? {})) check(name);
    const filters = (given.filters ?? []).map((name) => {
      check(name);
      return { name, schema: this.#named(name, known[name]) };
    });
    for (const name of parametersOf(route)) {
      if (this.#panel.page !== 'member' || name !== MEMBER) this.#refuse(`cannot know :${name} of ${given.route}.`);
    }
    return { ...call, query: given.query ?? {}, isList: route.options.list === true, rows: given.rows ?? null, filters };
  }

  #actions(actions: readonly PanelAction[] = [], row?: { schema: JsonSchema | undefined }): ResolvedAction[] {
    const twin = actions.find(({ id }, index) => actions.findIndex((other) => other.id === id) !== index);
    if (twin !== undefined) this.#refuse(`has two actions named ${twin.id}.`);
    return actions.map((action) => this.#action(action, row));
  }

  #action(action: PanelAction, row?: { schema: JsonSchema | undefined }): ResolvedAction {
    const { route, ...call } = this.#call(action.route);
    const params: Record<string, string> = {};
    for (const name of parametersOf(route)) {
      const field = action.params?.[name] ?? name;
      if (row !== undefined) this.#field(row.schema, field, `:${name} of ${action.route}`);
      else if (this.#panel.page !== 'member' || name !== MEMBER) this.#refuse(`cannot know :${name} of ${action.route}.`);
      params[name] = field;
    }
    if (action.when !== undefined) {
      if (row === undefined) this.#refuse(`has an action "${action.id}" for some rows that is not one of a row.`);
      else this.#field(row.schema, action.when.field, `"when" of ${action.id}`);
    }
    const { id, label, confirm, tone, when } = action;
    const words = { id, label, ...(confirm !== undefined && { confirm }), ...(tone && { tone }), ...(when && { when }) };
    return { ...call, ...words, params, body: action.body ?? {}, form: this.#form(action, route) };
  }

  #form({ id, inputs, body = {} }: PanelAction, route: Route): ResolvedAction['form'] {
    const schema = asSchema(route.options.body);
    const properties = propertiesOf(schema) ?? {};
    const check = (name: string): void => {
      if (properties[name] === undefined) this.#refuse(`names ${name}, which the body of ${route.method} ${route.path} does not have.`);
    };
    for (const name of Object.keys(body)) check(name);
    const asked = inputs ?? Object.keys(properties).filter((name) => !(name in body)).map((name) => ({ name }));
    const given = new Set([...asked.map(({ name }) => name), ...Object.keys(body)]);
    const missing = requiredOf(schema).find((name) => !given.has(name));
    if (missing !== undefined) this.#refuse(`does not ask for ${missing}, which "${id}" needs.`);
    if (schema === undefined || asked.length === 0) return null;
    const names = asked.map(({ name }) => name);
    const resolved = asked.map((input) => {
      check(input.name);
      return this.#input(input, names);
    });
    const form = closeObjects({ type: 'object', properties: Object.fromEntries(names.map((name) => [name, this.#named(name, properties[name])])) });
    return { schema: form, inputs: resolved, required: requiredOf(schema).filter((name) => names.includes(name)) };
  }

  /** A choice, with what the table calls its values. */
  #named(name: string, schema: JsonSchema = {}): JsonSchema {
    const words = this.#panel.kind === 'table' ? this.#panel.columns.find(({ field }) => field === name)?.words : undefined;
    if (words === undefined || !Array.isArray(schema.enum)) return schema;
    const { enum: values, ...rest } = schema;
    return { ...rest, oneOf: values.map((value: unknown) => ({ const: value, ...(typeof value === 'string' && words[value] !== undefined && { title: words[value] }) })) };
  }

  #input({ choices, ...input }: PanelInput, names: readonly string[]): ResolvedInput {
    if (choices === undefined) return input;
    const { route, ...call } = this.#call(choices.route);
    const [unknown] = parametersOf(route);
    if (unknown !== undefined) this.#refuse(`cannot know :${unknown} of ${choices.route}.`);
    const row = this.#rowOf(choices.route, undefined);
    this.#field(row.schema, choices.value, `the choices of ${input.name}`);
    this.#field(row.schema, choices.label, `the choices of ${input.name}`);
    const { route: _route, ...given } = choices;
    if (given.by !== undefined) {
      this.#field(row.schema, given.by.field, `the choices of ${input.name}`);
      if (!names.includes(given.by.input) || given.by.input === input.name) this.#refuse(`has choices of ${input.name} by ${given.by.input}, which is no other input of its form.`);
    }
    return { ...input, choices: { ...call, ...given } };
  }

  #fields(fields: readonly PanelField[], { schema }: { schema: JsonSchema | undefined }): void {
    for (const { field, label } of fields) this.#field(schema, field, `"${label}"`);
  }

  #field(schema: JsonSchema | undefined, path: string, what: string): JsonSchema | undefined {
    try {
      return schemaAt(schema, path);
    } catch (error) {
      if (error instanceof RangeError) return this.#refuse(`takes ${what} from a field that is not answered: ${error.message}.`);
      throw error;
    }
  }

  #answerOf(name: string): { schema: JsonSchema | undefined } {
    return { schema: asSchema(this.#find(name).options.response) };
  }

  #rowOf(name: string, rows: string | undefined): { schema: JsonSchema | undefined } {
    const { schema: answer } = this.#answerOf(name);
    const list = rows === undefined ? answer : this.#field(answer, rows, 'its rows');
    if (!mayBeArray(list)) this.#refuse(`finds no rows: ${name} answers no array${rows === undefined ? '' : ` at ${rows}`}.`);
    return { schema: itemsOf(list) };
  }
}

function parametersOf({ path }: Route): string[] {
  return [...path.matchAll(/:([a-zA-Z0-9]+)/g)].map(([, name = '']) => name);
}
