import type { ComponentChildren, JSX } from 'preact';
import { useRef, useState } from 'preact/hooks';
import { texts } from '../../texts.ts';
import { asProblem } from '../api.ts';
import { Button, Notice } from '../parts.tsx';
import { SchemaField } from './schema-field.tsx';
import { initialOf, withoutEmpty, type JsonSchema } from './schema.ts';

export type FormValues = Record<string, unknown>;

/** A schema that depends on what is entered. */
export type SchemaOf = (entered: FormValues) => JsonSchema;

interface SchemaFormProps {
  /** Of an object. */
  schema: JsonSchema | SchemaOf;
  value?: FormValues;
  submit: string;
  /** What is entered, as the schema has it. What it throws is shown, the server's complaints at their fields. */
  onSubmit: (value: FormValues) => Promise<void>;
  children?: ComponentChildren;
}

/** A form that is made from a JSON Schema. */
export function SchemaForm({ schema: given, value, submit, onSubmit, children }: SchemaFormProps): JSX.Element {
  const schemaOf = (values: FormValues): JsonSchema => (typeof given === 'function' ? given(values) : given);
  const [entered, setEntered] = useState<FormValues>(() => ({ ...(initialOf(schemaOf(value ?? {})) as FormValues), ...value }));
  const schema = schemaOf(entered);
  const [errors, setErrors] = useState<ReadonlyMap<string, string>>(new Map());
  const [message, setMessage] = useState<string>();
  const [isBusy, setBusy] = useState(false);
  const form = useRef<HTMLFormElement>(null);

  const save = async (): Promise<void> => {
    setBusy(true);
    setErrors(new Map());
    setMessage(undefined);
    try {
      await onSubmit(withoutEmpty(schema, entered) as FormValues);
    } catch (error) {
      const problem = asProblem(error);
      setErrors(problem.fields);
      setMessage(problem.fields.size > 0 ? texts.common.fieldsWrong : problem.message);
      requestAnimationFrame(() => form.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus());
    } finally {
      setBusy(false);
    }
  };
  return (
    <form
      ref={form}
      class="form"
      onSubmit={(event) => {
        event.preventDefault();
        void save();
      }}
    >
      {Object.entries(schema.properties ?? {}).map(([name, property]) => (
        <SchemaField
          key={name}
          name={name}
          path={`/${name}`}
          schema={property}
          isRequired={schema.required?.includes(name) === true}
          value={entered[name]}
          errors={errors}
          onChange={(changed) => {
            setEntered((before) => withValue(before, name, changed));
          }}
        />
      ))}
      {message !== undefined && (
        <Refusal message={message} schema={schema} errors={errors} />
      )}
      <div class="actions">
        <Button type="submit" kind="primary" isBusy={isBusy}>
          {submit}
        </Button>
        {children}
      </div>
    </form>
  );
}

/** What is wrong with the whole, and with fields that the form does not have. */
function Refusal({ message, schema, errors }: { message: string; schema: JsonSchema; errors: ReadonlyMap<string, string> }): JSX.Element {
  const names = Object.keys(schema.properties ?? {});
  const strays = [...errors].filter(([path]) => !names.includes(path.split('/')[1] ?? ''));
  return (
    <div role="alert">
      <Notice tone="bad">
        {message}
        {strays.map(([path, text]) => (
          <span key={path}> {`${path.slice(1)} ${text}.`}</span>
        ))}
      </Notice>
    </div>
  );
}

/** A field that is empty is left out. */
export function withValue(object: FormValues, name: string, value: unknown): FormValues {
  const { [name]: _before, ...rest } = object;
  return value === undefined ? rest : { ...rest, [name]: value };
}
