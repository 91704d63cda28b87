import knex from 'knex';

/** Enables plugins of PLUGIN_DIRS for a server that has not started yet, as an administrator would. */
export async function enablePlugins(databaseUrl: string, ids: readonly string[]): Promise<void> {
  const database = knex({ client: 'pg', connection: databaseUrl });
  try {
    await database('installed_plugins')
      .insert(ids.map((id) => ({ id, name: id, version: '1.0.0', enabled: true })))
      .onConflict('id')
      .merge(['enabled']);
  } finally {
    await database.destroy();
  }
}

/** What an administrator would see, read from the rows of a server that may not be running. */
export async function readRows<Row extends object>(databaseUrl: string, sql: string): Promise<Row[]> {
  const database = knex({ client: 'pg', connection: databaseUrl });
  try {
    const { rows } = await database.raw<{ rows: Row[] }>(sql);
    return rows;
  } finally {
    await database.destroy();
  }
}
