import type { JSX } from 'preact';
import { texts } from '../texts.ts';
import { get, send } from '../ui/api.ts';
import { SchemaForm } from '../ui/form/schema-form.tsx';
import { formatAgo } from '../ui/format.ts';
import { useLive } from '../ui/live.ts';
import { Badge, Button, Card, Empty, ErrorBox, Facts, Loading, PageHead, Tabs } from '../ui/parts.tsx';
import { pluginName } from '../ui/names.ts';
import { Panels } from '../ui/panels/panels.tsx';
import { Link, location, setQuery, type PageProps } from '../ui/router.tsx';
import { toast } from '../ui/toasts.tsx';
import { useLoad } from '../ui/use-load.ts';
import { AuditTable } from './audit/audit-table.tsx';
import { PluginHealth } from './plugins/health.tsx';
import { PluginInstalls } from './plugins/installs.tsx';
import { TONES, type AdminPlugin } from './plugins/plugin.ts';
import { PluginSwitch } from './plugins/switching.tsx';
import { Technical } from './plugins/technical.tsx';

const TABS = [
  ['overview', texts.plugins.overview],
  ['health', texts.plugins.health],
  ['audit', texts.plugins.audit],
  ['technical', texts.plugins.technical],
] as const;

/** One plugin: its switch, its settings, what it shows and how it is. */
export default function PluginPage({ params }: PageProps): JSX.Element {
  const id = params.id ?? '';
  const { data: plugin, problem, reload } = useLoad((signal) => get<AdminPlugin>(`/admin/plugins/${id}`, {}, signal), [id]);
  useLive('monitor', ({ event }) => void (event === 'plugins.changed' && reload()));
  const tab = location.value.query.get('tab') ?? 'overview';
  return (
    <>
      <PageHead title={plugin?.displayName ?? texts.plugins.title} back={<Link to="/plugins" class="back">{texts.plugins.title}</Link>}>
        {plugin && <Badge tone={TONES[plugin.state]}>{texts.plugins.states[plugin.state]}</Badge>}
        {plugin && <PluginSwitch plugin={plugin} onChanged={reload} />}
      </PageHead>
      {problem && <ErrorBox message={problem.message} retry={reload} />}
      {plugin === undefined && problem === undefined && <Loading />}
      {plugin && (
        <>
          <p class="lead">{plugin.description}</p>
          <Trouble plugin={plugin} onChanged={reload} />
          <Tabs label={plugin.displayName} tabs={TABS} chosen={tab} onChoose={(chosen) => { setQuery({ tab: chosen }); }} />
          {tab === 'overview' && <Overview key={plugin.id} plugin={plugin} onChanged={reload} />}
          {tab === 'health' && <PluginHealth plugin={plugin} reload={reload} />}
          {tab === 'audit' && <Card title={texts.plugins.audit}><AuditTable query={{ objectType: 'plugins', object: plugin.id, isChange: true }} /></Card>}
          {tab === 'technical' && <Technical plugin={plugin} />}
        </>
      )}
    </>
  );
}

interface PluginProps {
  plugin: AdminPlugin;
  onChanged: () => Promise<void>;
}

/** Why it does not run, and what to do about it. */
function Trouble({ plugin, onChanged }: PluginProps): JSX.Element | null {
  const { id, quarantine, reason } = plugin;
  if (quarantine === null) return reason === null ? null : <ErrorBox message={reason} />;
  const release = async (): Promise<void> => {
    await send('POST', `/admin/plugins/${id}/release`);
    toast(texts.plugins.released);
    await onChanged();
  };
  return (
    <Card title={texts.plugins.quarantineTitle} tone="bad" actions={<Button kind="primary" onClick={release}>{texts.plugins.release}</Button>}>
      <p>{texts.plugins.quarantineText(quarantine.place, quarantine.error)}</p>
      <p class="muted">{texts.plugins.releaseText}</p>
      {quarantine.stack !== null && (
        <details>
          <summary>{texts.plugins.stack}</summary>
          <pre tabIndex={0}>{quarantine.stack}</pre>
        </details>
      )}
    </Card>
  );
}

function Overview({ plugin, onChanged }: PluginProps): JSX.Element {
  return (
    <>
      <Panels page="plugin" plugin={plugin.id} />
      <div class="grid">
        <Settings plugin={plugin} onChanged={onChanged} />
        <Card title={texts.plugins.about}>
          <Facts facts={factsOf(plugin)} />
          <PluginInstalls plugin={plugin} onChanged={onChanged} />
        </Card>
      </div>
    </>
  );
}

function factsOf(plugin: AdminPlugin): [string, JSX.Element | string][] {
  const { installedVersion, diskVersion, requires, uses, dependents, actions, bundled, upload } = plugin;
  const links = (ids: readonly string[]): JSX.Element => (
    <>
      {ids.map((id, index) => (
        <span key={id}>
          {index > 0 && ', '}
          <Link to={`/plugins/${id}`}>{pluginName(id)}</Link>
        </span>
      ))}
    </>
  );
  const facts: [string, JSX.Element | string][] = [[texts.plugins.versionLabel, `${installedVersion ?? diskVersion ?? '?'}${bundled ? ` · ${texts.plugins.bundled}` : ''}`]];
  if (upload !== null) facts.push([texts.plugins.uploadedAt, formatAgo(upload.at)]);
  if (Object.keys(requires).length > 0) facts.push([texts.plugins.requires, links(Object.keys(requires))]);
  if (Object.keys(uses).length > 0) facts.push([texts.plugins.uses, links(Object.keys(uses))]);
  if (dependents.length > 0) facts.push([texts.plugins.dependents, links(dependents)]);
  if (actions.length > 0) facts.push([texts.plugins.prices, actions.map(({ name, cost }) => `${name}: ${texts.plugins.credits(cost)}`).join(', ')]);
  return facts;
}

function Settings({ plugin, onChanged }: PluginProps): JSX.Element {
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
            await onChanged();
          }}
        />
      )}
    </Card>
  );
}
