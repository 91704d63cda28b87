import type { JSX } from 'preact';
import { useMemo, useState } from 'preact/hooks';
import { texts } from '../../texts.ts';
import { confirm, Dialog } from '../dialog.tsx';
import { SchemaForm, type FormValues, type SchemaOf } from '../form/schema-form.tsx';
import { Button } from '../parts.tsx';
import { toast } from '../toasts.tsx';
import { carryOut, keyKeeper, prefilled, readForm, type Known } from './panel-calls.ts';
import { valueAt, type PanelAction, type PanelRow } from './panel.ts';

interface ActionProps {
  action: PanelAction;
  row: PanelRow;
  known: Known;
  onDone: () => void;
  isMain?: boolean;
}

/** What a panel lets somebody do: at once, after a question, or with a form. Not there when it does not apply to the row. */
export function ActionButton({ action, row, known, onDone, isMain }: ActionProps): JSX.Element | null {
  const [schema, setSchema] = useState<SchemaOf>();
  const key = useMemo(keyKeeper, []);
  const { form, when, label, tone, method } = action;
  if (when !== null && !when.is.includes(valueAt(row, when.field))) return null;
  const close = (): void => {
    setSchema(undefined);
  };
  const act = async (entered: FormValues): Promise<void> => {
    await carryOut(action, { row, known, entered, key: key.current() });
    key.used();
    close();
    toast(texts.panels.done(label));
    onDone();
  };
  const press = async (): Promise<void> => {
    if (form !== null) {
      const read = await readForm(form);
      setSchema(() => read);
    } else if (action.confirm === null || (await confirm({ title: label, text: action.confirm, confirm: label, isDangerous: tone === 'danger' }))) await act({});
  };
  return (
    <>
      <Button kind={tone === 'danger' ? 'danger' : isMain === true ? 'primary' : 'plain'} onClick={press}>
        {label}
      </Button>
      {form !== null && schema !== undefined && (
        <Dialog title={label} onClose={close}>
          {action.confirm !== null && <p>{action.confirm}</p>}
          <SchemaForm schema={schema} value={method === 'POST' ? {} : prefilled(form, row)} submit={label} onSubmit={act} />
        </Dialog>
      )}
    </>
  );
}
