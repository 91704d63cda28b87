import type { Knex } from 'knex';
import type { Rows, Transaction } from 'musclemap';
import type { CompetitionType, Rules } from '../competitions/rules.ts';

export type CompetitionStatus = 'draft' | 'active' | 'completed' | 'canceled';

export interface Competition {
  id: string;
  name: string;
  description: string | null;
  creatorId: string;
  type: CompetitionType;
  status: CompetitionStatus;
  startDate: Date;
  endDate: Date;
  maxParticipants: number | null;
  entryFee: number;
  prizePool: number;
  rules: Rules;
  isPublic: boolean;
  createdAt: Date;
}

/** With what depends on the reader. */
export interface CompetitionView extends Competition {
  participantCount: number;
  isJoined: boolean;
}

export interface Participant {
  userId: string;
  score: number;
  rank: number;
}

export type NewCompetition = Omit<Competition, 'id' | 'status' | 'prizePool' | 'createdAt'>;

const OWN_COLUMNS = `
  c.id, c.name, c.description, c.creator_id AS "creatorId", c.type, c.status, c.start_date AS "startDate", c.end_date AS "endDate",
  c.max_participants AS "maxParticipants", c.entry_fee AS "entryFee", c.prize_pool AS "prizePool", coalesce(c.rules, '{}') AS rules,
  c.is_public AS "isPublic", c.created_at AS "createdAt"`;
const COLUMNS = `${OWN_COLUMNS},
  (SELECT count(*)::INTEGER FROM competition_participants p WHERE p.competition_id = c.id) AS "participantCount",
  EXISTS (SELECT FROM competition_participants p WHERE p.competition_id = c.id AND p.user_id = :me) AS "isJoined"`;
const MAY_SEE = `
  (c.is_public OR :seesAll OR c.creator_id = :me
   OR EXISTS (SELECT FROM competition_participants p WHERE p.competition_id = c.id AND p.user_id = :me)
   OR EXISTS (SELECT FROM community_invitations i WHERE i.competition_id = c.id AND i.user_id = :me))`;

function columnsOf(competition: Partial<NewCompetition>): Record<string, unknown> {
  const { name, description, creatorId, type, startDate, endDate, maxParticipants, entryFee, rules, isPublic } = competition;
  const columns = {
    ...{ name, description, type, rules: rules && JSON.stringify(rules) },
    ...{ creator_id: creatorId, start_date: startDate, end_date: endDate, is_public: isPublic },
    ...{ max_participants: maxParticipants, entry_fee: entryFee },
  };
  return Object.fromEntries(Object.entries(columns).filter(([, value]) => value !== undefined));
}

export async function insertCompetition(trx: Transaction, competition: NewCompetition): Promise<string> {
  const [row] = await trx('competitions').insert(columnsOf(competition)).returning<{ id: string }[]>('id');
  if (row === undefined) throw new TypeError('INSERT … RETURNING answered no row.');
  return row.id;
}

export async function updateCompetition(trx: Transaction, id: string, change: Partial<NewCompetition>): Promise<void> {
  const columns = columnsOf(change);
  if (Object.keys(columns).length > 0) await trx('competitions').where({ id }).update(columns);
}

/** A competition that the reader may see. */
export async function findCompetition(
  knex: Knex,
  id: string,
  reader: { me: string; seesAll: boolean },
): Promise<CompetitionView | undefined> {
  const { rows } = await knex.raw<Rows<CompetitionView>>(`SELECT ${COLUMNS} FROM competitions c WHERE c.id = :id AND ${MAY_SEE}`, {
    id,
    ...reader,
  });
  return rows[0];
}

/** One page of the competitions that the reader may see, the newest first. */
export async function findCompetitions(
  knex: Knex,
  reader: { me: string; seesAll: boolean },
  filter: { status: CompetitionStatus | null; mine: boolean },
  after: readonly [string, string] | undefined,
  limit: number,
): Promise<(CompetitionView & { position: string })[]> {
  const { rows } = await knex.raw<Rows<CompetitionView & { position: string }>>(
    `SELECT ${COLUMNS}, c.created_at::TEXT AS position FROM competitions c
     WHERE ${MAY_SEE} AND (:status::TEXT IS NULL OR c.status = :status)
       AND (NOT :mine OR c.creator_id = :me
         OR EXISTS (SELECT FROM competition_participants p WHERE p.competition_id = c.id AND p.user_id = :me))
       AND (:afterTime::TIMESTAMPTZ IS NULL OR (c.created_at, c.id) < (:afterTime::TIMESTAMPTZ, :afterId::TEXT))
     ORDER BY c.created_at DESC, c.id DESC LIMIT :limit`,
    { ...reader, ...filter, afterTime: after?.[0] ?? null, afterId: after?.[1] ?? null, limit },
  );
  return rows;
}

/** Holds a competition still until the end of the transaction; the others that want it wait. */
export async function lockCompetition(trx: Transaction, id: string): Promise<Competition | undefined> {
  const { rows } = await trx.raw<Rows<Competition>>(`SELECT ${OWN_COLUMNS} FROM competitions c WHERE c.id = ? FOR UPDATE`, [id]);
  return rows[0];
}

/** The next competition whose time has come to start or to end; what another instance works on is passed over. */
export async function lockDueCompetition(trx: Transaction, moment: 'start' | 'end', now: Date): Promise<Competition | undefined> {
  const due = moment === 'start' ? `c.status = 'draft' AND c.start_date <= :now` : `c.status = 'active' AND c.end_date <= :now`;
  const { rows } = await trx.raw<Rows<Competition>>(
    `SELECT ${OWN_COLUMNS} FROM competitions c WHERE ${due} ORDER BY c.${moment}_date LIMIT 1 FOR UPDATE SKIP LOCKED`,
    { now },
  );
  return rows[0];
}

export async function setStatus(trx: Transaction, id: string, status: CompetitionStatus): Promise<void> {
  await trx('competitions').where({ id }).update({ status });
}

export async function countParticipants(trx: Transaction, id: string): Promise<number> {
  const row = await trx('competition_participants').where({ competition_id: id }).count<{ count: number }[]>({ count: '*' });
  return row[0]?.count ?? 0;
}

/** Puts somebody in and their fee into the pool. */
export async function insertParticipant(
  trx: Transaction,
  participant: { competitionId: string; userId: string; fee: number; feeEntryId: string | null },
): Promise<void> {
  await trx.raw(
    `WITH used AS (DELETE FROM community_invitations WHERE competition_id = :competitionId AND user_id = :userId), joined AS (
       INSERT INTO competition_participants (competition_id, user_id) VALUES (:competitionId, :userId)
     ), paid AS (
       INSERT INTO competition_fees (competition_id, user_id, entry_id)
       SELECT :competitionId, :userId, :feeEntryId WHERE :feeEntryId::TEXT IS NOT NULL
     )
     UPDATE competitions SET prize_pool = prize_pool + :fee WHERE id = :competitionId`,
    participant,
  );
}

/** Takes somebody out; the entry of the ledger that paid their fee, undefined when they were not in. */
export async function deleteParticipant(
  trx: Transaction,
  competitionId: string,
  userId: string,
): Promise<{ feeEntryId: string | null } | undefined> {
  const { rows } = await trx.raw<Rows<{ feeEntryId: string | null }>>(
    `DELETE FROM competition_participants p WHERE p.competition_id = :competitionId AND p.user_id = :userId
     RETURNING (SELECT f.entry_id FROM competition_fees f
       WHERE f.competition_id = p.competition_id AND f.user_id = p.user_id) AS "feeEntryId"`,
    { competitionId, userId },
  );
  return rows[0];
}

export async function changePool(trx: Transaction, id: string, by: number): Promise<void> {
  await trx('competitions').where({ id }).increment('prize_pool', by);
}

/** Everybody who has paid, with the entries that paid; they are taken off the list and the pool is emptied. */
export async function takeFees(trx: Transaction, id: string): Promise<{ userId: string; entryId: string }[]> {
  const { rows } = await trx.raw<Rows<{ userId: string; entryId: string }>>(
    `WITH taken AS (DELETE FROM competition_fees WHERE competition_id = :id RETURNING user_id, entry_id),
       emptied AS (UPDATE competitions SET prize_pool = 0 WHERE id = :id)
     SELECT user_id AS "userId", entry_id AS "entryId" FROM taken ORDER BY user_id`,
    { id },
  );
  return rows;
}

/** The active competitions that a member is in. */
export async function findRunning(trx: Transaction, userId: string): Promise<(Competition & { score: number })[]> {
  const { rows } = await trx.raw<Rows<Competition & { score: number }>>(
    `SELECT ${OWN_COLUMNS}, p.score FROM competition_participants p JOIN competitions c ON c.id = p.competition_id
     WHERE p.user_id = ? AND c.status = 'active' FOR UPDATE OF p`,
    [userId],
  );
  return rows;
}

/** One page of participants' ids, in their order. */
export async function findParticipantsAfter(trx: Transaction, id: string, after: string, limit: number): Promise<string[]> {
  return trx('competition_participants')
    .where({ competition_id: id })
    .where('user_id', '>', after)
    .orderBy('user_id')
    .limit(limit)
    .pluck<string[]>('user_id');
}

/** Sets many scores in one statement. */
export async function setScores(
  trx: Transaction,
  scores: readonly { competitionId: string; userId: string; score: number }[],
): Promise<void> {
  if (scores.length === 0) return;
  await trx.raw(
    `UPDATE competition_participants p SET score = s.score
     FROM jsonb_to_recordset(?::JSONB) AS s("competitionId" TEXT, "userId" TEXT, score REAL)
     WHERE p.competition_id = s."competitionId" AND p.user_id = s."userId"`,
    [JSON.stringify(scores)],
  );
}

/** Everybody, best first. */
export async function findFinishers(trx: Transaction, id: string): Promise<{ userId: string; score: number }[]> {
  const { rows } = await trx.raw<Rows<{ userId: string; score: number }>>(
    `SELECT user_id AS "userId", score FROM competition_participants WHERE competition_id = ?
     ORDER BY score DESC, joined_at, user_id`,
    [id],
  );
  return rows;
}

/** Writes the final ranks down. */
export async function setRanks(trx: Transaction, id: string, ranks: readonly { userId: string; rank: number }[]): Promise<void> {
  await trx.raw(
    `UPDATE competition_participants p SET rank = r.rank
     FROM jsonb_to_recordset(:ranks::JSONB) AS r("userId" TEXT, rank INTEGER)
     WHERE p.competition_id = :id AND p.user_id = r."userId"`,
    { id, ranks: JSON.stringify(ranks) },
  );
}

/** One page of the standings, best first; the ranks are those of all participants. */
export async function findStandings(
  knex: Knex,
  id: string,
  after: readonly [number, string] | undefined,
  limit: number,
): Promise<Participant[]> {
  const { rows } = await knex.raw<Rows<Participant>>(
    `SELECT p.user_id AS "userId", p.score, r.better + 1 AS rank
     FROM competition_participants p
     CROSS JOIN LATERAL (
       SELECT count(*)::INTEGER AS better FROM competition_participants o WHERE o.competition_id = p.competition_id AND o.score > p.score
     ) r
     WHERE p.competition_id = :id
       AND (:score::REAL IS NULL OR p.score < :score::REAL OR (p.score = :score::REAL AND p.user_id > :afterId::TEXT))
     ORDER BY p.score DESC, p.user_id LIMIT :limit`,
    { id, score: after?.[0] ?? null, afterId: after?.[1] ?? null, limit },
  );
  return rows;
}

/** A member's own place; undefined when they are not in. */
export async function findStanding(knex: Knex, id: string, userId: string): Promise<Participant | undefined> {
  const { rows } = await knex.raw<Rows<Participant>>(
    `SELECT p.user_id AS "userId", p.score,
       (SELECT count(*)::INTEGER + 1 FROM competition_participants o WHERE o.competition_id = :id AND o.score > p.score) AS rank
     FROM competition_participants p WHERE p.competition_id = :id AND p.user_id = :userId`,
    { id, userId },
  );
  return rows[0];
}

/** How many competitions each has finished, by user id. */
export async function countFinished(knex: Knex, userIds: readonly string[]): Promise<Map<string, number>> {
  const { rows } = await knex.raw<Rows<{ userId: string; count: number }>>(
    `SELECT p.user_id AS "userId", count(*)::INTEGER AS count FROM competition_participants p JOIN competitions c ON c.id = p.competition_id
     WHERE p.user_id = ANY (?) AND c.status = 'completed' GROUP BY 1`,
    [[...userIds]],
  );
  return new Map(userIds.map((id) => [id, rows.find(({ userId }) => userId === id)?.count ?? 0]));
}
