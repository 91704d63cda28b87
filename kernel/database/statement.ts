import type { Knex } from 'knex';
import type { Client, QueryResultRow } from 'pg';

/** A statement that PostgreSQL parses once per connection: the hot paths use these, everything else knex. */
export interface Statement {
  name: string;
  text: string;
}

interface PoolOfClients {
  acquireConnection(): Promise<Client>;
  releaseConnection(client: Client): Promise<void>;
}

/** Runs a prepared statement on a connection of the pool, or on the transaction's own. */
export async function execute<Row extends QueryResultRow>(
  knex: Knex,
  statement: Statement,
  values: readonly unknown[],
): Promise<Row[]> {
  const result = await onConnection(knex, (client) => client.query<Row>({ ...statement, values: [...values] }));
  return result.rows;
}

/** Runs SQL with `$1` parameters, as libraries that know nothing of knex hand it over. */
export async function query(
  knex: Knex,
  text: string,
  values: readonly unknown[] = [],
): Promise<{ rows: QueryResultRow[] }> {
  return onConnection(knex, (client) => client.query(text, [...values]));
}

async function onConnection<T>(knex: Knex | Knex.Transaction, work: (client: Client) => Promise<T>): Promise<T> {
  // A transaction that is over would still hand out its connection, which may be somebody else's by now.
  if (knex.isTransaction === true && (knex as Knex.Transaction).isCompleted()) throw new Error('The transaction is over.');
  const pool = knex.client as PoolOfClients;
  const client = await pool.acquireConnection();
  try {
    return await work(client);
  } finally {
    await pool.releaseConnection(client);
  }
}
