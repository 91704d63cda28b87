import type { Knex } from 'knex';

const TIPS = `
  CREATE TABLE tips (
    id TEXT PRIMARY KEY DEFAULT 'tip_' || time_ordered_uuid(),
    trigger_type TEXT NOT NULL,
    trigger_value TEXT,
    category TEXT NOT NULL,
    title TEXT NOT NULL,
    content TEXT NOT NULL,
    priority INTEGER DEFAULT 0,
    display_context TEXT[],
    min_level INTEGER DEFAULT 1 CHECK (min_level >= 1),
    max_level INTEGER CHECK (max_level >= min_level),
    created_at TIMESTAMPTZ DEFAULT NOW()
  );
  CREATE INDEX idx_tips_created ON tips (created_at, id);

  CREATE TABLE user_tips_seen (
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    tip_id TEXT NOT NULL REFERENCES tips (id) ON DELETE CASCADE,
    seen_at TIMESTAMPTZ DEFAULT NOW(),
    PRIMARY KEY (user_id, tip_id)
  );
  CREATE INDEX idx_user_tips_seen_tip ON user_tips_seen (tip_id);

  -- What was chosen for a member: the same for the whole day, and not again for a while.
  CREATE TABLE tips_chosen (
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    day DATE NOT NULL,
    context TEXT NOT NULL,
    position INTEGER NOT NULL,
    tip_id TEXT NOT NULL REFERENCES tips (id) ON DELETE CASCADE,
    PRIMARY KEY (user_id, day, context, position),
    UNIQUE (user_id, day, context, tip_id)
  );
  CREATE INDEX idx_tips_chosen_tip ON tips_chosen (tip_id);
`;

const MILESTONES = `
  CREATE TABLE milestones (
    id TEXT PRIMARY KEY DEFAULT 'ms_' || time_ordered_uuid(),
    name TEXT NOT NULL,
    description TEXT,
    category TEXT NOT NULL,
    condition_type TEXT NOT NULL,
    condition_value JSONB NOT NULL,
    reward_credits INTEGER DEFAULT 0 CHECK (reward_credits >= 0),
    badge_icon TEXT,
    created_at TIMESTAMPTZ DEFAULT NOW()
  );
  CREATE INDEX idx_milestones_created ON milestones (created_at, id);

  CREATE TABLE user_milestone_progress (
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    milestone_id TEXT NOT NULL REFERENCES milestones (id) ON DELETE CASCADE,
    progress INTEGER DEFAULT 0 CHECK (progress >= 0),
    completed_at TIMESTAMPTZ,
    reward_claimed BOOLEAN DEFAULT FALSE,
    PRIMARY KEY (user_id, milestone_id),
    CHECK (completed_at IS NOT NULL OR NOT reward_claimed)
  );
  CREATE INDEX idx_user_milestone_progress_milestone ON user_milestone_progress (milestone_id);
`;

const SHIPPED = `
  -- What shipped tips and milestones were when they were loaded. Who edits or deletes one keeps it that way.
  CREATE TABLE shipped_tips (
    id TEXT PRIMARY KEY,
    checksum TEXT NOT NULL,
    is_edited BOOLEAN NOT NULL DEFAULT FALSE
  );
  CREATE TABLE shipped_tips_edition (checksum TEXT NOT NULL);
`;

export async function up(knex: Knex): Promise<void> {
  for (const tables of [TIPS, MILESTONES, SHIPPED]) await knex.raw(tables);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw(`
    DROP TABLE shipped_tips_edition, shipped_tips, user_milestone_progress, milestones, tips_chosen, user_tips_seen, tips
  `);
}
