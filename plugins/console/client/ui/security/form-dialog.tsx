import type { ComponentChildren, JSX } from 'preact';
import { useState } from 'preact/hooks';
import { texts } from '../../texts.ts';
import { asProblem } from '../api.ts';
import { Dialog } from '../dialog.tsx';
import { Button, Notice } from '../parts.tsx';
import { plainErrors } from '../plain-errors.ts';

interface FormDialogProps {
  title: string;
  submit: string;
  isDangerous?: boolean;
  onSubmit: () => Promise<void>;
  onClose: () => void;
  /** Gets what is wrong with which field, by its JSON pointer in the body. */
  children: (errors: ReadonlyMap<string, string>) => ComponentChildren;
  /** The fields that it shows; what is wrong with others stands below them. */
  fields: readonly string[];
}

/** A few fields that have to be right before something is done. */
export function FormDialog({ title, submit, isDangerous, onSubmit, onClose, children, fields }: FormDialogProps): JSX.Element {
  const [errors, setErrors] = useState<ReadonlyMap<string, string>>(new Map());
  const [message, setMessage] = useState<string>();
  const [isBusy, setBusy] = useState(false);
  const run = async (): Promise<void> => {
    setBusy(true);
    setErrors(new Map());
    setMessage(undefined);
    try {
      await onSubmit();
    } catch (error) {
      const problem = asProblem(error);
      const others = [...problem.fields].filter(([path]) => !fields.includes(path)).map(([path, text]) => `${path.slice(1)} ${text}`);
      setErrors(plainErrors(problem));
      if (problem.fields.size === 0 || others.length > 0) setMessage([problem.message, ...others].join(' '));
    } finally {
      setBusy(false);
    }
  };
  return (
    <Dialog title={title} onClose={onClose}>
      <form
        class="form"
        onSubmit={(event) => {
          event.preventDefault();
          void run();
        }}
      >
        {children(errors)}
        {message !== undefined && (
          <div role="alert">
            <Notice tone="bad">{message}</Notice>
          </div>
        )}
        <div class="actions">
          <Button onClick={onClose}>{texts.common.cancel}</Button>
          <Button type="submit" kind={isDangerous === true ? 'danger' : 'primary'} isBusy={isBusy}>
            {submit}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
