import type { JSX } from 'preact';
import { useMemo } from 'preact/hooks';
import { texts } from '../../texts.ts';
import { get } from '../api.ts';
import { confirm } from '../dialog.tsx';
import { SchemaForm } from '../form/schema-form.tsx';
import { ErrorBox, Loading } from '../parts.tsx';
import { toast } from '../toasts.tsx';
import { useLoad } from '../use-load.ts';
import { carryOut, keyKeeper, prefilled, readForm, type ActionForm, type Known } from './panel-calls.ts';
import { pathOf, type Panel, type PanelAction, type PanelRow } from './panel.ts';

interface PanelFormProps {
  panel: Panel;
  known: Known;
  version: number;
  onDone: () => void;
}

/** A form that stays open, with what there is in it. */
export function PanelForm({ panel, ...props }: PanelFormProps): JSX.Element | null {
  const [action] = panel.actions;
  return action?.form == null ? null : <OpenForm panel={panel} action={action} form={action.form} {...props} />;
}

function OpenForm({ panel: { id, source }, action, form, known, version, onDone }: PanelFormProps & { action: PanelAction; form: ActionForm }): JSX.Element {
  const key = useMemo(keyKeeper, []);
  const { data, problem, reload } = useLoad(
    async (signal) => {
      const [schema, row] = await Promise.all([readForm(form), source === null ? {} : get<PanelRow>(pathOf(source, {}, known), source.query, signal)]);
      return { schema, value: prefilled(form, row) };
    },
    [id, version, JSON.stringify(known)],
  );
  if (problem) return <ErrorBox message={problem.message} retry={reload} />;
  if (data === undefined) return <Loading rows={2} />;
  return (
    <SchemaForm
      key={JSON.stringify(data.value)}
      schema={data.schema}
      value={data.value}
      submit={action.label}
      onSubmit={async (entered) => {
        if (action.confirm !== null && !(await confirm({ title: action.label, text: action.confirm, confirm: action.label }))) return;
        await carryOut(action, { row: {}, known, entered, key: key.current() });
        key.used();
        toast(texts.panels.done(action.label));
        onDone();
      }}
    />
  );
}
