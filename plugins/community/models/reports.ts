import type { Knex } from 'knex';
import type { Rows, Transaction } from 'musclemap';

export const REPORTABLE = ['user', 'activity', 'group', 'competition'] as const;
export type Reportable = (typeof REPORTABLE)[number];
export type ReportStatus = 'open' | 'acted' | 'dismissed';

export interface Report {
  id: string;
  reporterId: string | null;
  objectType: Reportable;
  objectId: string;
  reason: string;
  details: string | null;
  status: ReportStatus;
  decidedBy: string | null;
  decidedAt: Date | null;
  note: string | null;
  createdAt: Date;
  /** Whom it is about: the member, or who made the thing; null when it is gone. */
  subjectId: string | null;
  /** What the thing is called; null for what has no name. */
  objectName: string | null;
}

const TABLES: Record<Reportable, string> = {
  user: 'users',
  activity: 'activity_events',
  group: 'groups',
  competition: 'competitions',
};

/** Of a page of reports, whatever they are about, in the same statement: each is found by its key. */
const SUBJECT = `
  CASE object_type
    WHEN 'user' THEN object_id
    WHEN 'activity' THEN (SELECT a.user_id FROM activity_events a WHERE a.id = object_id)
    WHEN 'group' THEN (SELECT g.owner_id FROM groups g WHERE g.id = object_id)
    WHEN 'competition' THEN (SELECT c.creator_id FROM competitions c WHERE c.id = object_id)
  END AS "subjectId",
  CASE object_type
    WHEN 'activity' THEN (SELECT a.event_type FROM activity_events a WHERE a.id = object_id)
    WHEN 'group' THEN (SELECT g.name FROM groups g WHERE g.id = object_id)
    WHEN 'competition' THEN (SELECT c.name FROM competitions c WHERE c.id = object_id)
  END AS "objectName"`;

const COLUMNS = `${SUBJECT},
  id, reporter_id AS "reporterId", object_type AS "objectType", object_id AS "objectId", reason, details, status,
  decided_by AS "decidedBy", decided_at AS "decidedAt", note, created_at AS "createdAt"`;

export async function exists(knex: Knex, type: Reportable, id: string): Promise<boolean> {
  return (await knex(TABLES[type]).where({ id }).first<object | undefined>('id')) !== undefined;
}

/** Files a report; the same person's open report of the same thing is answered instead of a second one. */
export async function fileReport(
  trx: Transaction,
  report: Pick<Report, 'objectType' | 'objectId' | 'reason' | 'details'> & { reporterId: string },
): Promise<{ report: Report; isNew: boolean }> {
  const { rows } = await trx.raw<Rows<Report & { isNew: boolean }>>(
    `INSERT INTO reports (reporter_id, object_type, object_id, reason, details)
     VALUES (:reporterId, :objectType, :objectId, :reason, :details)
     ON CONFLICT (reporter_id, object_type, object_id) WHERE status = 'open' DO UPDATE SET reason = reports.reason
     RETURNING ${COLUMNS}, xmax = 0 AS "isNew"`,
    report,
  );
  const [row] = rows;
  if (row === undefined) throw new TypeError('INSERT … RETURNING answered no row.');
  const { isNew, ...filed } = row;
  return { report: filed, isNew };
}

/** One page of reports, the newest first. */
export async function findReports(
  knex: Knex,
  status: ReportStatus | null,
  after: readonly [string, string] | undefined,
  limit: number,
): Promise<(Report & { position: string })[]> {
  const { rows } = await knex.raw<Rows<Report & { position: string }>>(
    `SELECT ${COLUMNS}, created_at::TEXT AS position FROM reports
     WHERE (:status::TEXT IS NULL OR status = :status)
       AND (:afterTime::TIMESTAMPTZ IS NULL OR (created_at, id) < (:afterTime::TIMESTAMPTZ, :afterId::TEXT))
     ORDER BY created_at DESC, id DESC LIMIT :limit`,
    { status, afterTime: after?.[0] ?? null, afterId: after?.[1] ?? null, limit },
  );
  return rows;
}

/** Decides an open report; undefined when there is none with this id, or when somebody was faster. */
export async function decideReport(
  trx: Transaction,
  id: string,
  decision: { status: 'acted' | 'dismissed'; note: string | null; decidedBy: string },
): Promise<Report | undefined> {
  const { rows } = await trx.raw<Rows<Report>>(
    `UPDATE reports SET status = :status, note = :note, decided_by = :decidedBy, decided_at = NOW()
     WHERE id = :id AND status = 'open' RETURNING ${COLUMNS}`,
    { id, ...decision },
  );
  return rows[0];
}

/** How many reports wait for a moderator, and since when the first does. */
export async function countOpenReports(knex: Knex): Promise<{ open: number; oldestAt: Date | null }> {
  const { rows } = await knex.raw<Rows<{ open: number; oldestAt: Date | null }>>(
    `SELECT count(*)::INTEGER AS open, min(created_at) AS "oldestAt" FROM reports WHERE status = 'open'`,
  );
  return rows[0] ?? { open: 0, oldestAt: null };
}
