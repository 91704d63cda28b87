import type { Knex } from 'knex';
import type { Rows } from 'musclemap';
import {
  PICKS_SECONDS,
  PRESENT_SECONDS,
  minuteKey,
  rank,
  recentMinutes,
  type Heartbeat,
  type Picks,
  type PresenceStore,
} from './presence.ts';

/** Presence without Redis, the same for all instances: in tables that PostgreSQL keeps in memory and does not log. */
export class TablePresence implements PresenceStore {
  readonly #knex: Knex;

  constructor(knex: Knex) {
    this.#knex = knex;
  }

  async beat({ userId, geoBucket, stageId, exerciseIds }: Heartbeat, now: Date): Promise<void> {
    const picks = [
      ...[...exerciseIds].sort().map((name) => ({ kind: 'exercise', name })),
      ...(stageId === undefined ? [] : [{ kind: 'stage', name: stageId }]),
    ];
    await this.#knex.raw(
      `WITH present AS (
         INSERT INTO community_presence (user_id, geo_bucket, stage_id, seen_at) VALUES (:userId, :geoBucket, :stageId, :now)
         ON CONFLICT (user_id) DO UPDATE SET geo_bucket = excluded.geo_bucket, stage_id = excluded.stage_id, seen_at = excluded.seen_at
       )
       INSERT INTO community_picks (minute, kind, name, count)
       SELECT :minute, p.kind, p.name, count(*) FROM jsonb_to_recordset(:picks::JSONB) AS p(kind TEXT, name TEXT) GROUP BY 2, 3
       ON CONFLICT (minute, kind, name) DO UPDATE SET count = community_picks.count + excluded.count`,
      {
        ...{ userId, now, geoBucket: geoBucket ?? null, stageId: stageId ?? null },
        ...{ minute: minuteKey(now), picks: JSON.stringify(picks) },
      },
    );
  }

  async leave(userId: string): Promise<void> {
    await this.#knex('community_presence').where({ user_id: userId }).delete();
  }

  async buckets(now: Date): Promise<ReadonlyMap<string, number>> {
    const { rows } = await this.#knex.raw<Rows<{ place: string; count: number }>>(
      `SELECT coalesce(geo_bucket, '') AS place, count(*)::INTEGER AS count FROM community_presence WHERE seen_at >= ? GROUP BY 1`,
      [new Date(now.getTime() - PRESENT_SECONDS * 1000)],
    );
    return new Map(rows.map(({ place, count }) => [place, count]));
  }

  async picks(now: Date): Promise<Picks> {
    const { rows } = await this.#knex.raw<Rows<{ kind: string; name: string; count: number }>>(
      'SELECT kind, name, count FROM community_picks WHERE minute = ANY (?)',
      [recentMinutes(now)],
    );
    const of = (wanted: string): Picks['exercises'] =>
      rank(rows.filter(({ kind }) => kind === wanted).map(({ name, count }) => [name, count] as const));
    return { exercises: of('exercise'), stages: of('stage') };
  }

  /** Forgets who has left and what is too old to be counted. */
  async sweep(now: Date): Promise<void> {
    await this.#knex.raw(
      `WITH gone AS (DELETE FROM community_presence WHERE seen_at < :gone)
       DELETE FROM community_picks WHERE minute < :minute`,
      {
        gone: new Date(now.getTime() - PRESENT_SECONDS * 1000),
        minute: minuteKey(new Date(now.getTime() - PICKS_SECONDS * 1000)),
      },
    );
  }
}
