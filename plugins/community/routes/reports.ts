import { ApiError, Reply, Type, created, cursorPosition, page, type PluginKernel, type RouteRegistrar, type Transaction } from 'musclemap';
import type { CommunityConfig } from '../feed.ts';
import { REPORTABLE, countOpenReports, decideReport, exists, fileReport, findReports, type Report as StoredReport } from '../models/reports.ts';
import { Nullable, PublicUser, publicUser } from './schemas.ts';

const Status = Type.Enum(['open', 'acted', 'dismissed']);
const Reason = Type.Enum(['spam', 'harassment', 'hate', 'nudity', 'cheating', 'impersonation', 'other']);
const Moment = Type.String({ format: 'date-time' });

const Filed = Type.Object({ id: Type.String(), status: Status, createdAt: Moment });
const Report = Type.Object({
  id: Type.String(),
  reporterId: Nullable(Type.String()),
  reporter: Nullable(PublicUser),
  objectType: Type.Enum([...REPORTABLE]),
  objectId: Type.String(),
  objectName: Nullable(Type.String({ description: 'What the thing is called' })),
  subject: Nullable(PublicUser, { description: 'Whom it is about: the member, or who made the thing' }),
  reason: Type.String(),
  details: Nullable(Type.String()),
  status: Status,
  decidedBy: Nullable(Type.String()),
  decidedAt: Nullable(Moment),
  note: Nullable(Type.String()),
  createdAt: Moment,
});

/** POST /reports, and what moderators do with them. */
export function registerReportRoutes(routes: RouteRegistrar, kernel: PluginKernel<CommunityConfig>): void {
  const Body = Type.Object({
    objectType: Type.Enum([...REPORTABLE]),
    objectId: Type.String({ minLength: 1, maxLength: 100 }),
    reason: Reason,
    details: Type.Optional(Type.String({ maxLength: 2000 })),
  });
  routes.post(
    '/reports',
    { summary: 'Reports somebody or something to the moderators', status: 201, transaction: true, body: Body, response: Filed, errors: ['NOT_FOUND'] },
    async ({ user, body, trx }) => {
      const { objectType, objectId, reason, details = null } = body;
      if (!(await exists(trx, objectType, objectId))) throw new ApiError('NOT_FOUND', `No ${objectType} has this id.`);
      const { report, isNew } = await fileReport(trx, { reporterId: user.id, objectType, objectId, reason, details });
      const { id, status, createdAt } = report;
      if (!isNew) return new Reply({ id, status, createdAt }, { status: 200 });
      await kernel.realtime.publish('reports', 'report.filed', { id, objectType, objectId, reason }, { trx });
      return created(`/api/admin/reports/${id}`, { id, status, createdAt });
    },
  );
  registerModeration(routes, kernel);
}

function registerModeration(routes: RouteRegistrar, kernel: PluginKernel<CommunityConfig>): void {
  const { knex } = kernel.database;
  routes.get(
    '/admin/reports',
    {
      summary: 'Reports, the newest first',
      auth: 'moderator',
      list: true,
      query: Type.Object({ status: Type.Optional(Status) }),
      response: Type.Array(Report),
    },
    async ({ query }) => {
      const rows = await findReports(knex, query.status ?? null, cursorPosition(query.cursor, ['date', 'string']), query.limit + 1);
      const answer = page(rows, query, ({ position, id }) => [position, id]);
      const reports = await describe(kernel, answer.data.map(({ position: _position, ...report }) => report));
      return new Reply(reports, answer.options);
    },
  );
  routes.get(
    '/admin/reports/summary',
    {
      summary: 'How many reports wait, and since when',
      auth: 'moderator',
      response: Type.Object({ open: Type.Integer(), oldestAt: Nullable(Moment) }),
    },
    () => countOpenReports(knex),
  );
  routes.post(
    '/admin/reports/:id',
    {
      summary: 'Decides a report',
      auth: 'moderator',
      transaction: true,
      body: Type.Object({ decision: Type.Enum(['acted', 'dismissed']), note: Type.Optional(Type.String({ maxLength: 2000 })) }),
      response: Report,
      errors: ['NOT_FOUND'],
    },
    async ({ user, params, body, trx }) => {
      const decision = { status: body.decision, note: body.note ?? null, decidedBy: user.id };
      const report = await decideReport(trx, params.id ?? '', decision);
      if (report === undefined) throw new ApiError('NOT_FOUND', 'No open report has this id.');
      const [described] = await describe(kernel, [report], trx);
      return described;
    },
  );
}

/** With the people in them by name, all asked for at once: also of who is banned by now, so that a moderator sees whom it was about. */
async function describe(kernel: PluginKernel<CommunityConfig>, reports: readonly StoredReport[], trx?: Transaction): Promise<object[]> {
  const ids = reports.flatMap(({ reporterId, subjectId }) => [reporterId, subjectId]).filter((id) => id !== null);
  const profiles = await kernel.users.profiles([...new Set(ids)], { ...(trx && { trx }), mayBeBanned: true });
  const personOf = (id: string | null): ReturnType<typeof publicUser> => publicUser(profiles.get(id ?? ''));
  return reports.map(({ subjectId, ...report }) => ({ ...report, reporter: personOf(report.reporterId), subject: personOf(subjectId) }));
}
