import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { texts } from '../texts.ts';
import { get, send } from '../ui/api.ts';
import { ask, confirm } from '../ui/dialog.tsx';
import { formatAgo, formatDate, formatTime } from '../ui/format.ts';
import { Badge, Button, Card, ErrorBox, Facts, Loading, Notice, PageHead } from '../ui/parts.tsx';
import { Panels } from '../ui/panels/panels.tsx';
import { Link, type PageProps } from '../ui/router.tsx';
import { toast } from '../ui/toasts.tsx';
import { useLoad } from '../ui/use-load.ts';
import { AuditTable } from './audit/audit-table.tsx';
import { MemberLedger } from './members/ledger.tsx';
import { nameOf, stateOf, type Member } from './members/member.ts';

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
            <Rights member={member} onChanged={reload} />
          </div>
          <Panels page="member" known={{ userId: member.id, id: member.id }} />
          <MemberLedger member={member} />
          <Card title={texts.members.changes}>
            <AuditTable query={{ objectType: 'users', object: member.id }} version={member} />
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
          [texts.members.trial, trialEndsAt === null ? '–' : formatTime(trialEndsAt)],
        ]}
      />
    </Card>
  );
}

const ROLES = ['coach', 'moderator', 'admin'] as const;

function Rights({ member, onChanged }: MemberProps): JSX.Element {
  const [roles, setRoles] = useState<readonly string[]>(member.roles);
  const change = async (body: object, done: string): Promise<void> => {
    await send('PATCH', `/admin/users/${member.id}`, { body });
    toast(done);
    await onChanged();
  };
  const restrict = async (flag: 'banned' | 'suspended'): Promise<void> => {
    const words = texts.members.restrictions[flag];
    if (member.flags[flag]) {
      await change({ flags: { [flag]: false } }, words.undone);
      return;
    }
    const reason = await ask({ title: words.title(nameOf(member)), text: words.text, confirm: words.button, reason: texts.common.reason, isDangerous: true });
    if (reason !== undefined) await change({ flags: { [flag]: true }, reason }, words.done);
  };
  return (
    <Card title={texts.members.rights}>
      <fieldset>
        <legend>{texts.members.role}</legend>
        {ROLES.map((role) => (
          <label key={role} class="check">
            <input
              type="checkbox"
              checked={roles.includes(role)}
              onChange={({ currentTarget }) => {
                setRoles(currentTarget.checked ? [...roles, role] : roles.filter((other) => other !== role));
              }}
            />
            <span>
              {texts.members.roles[role]} <span class="hint">{texts.members.roleHints[role]}</span>
            </span>
          </label>
        ))}
      </fieldset>
      <p class="actions below">
        <Button kind="primary" onClick={() => change({ roles: ['user', ...roles.filter((role) => role !== 'user')] }, texts.members.rolesSaved)}>{texts.members.saveRoles}</Button>
      </p>
      <h3>{texts.members.access}</h3>
      <p class="actions below">
        <Button kind={member.flags.suspended ? 'plain' : 'danger'} onClick={() => restrict('suspended')}>{member.flags.suspended ? texts.members.restrictions.suspended.undo : texts.members.restrictions.suspended.button}</Button>
        <Button kind={member.flags.banned ? 'plain' : 'danger'} onClick={() => restrict('banned')}>{member.flags.banned ? texts.members.restrictions.banned.undo : texts.members.restrictions.banned.button}</Button>
      </p>
    </Card>
  );
}
