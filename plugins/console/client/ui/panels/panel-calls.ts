import { get, newKey, send } from '../api.ts';
import type { FormValues, SchemaOf } from '../form/schema-form.tsx';
import { withoutNull, type JsonSchema } from '../form/schema.ts';
import { pathOf, valueAt, type PanelAction, type PanelInput, type PanelRow } from './panel.ts';

export type ActionForm = NonNullable<PanelAction['form']>;
export type Known = Readonly<Record<string, string>>;

/** Does what an action says, with what was entered. The same `key` again has no second effect. @throws ApiProblem */
export async function carryOut(action: PanelAction, { row, known, entered, key }: { row: PanelRow; known: Known; entered: FormValues; key: string }): Promise<void> {
  const body = { ...action.body, ...entered };
  const hasBody = action.method !== 'DELETE' && (action.form !== null || Object.keys(body).length > 0);
  await send(action.method, pathOf(action, row, known), { ...(hasBody && { body }), ...(action.needsKey && { key }) });
}

/** A key for each time that something is meant: a retry of what failed keeps it. */
export function keyKeeper(): { current(): string; used(): void } {
  let key: string | undefined;
  return {
    current: () => (key ??= newKey()),
    used: () => {
      key = undefined;
    },
  };
}

/** The schema of what is asked for: in the order and with the words of the inputs, choices included. */
export async function readForm(form: ActionForm): Promise<SchemaOf> {
  const schema = withInputs(form);
  const answers = await Promise.all(
    form.inputs.flatMap(({ name, choices }) => (choices === undefined ? [] : [get<PanelRow[]>(pathOf(choices, {}, {})).then((rows) => ({ name, choices, rows }))])),
  );
  return (entered) => {
    const chosen = answers.map(({ name, choices, rows }) => {
      const fitting = rows.filter((row) => choices.by === null || valueAt(row, choices.by.field) === entered[choices.by.input]);
      return [name, toChoice(schema.properties?.[name] ?? {}, fitting, choices)] as const;
    });
    return { ...schema, properties: { ...schema.properties, ...Object.fromEntries(chosen) } };
  };
}

function withInputs({ schema, inputs, required }: ActionForm): JsonSchema {
  const properties = inputs.flatMap(({ name, label, help, multiline }) => {
    const property = schema.properties?.[name];
    if (property === undefined) return [];
    const own = { ...(label !== undefined && { title: label }), ...(help !== undefined && { description: help }) };
    return [[name, { ...property, ...own, ...(multiline === true && { isLong: true }) }] as const];
  });
  return { ...schema, properties: Object.fromEntries(properties), required };
}

function toChoice(property: JsonSchema, rows: readonly PanelRow[], { value, label, isFree }: NonNullable<PanelInput['choices']>): JsonSchema {
  if (isFree) return { ...property, suggestions: rows.map((row) => ({ value: String(valueAt(row, value)), title: String(valueAt(row, label)) })) };
  const { title, description } = property;
  const oneOf: JsonSchema[] = rows.map((row) => ({ const: valueAt(row, value), title: String(valueAt(row, label)) }));
  if (withoutNull(property).isNullable) oneOf.push({ type: 'null' });
  return { oneOf, ...(title !== undefined && { title }), ...(description !== undefined && { description }) };
}

/** What the form begins with: what is there, as far as it is asked for. */
export function prefilled({ inputs }: ActionForm, row: PanelRow): FormValues {
  return Object.fromEntries(inputs.flatMap(({ name }) => (row[name] === undefined || row[name] === null ? [] : [[name, row[name]] as const])));
}
