import type { JSX } from 'preact';
import { texts } from '../texts.ts';
import { get, send } from '../ui/api.ts';
import { confirm } from '../ui/dialog.tsx';
import { formatAgo, formatDate, formatTime } from '../ui/format.ts';
import { Badge, Button, Card, ErrorBox, Facts, Loading, Notice, PageHead } from '../ui/parts.tsx';
import { Panels } from '../ui/panels/panels.tsx';
import { Link, type PageProps } from '../ui/router.tsx';
import { toast } from '../ui/toasts.tsx';
import { useLoad } from '../ui/use-load.ts';
import { AuditTable } from './audit/audit-table.tsx';
import { MemberLedger } from './members/ledger.tsx';
import { nameOf, stateOf, type Member } from './members/member.ts';
import { MemberRights } from './members/rights.tsx';

/** One person: who they are, their credits, and what an administrator does about them. */
export default function MemberPage({ params }: PageProps): JSX.Element {
  const id = params.id ?? '';
  const { data: member, problem, reload } = useLoad((signal) => get<Member>(`/admin/users/${id}`, {}, signal), [id]);
  return (
    <>
      <PageHead title={member === undefined ? texts.members.member : nameOf(member)} back={<Link to="/members" class="back">{texts.members.title}</Link>}>
        {member && <Badge tone={stateOf(member).tone}>{stateOf(member).text}</Badge>}
      </PageHead>
      {problem && <ErrorBox message={problem.message} retry={reload} />}
      {member === undefined && problem === undefined && <Loading />}
      {member && (
        <>
          <div class="grid">
            <Profile member={member} onChanged={reload} />
            <MemberRights key={member.roles.join()} member={member} onChanged={reload} />
          </div>
          <Panels page="member" known={{ userId: member.id, id: member.id }} />
          <MemberLedger member={member} />
          <Card title={texts.members.changes}>
            <AuditTable query={{ objectType: 'users', object: member.id, isChange: true }} version={member} />
          </Card>
        </>
      )}
    </>
  );
}

interface MemberProps {
  member: Member;
  onChanged: () => Promise<void>;
}

function Profile({ member, onChanged }: MemberProps): JSX.Element {
  const { id, email, username, flags, createdAt, lastUsedAt, sessions, secondFactor, trialEndsAt, restriction, erasure } = member;
  const endSessions = async (): Promise<void> => {
    if (!(await confirm({ title: texts.members.endSessions, text: texts.members.endSessionsText, confirm: texts.members.endSessions }))) return;
    await send('DELETE', `/admin/users/${id}/sessions`);
    toast(texts.members.sessionsEnded);
    await onChanged();
  };
  return (
    <Card title={texts.members.profile} actions={sessions > 0 && <Button onClick={endSessions}>{texts.members.endSessions}</Button>}>
      {restriction !== null && <Notice tone="bad">{texts.members.restricted(restriction.reason, formatDate(restriction.since))}</Notice>}
      {erasure !== null && <Notice tone="warn">{texts.members.leaving(formatDate(erasure.erasedAt ?? erasure.dueAt))}</Notice>}
      <Facts
        facts={[
          [texts.members.username, username],
          [texts.members.email, `${email}${flags.emailConfirmed ? '' : ` (${texts.members.unconfirmed})`}`],
          [texts.members.joined, formatDate(createdAt)],
          [texts.members.seen, lastUsedAt === null ? texts.members.never : formatAgo(lastUsedAt)],
          [texts.members.sessions, String(sessions)],
          [texts.members.secondFactor, secondFactor ? texts.common.yes : texts.common.no],
          [trialEndsAt !== null && Date.parse(trialEndsAt) < Date.now() ? texts.members.trialOver : texts.members.trial, trialEndsAt === null ? '–' : formatTime(trialEndsAt)],
        ]}
      />
    </Card>
  );
}
