import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { texts } from '../texts.ts';
import { useLive } from '../ui/live.ts';
import { Badge, Empty, ErrorBox, Loading, PageHead, TextInput } from '../ui/parts.tsx';
import { Link } from '../ui/router.tsx';
import { useLoad } from '../ui/use-load.ts';
import { TONES, readPluginList, type AdminPlugin } from './plugins/plugin.ts';
import { PluginSwitch } from './plugins/switching.tsx';
import { UploadButton } from './plugins/upload.tsx';

/** The catalogue: every plugin, what it is for, and its switch. */
export default function PluginsPage(): JSX.Element {
  const [search, setSearch] = useState('');
  const { data: list, problem, reload } = useLoad(readPluginList, []);
  useLive('monitor', ({ event }) => void (event === 'plugins.changed' && reload()));
  const data = list?.plugins;
  const wanted = search.trim().toLowerCase();
  const shown = data?.filter(({ id, displayName, description }) => `${id} ${displayName} ${description ?? ''}`.toLowerCase().includes(wanted));
  return (
    <>
      <PageHead title={texts.plugins.title}>{list?.takesUploads === true && <UploadButton />}</PageHead>
      <p class="lead">{texts.plugins.intro}</p>
      {problem && <ErrorBox message={problem.message} retry={reload} />}
      {shown === undefined && problem === undefined && <Loading rows={6} />}
      {(data?.length ?? 0) > 6 && <TextInput label={texts.plugins.searchLabel} type="search" value={search} onInput={setSearch} />}
      {shown?.length === 0 && <Empty>{texts.common.nothing}</Empty>}
      <ul class="tiles">
        {shown?.map((plugin) => (
          <PluginTile key={plugin.id} plugin={plugin} onChanged={reload} />
        ))}
      </ul>
    </>
  );
}

function PluginTile({ plugin, onChanged }: { plugin: AdminPlugin; onChanged: () => unknown }): JSX.Element {
  const { id, displayName, description, state, reason, installedVersion, diskVersion, remains, pages } = plugin;
  return (
    <li class="card tile">
      <div class="tile-head">
        <h2>
          <Link to={`/plugins/${id}`}>{displayName}</Link>
        </h2>
        <PluginSwitch plugin={plugin} onChanged={onChanged} />
      </div>
      <p class="muted">{description}</p>
      {reason !== null && <p class="field-error">{reason}</p>}
      <p class="tile-foot">
        <Badge tone={TONES[state]}>{texts.plugins.states[state]}</Badge>
        {(installedVersion ?? diskVersion) !== null && <span class="muted">{texts.plugins.version(installedVersion ?? diskVersion ?? '')}</span>}
        {remains !== null && <Badge tone="warn">{texts.plugins.remains}</Badge>}
        {pages.map(({ path, title }) => (
          <a key={path} href={path}>
            {texts.plugins.open} {title}
          </a>
        ))}
      </p>
    </li>
  );
}
