import { createHash } from 'node:crypto';
import type { Knex } from 'knex';
import pg from 'pg';
import type { Rows } from '../../database/connect.ts';
import type { Transaction } from '../../database/transaction.ts';
import type { FoundPlugin } from '../discovery.ts';
import { inSavepoint } from '../lifecycle/transition.ts';
import { ACCESS_SCHEMA, accessFunction, accessFunctionSource, roleOf, schemaOf } from './access-function.ts';

/** How a plugin's access to the database is bounded. */
export interface Isolation {
  schema: string;
  /** The role that its statements run as; null when they run with the server's own rights. */
  role: string | null;
  /** Why there is no role. */
  reason: string | null;
}

/** The plugin that a schema is for. */
export interface SchemaOwner {
  id: string;
  /** Whether it may read the public part of accounts. */
  readsUsers: boolean;
}

/** Those of the plugins that get a schema: a bundled one owns tables of the public schema. */
export function schemaOwners(plugins: Iterable<FoundPlugin | undefined>): SchemaOwner[] {
  const confined = [...plugins].filter((found) => found?.isConfined === true && found.manifest.scopes.includes('database'));
  return confined.flatMap((found) => (found ? [{ id: found.manifest.id, readsUsers: found.manifest.scopes.includes('users') }] : []));
}

/** The views of accounts that the scope `users` opens to a plugin's own queries. */
const USER_VIEWS = ['user_profiles', 'user_visibility'];

interface Note extends Isolation {
  /** Of everything that the function was made from. */
  checksum: string;
}

/** The isolation of every plugin that has a schema, by id. */
export async function readIsolations(knex: Knex): Promise<Map<string, Isolation>> {
  return new Map([...(await readNotes(knex))].map(([id, { schema, role, reason }]) => [id, { schema, role, reason }]));
}

/** What was written down when the functions were made, where the function and the role are still those. */
async function readNotes(knex: Knex): Promise<Map<string, Note>> {
  const { rows } = await knex.raw<Rows<{ note: Note & { id: string; database: string }; owner: string; database: string; me: string }>>(
    `SELECT obj_description(p.oid, 'pg_proc')::JSONB AS note, r.rolname AS owner, current_database() AS database, current_user AS me
     FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace JOIN pg_roles r ON r.oid = p.proowner
     WHERE n.nspname = ? AND obj_description(p.oid, 'pg_proc') IS NOT NULL`,
    [ACCESS_SCHEMA],
  );
  const current = rows.filter(({ note, owner, database, me }) => note.database === database && owner === (note.role ?? me));
  return new Map(current.map(({ note: { id, database: _database, ...note } }) => [id, note]));
}

/**
 * Makes the schema, the role and the access function of a plugin, or brings them to what this version needs; does nothing when
 * they are that. Where the login may not make the role, the plugin's statements run with the server's rights.
 */
export async function ensureSchemas(trx: Transaction, owners: readonly SchemaOwner[]): Promise<Map<string, Isolation>> {
  const wanted = new Map(owners.map((owner) => [owner.id, checksumOf(owner)]));
  const isCurrent = (notes: ReadonlyMap<string, Note>, { id }: SchemaOwner): boolean => {
    const note = notes.get(id);
    return note?.checksum === wanted.get(id) && note?.role !== null;
  };
  const before = await readNotes(trx);
  if (owners.some((owner) => !isCurrent(before, owner))) {
    await trx.raw(`SELECT pg_advisory_xact_lock(hashtextextended('musclemap:plugin-roles', 0))`);
    const notes = await readNotes(trx);
    for (const owner of owners) if (!isCurrent(notes, owner)) await makeSchema(trx, owner);
  }
  return readIsolations(trx);
}

function checksumOf({ id, readsUsers }: SchemaOwner): string {
  return createHash('sha256').update(JSON.stringify([accessFunctionSource(id), readsUsers, USER_VIEWS])).digest('hex').slice(0, 16);
}

async function makeSchema(trx: Transaction, owner: SchemaOwner): Promise<void> {
  const { id } = owner;
  const { rows } = await trx.raw<Rows<{ database: string }>>('SELECT current_database() AS database');
  const database = rows[0]?.database ?? '';
  const schema = schemaOf(id);
  await trx.raw(
    `CREATE SCHEMA IF NOT EXISTS ${ACCESS_SCHEMA};
     CREATE SCHEMA IF NOT EXISTS ${pg.escapeIdentifier(schema)};
     DROP FUNCTION IF EXISTS ${accessFunction(id)} (TEXT, BOOLEAN);
     ${accessFunctionSource(id)};
     REVOKE ALL ON FUNCTION ${accessFunction(id)} FROM PUBLIC;
     GRANT EXECUTE ON FUNCTION ${accessFunction(id)} TO CURRENT_USER`,
  );
  const role = roleOf(database, id);
  const reason = await handOver(trx, owner, { database, role, schema });
  const note = { id, database, schema, role: reason === null ? role : null, reason, checksum: checksumOf(owner) };
  await trx.raw(`COMMENT ON FUNCTION ${accessFunction(id)} IS ${pg.escapeLiteral(JSON.stringify(note)).trim()}`);
}

interface Place {
  database: string;
  role: string;
  schema: string;
}

/** Why a role could not be made, or would hold a plugin back too little. */
class Unsafe extends Error {}

/** Gives the plugin's function and tables to its role. Answers why it cannot, null when it has. */
async function handOver(trx: Transaction, owner: SchemaOwner, place: Place): Promise<string | null> {
  try {
    await inSavepoint(trx, async () => {
      await makeRole(trx, place);
      await grantRights(trx, owner, place);
      await refuseExcess(trx, place);
    });
    return null;
  } catch (error) {
    if (error instanceof Unsafe) return error.message;
    if (error instanceof pg.DatabaseError && error.code === '42501') return error.message;
    throw error;
  }
}

async function makeRole(trx: Transaction, { role }: Place): Promise<void> {
  const { rows } = await trx.raw<Rows<{ isStrong: boolean }>>(
    `SELECT rolcanlogin OR rolsuper OR rolcreaterole OR rolcreatedb OR rolbypassrls OR rolreplication
       OR EXISTS (SELECT FROM pg_auth_members WHERE member = r.oid) AS "isStrong" FROM pg_roles r WHERE rolname = ?`,
    [role],
  );
  if (rows[0]?.isStrong === true) throw new Unsafe(`the role ${role} exists and may do more than a plugin's`);
  const name = pg.escapeIdentifier(role);
  if (rows.length === 0) await trx.raw(`CREATE ROLE ${name} NOLOGIN`);
  // Who owns tables may not be asked for what they hold, and their owner is changed, by members only.
  await trx.raw(`DO $$ BEGIN IF NOT (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) THEN GRANT ${name} TO CURRENT_USER; END IF; END $$`);
}

async function grantRights(trx: Transaction, { id, readsUsers }: SchemaOwner, { role, schema }: Place): Promise<void> {
  const name = pg.escapeIdentifier(role);
  await trx.raw(
    `GRANT USAGE, CREATE ON SCHEMA ${pg.escapeIdentifier(schema)} TO ${name};
     ${readsUsers ? 'GRANT' : 'REVOKE'} SELECT ON ${USER_VIEWS.join(', ')} ${readsUsers ? 'TO' : 'FROM'} ${name};
     GRANT USAGE, CREATE ON SCHEMA ${ACCESS_SCHEMA} TO ${name};
     ALTER FUNCTION ${accessFunction(id)} OWNER TO ${name};
     REVOKE ALL ON SCHEMA ${ACCESS_SCHEMA} FROM ${name};
     ${giveObjects(schema, role)}`,
  );
}

/** Gives everything in the schema to the role: what was made before there was one, or by another database's. */
function giveObjects(schema: string, role: string): string {
  const [inSchema, to] = [pg.escapeLiteral(schema).trim(), pg.escapeIdentifier(role)];
  return `DO $give$
    DECLARE v_change TEXT;
    BEGIN
      FOR v_change IN
        SELECT format('ALTER %s %s OWNER TO ${to}', CASE relkind WHEN 'v' THEN 'VIEW' WHEN 'm' THEN 'MATERIALIZED VIEW' WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END, c.oid::REGCLASS)
        FROM pg_class c WHERE relnamespace = ${inSchema}::REGNAMESPACE AND relkind IN ('r', 'p', 'v', 'm', 'S') AND pg_get_userbyid(relowner) <> ${pg.escapeLiteral(role).trim()}
          AND NOT EXISTS (SELECT FROM pg_depend WHERE classid = 'pg_class'::REGCLASS AND objid = c.oid AND deptype IN ('a', 'i') AND relkind = 'S')
        UNION ALL
        SELECT format('ALTER ROUTINE %s OWNER TO ${to}', oid::REGPROCEDURE)
        FROM pg_proc WHERE pronamespace = ${inSchema}::REGNAMESPACE AND pg_get_userbyid(proowner) <> ${pg.escapeLiteral(role).trim()}
        UNION ALL
        SELECT format('ALTER TYPE %s OWNER TO ${to}', oid::REGTYPE)
        FROM pg_type WHERE typnamespace = ${inSchema}::REGNAMESPACE AND typtype IN ('e', 'd') AND pg_get_userbyid(typowner) <> ${pg.escapeLiteral(role).trim()}
      LOOP
        EXECUTE v_change;
      END LOOP;
    END $give$`;
}

/**
 * Takes from everybody what would let a plugin put itself between the kernel and its tables, or move credits: making tables that
 * are found before them, and calling functions that run with other rights. @throws Unsafe when that is not in the login's power.
 */
async function refuseExcess(trx: Transaction, { role, database }: Place): Promise<void> {
  const excess = async (): Promise<{ temporary: boolean; public: boolean; creates: boolean; functions: string[] }> => {
    const { rows } = await trx.raw<Rows<{ temporary: boolean; public: boolean; creates: boolean; functions: string[] }>>(
      `SELECT has_database_privilege(:role, current_database(), 'TEMPORARY') AS temporary,
         has_schema_privilege(:role, 'public', 'CREATE') AS public, has_database_privilege(:role, current_database(), 'CREATE') AS creates,
         ARRAY(SELECT p.oid::REGPROCEDURE::TEXT FROM pg_proc p WHERE pronamespace = 'public'::REGNAMESPACE AND prosecdef
           AND has_function_privilege(:role, p.oid, 'EXECUTE')) AS functions`,
      { role },
    );
    return rows[0] ?? { temporary: true, public: true, creates: true, functions: [] };
  };
  const found = await excess();
  const revokes = [
    ...(found.temporary ? [`REVOKE TEMPORARY ON DATABASE ${pg.escapeIdentifier(database)} FROM PUBLIC`] : []),
    ...(found.public ? ['REVOKE CREATE ON SCHEMA public FROM PUBLIC'] : []),
    ...found.functions.flatMap((name) => [`REVOKE EXECUTE ON FUNCTION ${name} FROM PUBLIC`, `GRANT EXECUTE ON FUNCTION ${name} TO CURRENT_USER`]),
  ];
  if (revokes.length > 0) await trx.raw(revokes.join(';'));
  const left = await excess();
  if (left.temporary) throw new Unsafe(`everybody may make temporary tables in ${database}; its owner has to revoke that: REVOKE TEMPORARY ON DATABASE … FROM PUBLIC`);
  if (left.public || left.creates) throw new Unsafe(`everybody may make objects in ${database}; its owner has to revoke that: REVOKE CREATE … FROM PUBLIC`);
  if (left.functions.length > 0) throw new Unsafe(`everybody may call ${left.functions.join(', ')}`);
}

/** Takes away a plugin's schema with all that is in it, its function and its role. */
export async function dropSchema(trx: Transaction, id: string): Promise<void> {
  const { rows } = await trx.raw<Rows<{ database: string }>>('SELECT current_database() AS database');
  const role = roleOf(rows[0]?.database ?? '', id);
  await trx.raw(`DROP SCHEMA IF EXISTS ${pg.escapeIdentifier(schemaOf(id))} CASCADE`);
  await trx.raw(`DROP FUNCTION IF EXISTS ${accessFunction(id)} (TEXT, BOOLEAN)`);
  const found = await trx.raw<Rows<object>>('SELECT FROM pg_roles WHERE rolname = ?', [role]);
  if (found.rows.length === 0) return;
  await trx.raw(`DROP OWNED BY ${pg.escapeIdentifier(role)}`);
  // A copy of this database may still use the role.
  await inSavepoint(trx, async () => {
    await trx.raw(`DROP ROLE ${pg.escapeIdentifier(role)}`);
  }).catch((error: unknown) => {
    if (!(error instanceof pg.DatabaseError && /^(2BP01|42501)$/.test(error.code ?? ''))) throw error;
  });
}
