import type { Knex } from 'knex';

export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    CREATE EXTENSION IF NOT EXISTS "uuid-ossp";
    CREATE EXTENSION IF NOT EXISTS "pg_trgm";

    CREATE FUNCTION update_updated_at() RETURNS TRIGGER LANGUAGE plpgsql AS $$
    BEGIN
      NEW.updated_at = NOW();
      RETURN NEW;
    END;
    $$;

    -- A version 7 UUID: rows that are appended together lie together in the index of their key.
    CREATE FUNCTION time_ordered_uuid() RETURNS UUID LANGUAGE sql VOLATILE PARALLEL SAFE AS $$
      SELECT encode(
        set_bit(set_bit(
          overlay(uuid_send(gen_random_uuid())
            PLACING substring(int8send((extract(epoch FROM clock_timestamp()) * 1000)::BIGINT) FROM 3)
            FROM 1 FOR 6),
          52, 1), 53, 1),
        'hex')::UUID
    $$;
  `);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw(`
    DROP FUNCTION time_ordered_uuid();
    DROP FUNCTION update_updated_at();
    DROP EXTENSION "pg_trgm";
    DROP EXTENSION "uuid-ossp";
  `);
}
