import type { Knex } from 'knex';
import type { ExportedSession } from '../import/session.ts';
import { findSourcedAfter, type SourcedWorkout } from '../models/imports.ts';
import { toExportedSession } from './stored-session.ts';

const WORKOUTS_PER_PAGE = 200;

/** The first and the last day, as `YYYY-MM-DD`. */
export interface ExportRange {
  from?: string | undefined;
  to?: string | undefined;
}

/** A member's workouts as they go into a file, oldest first; one page of them is held at a time. */
export async function* exportSessions(
  knex: Knex,
  userId: string,
  range: ExportRange,
  nameOf: (exerciseId: string) => string,
): AsyncGenerator<ExportedSession> {
  let after: SourcedWorkout | undefined;
  do {
    const rows = await findSourcedAfter(knex, userId, { after, ...range, limit: WORKOUTS_PER_PAGE });
    for (const row of rows) yield toExportedSession(row, nameOf);
    after = rows.length < WORKOUTS_PER_PAGE ? undefined : rows.at(-1);
  } while (after !== undefined);
}
