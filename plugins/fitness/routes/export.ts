import { Readable } from 'node:stream';
import { RawReply, Type, type RouteRegistrar } from 'musclemap';
import { findNames } from '../history/exercise-names.ts';
import { exportSessions } from '../history/export.ts';
import type { ImportsContext } from '../history/imports.ts';
import { writeCsv } from '../import/write-csv.ts';
import { writeJson } from '../import/write-json.ts';

const TYPES = { csv: 'text/csv; charset=utf-8', json: 'application/json' } as const;

const ExportQuery = Type.Object({
  format: Type.Optional(Type.Enum(['csv', 'json'], { default: 'csv' })),
  from: Type.Optional(Type.String({ format: 'date' })),
  to: Type.Optional(Type.String({ format: 'date' })),
});

/** GET /workouts/export */
export function registerExportRoute(routes: RouteRegistrar, { kernel, catalogue }: ImportsContext): void {
  routes.get(
    '/workouts/export',
    { summary: "The caller's workouts as a file: CSV that a spreadsheet may open, or JSON. Importing it again changes nothing", query: ExportQuery },
    async ({ user, query }) => {
      const { format = 'csv', from, to } = query;
      const exportedAt = kernel.clock.now();
      const nameOf = await findNames(kernel.database.knex, await catalogue(), user.id);
      const sessions = exportSessions(kernel.database.knex, user.id, { from, to }, nameOf);
      const text = format === 'csv' ? writeCsv(sessions) : writeJson(sessions, { exportedAt });
      const name = `workouts-${exportedAt.toISOString().slice(0, 10)}.${format}`;
      return new RawReply(Readable.from(text, { objectMode: false }), TYPES[format], {
        headers: { 'Content-Disposition': `attachment; filename="${name}"` },
      });
    },
  );
}
