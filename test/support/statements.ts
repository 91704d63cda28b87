import pg from 'pg';

interface Statement {
  sql: string;
  connection: pg.Client;
}

let recorded: Statement[] | undefined;
// Kept from the prototype, because connections of the kernel keep the function that they are made with.
const query = Reflect.get(pg.Client.prototype, 'query') as (...given: unknown[]) => unknown;
Object.assign(pg.Client.prototype, {
  query(this: pg.Client, ...given: unknown[]): unknown {
    const [first] = given;
    recorded?.push({ sql: typeof first === 'string' ? first : String((first as { text?: unknown }).text), connection: this });
    return Reflect.apply(query, this, given);
  },
});

/**
 * The statements of the transaction that told the server `one` while `work` ran, without those that only steer it. Start the
 * kernel after this file is imported.
 */
export async function transactionAround(one: RegExp, work: () => Promise<unknown>): Promise<string[]> {
  const statements: Statement[] = [];
  recorded = statements;
  try {
    await work();
  } finally {
    recorded = undefined;
  }
  const found = statements.find(({ sql }) => one.test(sql));
  const told = statements.filter(({ connection }) => connection === found?.connection).map(({ sql }) => sql.trim());
  const middle = told.findIndex((sql) => one.test(sql));
  const begin = told.lastIndexOf('BEGIN;', middle);
  return told.slice(begin, told.indexOf('COMMIT;', middle) + 1).filter((sql) => !/^(BEGIN|COMMIT|(RELEASE )?SAVEPOINT)/.test(sql));
}
