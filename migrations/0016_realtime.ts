import type { Knex } from 'knex';

export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    -- What was published, kept for a while so that who reconnects misses nothing. A row has no position until it is committed
    -- and sequenced: positions are given in the order in which readers may see them.
    CREATE TABLE realtime_events (
      id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      position BIGINT,
      channel TEXT NOT NULL,
      event TEXT NOT NULL,
      data JSONB NOT NULL,
      created_at TIMESTAMPTZ NOT NULL DEFAULT clock_timestamp()
    );
    CREATE UNIQUE INDEX idx_realtime_events_position ON realtime_events (position) WHERE position IS NOT NULL;
    CREATE INDEX idx_realtime_events_channel ON realtime_events (channel, position) WHERE position IS NOT NULL;
    CREATE INDEX idx_realtime_events_new ON realtime_events (id) WHERE position IS NULL;

    -- The newest position, and the oldest one that is still kept.
    CREATE TABLE realtime_head (
      is_head BOOLEAN PRIMARY KEY DEFAULT TRUE CHECK (is_head),
      position BIGINT NOT NULL DEFAULT 0,
      forgotten BIGINT NOT NULL DEFAULT 0
    );
    INSERT INTO realtime_head DEFAULT VALUES;

    -- Gives positions to what has been committed. The head's row is locked until the commit, so that no reader sees a position
    -- before a smaller one.
    CREATE FUNCTION sequence_realtime_events(p_most INTEGER)
    RETURNS TABLE ("after" BIGINT, "position" BIGINT, channel TEXT, event TEXT, data JSONB) LANGUAGE plpgsql AS $$
    DECLARE
      v_head BIGINT;
      v_count BIGINT;
    BEGIN
      SELECT h.position INTO v_head FROM realtime_head h FOR UPDATE;
      RETURN QUERY
        WITH fresh AS (
          SELECT e.id, row_number() OVER (ORDER BY e.id) AS n FROM realtime_events e
          WHERE e.position IS NULL ORDER BY e.id LIMIT p_most
        ), given AS (
          UPDATE realtime_events e SET position = v_head + f.n FROM fresh f WHERE e.id = f.id
          RETURNING e.position, e.channel, e.event, e.data
        )
        SELECT v_head, g.position, g.channel, g.event, g.data FROM given g ORDER BY g.position;
      GET DIAGNOSTICS v_count = ROW_COUNT;
      IF v_count > 0 THEN UPDATE realtime_head h SET position = v_head + v_count; END IF;
    END;
    $$;

    -- What lets a browser open one socket; only the hash of a ticket is kept.
    CREATE UNLOGGED TABLE realtime_tickets (
      ticket_hash TEXT PRIMARY KEY,
      caller JSONB NOT NULL,
      expires_at TIMESTAMPTZ NOT NULL
    );
    CREATE INDEX idx_realtime_tickets_expires ON realtime_tickets (expires_at);
  `);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw(`
    DROP TABLE realtime_tickets;
    DROP FUNCTION sequence_realtime_events(INTEGER);
    DROP TABLE realtime_head, realtime_events;
  `);
}
