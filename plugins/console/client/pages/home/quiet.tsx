import type { JSX } from 'preact';
import { texts } from '../../texts.ts';
import { formatAgo } from '../../ui/format.ts';
import { Card } from '../../ui/parts.tsx';
import { Link } from '../../ui/router.tsx';
import { ListTable } from '../../ui/table.tsx';
import { nameOf, type Member } from '../members/member.ts';

/** Who may want to hear from somebody. */
export function QuietMembers({ count }: { count: number }): JSX.Element | null {
  if (count === 0) return null;
  return (
    <Card title={texts.home.quiet}>
      <ListTable<Member>
        label={texts.home.quiet}
        path="/admin/users"
        query={{ state: 'quiet', limit: 10 }}
        keyOf={({ id }) => id}
        columns={[
          { title: texts.members.name, cell: (member) => <Link to={`/members/${member.id}`}>{nameOf(member)}</Link> },
          { title: texts.members.email, cell: ({ email }) => <a href={`mailto:${email}`}>{email}</a> },
          { title: texts.members.seen, cell: ({ lastUsedAt }) => (lastUsedAt === null ? texts.members.never : formatAgo(lastUsedAt)) },
        ]}
      />
    </Card>
  );
}
