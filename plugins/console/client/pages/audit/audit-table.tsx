import type { JSX } from 'preact';
import { texts } from '../../texts.ts';
import type { Query } from '../../ui/api.ts';
import { formatTime } from '../../ui/format.ts';
import { Badge } from '../../ui/parts.tsx';
import { MemberName } from '../../ui/member-name.tsx';
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
        { title: texts.audit.actor, cell: ({ actorKind, actorId }) => <Actor kind={actorKind} id={actorId} /> },
        { title: texts.audit.action, cell: ({ action }) => <code>{action}</code> },
        { title: texts.audit.object, cell: ({ objectType, objectId }) => <AuditObject type={objectType} id={objectId} /> },
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

function Actor({ kind, id }: { kind: string; id: string | null }): JSX.Element {
  if (kind === 'user' && id !== null) return <MemberName id={id} />;
  const name = texts.audit.actors[kind] ?? kind;
  return <>{kind === 'plugin' && id !== null ? `${name}: ${id}` : name}</>;
}

function AuditObject({ type, id }: { type: string | null; id: string | null }): JSX.Element {
  if (id === null) return <>{type ?? '–'}</>;
  const name = type === 'users' ? <MemberName id={id} /> : type === 'plugins' ? <Link to={`/plugins/${id}`}>{id}</Link> : id;
  return (
    <>
      {type} {name}
    </>
  );
}
