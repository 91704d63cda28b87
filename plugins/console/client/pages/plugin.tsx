import type { JSX } from 'preact';
import { texts } from '../texts.ts';
import { get, send } from '../ui/api.ts';
import { SchemaForm } from '../ui/form/schema-form.tsx';
import { Badge, Card, Empty, ErrorBox, Loading, PageHead } from '../ui/parts.tsx';
import { Link, type PageProps } from '../ui/router.tsx';
import { toast } from '../ui/toasts.tsx';
import { useLoad } from '../ui/use-load.ts';
import { TONES, type AdminPlugin } from './plugins/plugin.ts';
import { PluginSwitch } from './plugins/switching.tsx';

/** One plugin: its switch, its settings and how it is. */
export default function PluginPage({ params }: PageProps): JSX.Element {
  const id = params.id ?? '';
  const { data: plugin, problem, reload } = useLoad((signal) => get<AdminPlugin>(`/admin/plugins/${id}`, {}, signal), [id]);
  return (
    <>
      <PageHead title={plugin?.displayName ?? texts.plugins.title} back={<Link to="/plugins" class="back">{texts.plugins.title}</Link>}>
        {plugin && <Badge tone={TONES[plugin.state]}>{texts.plugins.states[plugin.state]}</Badge>}
        {plugin && <PluginSwitch plugin={plugin} onChanged={reload} />}
      </PageHead>
      {problem && <ErrorBox message={problem.message} retry={reload} />}
      {plugin === undefined && problem === undefined && <Loading />}
      {plugin && <p class="lead">{plugin.description}</p>}
      {plugin && <Settings key={plugin.id} plugin={plugin} onSaved={reload} />}
    </>
  );
}

function Settings({ plugin, onSaved }: { plugin: AdminPlugin; onSaved: () => Promise<void> }): JSX.Element {
  const { id, config, configSchema } = plugin;
  return (
    <Card title={texts.plugins.settings}>
      {configSchema === null ? (
        <Empty>{texts.plugins.noSettings}</Empty>
      ) : (
        <SchemaForm
          schema={configSchema}
          value={config}
          submit={texts.common.save}
          onSubmit={async (changed) => {
            await send('PUT', `/admin/plugins/${id}/config`, { body: changed });
            toast(texts.plugins.settingsSaved);
            await onSaved();
          }}
        />
      )}
    </Card>
  );
}
