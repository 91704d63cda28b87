import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { texts } from '../texts.ts';
import { Card, PageHead, Select, TextInput } from '../ui/parts.tsx';
import { location } from '../ui/router.tsx';
import { AuditTable } from './audit/audit-table.tsx';

const TYPES = ['plugins', 'users', 'credits', 'billing', 'roles', 'settings', 'backups'];

/** Everything that administrators and moderators have done. */
export default function AuditPage(): JSX.Element {
  const [filter, setFilter] = useState({ actor: '', objectType: location.value.query.get('objectType') ?? '', object: '', from: '', to: '' });
  const set = (name: keyof typeof filter) => (value: string) => {
    setFilter((before) => ({ ...before, [name]: value }));
  };
  const { from, to, ...rest } = filter;
  const query = { ...rest, from: toInstant(from), to: toInstant(to) };
  return (
    <>
      <PageHead title={texts.audit.title} />
      <p class="lead">{texts.audit.intro}</p>
      <Card>
        <div class="filters">
          <TextInput label={texts.audit.actorId} value={filter.actor} onInput={set('actor')} />
          <Select label={texts.audit.objectType} value={filter.objectType} onChange={set('objectType')} options={[['', texts.common.all], ...TYPES.map((type) => [type, type] as const)]} />
          <TextInput label={texts.audit.objectId} value={filter.object} onInput={set('object')} />
          <TextInput label={texts.audit.from} type="date" value={from} onInput={set('from')} />
          <TextInput label={texts.audit.to} type="date" value={to} onInput={set('to')} />
        </div>
        <AuditTable query={query} />
      </Card>
    </>
  );
}

/** The beginning of a day where the reader is. */
function toInstant(day: string): string | undefined {
  return day === '' ? undefined : new Date(`${day}T00:00:00`).toISOString();
}
