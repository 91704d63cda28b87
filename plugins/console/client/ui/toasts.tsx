import { signal } from '@preact/signals';
import type { JSX } from 'preact';
import { texts } from '../texts.ts';
import { asProblem } from './api.ts';
import { Icon } from './icons.tsx';

interface Toast {
  id: number;
  text: string;
  isBad: boolean;
}

const toasts = signal<readonly Toast[]>([]);
const SHOWN_MS = 6_000;
let last = 0;

/** Tells that something is done. */
export function toast(text: string): void {
  show(text, false);
}

/** Tells what went wrong; it stays until it is closed. */
export function report(error: unknown): void {
  show(describeProblem(error), true);
}

/** What to tell a person about an error, its fields included. */
export function describeProblem(error: unknown): string {
  const problem = asProblem(error);
  const fields = [...problem.fields].map(([path, message]) => `${path.slice(1)} ${message}`);
  return [problem.message, ...fields].join(' ');
}

function show(text: string, isBad: boolean): void {
  const id = ++last;
  toasts.value = [...toasts.value.filter((other) => other.text !== text), { id, text, isBad }];
  if (!isBad) setTimeout(() => close(id), SHOWN_MS);
}

function close(id: number): void {
  toasts.value = toasts.value.filter((other) => other.id !== id);
}

export function Toasts(): JSX.Element {
  return (
    <div class="toasts" role="region" aria-label={texts.common.notifications} aria-live="polite">
      {toasts.value.map(({ id, text, isBad }) => (
        <div key={id} class={`toast ${isBad ? 'bad' : 'good'}`} role={isBad ? 'alert' : undefined}>
          <Icon name={isBad ? 'alert' : 'check'} />
          <p>{text}</p>
          <button
            type="button"
            class="icon-button"
            aria-label={texts.common.close}
            onClick={() => {
              close(id);
            }}
          >
            <Icon name="close" size={16} />
          </button>
        </div>
      ))}
    </div>
  );
}
