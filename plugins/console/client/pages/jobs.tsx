import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { texts } from '../texts.ts';
import { get, send } from '../ui/api.ts';
import { confirm } from '../ui/dialog.tsx';
import { formatAgo, formatNumber, formatTime } from '../ui/format.ts';
import { Badge, Button, Card, ErrorBox, Loading, PageHead } from '../ui/parts.tsx';
import { pluginName } from '../ui/names.ts';
import { ListTable, Table } from '../ui/table.tsx';
import { toast } from '../ui/toasts.tsx';
import { useLoad } from '../ui/use-load.ts';

interface WorkState {
  plugin: string;
  waiting: number;
  running: number;
  failed: number;
  waitingSince: string | null;
}

interface DeadLetter {
  id: string;
  plugin: string;
  kind: 'event' | 'job';
  name: string;
  data: unknown;
  error: string;
  attempts: number;
  failedAt: string;
}

/** Background work: what waits, what runs, and what kept failing. */
export default function JobsPage(): JSX.Element {
  const [version, setVersion] = useState(0);
  const { data, problem, reload } = useLoad((signal) => get<WorkState[]>('/admin/jobs', {}, signal), [version]);
  const changed = (): void => {
    setVersion((before) => before + 1);
  };
  return (
    <>
      <PageHead title={texts.jobs.title}>
        <Button icon="refresh" onClick={changed}>{texts.jobs.refresh}</Button>
      </PageHead>
      <p class="lead">{texts.jobs.intro}</p>
      <Card title={texts.jobs.states}>
        {problem && <ErrorBox message={problem.message} retry={reload} />}
        {data === undefined && problem === undefined && <Loading />}
        {data && <States rows={data} onChanged={changed} />}
      </Card>
      <Card title={texts.jobs.letters}>
        <DeadLetters version={version} onChanged={changed} />
      </Card>
    </>
  );
}

function States({ rows, onChanged }: { rows: WorkState[]; onChanged: () => void }): JSX.Element {
  const replayAll = async (plugin: string): Promise<void> => {
    await send('POST', '/admin/dead-letters/replay', { body: { plugin } });
    toast(texts.jobs.replayed);
    onChanged();
  };
  return (
    <Table
      label={texts.jobs.states}
      rows={rows}
      keyOf={({ plugin }) => plugin}
      empty={texts.jobs.quiet}
      columns={[
        { title: texts.jobs.plugin, cell: ({ plugin }) => pluginName(plugin), sortBy: ({ plugin }) => pluginName(plugin) },
        { title: texts.jobs.waiting, cell: ({ waiting }) => formatNumber(waiting), isNumber: true, sortBy: ({ waiting }) => waiting },
        { title: texts.jobs.running, cell: ({ running }) => formatNumber(running), isNumber: true, sortBy: ({ running }) => running },
        { title: texts.jobs.failed, cell: ({ failed }) => (failed > 0 ? <Badge tone="bad">{failed}</Badge> : '0'), isNumber: true, sortBy: ({ failed }) => failed },
        { title: texts.jobs.since, cell: ({ waitingSince }) => (waitingSince === null ? '–' : formatAgo(waitingSince)) },
        { title: texts.panels.actions, cell: ({ plugin, failed }) => (failed > 0 ? <Button onClick={() => replayAll(plugin)}>{texts.jobs.replayAll}</Button> : '') },
      ]}
    />
  );
}

function DeadLetters({ version, onChanged }: { version: number; onChanged: () => void }): JSX.Element {
  const replay = async ({ id }: DeadLetter): Promise<void> => {
    await send('POST', `/admin/dead-letters/${id}/replay`);
    toast(texts.jobs.replayed);
    onChanged();
  };
  const remove = async ({ id, kind, plugin }: DeadLetter): Promise<void> => {
    if (!(await confirm({ title: texts.jobs.remove, text: texts.jobs.removeText(texts.jobs.kinds[kind], pluginName(plugin)), confirm: texts.jobs.remove, isDangerous: true, isFinal: true }))) return;
    await send('DELETE', `/admin/dead-letters/${id}`);
    toast(texts.jobs.removed);
    onChanged();
  };
  return (
    <ListTable<DeadLetter>
      label={texts.jobs.letters}
      path="/admin/dead-letters"
      version={version}
      keyOf={({ id }) => id}
      empty={texts.jobs.noLetters}
      columns={[
        { title: texts.jobs.when, cell: ({ failedAt }) => formatTime(failedAt) },
        { title: texts.jobs.what, cell: ({ plugin, kind, name }) => <>{pluginName(plugin)} <span class="muted">{texts.jobs.kinds[kind]} <code>{name}</code></span></> },
        {
          title: texts.jobs.error,
          cell: ({ error, data, attempts }) => (
            <details>
              <summary>{error}</summary>
              <p class="muted">{texts.jobs.attempts(attempts)}</p>
              <pre tabIndex={0}>{JSON.stringify(data, null, 2)}</pre>
            </details>
          ),
        },
        {
          title: texts.panels.actions,
          cell: (letter) => (
            <div class="actions">
              <Button onClick={() => replay(letter)}>{texts.jobs.replay}</Button>
              <Button kind="danger" onClick={() => remove(letter)}>{texts.jobs.remove}</Button>
            </div>
          ),
        },
      ]}
    />
  );
}
