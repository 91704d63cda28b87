import type { Knex } from 'knex';
import { SECRET_NAME } from '../telemetry/secrets.ts';

/** Who acts: a person through a route, the command line, the kernel by itself, or a plugin by itself. */
export type AuditActor = { kind: 'user' | 'plugin'; id: string } | { kind: 'cli' | 'kernel'; id?: string };

export interface AuditEntry {
  actor: AuditActor;
  /** The route, as `PATCH /api/admin/users/:id`; else noun and verb, as `user.ban`. */
  action: string;
  /** The plural noun of its route, as `users`. */
  objectType?: string | undefined;
  objectId?: string | undefined;
  /** `done`, or the code of the error that refused it. */
  result: string;
  ip?: string | undefined;
  requestId?: string | undefined;
  /** More about what was asked for; secrets and e-mail addresses are left out of what is written. */
  details?: Record<string, unknown> | undefined;
}

/** Writes down what was done, or refused; in a transaction, it is kept with what that transaction did. */
export async function recordAudit(knex: Knex, entry: AuditEntry): Promise<void> {
  await knex('audit_log').insert({
    actor_kind: entry.actor.kind,
    actor_id: entry.actor.id ?? null,
    action: entry.action,
    object_type: entry.objectType ?? null,
    object_id: entry.objectId ?? null,
    result: entry.result,
    ip: entry.ip ?? null,
    request_id: entry.requestId ?? null,
    details: JSON.stringify(withoutSecrets(entry.details ?? {})),
  });
}

const HIDDEN = '[hidden]';
const EMAIL = /[^\s@<>"]+@[^\s@<>"]+\.[^\s@<>"]+/g;
const LONGEST_TEXT = 500;
const MOST_ITEMS = 50;
const DEEPEST = 5;

/** A copy that is safe to keep for ever: no secret, no e-mail address (erasure could not reach it), of bounded size. */
function withoutSecrets(value: unknown, name = '', depth = 0): unknown {
  if (SECRET_NAME.test(name)) return HIDDEN;
  if (typeof value === 'string') return value.slice(0, LONGEST_TEXT).replace(EMAIL, HIDDEN);
  if (typeof value !== 'object' || value === null) return value;
  if (depth >= DEEPEST) return '[deeper]';
  if (Array.isArray(value)) return value.slice(0, MOST_ITEMS).map((item) => withoutSecrets(item, '', depth + 1));
  const entries = Object.entries(value).slice(0, MOST_ITEMS);
  return Object.fromEntries(entries.map(([key, item]) => [key, withoutSecrets(item, key, depth + 1)]));
}
