import type { Knex } from 'knex';

export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    CREATE TABLE archetypes (
      id TEXT PRIMARY KEY,
      name TEXT NOT NULL,
      philosophy TEXT,
      description TEXT,
      focus_areas JSONB,
      icon_url TEXT
    );

    CREATE TABLE archetype_levels (
      id SERIAL PRIMARY KEY,
      archetype_id TEXT NOT NULL REFERENCES archetypes (id) ON DELETE CASCADE,
      level INTEGER NOT NULL CHECK (level > 0),
      name TEXT NOT NULL,
      total_tu INTEGER NOT NULL CHECK (total_tu >= 0),
      description TEXT,
      muscle_targets JSONB,
      UNIQUE (archetype_id, level)
    );

    -- When a member first reached a level; what makes level.reached an event that comes once per level.
    CREATE TABLE levels_reached (
      user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
      archetype_id TEXT NOT NULL REFERENCES archetypes (id) ON DELETE CASCADE,
      level INTEGER NOT NULL,
      reached_at TIMESTAMPTZ NOT NULL,
      PRIMARY KEY (user_id, archetype_id, level)
    );
    CREATE INDEX idx_levels_reached_archetype ON levels_reached (archetype_id);

    -- Which edition of the shipped catalogue the tables hold.
    CREATE TABLE archetypes_edition (checksum TEXT NOT NULL);

    UPDATE users SET current_archetype_id = NULL, current_level = 1 WHERE current_archetype_id IS NOT NULL;
    ALTER TABLE users ADD CONSTRAINT fk_users_archetype
      FOREIGN KEY (current_archetype_id) REFERENCES archetypes (id) ON DELETE SET NULL;
    CREATE INDEX idx_users_archetype ON users (current_archetype_id, id) WHERE current_archetype_id IS NOT NULL;
  `);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw(`
    DROP INDEX idx_users_archetype;
    ALTER TABLE users DROP CONSTRAINT fk_users_archetype;
    UPDATE users SET current_archetype_id = NULL, current_level = 1
      WHERE current_archetype_id IS NOT NULL OR current_level <> 1;
    DROP TABLE archetypes_edition, levels_reached, archetype_levels, archetypes;
  `);
}
