import type { JSX } from 'preact';
import { texts } from '../../texts.ts';
import type { Query } from '../../ui/api.ts';
import { formatTime } from '../../ui/format.ts';
import { Badge } from '../../ui/parts.tsx';
import { Link } from '../../ui/router.tsx';
import { ListTable } from '../../ui/table.tsx';

interface AuditEntry {
  id: number;
  at: string;
  actorKind: string;
  actorId: string | null;
  action: string;
  objectType: string | null;
  objectId: string | null;
  result: string;
  ip: string | null;
  details: Record<string, unknown>;
}

/** Who did what, the newest first. */
export function AuditTable({ query, version }: { query: Query; version?: unknown }): JSX.Element {
  return (
    <ListTable<AuditEntry>
      label={texts.audit.title}
      path="/admin/audit"
      query={query}
      version={version}
      keyOf={({ id }) => id}
      columns={[
        { title: texts.audit.at, cell: ({ at }) => formatTime(at) },
        { title: texts.audit.actor, cell: ({ actorKind, actorId }) => (actorId === null ? (texts.audit.actors[actorKind] ?? actorKind) : <Link to={`/members/${actorId}`}>{actorId}</Link>) },
        { title: texts.audit.action, cell: ({ action }) => <code>{action}</code> },
        { title: texts.audit.object, cell: ({ objectType, objectId }) => [objectType, objectId].filter(Boolean).join(' ') || '–' },
        { title: texts.audit.result, cell: ({ result }) => <Badge tone={result === 'done' ? 'good' : 'warn'}>{result}</Badge> },
        {
          title: texts.audit.details,
          cell: ({ details, ip }) =>
            Object.keys(details).length === 0 && ip === null ? (
              '–'
            ) : (
              <details>
                <summary>{texts.audit.show}</summary>
                <pre tabIndex={0}>{JSON.stringify({ ...details, ...(ip !== null && { ip }) }, null, 2)}</pre>
              </details>
            ),
        },
      ]}
    />
  );
}
