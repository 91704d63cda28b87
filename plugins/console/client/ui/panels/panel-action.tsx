import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { texts } from '../../texts.ts';
import { get, newKey, send } from '../api.ts';
import { confirm, Dialog } from '../dialog.tsx';
import { SchemaForm } from '../form/schema-form.tsx';
import { type JsonSchema } from '../form/schema.ts';
import { Button } from '../parts.tsx';
import { toast } from '../toasts.tsx';
import { pathOf, valueAt, type PanelAction, type PanelRow } from './panel.ts';

interface ActionProps {
  action: PanelAction;
  row: PanelRow;
  known: Readonly<Record<string, string>>;
  onDone: () => void;
  isMain?: boolean;
}

/** What a panel lets somebody do: at once, after a question, or with a form. Not there when it does not apply to the row. */
export function ActionButton({ action, row, known, onDone, isMain }: ActionProps): JSX.Element | null {
  const [isOpen, setOpen] = useState(false);
  const [schema, setSchema] = useState<JsonSchema>();
  const { form, when } = action;
  if (when !== null && !when.is.includes(valueAt(row, when.field))) return null;
  const carryOut = async (entered: Record<string, unknown>): Promise<void> => {
    const body = { ...action.body, ...entered };
    const hasBody = action.method !== 'DELETE' && (form !== null || Object.keys(body).length > 0);
    await send(action.method, pathOf(action, row, known), { ...(hasBody && { body }), ...(action.needsKey && { key: newKey() }) });
    setOpen(false);
    toast(texts.panels.done(action.label));
    onDone();
  };
  const press = async (): Promise<void> => {
    if (form !== null) {
      setSchema(await withChoices(withInputs(form), form));
      setOpen(true);
    } else if (action.confirm === null || (await confirm({ title: action.label, text: action.confirm, confirm: action.label, isDangerous: action.tone === 'danger' }))) await carryOut({});
  };
  return (
    <>
      <Button kind={action.tone === 'danger' ? 'danger' : isMain === true ? 'primary' : 'plain'} onClick={press}>
        {action.label}
      </Button>
      {isOpen && form !== null && schema !== undefined && (
        <Dialog
          title={action.label}
          onClose={() => {
            setOpen(false);
          }}
        >
          {action.confirm !== null && <p>{action.confirm}</p>}
          <SchemaForm schema={schema} value={prefilled(form, row, action.method)} submit={action.label} onSubmit={carryOut} />
        </Dialog>
      )}
    </>
  );
}

/** The schema with the words of the inputs, in their order. */
function withInputs({ schema, inputs, required }: NonNullable<PanelAction['form']>): JsonSchema {
  const properties = inputs.flatMap(({ name, label, help, multiline }) => {
    const property = schema.properties?.[name];
    if (property === undefined) return [];
    const own = { ...(label !== undefined && { title: label }), ...(help !== undefined && { description: help }) };
    return [[name, { ...property, ...own, ...(multiline === true && { maxLength: property.maxLength ?? 10_000 }) }] as const];
  });
  return { ...schema, properties: Object.fromEntries(properties), required };
}

/** The schema with the choices that routes answer for some of its properties. */
async function withChoices(schema: JsonSchema, { inputs }: NonNullable<PanelAction['form']>): Promise<JsonSchema> {
  const chosen = await Promise.all(
    inputs.flatMap(({ name, choices }) =>
      choices === undefined ? [] : [get<PanelRow[]>(pathOf(choices, {}, {})).then((rows) => [name, toChoice(schema.properties?.[name] ?? {}, rows, choices)] as const)],
    ),
  );
  return { ...schema, properties: { ...schema.properties, ...Object.fromEntries(chosen) } };
}

function toChoice({ title, description }: JsonSchema, rows: readonly PanelRow[], { value, label }: { value: string; label: string }): JsonSchema {
  const oneOf = rows.map((row) => ({ const: valueAt(row, value), title: String(valueAt(row, label)) }));
  return { oneOf, ...(title !== undefined && { title }), ...(description !== undefined && { description }) };
}

/** A change begins with what is there. */
function prefilled({ inputs }: NonNullable<PanelAction['form']>, row: PanelRow, method: string): Record<string, unknown> {
  if (method !== 'PATCH' && method !== 'PUT') return {};
  return Object.fromEntries(inputs.flatMap(({ name }) => (row[name] === undefined || row[name] === null ? [] : [[name, row[name]] as const])));
}
