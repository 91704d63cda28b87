import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { texts } from '../../texts.ts';
import { zone } from '../format.ts';
import { Button, Field } from '../parts.tsx';
import { Money } from './money.tsx';
import { Moment } from './moment.tsx';
import { TextControl, type TextType } from '../text-control.tsx';
import { choicesOf, initialOf, kindOf, labelOf, titleOfChoice, withoutEmpty, withoutNull, type JsonSchema } from './schema.ts';

const MOST_MONEY = 99_999_999;

export interface SchemaFieldProps {
  name: string;
  /** A JSON pointer, as errors name it. */
  path: string;
  schema: JsonSchema;
  isRequired: boolean;
  value: unknown;
  errors: ReadonlyMap<string, string>;
  onChange: (value: unknown) => void;
}

/** One property of a schema, and what lies within it. */
export function SchemaField(props: SchemaFieldProps): JSX.Element {
  const { schema, isNullable } = withoutNull(props.schema);
  const own = { ...props, schema: { ...schema, ...(props.schema.description !== undefined && { description: props.schema.description }) } };
  switch (kindOf(schema)) {
    case 'object':
      return <ObjectField {...own} />;
    case 'array':
      return <ArrayField {...own} />;
    case 'boolean':
      return <BooleanField {...own} />;
    default:
      return <PlainField {...own} isNullable={isNullable} />;
  }
}

function ObjectField({ name, path, schema, isRequired, value, errors, onChange }: SchemaFieldProps): JSX.Element {
  const object = (value ?? {}) as Record<string, unknown>;
  // Of an optional part nothing is needed until something of it is entered.
  const isNeeded = isRequired || Object.keys(withoutEmpty(schema, object) as object).length > 0;
  return (
    <fieldset>
      <legend>{labelOf(name, schema)}</legend>
      {schema.description !== undefined && <p class="hint">{schema.description}</p>}
      {Object.entries(schema.properties ?? {}).map(([key, property]) => (
        <SchemaField
          key={key}
          name={key}
          path={`${path}/${key}`}
          schema={property}
          isRequired={isNeeded && schema.required?.includes(key) === true}
          value={object[key]}
          errors={errors}
          onChange={(changed) => {
            const { [key]: _before, ...rest } = object;
            onChange(changed === undefined ? rest : { ...rest, [key]: changed });
          }}
        />
      ))}
    </fieldset>
  );
}

function ArrayField({ name, path, schema, value, errors, onChange }: SchemaFieldProps): JSX.Element {
  const items = Array.isArray(value) ? (value as unknown[]) : [];
  const { items: itemSchema = {} } = schema;
  const error = errors.get(path);
  return (
    <fieldset>
      <legend>{labelOf(name, schema)}</legend>
      {schema.description !== undefined && <p class="hint">{schema.description}</p>}
      {items.map((item, index) => (
        <div class="array-item" key={index}>
          <SchemaField
            name={texts.form.item(index + 1)}
            path={`${path}/${String(index)}`}
            schema={itemSchema}
            isRequired
            value={item}
            errors={errors}
            onChange={(changed) => {
              onChange(items.map((other, at) => (at === index ? (changed ?? null) : other)));
            }}
          />
          <Button kind="quiet" icon="trash" label={texts.form.removeItem(index + 1)} onClick={() => onChange(items.filter((_, at) => at !== index))}>
            {texts.common.remove}
          </Button>
        </div>
      ))}
      {error !== undefined && <p class="field-error">{error}</p>}
      <Button icon="plus" disabled={items.length >= (schema.maxItems ?? Infinity)} onClick={() => onChange([...items, initialOf(itemSchema) ?? emptyOf(itemSchema)])}>
        {texts.form.addItem}
      </Button>
    </fieldset>
  );
}

function emptyOf(schema: JsonSchema): unknown {
  return schema.type === 'object' ? {} : schema.type === 'string' ? '' : schema.type === 'boolean' ? false : (choicesOf(schema)?.[0] ?? 0);
}

function BooleanField({ name, path, schema, value, errors, onChange }: SchemaFieldProps): JSX.Element {
  return (
    <Field label={labelOf(name, schema)} hint={schema.description} error={errorOf(name, schema, errors.get(path))}>
      {({ id, describedBy, isInvalid }) => (
        <input
          id={id}
          type="checkbox"
          role="switch"
          class="switch"
          checked={value === true}
          aria-describedby={describedBy}
          aria-invalid={isInvalid}
          onChange={(event) => {
            onChange(event.currentTarget.checked);
          }}
        />
      )}
    </Field>
  );
}

function PlainField({ name, path, schema, isRequired, isNullable, value, errors, onChange }: SchemaFieldProps & { isNullable: boolean }): JSX.Element {
  const [ownError, setOwnError] = useState<string>();
  const missing = isNullable ? null : undefined;
  const offered = withoutNothing(schema.suggestions);
  return (
    <Field label={labelOf(name, schema)} hint={hintOf(schema)} error={ownError ?? errorOf(name, schema, errors.get(path))} isRequired={isRequired}>
      {({ id, describedBy, isInvalid }) => {
        const common = { id, 'aria-describedby': describedBy, 'aria-invalid': isInvalid };
        switch (kindOf(schema)) {
          case 'choice':
            return <Choice {...common} schema={schema} value={value} isRequired={isRequired} onChange={(chosen) => { onChange(chosen ?? missing); }} />;
          case 'number':
            return (
              <input
                {...common}
                type="number"
                value={typeof value === 'number' ? value : ''}
                {...{ min: schema.minimum, max: schema.maximum }}
                step={schema.type === 'integer' ? 1 : 'any'}
                required={isRequired}
                onInput={({ currentTarget }) => {
                  onChange(currentTarget.value === '' ? missing : currentTarget.valueAsNumber);
                }}
              />
            );
          case 'money':
            return <Money {...common} {...moneyOf(schema)} value={value} isRequired={isRequired} onChange={(entered) => { onChange(entered ?? missing); }} />;
          case 'moment':
            return <Moment {...common} value={value} isRequired={isRequired} onChange={(entered) => { onChange(entered ?? missing); }} />;
          case 'long-text':
            return <LongText {...common} value={value} maxLength={schema.maxLength} isRequired={isRequired} onChange={(entered) => { onChange(entered ?? missing); }} />;
          case 'json':
            return <JsonText {...common} value={value} onError={setOwnError} onChange={onChange} />;
          default:
            return (
              <>
                <TextControl
                  {...common}
                {...inputOf(schema)}
                {...(offered && { list: `${id}-offered` })}
                value={typeof value === 'string' ? value : ''}
                required={isRequired}
                minLength={schema.minLength}
                maxLength={schema.maxLength}
                onInput={({ currentTarget }) => {
                  onChange(currentTarget.value === '' ? missing : currentTarget.value);
                }}
              />
              {offered && <Offered id={`${id}-offered`} suggestions={offered} />}
              </>
            );
        }
      }}
    </Field>
  );
}

const withoutNothing = (suggestions: JsonSchema['suggestions'] = []): JsonSchema['suggestions'] => (suggestions.length === 0 ? undefined : suggestions);

function Offered({ id, suggestions }: { id: string; suggestions: NonNullable<JsonSchema['suggestions']> }): JSX.Element {
  return (
    <datalist id={id}>
      {suggestions.map(({ value, title }) => (
        <option key={value} value={value}>
          {title}
        </option>
      ))}
    </datalist>
  );
}

function LongText({ value, maxLength, isRequired, onChange, ...common }: ControlProps & { maxLength: number | undefined; isRequired: boolean }): JSX.Element {
  return (
    <textarea
      {...common}
      rows={4}
      maxLength={maxLength}
      required={isRequired}
      value={typeof value === 'string' ? value : ''}
      onInput={({ currentTarget }) => {
        onChange(currentTarget.value === '' ? undefined : currentTarget.value);
      }}
    />
  );
}

function moneyOf({ currency = '', minimum = 0, maximum = MOST_MONEY }: JsonSchema): { currency: string; minimum: number; maximum: number } {
  return { currency, minimum, maximum };
}

/** The server says `is required`; what is required stands before it. */
function errorOf(name: string, schema: JsonSchema, message: string | undefined): string | undefined {
  return message === undefined ? undefined : `${labelOf(name, schema)} ${message.replace(/\.$/, '')}.`;
}

const INPUT_TYPES: Record<string, TextType> = { email: 'email', uri: 'url', date: 'date' };

function inputOf(schema: JsonSchema): { type: TextType; autocomplete?: string } {
  if (schema.secret === true) return { type: 'password', autocomplete: 'new-password' };
  if (schema.format === 'password') return { type: 'password', autocomplete: 'new-password' };
  return { type: INPUT_TYPES[schema.format ?? ''] ?? 'text' };
}

function hintOf(schema: JsonSchema): string | undefined {
  const { description, minimum, maximum } = schema;
  // Of money its own description says enough; the field knows the limits.
  const range = minimum !== undefined && maximum !== undefined && kindOf(schema) !== 'money' ? texts.form.range(minimum, maximum) : undefined;
  const secret = schema.secret === true ? texts.form.secret : undefined;
  const moment = kindOf(schema) === 'moment' ? texts.form.zone(zone()) : undefined;
  const parts = [description, range, secret, moment].filter((part) => part !== undefined);
  return parts.length === 0 ? undefined : parts.map((part) => part.replace(/\.$/, '')).join('. ') + '.';
}

interface ControlProps {
  id: string;
  'aria-describedby': string | undefined;
  'aria-invalid': boolean;
  value: unknown;
  onChange: (value: unknown) => void;
}

function Choice({ schema, value, isRequired, onChange, ...common }: ControlProps & { schema: JsonSchema; isRequired: boolean }): JSX.Element {
  const choices = choicesOf(schema) ?? [];
  return (
    <select
      {...common}
      required={isRequired}
      onChange={({ currentTarget }) => {
        onChange(choices[Number(currentTarget.value)]);
      }}
    >
      {(!isRequired || value === undefined) && <option value="" selected={value === undefined || value === null}>{texts.form.noChoice}</option>}
      {choices.map((choice, index) => (
        <option key={String(choice)} value={String(index)} selected={choice === value}>
          {titleOfChoice(schema, choice)}
        </option>
      ))}
    </select>
  );
}

function JsonText({ value, onChange, onError, ...common }: ControlProps & { onError: (message: string | undefined) => void }): JSX.Element {
  const [text, setText] = useState(value === undefined ? '' : JSON.stringify(value, null, 2));
  return (
    <textarea
      {...common}
      class="code"
      rows={5}
      spellcheck={false}
      value={text}
      onInput={({ currentTarget }) => {
        setText(currentTarget.value);
        try {
          onChange(currentTarget.value.trim() === '' ? undefined : (JSON.parse(currentTarget.value) as unknown));
          onError(undefined);
        } catch {
          onError(texts.form.notJson);
        }
      }}
    />
  );
}
