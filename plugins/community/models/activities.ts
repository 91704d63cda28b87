import type { Knex } from 'knex';
import type { Rows, Transaction } from 'musclemap';

export type FeedScope = 'public_anon' | 'public_profile' | 'private';

export interface NewActivity {
  /** Known beforehand, so that what is told twice is stored once. */
  id: string;
  userId: string;
  type: string;
  payload: Readonly<Record<string, unknown>>;
  /** The widest it may be seen; the member's settings may narrow it. */
  widest: FeedScope;
  /** Whether it says nothing of who did it when the name is left out. */
  mayBeAnonymous: boolean;
}

/** A row of the feed, with nothing of its member yet. */
export interface ActivityRow {
  id: string;
  userId: string | null;
  type: string;
  payload: Record<string, unknown>;
  scope: FeedScope;
  createdAt: Date;
  /** For the cursor: the time to the microsecond. */
  position: string;
  highFives: number;
  /** Whether the reader has given one. */
  isHighFived: boolean;
}

const COLUMNS = `
  e.id, e.user_id AS "userId", e.event_type AS type, e.payload, e.visibility_scope AS scope, e.created_at AS "createdAt",
  e.created_at::TEXT AS position,
  (SELECT count(*)::INTEGER FROM high_fives h WHERE h.activity_id = e.id) AS "highFives",
  EXISTS (SELECT FROM high_fives h WHERE h.activity_id = e.id AND h.user_id = :me) AS "isHighFived"`;

const AFTER = '(:afterTime::TIMESTAMPTZ IS NULL OR (e.created_at, e.id) < (:afterTime::TIMESTAMPTZ, :afterId::TEXT))';

/** Who is hidden from the reader, and from whom the reader is hidden. */
const NOT_BLOCKED = `
  NOT EXISTS (
    SELECT FROM user_blocks b
    WHERE (b.blocker_id = :me AND b.blocked_id = e.user_id) OR (b.blocker_id = e.user_id AND b.blocked_id = :me))`;

/** The scopes from the narrowest to the widest: the smaller of two is what both allow. */
const NARROWER = `
  least(
    array_position(ARRAY['private', 'public_anon', 'public_profile'], :widest::TEXT),
    array_position(ARRAY['private', 'public_anon', 'public_profile'], coalesce(s.feed_scope, :standard::TEXT)))`;

/** Stores an activity as the member lets it be seen; undefined when it is there already. */
export async function insertActivity(
  trx: Transaction,
  activity: NewActivity,
  standard: FeedScope,
): Promise<ActivityRow | undefined> {
  const { rows } = await trx.raw<Rows<ActivityRow>>(
    `INSERT INTO activity_events AS e (id, user_id, event_type, payload, visibility_scope, created_at)
     SELECT :id, u.id, :type, :payload,
       CASE WHEN NOT v.in_feed THEN 'private' ELSE CASE ${NARROWER} WHEN 3 THEN 'public_profile' WHEN 2 THEN CASE WHEN :mayBeAnonymous THEN 'public_anon' ELSE 'private' END ELSE 'private' END END,
       clock_timestamp()
     FROM users u JOIN user_visibility v ON v.user_id = u.id LEFT JOIN community_settings s ON s.user_id = u.id
     WHERE u.id = :userId
     ON CONFLICT (id) DO NOTHING
     RETURNING e.id, e.user_id AS "userId", e.event_type AS type, e.payload, e.visibility_scope AS scope,
       e.created_at AS "createdAt", e.created_at::TEXT AS position, 0 AS "highFives", FALSE AS "isHighFived"`,
    { ...activity, payload: JSON.stringify(activity.payload), standard },
  );
  return rows[0];
}

export interface FeedQuestion {
  me: string | null;
  after: readonly [string, string] | undefined;
  limit: number;
}

function bindings({ me, after, limit }: FeedQuestion): Record<string, string | number | null> {
  return { me, afterTime: after?.[0] ?? null, afterId: after?.[1] ?? null, limit };
}

/** One page of what is told without a name: the same for every reader, whoever blocks whom. */
export async function findAnonymousFeed(knex: Knex, question: FeedQuestion): Promise<ActivityRow[]> {
  const { rows } = await knex.raw<Rows<ActivityRow>>(
    `SELECT ${COLUMNS} FROM activity_events e WHERE e.visibility_scope = 'public_anon' AND ${AFTER}
     ORDER BY e.created_at DESC, e.id DESC LIMIT :limit`,
    bindings(question),
  );
  return rows;
}

const NAMED = `
  SELECT ${COLUMNS} FROM activity_events e JOIN user_visibility v ON v.user_id = e.user_id
  WHERE e.visibility_scope = 'public_profile' AND v.in_feed AND ${NOT_BLOCKED} AND ${AFTER}
  ORDER BY e.created_at DESC, e.id DESC LIMIT :limit`;

/** One page of what is told with a name. */
export async function findNamedFeed(knex: Knex, question: FeedQuestion): Promise<ActivityRow[]> {
  const { rows } = await knex.raw<Rows<ActivityRow>>(NAMED, bindings(question));
  return rows;
}

/** One page of everything that a member may see: each kind from its own index, then merged. */
export async function findCommunityFeed(knex: Knex, question: FeedQuestion): Promise<ActivityRow[]> {
  const { rows } = await knex.raw<Rows<ActivityRow>>(
    `SELECT * FROM (
       (SELECT ${COLUMNS} FROM activity_events e WHERE e.visibility_scope = 'public_anon' AND ${AFTER}
        ORDER BY e.created_at DESC, e.id DESC LIMIT :limit)
       UNION ALL (${NAMED})
     ) AS feed ORDER BY "createdAt" DESC, id DESC LIMIT :limit`,
    bindings(question),
  );
  return rows;
}

/** One page of a member's own activities, whoever else may see them. */
export async function findOwnFeed(knex: Knex, question: FeedQuestion & { me: string }): Promise<ActivityRow[]> {
  const { rows } = await knex.raw<Rows<ActivityRow>>(
    `SELECT ${COLUMNS} FROM activity_events e WHERE e.user_id = :me AND ${AFTER}
     ORDER BY e.created_at DESC, e.id DESC LIMIT :limit`,
    bindings(question),
  );
  return rows;
}

/** An activity that a member may see. */
export async function findActivity(knex: Knex, id: string, me: string): Promise<ActivityRow | undefined> {
  const { rows } = await knex.raw<Rows<ActivityRow>>(
    `SELECT ${COLUMNS} FROM activity_events e
     WHERE e.id = :id AND (e.visibility_scope = 'public_anon' OR e.user_id = :me OR (e.visibility_scope = 'public_profile' AND ${NOT_BLOCKED}))`,
    { id, me },
  );
  return rows[0];
}

/** Lets only the member see what tells of a workout: it has been made private. */
export async function hideWorkout(trx: Transaction, workoutId: string): Promise<void> {
  await trx.raw(`UPDATE activity_events SET visibility_scope = 'private' WHERE payload->>'workoutId' = ?`, [
    workoutId,
  ]);
}

/** Removes what tells of a workout that is gone. */
export async function removeWorkout(trx: Transaction, workoutId: string): Promise<void> {
  await trx.raw(`DELETE FROM activity_events WHERE payload->>'workoutId' = ?`, [workoutId]);
}

/** Removes an activity: anybody's, or only one of this member's. False when there is none. */
export async function removeActivity(trx: Transaction, id: string, onlyOf: string | undefined): Promise<boolean> {
  return (await trx('activity_events').where({ id, ...(onlyOf !== undefined && { user_id: onlyOf }) }).delete()) > 0;
}

const SWEPT_AT_ONCE = 10_000;

/** Removes the activities from before a day; answers whether there may be more. */
export async function removeActivitiesBefore(knex: Knex, before: Date): Promise<boolean> {
  const { rowCount } = await knex.raw<Rows<object>>(
    `DELETE FROM activity_events WHERE id IN (
       SELECT id FROM activity_events WHERE created_at < ? ORDER BY created_at LIMIT ${String(SWEPT_AT_ONCE)})`,
    [before],
  );
  return rowCount === SWEPT_AT_ONCE;
}

/** Gives a high-five once; false when it had been given. */
export async function giveHighFive(trx: Transaction, activityId: string, userId: string): Promise<boolean> {
  const { rowCount } = await trx.raw<Rows<object>>(
    'INSERT INTO high_fives (activity_id, user_id) VALUES (?, ?) ON CONFLICT DO NOTHING',
    [activityId, userId],
  );
  return rowCount === 1;
}

export async function takeHighFiveBack(knex: Knex, activityId: string, userId: string): Promise<void> {
  await knex('high_fives').where({ activity_id: activityId, user_id: userId }).delete();
}
