import type { JSX } from 'preact';
import { texts } from '../../texts.ts';
import { formatAgo, formatNumber } from '../../ui/format.ts';
import { Badge, Card, Loading } from '../../ui/parts.tsx';
import { Link } from '../../ui/router.tsx';
import { TONES, type AdminPlugin } from '../plugins/plugin.ts';
import { Lead } from './lead.tsx';
import type { Overview } from './overview.ts';

const words = texts.home;

/** What runs, what does not, and who changed what last. */
export function PluginsCard({ plugins: { lastChange, faults }, all: data }: Pick<Overview, 'plugins'> & { all: readonly AdminPlugin[] | undefined }): JSX.Element {
  const installed = data?.filter(({ installedVersion, state }) => installedVersion !== null && state !== 'disabled') ?? [];
  const ill = installed.filter(({ state }) => state !== 'enabled');
  const pending = data?.filter(hasUpgrade) ?? [];
  const failures = new Map(faults.map((of) => [of.plugin, of.faults]));
  const failed = faults.reduce((sum, of) => sum + of.faults, 0);
  return (
    <Card title={words.plugins}>
      {data === undefined ? (
        <Loading />
      ) : (
        <>
          <div class="figures">
            <Lead to="/plugins" label={words.on} value={formatNumber(installed.length - ill.length)} />
            <Lead to="/plugins" label={words.ill} value={formatNumber(ill.length)} tone={ill.length > 0 ? 'bad' : 'good'} />
            <Lead to="/plugins" label={words.faults} value={formatNumber(failed)} note={words.lastDay} tone={failed > 0 ? 'warn' : 'good'} />
            <Lead to="/plugins" label={words.upgrades} value={formatNumber(pending.length)} tone={pending.length > 0 ? 'accent' : 'neutral'} />
          </div>
          <ul class="plain rows">
            {installed.map((plugin) => (
              <PluginRow key={plugin.id} plugin={plugin} failures={failures.get(plugin.id) ?? 0} />
            ))}
          </ul>
          {lastChange !== null && <LastChange change={lastChange} name={data.find(({ id }) => id === lastChange.plugin)?.displayName ?? lastChange.plugin} />}
        </>
      )}
    </Card>
  );
}

function PluginRow({ plugin, failures }: { plugin: AdminPlugin; failures: number }): JSX.Element {
  const { id, displayName, state, reason, installedVersion, diskVersion, pendingMigrations } = plugin;
  return (
    <li>
      <Link to={`/plugins/${id}`}>{displayName}</Link> <span class="muted">{installedVersion}</span>
      {state !== 'enabled' && <Badge tone={TONES[state]}>{texts.plugins.states[state]}</Badge>}
      {hasUpgrade(plugin) && <Badge tone="accent">{words.upgradeTo(diskVersion ?? '')}</Badge>}
      {failures > 0 && <Badge tone="warn">{words.failed24(failures)}</Badge>}
      {pendingMigrations.length > 0 && <Badge tone="warn">{words.migrations(pendingMigrations.length)}</Badge>}
      {reason !== null && <p class="muted">{reason}</p>}
    </li>
  );
}

function LastChange({ change: { at, action, actor }, name }: { change: NonNullable<Overview['plugins']['lastChange']>; name: string }): JSX.Element {
  const who = actor.username ?? texts.audit.actors[actor.kind] ?? actor.kind;
  const verb = action.slice('plugin.'.length);
  return (
    <p class="muted">
      <Link to="/audit?objectType=plugins">{words.lastChange}</Link>: {words.verbs[verb] ?? verb} {name}, {who}, {formatAgo(at)}
    </p>
  );
}

function hasUpgrade({ bundled, installedVersion, diskVersion }: AdminPlugin): boolean {
  return !bundled && installedVersion !== null && diskVersion !== null && installedVersion !== diskVersion;
}
