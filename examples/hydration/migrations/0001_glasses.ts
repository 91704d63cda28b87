import type { Knex } from 'knex';

export const up = (knex: Knex): Promise<unknown> =>
  knex.raw('CREATE TABLE hydration_glasses (user_id TEXT NOT NULL, drunk_at TIMESTAMPTZ NOT NULL DEFAULT NOW())').then(() =>
    knex.raw('CREATE INDEX idx_hydration_glasses_user ON hydration_glasses (user_id)'),
  );

export const down = (knex: Knex): Promise<unknown> => knex.raw('DROP TABLE hydration_glasses');
