import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { texts } from '../texts.ts';
import { send } from '../ui/api.ts';
import { formatNumber } from '../ui/format.ts';
import { Button, Card, Field, Figure, Notice, PageHead } from '../ui/parts.tsx';
import { Link } from '../ui/router.tsx';
import { Table } from '../ui/table.tsx';
import { report, toast } from '../ui/toasts.tsx';

interface MemberImport {
  made: number;
  known: number;
  problems: { line: number; message: string }[];
  sample: { line: number; email: string; username: string; displayName: string | null }[];
}

const words = texts.membersImport;

/** A list of members is looked through first; accounts are made when the owner says so. */
export default function MembersImportPage(): JSX.Element {
  const [csv, setCsv] = useState<string>();
  const [looked, setLooked] = useState<MemberImport>();
  const [made, setMade] = useState<MemberImport>();
  const bring = async (text: string, dryRun: boolean): Promise<MemberImport> =>
    (await send<MemberImport>('POST', '/admin/users/import', { query: { dryRun }, body: text })).data;
  const look = async (file: File | undefined): Promise<void> => {
    setLooked(undefined);
    setMade(undefined);
    if (file === undefined) return;
    try {
      const text = await file.text();
      setCsv(text);
      setLooked(await bring(text, true));
    } catch (error) {
      report(error);
    }
  };
  const carryOut = async (): Promise<void> => {
    const done = await bring(csv ?? '', false);
    setMade(done);
    setLooked(undefined);
    toast(words.done(done.made));
  };
  return (
    <>
      <PageHead title={texts.members.import} back={<Link to="/members" class="back">{texts.members.title}</Link>} />
      <p class="lead">{words.intro}</p>
      <Card>
        <Field label={words.file} hint={words.fileHint}>
          {({ id, describedBy }) => <input id={id} type="file" accept=".csv,text/csv" aria-describedby={describedBy} onChange={({ currentTarget }) => void look(currentTarget.files?.[0])} />}
        </Field>
      </Card>
      {looked && <Outcome title={words.looked} outcome={looked} action={looked.made > 0 && <Button kind="primary" onClick={carryOut}>{words.carryOut(looked.made)}</Button>} />}
      {made && <Outcome title={words.doneTitle} outcome={made} action={<Notice tone="good">{words.mailed}</Notice>} />}
    </>
  );
}

function Outcome({ title, outcome, action }: { title: string; outcome: MemberImport; action: JSX.Element | false }): JSX.Element {
  const { made, known, problems, sample } = outcome;
  return (
    <Card title={title}>
      <div class="figures">
        <Figure label={words.made} value={formatNumber(made)} tone={made > 0 ? 'good' : 'neutral'} />
        <Figure label={words.known} value={formatNumber(known)} />
        <Figure label={words.problems} value={formatNumber(problems.length)} tone={problems.length > 0 ? 'warn' : 'neutral'} />
      </div>
      {problems.length > 0 && (
        <Table
          label={words.problems}
          rows={problems}
          keyOf={({ line }) => line}
          columns={[
            { title: words.line, cell: ({ line }) => line },
            { title: words.problem, cell: ({ message }) => message },
          ]}
        />
      )}
      {sample.length > 0 && (
        <>
          <h3>{words.sample}</h3>
          <Table
            label={words.sample}
            rows={sample}
            keyOf={({ line }) => line}
            columns={[
              { title: texts.members.email, cell: ({ email }) => email },
              { title: texts.members.username, cell: ({ username }) => username },
              { title: texts.members.name, cell: ({ displayName }) => displayName ?? '–' },
            ]}
          />
        </>
      )}
      <div class="actions below">{action}</div>
    </Card>
  );
}
