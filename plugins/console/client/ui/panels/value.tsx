import type { ComponentChildren, JSX } from 'preact';
import { texts } from '../../texts.ts';
import { toWords } from '../form/schema.ts';
import { formatDate, formatNumber, formatTime } from '../format.ts';
import { accountName, MemberLink, MemberName } from '../member-name.tsx';
import { Badge, type Tone } from '../parts.tsx';
import { Picture } from '../picture.tsx';
import { valueAt, type PanelField, type PanelRow } from './panel.ts';

const TONES: Record<string, Tone> = { good: 'good', attention: 'warn', bad: 'bad', quiet: 'neutral' };

/** A value of a row, as its field says how to show it. */
export function PanelValue({ field, row, isVeiled }: { field: PanelField; row: PanelRow; isVeiled?: boolean }): JSX.Element {
  return <>{show(field, valueAt(row, field.field), isVeiled)}</>;
}

function show(field: PanelField, value: unknown, isVeiled = false): ComponentChildren {
  const { type = 'text', tones, label } = field;
  // What has words is a word itself, if only of a program.
  const named = (text: string): string => field.words?.[text] ?? (field.words === undefined && type === 'text' ? text : toWords(text));
  if (value === null || value === undefined || value === '') return '–';
  switch (type) {
    case 'number':
      return typeof value === 'number' ? formatNumber(value) : words(value);
    case 'credits':
      return typeof value === 'number' ? texts.plugins.credits(value) : words(value);
    case 'percent':
      return typeof value === 'number' ? `${formatNumber(Math.round(value * 10) / 10)} %` : words(value);
    case 'boolean':
      return value === true ? texts.common.yes : texts.common.no;
    case 'date':
      return formatDate(words(value));
    case 'datetime':
      return formatTime(words(value));
    case 'duration':
      return typeof value === 'number' ? texts.panels.minutes(Math.round(value / 60)) : words(value);
    case 'state':
      return <Badge tone={TONES[tones?.[words(value)] ?? ''] ?? 'neutral'}>{named(words(value))}</Badge>;
    case 'list':
      return Array.isArray(value) ? (value as unknown[]).map((item) => named(words(item))).join(', ') : words(value);
    case 'user':
      return <Person value={value} />;
    case 'image':
      return <Picture path={words(value)} label={label} isVeiled={isVeiled} />;
    case 'text':
      return named(words(value));
  }
}

/** A member, of whom there may be no more than the id. */
function Person({ value }: { value: unknown }): JSX.Element {
  if (typeof value === 'string') return <MemberName id={value} />;
  const id = valueAt(value, 'id');
  return typeof id === 'string' ? <MemberLink id={id} name={nameOf(value)} /> : <>{nameOf(value)}</>;
}

function nameOf(value: unknown): string {
  if (typeof value !== 'object' || value === null) return words(value);
  const { displayName, username, id } = value as { displayName?: string | null; username?: string; id?: string };
  return username === undefined ? (displayName ?? id ?? '–') : accountName({ displayName: displayName ?? null, username });
}

function words(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
