import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { get } from '../api.ts';
import { useLoad } from '../use-load.ts';
import { PanelView } from './panel-view.tsx';
import type { Panel } from './panel.ts';

interface PanelsProps {
  page: Panel['page'];
  /** Only this plugin's. */
  plugin?: string;
  known?: Readonly<Record<string, string>>;
  /** Shown when there is none. */
  empty?: JSX.Element;
}

/** The panels that plugins put on a page. */
export function Panels({ page, plugin, known = {}, empty }: PanelsProps): JSX.Element {
  const [version, setVersion] = useState(0);
  const changed = (): void => {
    setVersion((before) => before + 1);
  };
  const route = page === 'me' ? '/users/me/panels' : '/admin/panels';
  const { data } = useLoad((signal) => get<Panel[]>(route, {}, signal), [route]);
  const shown = data?.filter((panel) => panel.page === page && (plugin === undefined || panel.plugin.id === plugin));
  if (shown?.length === 0) return empty ?? <></>;
  const [wide, small] = [shown?.filter(({ kind }) => kind === 'table'), shown?.filter(({ kind }) => kind !== 'table')];
  return (
    <>
      <div class="grid">{small?.map((panel) => <PanelView key={panel.id} panel={panel} known={known} version={version} onChanged={changed} />)}</div>
      {wide?.map((panel) => (
        <PanelView key={panel.id} panel={panel} known={known} version={version} onChanged={changed} />
      ))}
    </>
  );
}
