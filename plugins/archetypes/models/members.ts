import type { Knex } from 'knex';
import type { Rows, Transaction } from 'musclemap';
import type { MuscleTargets } from '../catalogue/types.ts';

/** Where a member stands. */
export interface Standing {
  userId: string;
  archetypeId: string;
  level: number;
}

/** Where those members stand who have chosen an archetype. */
export async function findStandings(trx: Transaction, userIds: readonly string[]): Promise<Standing[]> {
  const { rows } = await trx.raw<Rows<Standing>>(
    `SELECT id AS "userId", current_archetype_id AS "archetypeId", current_level AS level
     FROM users WHERE id = ANY (?) AND current_archetype_id IS NOT NULL`,
    [[...userIds]],
  );
  return rows;
}

/** Writes archetype and level, and answers the levels that nobody had written down before, lowest first. */
export async function storeStandings(
  trx: Transaction,
  standings: readonly Standing[],
  now: Date,
): Promise<(Standing & { name: string })[]> {
  const { rows } = await trx.raw<Rows<Standing & { name: string }>>(
    `WITH given AS (
       SELECT * FROM jsonb_to_recordset(:standings::JSONB) AS g("userId" TEXT, "archetypeId" TEXT, level INTEGER)
     ), moved AS (
       UPDATE users u SET current_archetype_id = g."archetypeId", current_level = g.level
       FROM given g WHERE u.id = g."userId"
     ), reached AS (
       INSERT INTO levels_reached (user_id, archetype_id, level, reached_at)
       SELECT g."userId", g."archetypeId", l.level, :now
       FROM given g JOIN archetype_levels l ON l.archetype_id = g."archetypeId" AND l.level BETWEEN 2 AND g.level
       ON CONFLICT DO NOTHING
       RETURNING user_id, archetype_id, level
     )
     SELECT r.user_id AS "userId", r.archetype_id AS "archetypeId", r.level, l.name
     FROM reached r JOIN archetype_levels l USING (archetype_id, level) ORDER BY r.user_id, r.level`,
    { standings: JSON.stringify(standings), now },
  );
  return rows;
}

/** Members who have an archetype, by id, after the last of the page before. */
export async function findMembersAfter(knex: Knex, after: string, limit: number): Promise<string[]> {
  const { rows } = await knex.raw<Rows<{ id: string }>>(
    'SELECT id FROM users WHERE current_archetype_id IS NOT NULL AND id > ? ORDER BY id LIMIT ?',
    [after, limit],
  );
  return rows.map(({ id }) => id);
}

/** An archetype and who follows it. */
export interface Following {
  archetypeId: string;
  name: string;
  members: number;
  averageLevel: number | null;
  highestLevel: number | null;
}

/** Every archetype, the one with the most members first. */
export async function countMembers(knex: Knex): Promise<Following[]> {
  const { rows } = await knex.raw<Rows<Following>>(
    `SELECT a.id AS "archetypeId", a.name, coalesce(u.members, 0) AS members, u.average AS "averageLevel", u.highest AS "highestLevel"
     FROM archetypes a LEFT JOIN (
       SELECT current_archetype_id AS id, count(*)::INTEGER AS members, round(avg(current_level), 1)::FLOAT8 AS average,
         max(current_level) AS highest
       FROM users WHERE current_archetype_id IS NOT NULL GROUP BY current_archetype_id
     ) u USING (id)
     ORDER BY members DESC, a.name`,
  );
  return rows;
}

/** A member's archetype and level with its muscle targets; undefined for who has chosen none. */
export async function findFocus(
  knex: Knex,
  userId: string,
): Promise<{ archetypeId: string; muscleTargets: MuscleTargets } | undefined> {
  const { rows } = await knex.raw<Rows<{ archetypeId: string; muscleTargets: MuscleTargets }>>(
    `SELECT l.archetype_id AS "archetypeId", coalesce(l.muscle_targets, '{}') AS "muscleTargets"
     FROM users u JOIN archetype_levels l ON l.archetype_id = u.current_archetype_id AND l.level = u.current_level
     WHERE u.id = ?`,
    [userId],
  );
  return rows[0];
}

export interface ReachedLevel {
  level: number;
  name: string;
  reachedAt: Date;
}

/** What a member's journey shows of archetype and levels. */
export interface MemberJourney {
  archetypeId: string | null;
  archetypeName: string | null;
  level: number;
  levelName: string | null;
  levelTU: number | null;
  nextLevelName: string | null;
  nextLevelTU: number | null;
  muscleTargets: MuscleTargets;
  /** The latest first. */
  recentLevels: { level: number; name: string; reachedAt: string }[];
}

export async function findJourney(knex: Knex, userId: string, recent: number): Promise<MemberJourney | undefined> {
  const { rows } = await knex.raw<Rows<MemberJourney>>(
    `SELECT a.id AS "archetypeId", a.name AS "archetypeName", u.current_level AS level, l.name AS "levelName",
       l.total_tu AS "levelTU", n.name AS "nextLevelName", n.total_tu AS "nextLevelTU",
       coalesce(l.muscle_targets, '{}') AS "muscleTargets",
       coalesce((
         SELECT jsonb_agg(jsonb_build_object('level', r.level, 'name', r.name, 'reachedAt', to_char(r.reached_at, 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')) ORDER BY r.level DESC)
         FROM (
           SELECT r.level, rl.name, r.reached_at FROM levels_reached r JOIN archetype_levels rl USING (archetype_id, level)
           WHERE r.user_id = u.id AND r.archetype_id = u.current_archetype_id AND r.level <= u.current_level
           ORDER BY r.level DESC LIMIT :recent
         ) r
       ), '[]') AS "recentLevels"
     FROM users u
       LEFT JOIN archetypes a ON a.id = u.current_archetype_id
       LEFT JOIN archetype_levels l ON l.archetype_id = a.id AND l.level = u.current_level
       LEFT JOIN archetype_levels n ON n.archetype_id = a.id AND n.level = u.current_level + 1
     WHERE u.id = :userId`,
    { userId, recent },
  );
  return rows[0];
}

/** Every level that a member has ever reached, the first one first. */
export async function findLevelsReached(knex: Knex, userId: string): Promise<(ReachedLevel & { archetypeId: string })[]> {
  const { rows } = await knex.raw<Rows<ReachedLevel & { archetypeId: string }>>(
    `SELECT r.archetype_id AS "archetypeId", r.level, l.name, r.reached_at AS "reachedAt"
     FROM levels_reached r JOIN archetype_levels l USING (archetype_id, level)
     WHERE r.user_id = ? ORDER BY r.reached_at, r.archetype_id, r.level`,
    [userId],
  );
  return rows;
}
