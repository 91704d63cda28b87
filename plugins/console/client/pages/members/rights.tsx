import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { texts } from '../../texts.ts';
import { send } from '../../ui/api.ts';
import { ask, confirm } from '../../ui/dialog.tsx';
import { Button, Card } from '../../ui/parts.tsx';
import { enter, session } from '../../ui/session.ts';
import { toast } from '../../ui/toasts.tsx';
import { nameOf, type Member } from './member.ts';

interface RightsProps {
  member: Member;
  onChanged: () => Promise<void>;
}

interface Restriction {
  flag: 'banned' | 'suspended';
  /** Of locking out; undefined lifts it. */
  reason: string | undefined;
}

const words = texts.members;
const ROLES = ['coach', 'moderator', 'admin'] as const;
const FLAGS = ['suspended', 'banned'] as const;

/** What somebody may do here, and whether they may come in at all. */
export function MemberRights({ member, onChanged }: RightsProps): JSX.Element {
  const change = async (body: object): Promise<void> => {
    await send('PATCH', `/admin/users/${member.id}`, { body });
    await onChanged();
  };
  return (
    <Card title={words.rights}>
      <Roles member={member} change={change} />
      <h3>{words.access}</h3>
      <p class="actions below">
        {FLAGS.map((flag) => (
          <RestrictionButton key={flag} flag={flag} member={member} change={change} />
        ))}
      </p>
    </Card>
  );
}

interface ChangeProps {
  member: Member;
  change: (body: object) => Promise<void>;
}

function Roles({ member, change }: ChangeProps): JSX.Element {
  const [roles, setRoles] = useState<readonly string[]>(member.roles);
  const isOwn = member.id === session.value?.me.id;
  const save = async (): Promise<void> => {
    const leaves = isOwn && member.roles.includes('admin') && !roles.includes('admin');
    if (leaves && !(await confirm({ title: words.leaveAdmin, text: words.leaveAdminText, confirm: words.leaveAdmin, isDangerous: true, isFinal: true }))) return;
    const kept = ['user', ...roles.filter((role) => role !== 'user')];
    if (leaves) {
      await send('PATCH', `/admin/users/${member.id}`, { body: { roles: kept } });
      toast(words.rolesSaved);
      // From here on the page is not theirs any more.
      await enter();
      return;
    }
    await change({ roles: kept });
    toast(words.rolesSaved, { undo: () => change({ roles: member.roles }) });
  };
  return (
    <>
      <fieldset>
        <legend>{words.role}</legend>
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
              {words.roles[role]} <span class="hint">{words.roleHints[role]}</span>
            </span>
          </label>
        ))}
      </fieldset>
      <p class="actions below">
        <Button kind="primary" onClick={save}>{words.saveRoles}</Button>
      </p>
    </>
  );
}

/** Locks somebody out, or lets them in again; either can be taken back. */
function RestrictionButton({ flag, member, change }: ChangeProps & Pick<Restriction, 'flag'>): JSX.Element {
  const { title, text, button, undo, done, undone } = words.restrictions[flag];
  const isOn = member.flags[flag];
  const press = async (): Promise<void> => {
    const before = member.restriction?.reason;
    const reason = isOn ? undefined : await ask({ title: title(nameOf(member)), text, confirm: button, reason: texts.common.reason, isDangerous: true });
    if (!isOn && reason === undefined) return;
    await change(toBody({ flag, reason }));
    toast(isOn ? undone : done, { undo: () => change(toBody({ flag, reason: isOn ? before : undefined })) });
  };
  return <Button kind={isOn ? 'plain' : 'danger'} onClick={press}>{isOn ? undo : button}</Button>;
}

function toBody({ flag, reason }: Restriction): object {
  return { flags: { [flag]: reason !== undefined }, ...(reason !== undefined && { reason }) };
}
