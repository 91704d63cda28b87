import type { ComponentChildren, JSX } from 'preact';
import { useEffect, useId, useRef, useState } from 'preact/hooks';
import { texts } from '../texts.ts';
import { Icon, type IconName } from './icons.tsx';
import { serverName, siteName } from './server-name.ts';
import { TextControl, type TextType } from './text-control.tsx';
import { report } from './toasts.tsx';

export type Tone = 'neutral' | 'good' | 'warn' | 'bad' | 'accent';

interface ButtonProps {
  children: ComponentChildren;
  kind?: 'primary' | 'plain' | 'quiet' | 'danger';
  icon?: IconName;
  type?: 'button' | 'submit';
  /** While what it answers is not done, the button says so and cannot be pressed again; what it throws is shown. */
  onClick?: () => unknown;
  disabled?: boolean;
  isBusy?: boolean;
  label?: string;
}

export function Button({ children, kind = 'plain', icon, type = 'button', onClick, disabled, isBusy, label }: ButtonProps): JSX.Element {
  const [isRunning, setRunning] = useState(false);
  const busy = isRunning || isBusy === true;
  const press = async (): Promise<void> => {
    if (busy) return;
    setRunning(true);
    try {
      await onClick?.();
    } catch (error) {
      report(error);
    } finally {
      setRunning(false);
    }
  };
  return (
    <button
      type={type}
      class={`button ${kind}`}
      disabled={disabled}
      aria-busy={busy}
      aria-label={label}
      onClick={type === 'submit' && onClick === undefined ? undefined : () => void press()}
    >
      {icon && <Icon name={icon} size={18} />}
      <span>{children}</span>
    </button>
  );
}

/** The head of a page. It takes the focus when the page comes, so that a screen reader begins there. */
export function PageHead({ title, children, back }: { title: string; children?: ComponentChildren; back?: ComponentChildren }): JSX.Element {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = `${title} – ${siteName()}`;
  }, [title, serverName.value]);
  useEffect(() => heading.current?.focus({ preventScroll: true }), []);
  return (
    <header class="page-head">
      {back}
      <div class="page-head-row">
        <h1 ref={heading} tabIndex={-1}>
          {title}
        </h1>
        {children !== undefined && <div class="actions">{children}</div>}
      </div>
    </header>
  );
}

export function Card({ title, actions, children, tone, level = 2 }: { title?: string; actions?: ComponentChildren; children: ComponentChildren; tone?: Tone; level?: 2 | 3 }): JSX.Element {
  const id = useId();
  const Heading = level === 2 ? 'h2' : 'h3';
  return (
    <section class={`card ${tone ?? ''}`} {...(title !== undefined && { 'aria-labelledby': id })}>
      {title !== undefined && (
        <header class="card-head">
          <Heading id={id}>{title}</Heading>
          {actions !== undefined && <div class="actions">{actions}</div>}
        </header>
      )}
      {children}
    </section>
  );
}

/** A number with what it means; the whole leads somewhere when it is put into a link. */
export function Figure({ label, value, note, tone = 'neutral', isMoment, children }: { label: string; value: ComponentChildren; note?: ComponentChildren; tone?: Tone; isMoment?: boolean; children?: ComponentChildren }): JSX.Element {
  return (
    <div class={`figure ${tone}`}>
      <span class="figure-label">{label}</span>
      <strong class={`figure-value ${isMoment === true ? 'moment' : ''}`}>{value}</strong>
      {note !== undefined && <span class="figure-note">{note}</span>}
      {children}
    </div>
  );
}

export function Badge({ tone = 'neutral', children }: { tone?: Tone; children: ComponentChildren }): JSX.Element {
  return <span class={`badge ${tone}`}>{children}</span>;
}

export function Loading({ rows = 3 }: { rows?: number }): JSX.Element {
  return (
    <div class="loading" role="status">
      <span class="hidden-text">{texts.common.loading}</span>
      {Array.from({ length: rows }, (_, index) => (
        <span key={index} class="bone" />
      ))}
    </div>
  );
}

export function ErrorBox({ message, retry }: { message: string; retry?: () => unknown }): JSX.Element {
  return (
    <div class="notice bad" role="alert">
      <Icon name="alert" />
      <p>{message}</p>
      {retry && <Button onClick={retry}>{texts.common.retry}</Button>}
    </div>
  );
}

export function Notice({ tone = 'neutral', children }: { tone?: Tone; children: ComponentChildren }): JSX.Element {
  return (
    <div class={`notice ${tone}`}>
      <Icon name={tone === 'good' ? 'check' : 'alert'} />
      <div>{children}</div>
    </div>
  );
}

export function Empty({ children }: { children: ComponentChildren }): JSX.Element {
  return <p class="empty">{children}</p>;
}

/** Names and values below each other. */
export function Facts({ facts }: { facts: readonly (readonly [string, ComponentChildren])[] }): JSX.Element {
  return (
    <dl class="facts">
      {facts.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

/** A field of a form: label, control, explanation and what is wrong with it, tied together. */
export function Field({ label, hint, error, isRequired, children }: { label: string; hint?: string | undefined; error?: string | undefined; isRequired?: boolean; children: (ids: { id: string; describedBy: string | undefined; isInvalid: boolean }) => ComponentChildren }): JSX.Element {
  const id = useId();
  const hasError = error !== undefined;
  const describedBy = [hint !== undefined ? `${id}-hint` : '', hasError ? `${id}-error` : ''].filter(Boolean).join(' ');
  return (
    <div class="field">
      <label for={id}>
        {label}
        {isRequired === true && <span aria-hidden="true"> *</span>}
      </label>
      {children({ id, describedBy: describedBy === '' ? undefined : describedBy, isInvalid: hasError })}
      {hint !== undefined && (
        <p class="hint" id={`${id}-hint`}>
          {hint}
        </p>
      )}
      {hasError && (
        <p class="field-error" id={`${id}-error`}>
          {error}
        </p>
      )}
    </div>
  );
}

export interface TextInputProps {
  label: string;
  value: string;
  onInput: (value: string) => void;
  type?: TextType;
  autocomplete?: string;
  hint?: string;
  error?: string | undefined;
  isRequired?: boolean;
  inputMode?: 'numeric' | 'text';
  placeholder?: string;
}

export function TextInput({ label, value, onInput, type = 'text', hint, error, isRequired, ...rest }: TextInputProps): JSX.Element {
  return (
    <Field label={label} hint={hint} error={error} isRequired={isRequired === true}>
      {({ id, describedBy, isInvalid }) => (
        <TextControl
          {...rest}
          id={id}
          type={type}
          value={value}
          required={isRequired}
          aria-describedby={describedBy}
          aria-invalid={isInvalid}
          onInput={(event) => {
            onInput(event.currentTarget.value);
          }}
        />
      )}
    </Field>
  );
}

export interface SelectProps {
  label: string;
  value: string;
  options: readonly (readonly [value: string, label: string])[];
  onChange: (value: string) => void;
}

export function Select({ label, value, options, onChange }: SelectProps): JSX.Element {
  return (
    <Field label={label}>
      {({ id }) => (
        <select
          id={id}
          value={value}
          onChange={(event) => {
            onChange(event.currentTarget.value);
          }}
        >
          {options.map(([option, text]) => (
            <option key={option} value={option} selected={option === value}>
              {text}
            </option>
          ))}
        </select>
      )}
    </Field>
  );
}

/** A choice between views of one thing. */
export function Tabs({ label, tabs, chosen, onChoose }: { label: string; tabs: readonly (readonly [id: string, title: string])[]; chosen: string; onChoose: (id: string) => void }): JSX.Element {
  return (
    <nav class="tabs" aria-label={label}>
      {tabs.map(([id, title]) => (
        <button
          key={id}
          type="button"
          aria-current={id === chosen ? 'true' : undefined}
          onClick={() => {
            onChoose(id);
          }}
        >
          {title}
        </button>
      ))}
    </nav>
  );
}
