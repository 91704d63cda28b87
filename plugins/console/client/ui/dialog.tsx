import { signal } from '@preact/signals';
import type { ComponentChildren, JSX } from 'preact';
import { useEffect, useId, useRef, useState } from 'preact/hooks';
import { texts } from '../texts.ts';
import { Button, Field } from './parts.tsx';
import { Icon } from './icons.tsx';

interface DialogProps {
  title: string;
  children: ComponentChildren;
  actions?: ComponentChildren;
  isWide?: boolean;
  onClose: () => void;
}

/** What stands before everything else until it is closed; Escape closes it, and the focus goes back to where it was. */
export function Dialog({ title, children, actions, isWide, onClose }: DialogProps): JSX.Element {
  const dialog = useRef<HTMLDialogElement>(null);
  const id = useId();
  useEffect(() => {
    const before = document.activeElement;
    dialog.current?.showModal();
    return () => {
      if (before instanceof HTMLElement) before.focus();
    };
  }, []);
  return (
    <dialog
      ref={dialog}
      class={isWide === true ? 'wide' : ''}
      aria-labelledby={id}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
    >
      <header>
        <h2 id={id}>{title}</h2>
        <button type="button" class="icon-button" aria-label={texts.common.close} onClick={onClose}>
          <Icon name="close" />
        </button>
      </header>
      <div class="dialog-body">{children}</div>
      {actions !== undefined && <footer class="actions">{actions}</footer>}
    </dialog>
  );
}

interface Question {
  title: string;
  text: ComponentChildren;
  confirm: string;
  isDangerous?: boolean;
  /** It cannot be undone, which the question then says. */
  isFinal?: boolean;
  /** A text to be given along; its label. */
  reason?: string;
  /** What has to be typed to show that it is meant. */
  typed?: string;
}

interface Asked extends Question {
  answer: (reason: string | undefined) => void;
}

const asked = signal<Asked | undefined>(undefined);

/** Asks whether something is meant. */
export async function confirm(question: Question): Promise<boolean> {
  return (await ask(question)) !== undefined;
}

/** Asks, and for a reason along with it; undefined when it is not meant. */
export function ask(question: Question): Promise<string | undefined> {
  return new Promise((resolve) => {
    asked.value = {
      ...question,
      answer: (reason) => {
        asked.value = undefined;
        resolve(reason);
      },
    };
  });
}

/** Where the questions of `confirm` and `ask` appear. */
export function Questions(): JSX.Element | null {
  const question = asked.value;
  return question === undefined ? null : <QuestionDialog key={question.title} {...question} />;
}

function QuestionDialog({ title, text, confirm: button, isDangerous, isFinal, reason, typed, answer }: Asked): JSX.Element {
  const [given, setGiven] = useState('');
  const isReady = typed !== undefined ? given === typed : reason === undefined || given.trim() !== '';
  const label = typed !== undefined ? texts.common.typeToConfirm(typed) : reason;
  const yes = (): void => {
    if (isReady) answer(given.trim());
  };
  return (
    <Dialog
      title={title}
      onClose={() => {
        answer(undefined);
      }}
      actions={
        <>
          <Button onClick={() => answer(undefined)}>{texts.common.cancel}</Button>
          <Button kind={isDangerous === true ? 'danger' : 'primary'} disabled={!isReady} onClick={yes}>
            {button}
          </Button>
        </>
      }
    >
      <div>{text}</div>
      {isFinal === true && (
        <p>
          <strong>{texts.common.isFinal}</strong>
        </p>
      )}
      {label !== undefined && (
        <form
          onSubmit={(event) => {
            event.preventDefault();
            yes();
          }}
        >
          <Field label={label} isRequired>
            {({ id }) => (
              <input
                id={id}
                value={given}
                maxLength={500}
                autocomplete="off"
                onInput={(event) => {
                  setGiven(event.currentTarget.value);
                }}
              />
            )}
          </Field>
        </form>
      )}
    </Dialog>
  );
}
