import type { JSX } from 'preact';

interface MomentProps {
  id: string;
  'aria-describedby': string | undefined;
  'aria-invalid': boolean;
  value: unknown;
  isRequired: boolean;
  /** With an ISO time in UTC, or undefined when there is none. */
  onChange: (value: string | undefined) => void;
}

/** A day and a time, entered as they are where the reader is. */
export function Moment({ value, isRequired, onChange, ...common }: MomentProps): JSX.Element {
  return (
    <input
      {...common}
      type="datetime-local"
      required={isRequired}
      value={typeof value === 'string' ? toLocal(value) : ''}
      onChange={({ currentTarget }) => {
        onChange(currentTarget.value === '' ? undefined : new Date(currentTarget.value).toISOString());
      }}
    />
  );
}

/** As `2026-05-03T18:00`. */
function toLocal(iso: string): string {
  const date = new Date(iso);
  return Number.isNaN(date.getTime()) ? '' : new Date(date.getTime() - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}
