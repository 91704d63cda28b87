import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { get, send } from '../../../ui/api.ts';
import { confirm, Dialog } from '../../../ui/dialog.tsx';
import { formatNumber, formatTime } from '../../../ui/format.ts';
import { Badge, Button, Card, Empty, ErrorBox, Loading, type Tone } from '../../../ui/parts.tsx';
import { toast } from '../../../ui/toasts.tsx';
import { texts as siteTexts } from '../../../texts.ts';
import { texts } from '../../texts.ts';
import { usePages } from '../../use-pages.ts';
import { isActive, type Import, type ImportSummary } from './imports.ts';
import { Progress } from './progress.tsx';
import { Faults } from './report.tsx';

const words = texts.imports;
const PAUSE_MS = 1_500;
const TONES: Partial<Record<ImportSummary['state'], Tone>> = { done: 'good', failed: 'bad', running: 'accent', waiting: 'accent', undoing: 'accent' };

/** What was brought in before, and the way to take it back. Another `version` looks anew. */
export function Earlier({ version }: { version: number }): JSX.Element {
  const { rows, isLoading, problem, more, reload } = usePages<ImportSummary>('/workouts/imports');
  const [shown, setShown] = useState<Import>();
  const isMoving = rows.some(isActive);
  useEffect(() => {
    if (version > 0) void reload();
  }, [version]);
  useEffect(() => {
    if (!isMoving) return;
    const timer = setTimeout(() => void reload(), PAUSE_MS);
    return () => {
      clearTimeout(timer);
    };
  }, [rows]);
  return (
    <Card title={words.earlier}>
      {problem && <ErrorBox message={problem.message} retry={reload} />}
      {isLoading && rows.length === 0 && <Loading />}
      {!isLoading && rows.length === 0 && problem === undefined && <Empty>{words.earlierEmpty}</Empty>}
      <ul class="plain rows imports">
        {rows.map((row) => (
          <Row key={row.id} row={row} onChanged={reload} onShow={setShown} />
        ))}
      </ul>
      {more && (
        <div class="more">
          <Button onClick={more}>{siteTexts.common.more}</Button>
        </div>
      )}
      {shown && (
        <Dialog title={words.problemsTitle} isWide onClose={() => { setShown(undefined); }}>
          <Faults of={shown} />
        </Dialog>
      )}
    </Card>
  );
}

function Row({ row, onChanged, onShow }: { row: ImportSummary; onChanged: () => Promise<void>; onShow: (shown: Import) => void }): JSX.Element {
  const { id, state, createdAt, format, workouts, sets, dryRun, problems, error } = row;
  const when = createdAt === null ? texts.noName : formatTime(createdAt);
  const isLook = dryRun && state === 'done';
  const undo = async (): Promise<void> => {
    if (!(await confirm({ title: words.undo, text: words.undoText(formatNumber(workouts)), confirm: words.undo, isDangerous: true }))) return;
    const { status } = await send('DELETE', `/workouts/imports/${id}`);
    toast(status === 202 ? words.undoing : words.undone);
    await onChanged();
  };
  return (
    <li>
      <strong>{when}</strong>
      <Badge tone={isLook ? 'neutral' : (TONES[state] ?? 'neutral')}>{isLook ? words.onlyLooked : words.states[state]}</Badge>
      <span class="muted">{[format === '' ? words.unknownFormat : format, words.counts(formatNumber(workouts), formatNumber(sets))].join(' · ')}</span>
      <div class="actions">
        {problems > 0 && !isActive(row) && (
          <Button kind="quiet" label={words.showOf(when)} onClick={async () => { onShow(await get<Import>(`/workouts/imports/${id}`)); }}>
            {words.show}
          </Button>
        )}
        {state === 'done' && !isLook && (
          <Button label={words.undoOf(when)} icon="trash" onClick={undo}>
            {words.undo}
          </Button>
        )}
      </div>
      {error !== null && <p class="field-error">{error}</p>}
      {isActive(row) && <Progress of={row} onStopped={onChanged} />}
    </li>
  );
}
