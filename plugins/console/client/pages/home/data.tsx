import type { JSX } from 'preact';
import { texts } from '../../texts.ts';
import { formatAgo, formatBytes, formatNumber, formatTime } from '../../ui/format.ts';
import { Card, Figure, Notice } from '../../ui/parts.tsx';
import { may } from '../../ui/session.ts';
import { Lead } from './lead.tsx';
import type { Overview, WorkState } from './overview.ts';

const words = texts.home;
const LEAST_FREE_BYTES = 1e9;
const DAY_MS = 86_400_000;
/** A backup is old after a week, the proof that one can be restored after a quarter. */
const OLD_DAYS = { written: 7, tested: 92 } as const;

interface WorkProps {
  work: readonly WorkState[] | undefined;
}

/** Whether the data are safe: room, background work, and backups that are known to be good. */
export function DataCard({ data, work }: Pick<Overview, 'data'> & WorkProps): JSX.Element {
  const late = (['written', 'tested'] as const).filter((what) => isLate(data[what], OLD_DAYS[what]));
  return (
    <Card title={words.data}>
      <div class="figures">
        {may('admin') && <Work work={work} />}
        <BackupFigure label={words.backup} record={data.written} isLate={late.includes('written')} />
        <BackupFigure label={words.restoreTest} record={data.tested} isLate={late.includes('tested')} />
        <Figure label={words.database} value={formatBytes(data.databaseBytes)} note={words.versions(data.databaseVersion, data.version)} />
        <Figure label={words.disk} value={data.freeBytes === null ? '–' : formatBytes(data.freeBytes)} tone={data.freeBytes !== null && data.freeBytes < LEAST_FREE_BYTES ? 'bad' : 'neutral'} />
      </div>
      {late.map((what) => (
        <Notice key={what} tone="warn">
          <p>{words.late[what][data[what] === null ? 'never' : 'old']}</p>
          <code>{words.commands[what]}</code>
        </Notice>
      ))}
    </Card>
  );
}

function Work({ work }: WorkProps): JSX.Element {
  const count = (name: 'waiting' | 'failed'): number => work?.reduce((sum, state) => sum + state[name], 0) ?? 0;
  return (
    <>
      <Lead to="/jobs" label={words.queue} value={work === undefined ? '…' : formatNumber(count('waiting'))} />
      <Lead to="/jobs" label={words.letters} value={work === undefined ? '…' : formatNumber(count('failed'))} tone={count('failed') > 0 ? 'bad' : 'good'} />
    </>
  );
}

type BackupRecord = Overview['data']['written'];

function BackupFigure({ label, record, isLate: late }: { label: string; record: BackupRecord; isLate: boolean }): JSX.Element {
  return <Figure label={label} value={record === null ? words.never : formatAgo(record.at)} note={record === null ? undefined : formatTime(record.at)} tone={late ? 'warn' : 'good'} isMoment={record !== null} />;
}

function isLate(record: BackupRecord, days: number): boolean {
  return record === null || Date.now() - Date.parse(record.at) > days * DAY_MS;
}
