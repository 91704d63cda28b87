import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import Type from 'typebox';
import { CHECKED_ELSEWHERE } from '../http/json-schema.ts';
import { closeObjects } from '../http/validation.ts';
import type { OwnedPanel, Panel, PanelRegistrar } from './panel.ts';

const Id = Type.String({ pattern: '^[a-z][a-z0-9]*(-[a-z0-9]+)*$', maxLength: 60 });
const Words = Type.String({ minLength: 1, maxLength: 200 });
const Path = Type.String({ pattern: '^[a-zA-Z][a-zA-Z0-9]*(\\.[a-zA-Z][a-zA-Z0-9]*)*$' });
const Value = Type.Union([Type.String(), Type.Number(), Type.Boolean(), Type.Null()]);
const route = (...methods: string[]) => Type.String({ pattern: `^(${methods.join('|')}) /` });

export const FieldSchema = Type.Object({
  field: Path,
  label: Words,
  type: Type.Optional(
    Type.Enum(['text', 'number', 'percent', 'credits', 'boolean', 'date', 'datetime', 'duration', 'state', 'list', 'user', 'image']),
  ),
  tones: Type.Optional(Type.Record(Type.String(), Type.Enum(['good', 'attention', 'bad', 'quiet']))),
  words: Type.Optional(Type.Record(Type.String(), Words)),
});

export const BySchema = Type.Object({ input: Type.String({ minLength: 1 }), field: Path });

const InputSchema = Type.Object({
  name: Type.String({ minLength: 1 }),
  label: Type.Optional(Words),
  help: Type.Optional(Words),
  multiline: Type.Optional(Type.Boolean()),
  choices: Type.Optional(
    Type.Object({ route: route('GET'), value: Path, label: Path, by: Type.Optional(BySchema), isFree: Type.Optional(Type.Boolean()) }),
  ),
});

const asked = {
  inputs: Type.Optional(Type.Array(InputSchema)),
  body: Type.Optional(Type.Record(Type.String(), Value)),
  confirm: Type.Optional(Words),
};

export const WhenSchema = Type.Object({ field: Path, is: Type.Array(Value, { minItems: 1 }) });

const ActionSchema = Type.Object({
  ...asked,
  id: Id,
  label: Words,
  route: route('POST', 'PUT', 'PATCH', 'DELETE'),
  params: Type.Optional(Type.Record(Type.String(), Path)),
  tone: Type.Optional(Type.Literal('danger')),
  when: Type.Optional(WhenSchema),
});

const base = {
  id: Id,
  title: Words,
  description: Type.Optional(Type.String({ maxLength: 500 })),
  page: Type.Optional(Type.Enum(['plugin', 'home', 'moderation', 'member', 'me'])),
  group: Type.Optional(Words),
  opens: Type.Optional(Type.Enum(['plugin', 'moderation'])),
  permission: Type.Optional(Type.String({ minLength: 1 })),
};
const source = { route: route('GET'), query: Type.Optional(Type.Record(Type.String(), Value)) };
const Fields = Type.Array(FieldSchema, { minItems: 1, maxItems: 20 });
const Actions = Type.Array(ActionSchema, { minItems: 1, maxItems: 20 });

const KINDS = {
  table: Type.Object({
    ...{ ...base, ...source, kind: Type.Literal('table'), rows: Type.Optional(Path), columns: Fields },
    filters: Type.Optional(Type.Array(Type.String(), { uniqueItems: true })),
    rowActions: Type.Optional(Actions),
    actions: Type.Optional(Actions),
  }),
  figure: Type.Object({ ...base, ...source, kind: Type.Literal('figure'), figures: Fields }),
  chart: Type.Object({
    ...{ ...base, ...source, kind: Type.Literal('chart'), chart: Type.Enum(['line', 'bar']) },
    ...{ rows: Type.Optional(Path), x: FieldSchema, series: Fields },
  }),
  form: Type.Object({
    ...{ ...base, ...asked, kind: Type.Literal('form'), route: route('POST', 'PUT', 'PATCH') },
    ...{ reads: Type.Optional(route('GET')), label: Words },
  }),
  action: Type.Object({ ...base, kind: Type.Literal('action'), actions: Actions }),
} as const;

const ajv = new Ajv2020({ ...CHECKED_ELSEWHERE, allErrors: true, strictTypes: false, allowUnionTypes: true });
const checks = new Map<string, ValidateFunction>(
  Object.entries(KINDS).map(([kind, schema]) => [kind, ajv.compile(closeObjects(schema))]),
);

/** What one plugin's taps on `panels` get. */
export function panelRegistrar(owner: string, into: OwnedPanel[], refuse: (what: string) => never): PanelRegistrar {
  return {
    add(given) {
      const panel = copy(given) ?? refuse('a panel is not plain data.');
      const { id } = panel;
      const check = checks.get(panel.kind) ?? refuse(`the panel "${id}" has no kind of ${Object.keys(KINDS).join(', ')}.`);
      if (!check(panel)) {
        const problems = (check.errors ?? []).map(({ instancePath, message, params }) => {
          const more = 'additionalProperty' in params ? ` (${String(params.additionalProperty)})` : '';
          return `${instancePath === '' ? 'it' : instancePath.slice(1).replaceAll('/', '.')} ${message ?? 'is not valid'}${more}`;
        });
        refuse(`the panel "${id}": ${problems.join('; ')}.`);
      }
      if (into.some((other) => other.owner === owner && other.panel.id === id)) refuse(`the panel "${id}" is added twice.`);
      into.push({ owner, panel });
    },
  };
}

/** A copy that its plugin cannot change any more; undefined for what is no data. */
function copy(panel: Panel): Panel | undefined {
  try {
    const text = JSON.stringify(panel) as string | undefined;
    const plain = text === undefined ? undefined : (JSON.parse(text) as Panel | null);
    return typeof plain === 'object' && plain !== null ? plain : undefined;
  } catch {
    return undefined;
  }
}
