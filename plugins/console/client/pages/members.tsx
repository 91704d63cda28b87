import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { texts } from '../texts.ts';
import { formatAgo, formatDate } from '../ui/format.ts';
import { Icon } from '../ui/icons.tsx';
import { Badge, Card, PageHead, Select, TextInput } from '../ui/parts.tsx';
import { Link, location, setQuery } from '../ui/router.tsx';
import { ListTable } from '../ui/table.tsx';
import { nameOf, stateOf, type Member } from './members/member.ts';

const ROLES = ['user', 'coach', 'moderator', 'admin'] as const;
const STATES = ['active', 'quiet', 'banned', 'suspended', 'leaving', 'erased'] as const;
const LEAST_LETTERS = 2;

/** Everybody with an account. */
export default function MembersPage(): JSX.Element {
  const { query } = location.value;
  const [search, setSearch] = useState(query.get('search') ?? '');
  const [role, state] = [query.get('role') ?? '', query.get('state') ?? ''];
  const wanted = search.trim().length >= LEAST_LETTERS ? search.trim() : undefined;
  return (
    <>
      <PageHead title={texts.members.title}>
        <Link to="/members/import" class="button">
          <Icon name="upload" size={18} />
          {texts.members.import}
        </Link>
      </PageHead>
      <Card>
        <div class="filters">
          <TextInput label={texts.members.search} type="search" hint={texts.members.searchHint} value={search} onInput={setSearch} />
          <Select label={texts.members.role} value={role} onChange={(chosen) => { setQuery({ role: chosen }); }} options={[['', texts.common.all], ...ROLES.map((name) => [name, texts.members.roles[name] ?? name] as const)]} />
          <Select label={texts.members.state} value={state} onChange={(chosen) => { setQuery({ state: chosen }); }} options={[['', texts.common.all], ...STATES.map((name) => [name, texts.members.states[name]] as const)]} />
        </div>
        <ListTable<Member>
          label={texts.members.title}
          path="/admin/users"
          query={{ search: wanted, role, state }}
          keyOf={({ id }) => id}
          empty={texts.members.none}
          columns={[
            { title: texts.members.name, cell: (member) => <Link to={`/members/${member.id}`}>{nameOf(member)}</Link> },
            { title: texts.members.email, cell: ({ email }) => email },
            { title: texts.members.state, cell: (member) => <Badge tone={stateOf(member).tone}>{stateOf(member).text}</Badge> },
            { title: texts.members.role, cell: ({ roles }) => roles.filter((name) => name !== 'user').map((name) => texts.members.roles[name] ?? name).join(', ') || '–' },
            { title: texts.members.joined, cell: ({ createdAt }) => formatDate(createdAt) },
            { title: texts.members.seen, cell: ({ lastUsedAt }) => (lastUsedAt === null ? texts.members.never : formatAgo(lastUsedAt)) },
          ]}
        />
      </Card>
    </>
  );
}
