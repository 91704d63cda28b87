import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { texts } from '../texts.ts';
import { MemberSearch } from '../ui/member-search.tsx';
import { Card, PageHead, Select, TextInput } from '../ui/parts.tsx';
import { location } from '../ui/router.tsx';
import { useLoad } from '../ui/use-load.ts';
import { AuditTable, objectKind } from './audit/audit-table.tsx';
import { readPlugins } from './plugins/plugin.ts';

const TYPES = ['plugins', 'users', 'credits', 'billing', 'roles', 'settings', 'backups'];
const words = texts.audit;

/** Everything that administrators and moderators have done. */
export default function AuditPage(): JSX.Element {
  const [filter, setFilter] = useState({ actor: '', what: 'changes', objectType: location.value.query.get('objectType') ?? '', object: '', from: '', to: '' });
  const set = (name: keyof typeof filter) => (value: string | undefined) => {
    setFilter((before) => ({ ...before, [name]: value ?? '' }));
  };
  const { what, from, to, ...rest } = filter;
  const query = { ...rest, isChange: what === 'changes' ? true : undefined, from: toInstant(from), to: toInstant(to) };
  return (
    <>
      <PageHead title={words.title} />
      <p class="lead">{words.intro}</p>
      <Card>
        <div class="filters">
          <Select label={words.what} value={what} onChange={set('what')} options={Object.entries(words.whats)} />
          <MemberSearch label={words.who} hint={words.whoHint} onChange={set('actor')} />
          <Select
            label={words.objectType}
            value={filter.objectType}
            onChange={(objectType) => {
              setFilter((before) => ({ ...before, objectType, object: '' }));
            }}
            options={[['', texts.common.all], ...TYPES.map((type) => [type, objectKind(type)] as const)]}
          />
          <ObjectFilter key={filter.objectType} type={filter.objectType} value={filter.object} onChange={set('object')} />
          <TextInput label={words.from} type="date" value={from} onInput={set('from')} />
          <TextInput label={words.to} type="date" value={to} onInput={set('to')} />
        </div>
        <AuditTable query={query} />
      </Card>
    </>
  );
}

/** One of its kind, by name where its kind has names. */
function ObjectFilter({ type, value, onChange }: { type: string; value: string; onChange: (id: string | undefined) => void }): JSX.Element | null {
  if (type === 'plugins') return <PluginFilter value={value} onChange={onChange} />;
  if (type === 'users') return <MemberSearch label={words.member} hint={words.whoHint} onChange={onChange} />;
  return type === '' ? null : <TextInput label={words.objectId} value={value} onInput={onChange} />;
}

function PluginFilter({ value, onChange }: { value: string; onChange: (id: string) => void }): JSX.Element {
  const { data = [] } = useLoad(readPlugins, []);
  return <Select label={words.plugin} value={value} onChange={onChange} options={[['', texts.common.all], ...data.map(({ id, displayName }) => [id, displayName] as const)]} />;
}

/** The beginning of a day where the reader is. */
function toInstant(day: string): string | undefined {
  return day === '' ? undefined : new Date(`${day}T00:00:00`).toISOString();
}
