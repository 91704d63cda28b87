import type { JSX } from 'preact';
import { useId, useState } from 'preact/hooks';
import { get } from '../api.ts';
import { useLoad } from '../use-load.ts';
import type { Known } from './panel-calls.ts';
import { PanelView } from './panel-view.tsx';
import type { Panel } from './panel.ts';

interface PanelsProps {
  page: Panel['page'];
  /** Only this plugin's. */
  plugin?: string;
  known?: Known;
  /** Shown when there is none. */
  empty?: JSX.Element;
}

/** The panels that plugins put on a page: those that stand alone, then each group below its heading. */
export function Panels({ page, plugin, known = {}, empty }: PanelsProps): JSX.Element {
  const [version, setVersion] = useState(0);
  const changed = (): void => {
    setVersion((before) => before + 1);
  };
  const route = page === 'me' ? '/users/me/panels' : '/admin/panels';
  const { data } = useLoad((signal) => get<Panel[]>(route, {}, signal), [route]);
  const shown = data?.filter((panel) => panel.page === page && (plugin === undefined || panel.plugin.id === plugin)) ?? [];
  if (data !== undefined && shown.length === 0) return empty ?? <></>;
  const groups = [...new Set(shown.map(({ group }) => group))].sort((one, other) => Number(one !== null) - Number(other !== null));
  return (
    <>
      {groups.map((group) => (
        <PanelGroup key={group} title={group} panels={shown.filter((panel) => panel.group === group)} {...{ known, version, changed }} />
      ))}
    </>
  );
}

interface GroupProps {
  title: string | null;
  panels: readonly Panel[];
  known: Known;
  version: number;
  changed: () => void;
}

/** Small panels beside each other, tables below them. */
function PanelGroup({ title, panels, known, version, changed }: GroupProps): JSX.Element {
  const id = useId();
  const show = (panel: Panel): JSX.Element => (
    <PanelView key={panel.id} panel={panel} level={title === null ? 2 : 3} known={known} version={version} onChanged={changed} />
  );
  const [wide, small] = [panels.filter(({ kind }) => kind === 'table'), panels.filter(({ kind }) => kind !== 'table')];
  const content = (
    <>
      {small.length > 0 && <div class="grid">{small.map(show)}</div>}
      {wide.map(show)}
    </>
  );
  if (title === null) return <div class="panel-group">{content}</div>;
  return (
    <section class="panel-group" aria-labelledby={id}>
      <h2 id={id} class="group-title">{title}</h2>
      {content}
    </section>
  );
}
