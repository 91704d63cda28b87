import type { Knex } from 'knex';
import type { Rows } from 'musclemap';

export interface CommunityTotals {
  members: number;
  groups: number;
  activeCompetitions: number;
  activitiesToday: number;
}

export async function countCommunity(knex: Knex, now: Date): Promise<CommunityTotals> {
  const { rows } = await knex.raw<Rows<CommunityTotals>>(
    `SELECT (SELECT count(*)::INTEGER FROM users WHERE flags->>'banned' = 'false') AS members,
       (SELECT count(*)::INTEGER FROM groups) AS groups,
       (SELECT count(*)::INTEGER FROM competitions WHERE status = 'active') AS "activeCompetitions",
       (SELECT count(*)::INTEGER FROM activity_events WHERE created_at >= date_trunc('day', :now::TIMESTAMPTZ)) AS "activitiesToday"`,
    { now },
  );
  const [totals] = rows;
  if (totals === undefined) throw new TypeError('An aggregate answered no row.');
  return totals;
}
