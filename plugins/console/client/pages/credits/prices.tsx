import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { texts } from '../../texts.ts';
import { get, send } from '../../ui/api.ts';
import { Dialog } from '../../ui/dialog.tsx';
import { SchemaForm } from '../../ui/form/schema-form.tsx';
import type { JsonSchema } from '../../ui/form/schema.ts';
import { Badge, Button, Card, ErrorBox, Loading } from '../../ui/parts.tsx';
import { pluginName } from '../../ui/names.ts';
import { Table } from '../../ui/table.tsx';
import { toast } from '../../ui/toasts.tsx';
import { useLoad } from '../../ui/use-load.ts';

interface Action {
  id: string;
  name: string;
  description: string | null;
  defaultCost: number;
  pluginId: string | null;
  enabled: boolean;
}

const CHANGE: JsonSchema = {
  type: 'object',
  required: ['defaultCost'],
  properties: {
    defaultCost: { type: 'integer', minimum: 0, maximum: 1_000_000, title: texts.credits.price },
    enabled: { type: 'boolean', title: texts.credits.actionOn },
  },
};

/** What members pay credits for. */
export function Prices(): JSX.Element {
  const { data, problem, reload } = useLoad((signal) => get<Action[]>('/admin/credits/actions', {}, signal), []);
  const [changing, setChanging] = useState<Action>();
  const change = async ({ id }: Action, body: object): Promise<void> => {
    await send('PATCH', `/admin/credits/actions/${id}`, { body });
    await reload();
  };
  return (
    <Card title={texts.credits.prices}>
      <p class="muted">{texts.credits.pricesIntro}</p>
      {problem && <ErrorBox message={problem.message} retry={reload} />}
      {data === undefined && problem === undefined && <Loading />}
      {data && (
        <Table
          label={texts.credits.prices}
          rows={data}
          keyOf={({ id }) => id}
          columns={[
            { title: texts.credits.action, cell: ({ name, description }) => <>{name}{description !== null && <p class="hint">{description}</p>}</>, sortBy: ({ name }) => name },
            { title: texts.credits.plugin, cell: ({ pluginId }) => (pluginId === null ? '–' : pluginName(pluginId)), sortBy: ({ pluginId }) => (pluginId === null ? '' : pluginName(pluginId)) },
            { title: texts.credits.price, cell: ({ defaultCost }) => texts.plugins.credits(defaultCost), sortBy: ({ defaultCost }) => defaultCost, isNumber: true },
            { title: texts.credits.state, cell: ({ enabled }) => <Badge tone={enabled ? 'good' : 'neutral'}>{enabled ? texts.plugins.states.enabled : texts.plugins.states.disabled}</Badge> },
            { title: texts.panels.actions, cell: (action) => <Button onClick={() => { setChanging(action); }}>{texts.credits.change}</Button> },
          ]}
        />
      )}
      {changing && (
        <Dialog title={changing.name} onClose={() => { setChanging(undefined); }}>
          {changing.description !== null && <p class="muted">{changing.description}</p>}
          <p class="muted">
            {texts.credits.actionId} <code>{changing.id}</code>
          </p>
          <SchemaForm
            schema={CHANGE}
            value={{ defaultCost: changing.defaultCost, enabled: changing.enabled }}
            submit={texts.common.save}
            onSubmit={async (body) => {
              await change(changing, body);
              setChanging(undefined);
              const { defaultCost, enabled } = changing;
              toast(texts.common.saved, { undo: () => change(changing, { defaultCost, enabled }) });
            }}
          />
        </Dialog>
      )}
    </Card>
  );
}
