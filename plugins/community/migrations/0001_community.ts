import type { Knex } from 'knex';

export async function up(knex: Knex): Promise<void> {
  await knex.raw(GROUPS);
  await knex.raw(COMPETITIONS);
  await knex.raw(FEED);
  await knex.raw(PRESENCE);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw(`
    DROP TABLE community_picks, community_presence;
    DROP TABLE reports, high_fives, community_settings, user_blocks, activity_events;
    DROP TABLE community_invitations, competition_fees, competition_participants, competitions, group_memberships, groups;
  `);
}

const GROUPS = `
  CREATE TABLE groups (
    id TEXT PRIMARY KEY DEFAULT 'grp_' || time_ordered_uuid(),
    name TEXT NOT NULL,
    description TEXT,
    avatar_url TEXT,
    owner_id TEXT NOT NULL REFERENCES users (id),
    settings JSONB DEFAULT '{}',
    created_at TIMESTAMPTZ DEFAULT NOW(),
    updated_at TIMESTAMPTZ DEFAULT NOW()
  );
  CREATE INDEX idx_groups_created ON groups (created_at DESC, id DESC);
  CREATE INDEX idx_groups_owner ON groups (owner_id);
  CREATE TRIGGER groups_updated_at BEFORE UPDATE ON groups FOR EACH ROW EXECUTE FUNCTION update_updated_at();

  CREATE TABLE group_memberships (
    group_id TEXT NOT NULL REFERENCES groups (id) ON DELETE CASCADE,
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    role TEXT NOT NULL CHECK (role IN ('member', 'moderator', 'admin', 'owner')),
    joined_at TIMESTAMPTZ DEFAULT NOW(),
    PRIMARY KEY (group_id, user_id)
  );
  CREATE INDEX idx_group_memberships_user ON group_memberships (user_id);
`;

const COMPETITIONS = `
  CREATE TABLE competitions (
    id TEXT PRIMARY KEY DEFAULT 'comp_' || time_ordered_uuid(),
    name TEXT NOT NULL,
    description TEXT,
    creator_id TEXT NOT NULL REFERENCES users (id),
    type TEXT NOT NULL CHECK (type IN ('total_tu', 'streak', 'workouts', 'custom')),
    status TEXT NOT NULL DEFAULT 'draft' CHECK (status IN ('draft', 'active', 'completed', 'canceled')),
    start_date TIMESTAMPTZ NOT NULL,
    end_date TIMESTAMPTZ NOT NULL,
    max_participants INTEGER CHECK (max_participants > 0),
    entry_fee INTEGER DEFAULT 0 CHECK (entry_fee >= 0),
    prize_pool INTEGER DEFAULT 0 CHECK (prize_pool >= 0),
    rules JSONB,
    is_public BOOLEAN DEFAULT TRUE,
    created_at TIMESTAMPTZ DEFAULT NOW(),
    CHECK (end_date > start_date)
  );
  CREATE INDEX idx_competitions_created ON competitions (created_at DESC, id DESC);
  CREATE INDEX idx_competitions_creator ON competitions (creator_id);
  CREATE INDEX idx_competitions_to_start ON competitions (start_date) WHERE status = 'draft';
  CREATE INDEX idx_competitions_to_end ON competitions (end_date) WHERE status = 'active';

  CREATE TABLE competition_participants (
    competition_id TEXT NOT NULL REFERENCES competitions (id) ON DELETE CASCADE,
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    score REAL DEFAULT 0,
    rank INTEGER,
    joined_at TIMESTAMPTZ DEFAULT NOW(),
    PRIMARY KEY (competition_id, user_id)
  );
  CREATE INDEX idx_competition_participants_score ON competition_participants (competition_id, score DESC, user_id);
  CREATE INDEX idx_competition_participants_user ON competition_participants (user_id);

  -- The entry of the ledger that paid a participant's fee, so that just this one is given back, once.
  CREATE TABLE competition_fees (
    competition_id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    entry_id TEXT NOT NULL UNIQUE,
    PRIMARY KEY (competition_id, user_id),
    FOREIGN KEY (competition_id, user_id) REFERENCES competition_participants ON DELETE CASCADE
  );

  -- Who was asked into a group or a competition that is not open to everybody.
  CREATE TABLE community_invitations (
    id TEXT PRIMARY KEY DEFAULT 'inv_' || time_ordered_uuid(),
    group_id TEXT REFERENCES groups (id) ON DELETE CASCADE,
    competition_id TEXT REFERENCES competitions (id) ON DELETE CASCADE,
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    invited_by TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    created_at TIMESTAMPTZ NOT NULL DEFAULT NOW(),
    CHECK (num_nonnulls(group_id, competition_id) = 1)
  );
  CREATE UNIQUE INDEX idx_community_invitations_group ON community_invitations (group_id, user_id) WHERE group_id IS NOT NULL;
  CREATE UNIQUE INDEX idx_community_invitations_competition ON community_invitations (competition_id, user_id)
    WHERE competition_id IS NOT NULL;
  CREATE INDEX idx_community_invitations_user ON community_invitations (user_id, created_at DESC, id DESC);
`;

const FEED = `
  CREATE TABLE activity_events (
    id TEXT PRIMARY KEY DEFAULT 'evt_' || time_ordered_uuid(),
    user_id TEXT REFERENCES users (id) ON DELETE SET NULL,
    event_type TEXT NOT NULL,
    payload JSONB NOT NULL DEFAULT '{}',
    visibility_scope TEXT NOT NULL CHECK (visibility_scope IN ('public_anon', 'public_profile', 'private')),
    geo_bucket TEXT,
    created_at TIMESTAMPTZ DEFAULT NOW()
  );
  CREATE INDEX idx_activity_events_created ON activity_events (created_at DESC, id DESC);
  CREATE INDEX idx_activity_events_user ON activity_events (user_id, created_at DESC, id DESC);
  CREATE INDEX idx_activity_events_visibility ON activity_events (visibility_scope, created_at DESC, id DESC);
  CREATE INDEX idx_activity_events_workout ON activity_events ((payload->>'workoutId')) WHERE payload->>'workoutId' IS NOT NULL;

  CREATE TABLE user_blocks (
    blocker_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    blocked_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    created_at TIMESTAMPTZ DEFAULT NOW(),
    PRIMARY KEY (blocker_id, blocked_id),
    CHECK (blocker_id <> blocked_id)
  );
  CREATE INDEX idx_user_blocks_blocked ON user_blocks (blocked_id);

  -- What a member has chosen; who has not chosen anything has no row.
  CREATE TABLE community_settings (
    user_id TEXT PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
    feed_scope TEXT CHECK (feed_scope IN ('public_anon', 'public_profile', 'private')),
    show_presence BOOLEAN NOT NULL DEFAULT TRUE,
    updated_at TIMESTAMPTZ NOT NULL DEFAULT NOW()
  );

  CREATE TABLE high_fives (
    activity_id TEXT NOT NULL REFERENCES activity_events (id) ON DELETE CASCADE,
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    created_at TIMESTAMPTZ NOT NULL DEFAULT NOW(),
    PRIMARY KEY (activity_id, user_id)
  );
  CREATE INDEX idx_high_fives_user ON high_fives (user_id);

  CREATE TABLE reports (
    id TEXT PRIMARY KEY DEFAULT 'rep_' || time_ordered_uuid(),
    reporter_id TEXT REFERENCES users (id) ON DELETE SET NULL,
    object_type TEXT NOT NULL,
    object_id TEXT NOT NULL,
    reason TEXT NOT NULL,
    details TEXT,
    status TEXT NOT NULL DEFAULT 'open' CHECK (status IN ('open', 'acted', 'dismissed')),
    decided_by TEXT REFERENCES users (id) ON DELETE SET NULL,
    decided_at TIMESTAMPTZ,
    note TEXT,
    created_at TIMESTAMPTZ NOT NULL DEFAULT NOW()
  );
  CREATE INDEX idx_reports_status ON reports (status, created_at DESC, id DESC);
  CREATE UNIQUE INDEX idx_reports_open ON reports (reporter_id, object_type, object_id) WHERE status = 'open';
`;

/** Where there is no Redis: tables that are not logged, since nobody is present after a crash. */
const PRESENCE = `
  CREATE UNLOGGED TABLE community_presence (
    user_id TEXT PRIMARY KEY,
    geo_bucket TEXT,
    stage_id TEXT,
    seen_at TIMESTAMPTZ NOT NULL
  );
  CREATE INDEX idx_community_presence_seen ON community_presence (seen_at);
  CREATE UNLOGGED TABLE community_picks (
    minute TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('exercise', 'stage')),
    name TEXT NOT NULL,
    count INTEGER NOT NULL,
    PRIMARY KEY (minute, kind, name)
  );
`;
