import type { Knex } from 'knex';
import type { Caller, RouteAuth, RouteOptions } from '../http/route.ts';
import type { Logger } from '../telemetry/logger.ts';
import { recordAudit, type AuditEntry } from './audit.ts';

const HIDDEN = '[hidden]';

/** Whether every use of a route is written down: of those that only some people may call. */
export function isAdministrative(auth: RouteAuth | undefined): boolean {
  return auth === 'admin' || auth === 'moderator' || typeof auth === 'object';
}

export interface TrailContext {
  knex: Knex;
  log: Logger;
  route: { name: string; path: string; options: Pick<RouteOptions, 'audit'> };
  caller: Caller;
  ip: string;
  requestId: string;
  params: Record<string, string | undefined>;
}

/** Writes one use of an administrative route into the audit, whatever becomes of it. */
export class AuditTrail {
  readonly #context: TrailContext;
  #details: Record<string, unknown> = {};
  #isRecorded = false;

  constructor(context: TrailContext) {
    this.#context = context;
  }

  /** Keeps what was asked for, without what the route hides and without its empty parts. */
  saw(input: { query: Record<string, unknown>; body: unknown }): void {
    const hide = this.#context.route.options.audit?.hide ?? [];
    const isHidden = (part: string, name: string): boolean => (hide === '*' ? part === 'body' : hide.includes(name));
    for (const [part, values] of Object.entries(input)) {
      const given: Record<string, unknown> = { ...(values as object | undefined) };
      const shown = Object.entries(given).map(([name, value]) => [name, isHidden(part, name) ? HIDDEN : value]);
      if (shown.length > 0) this.#details[part] = Object.fromEntries(shown);
    }
  }

  /** Within the transaction of what was done, so that neither is kept without the other. */
  async doneIn(trx: Knex.Transaction): Promise<void> {
    await recordAudit(trx, this.#entry('done'));
    this.#isRecorded = true;
  }

  /** Unless that was written within the transaction. A failure is logged with its entry: what was done stays done. */
  async ended(result: string): Promise<void> {
    if (this.#isRecorded && result === 'done') return;
    const entry = this.#entry(result);
    try {
      await recordAudit(this.#context.knex, entry);
    } catch (error) {
      this.#context.log.error({ err: error, audit: { ...entry, details: undefined } }, 'an audit entry could not be written');
    }
  }

  #entry(result: string): AuditEntry {
    const { route, caller, ip, requestId, params } = this.#context;
    const actor = { kind: 'user', id: caller.id } as const;
    return { actor, action: route.name, ...objectOf(route.path, params), result, ip, requestId, details: this.#details };
  }
}

/** What a route acts on, as its path tells: `/api/admin/users/:id` on the user of that id. */
function objectOf(path: string, params: Record<string, string | undefined>): Pick<AuditEntry, 'objectType' | 'objectId'> {
  const segments = path.split('/').filter((segment) => segment !== '' && segment !== 'api' && segment !== 'admin');
  const parameter = segments.findIndex((segment) => segment.startsWith(':'));
  if (parameter === -1) return { objectType: segments[0] };
  return { objectType: segments[parameter - 1], objectId: params[segments[parameter]?.slice(1) ?? '']?.replaceAll('\0', '') };
}
