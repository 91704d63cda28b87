import { signal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { texts } from '../texts.ts';
import { asProblem } from './api.ts';
import { Icon } from './icons.tsx';

interface Toast {
  id: number;
  text: string;
  isBad: boolean;
  undo: Undo | undefined;
}

/** Takes back what was done. What it throws is shown. */
type Undo = () => Promise<unknown>;

const toasts = signal<readonly Toast[]>([]);
const SHOWN_MS = 6_000;
/** As long as it takes to read, think better of it, and get there with the keyboard. */
const UNDO_MS = 15_000;
let last = 0;

/** Tells that something is done, and offers to take it back: by its button, or with Ctrl Z as long as it is shown. */
export function toast(text: string, options: { undo?: Undo } = {}): void {
  show({ text, isBad: false, undo: options.undo });
}

/** Tells what went wrong; it stays until it is closed. */
export function report(error: unknown): void {
  show({ text: describeProblem(error), isBad: true, undo: undefined });
}

/** What to tell a person about an error, its fields included. */
export function describeProblem(error: unknown): string {
  const problem = asProblem(error);
  const fields = [...problem.fields].map(([path, message]) => `${path.slice(1)} ${message}`);
  return [problem.message, ...fields].join(' ');
}

function show(shown: Omit<Toast, 'id'>): void {
  toasts.value = [...toasts.value.filter(({ text }) => text !== shown.text), { ...shown, id: ++last }];
}

function close(id: number): void {
  // The focus that is in it goes to the page, not into nothing.
  if (document.activeElement?.closest('.toast') != null) document.getElementById('content')?.focus({ preventScroll: true });
  toasts.value = toasts.value.filter((other) => other.id !== id);
}

async function takeBack({ id, undo }: Toast): Promise<void> {
  close(id);
  try {
    await undo?.();
    toast(texts.common.undone);
  } catch (error) {
    report(error);
  }
}

export function Toasts(): JSX.Element {
  useEffect(() => {
    addEventListener('keydown', undoByKey);
    return () => {
      removeEventListener('keydown', undoByKey);
    };
  }, []);
  return (
    <div class="toasts" role="region" aria-label={texts.common.notifications} aria-live="polite">
      {toasts.value.map((shown) => (
        <Notification key={shown.id} shown={shown} />
      ))}
    </div>
  );
}

/** Ctrl Z takes the newest back, except where it belongs to what is being typed or a dialog is open. */
function undoByKey(event: KeyboardEvent): void {
  if (event.key !== 'z' || event.shiftKey || !(event.ctrlKey || event.metaKey)) return;
  const isElsewhere = document.activeElement?.matches('input:not([type="checkbox"]), textarea, select') === true || document.querySelector('dialog[open]') !== null;
  const newest = toasts.value.findLast(({ undo }) => undo !== undefined);
  if (isElsewhere || newest === undefined) return;
  event.preventDefault();
  void takeBack(newest);
}

/** Goes by itself unless it tells of an error; not while somebody is at it. */
function Notification({ shown }: { shown: Toast }): JSX.Element {
  const { id, text, isBad, undo } = shown;
  const [isHeld, setHeld] = useState(false);
  useEffect(() => {
    if (isBad || isHeld) return undefined;
    const timer = setTimeout(close, undo === undefined ? SHOWN_MS : UNDO_MS, id);
    return () => {
      clearTimeout(timer);
    };
  }, [isHeld]);
  const hold = (): void => {
    setHeld(true);
  };
  const release = (): void => {
    setHeld(false);
  };
  return (
    <div class={`toast ${isBad ? 'bad' : 'good'}`} role={isBad ? 'alert' : undefined} onPointerEnter={hold} onPointerLeave={release} onFocusIn={hold} onFocusOut={release}>
      <Icon name={isBad ? 'alert' : 'check'} />
      <p>
        {text}
        {undo !== undefined && <span class="hidden-text"> {texts.common.undoHint}</span>}
      </p>
      {undo !== undefined && (
        <button type="button" class="button" aria-keyshortcuts="Control+Z" onClick={() => void takeBack(shown)}>
          {texts.common.undo}
        </button>
      )}
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
  );
}
