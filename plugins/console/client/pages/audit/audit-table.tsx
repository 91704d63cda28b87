import type { JSX } from 'preact';
import { texts } from '../../texts.ts';
import type { Query } from '../../ui/api.ts';
import { formatTime } from '../../ui/format.ts';
import { Badge } from '../../ui/parts.tsx';
import { toWords } from '../../ui/form/schema.ts';
import { creditActionName, pluginName, routeSummary } from '../../ui/names.ts';
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
        { title: texts.audit.action, cell: ({ action }) => wordsOf(action) },
        { title: texts.audit.object, cell: ({ objectType, objectId }) => <AuditObject type={objectType} id={objectId} /> },
        { title: texts.audit.result, cell: ({ result }) => <Result result={result} /> },
        {
          title: texts.audit.details,
          cell: (entry) => (
            <details>
              <summary>{texts.audit.show}</summary>
              <pre tabIndex={0}>{JSON.stringify(codesOf(entry), null, 2)}</pre>
            </details>
          ),
        },
      ]}
    />
  );
}

/** What was done, in words; a plugin says of its own routes what they do. */
function wordsOf(action: string): string {
  const { actions, lookedAt, methods } = texts.audit;
  const [method = ''] = action.split(' ');
  if (method === 'GET') return lookedAt;
  return actions[action] ?? routeSummary(action) ?? methods[method] ?? toWords(action.replaceAll('.', '_'));
}

/** For who looks into it: ids and codes as programs write them, to be copied. */
function codesOf({ action, objectType, objectId, result, actorId, ip, details }: AuditEntry): Record<string, unknown> {
  return { ...{ action, result }, ...(objectId !== null && { object: `${objectType ?? ''}/${objectId}` }), ...(actorId !== null && { actor: actorId }), ...(ip !== null && { ip }), ...details };
}

function Result({ result }: { result: string }): JSX.Element {
  if (result === 'done') return <Badge tone="good">{texts.audit.done}</Badge>;
  return <Badge tone="warn">{texts.audit.refusals[result] ?? texts.audit.refused}</Badge>;
}

function Actor({ kind, id }: { kind: string; id: string | null }): JSX.Element {
  if (kind === 'user' && id !== null) return <MemberName id={id} />;
  const name = texts.audit.actors[kind] ?? kind;
  return <>{kind === 'plugin' && id !== null ? `${name}: ${pluginName(id)}` : name}</>;
}

function AuditObject({ type, id }: { type: string | null; id: string | null }): JSX.Element {
  if (type === null) return <>–</>;
  const kind = objectKind(type);
  if (id === null) return <>{kind}</>;
  if (type === 'users') return <MemberName id={id} />;
  if (type === 'plugins') return <Link to={`/plugins/${id}`}>{pluginName(id)}</Link>;
  if (type === 'roles') return <>{texts.members.roles[id] ?? id}</>;
  if (type === 'actions') return <>{creditActionName(id)}</>;
  return <>{kind}</>;
}

export function objectKind(type: string): string {
  return texts.audit.objects[type] ?? toWords(type);
}
