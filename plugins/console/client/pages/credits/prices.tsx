import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { texts } from '../../texts.ts';
import { get, send } from '../../ui/api.ts';
import { Dialog } from '../../ui/dialog.tsx';
import { SchemaForm } from '../../ui/form/schema-form.tsx';
import type { JsonSchema } from '../../ui/form/schema.ts';
import { Badge, Button, Card, ErrorBox, Loading } from '../../ui/parts.tsx';
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
            { title: texts.credits.action, cell: ({ name, id }) => <>{name} <code class="muted">{id}</code></>, sortBy: ({ name }) => name },
            { title: texts.credits.plugin, cell: ({ pluginId }) => pluginId ?? '–', sortBy: ({ pluginId }) => pluginId ?? '' },
            { title: texts.credits.price, cell: ({ defaultCost }) => texts.plugins.credits(defaultCost), sortBy: ({ defaultCost }) => defaultCost, isNumber: true },
            { title: texts.credits.state, cell: ({ enabled }) => <Badge tone={enabled ? 'good' : 'neutral'}>{enabled ? texts.plugins.states.enabled : texts.plugins.states.disabled}</Badge> },
            { title: texts.panels.actions, cell: (action) => <Button onClick={() => { setChanging(action); }}>{texts.credits.change}</Button> },
          ]}
        />
      )}
      {changing && (
        <Dialog title={changing.name} onClose={() => { setChanging(undefined); }}>
          {changing.description !== null && <p class="muted">{changing.description}</p>}
          <SchemaForm
            schema={CHANGE}
            value={{ defaultCost: changing.defaultCost, enabled: changing.enabled }}
            submit={texts.common.save}
            onSubmit={async (body) => {
              await send('PATCH', `/admin/credits/actions/${changing.id}`, { body });
              setChanging(undefined);
              toast(texts.common.saved);
              await reload();
            }}
          />
        </Dialog>
      )}
    </Card>
  );
}
