import type { JSX } from 'preact';
import { formatNumber } from '../../ui/format.ts';
import { Button, Card, Empty, ErrorBox, Field, Notice, Select } from '../../ui/parts.tsx';
import { Link } from '../../ui/router.tsx';
import { Frame } from '../frame.tsx';
import { texts } from '../texts.ts';
import { Earlier } from './import/earlier.tsx';
import { isActive, type Import, type Reading } from './import/imports.ts';
import { KnownNames } from './import/known-names.tsx';
import { MappingForm } from './import/mapping.tsx';
import { Names } from './import/names.tsx';
import { Progress } from './import/progress.tsx';
import { Faults, Report } from './import/report.tsx';
import { useImport } from './import/use-import.ts';

const words = texts.imports;

/** A history of another app, looked through first, brought in when the member says so, and taken back if they want. */
export default function ImportPage(): JSX.Element {
  const { hasFile, reading, unknown, current, refusal, version, choose, read, map, bring } = useImport();
  return (
    <Frame title={words.title} back={<Link to="/history" class="back">{texts.history.title}</Link>}>
      <p class="lead">{words.lead}</p>
      <Card>
        <Choosing reading={reading} isMapped={unknown !== undefined} onRead={read} onChoose={choose} />
        {unknown === undefined && (
          <div class="actions below">
            <Button kind={current === undefined ? 'primary' : 'plain'} disabled={!hasFile} onClick={() => bring(true)}>
              {words.look}
            </Button>
            <span class="muted">{words.lookHint}</span>
          </div>
        )}
      </Card>
      {unknown && <MappingForm {...unknown} onChange={map} onLook={() => bring(true)} />}
      {refusal !== undefined && <ErrorBox message={refusal} />}
      {current && <Outcome of={current} bring={bring} />}
      <Earlier version={version} />
      <KnownNames version={version} />
    </Frame>
  );
}

function Choosing({ reading, isMapped, onRead, onChoose }: { reading: Reading; isMapped: boolean; onRead: (change: Partial<Reading>) => void; onChoose: (file: File | undefined) => void }): JSX.Element {
  return (
    <div class="import-form">
      <Field label={words.file} hint={words.fileHint}>
        {({ id, describedBy }) => (
          <input id={id} type="file" accept=".csv,.json,text/csv,application/json" aria-describedby={describedBy} onChange={({ currentTarget }) => { onChoose(currentTarget.files?.[0]); }} />
        )}
      </Field>
      {!isMapped && (
        <>
          <Select label={words.unit} value={reading.unit} options={Object.entries(words.units)} onChange={(unit) => { onRead({ unit }); }} />
          <Select label={words.dates} value={reading.dateOrder} options={Object.entries(words.dateOrders)} onChange={(dateOrder) => { onRead({ dateOrder }); }} />
        </>
      )}
      <label class="check">
        <input type="checkbox" checked={reading.isPublic} onChange={({ currentTarget }) => { onRead({ isPublic: currentTarget.checked }); }} />
        <span>{words.isPublic}</span>
      </label>
    </div>
  );
}

function Outcome({ of, bring }: { of: Import; bring: (dryRun: boolean) => Promise<void> }): JSX.Element {
  const { state, dryRun, workouts, unmatched, error } = of;
  if (isActive(of)) {
    return (
      <Card title={dryRun ? words.looking : words.bringing}>
        <Progress of={of} onStopped={() => Promise.resolve()} />
      </Card>
    );
  }
  if (state === 'failed') return <ErrorBox message={error ?? words.failed} />;
  if (state !== 'done') return <Notice>{words.stopped}</Notice>;
  return (
    <Card title={dryRun ? words.looked : words.brought}>
      <Report of={of} />
      {unmatched.length > 0 && <Names unmatched={unmatched} onRemembered={() => bring(true)} />}
      <Faults of={of} />
      {dryRun && workouts === 0 && unmatched.length === 0 && <Empty>{words.nothingNew}</Empty>}
      {dryRun && workouts > 0 && (
        <div class="actions below">
          <Button kind="primary" icon="upload" onClick={() => bring(false)}>
            {words.carryOut(formatNumber(workouts))}
          </Button>
        </div>
      )}
    </Card>
  );
}
