import { createHash } from 'node:crypto';
import pg from 'pg';

/** Holds a function for each plugin; no plugin's role may look into it, so that none can change its own. */
export const ACCESS_SCHEMA = 'plugin_access';

/** The schema of a plugin that is not bundled. An id holds no underscore, so that no two plugins share one. */
export function schemaOf(pluginId: string): string {
  return `plugin_${pluginId.replaceAll('-', '_')}`;
}

/** The function that carries a plugin's statements out, as it stands in SQL. */
export function accessFunction(pluginId: string): string {
  return `${ACCESS_SCHEMA}.${pg.escapeIdentifier(schemaOf(pluginId))}`;
}

const LONGEST_NAME = 63;

/** The role of a plugin in one database: roles belong to the whole server, which may have several. */
export function roleOf(database: string, pluginId: string): string {
  const name = `${database}_${schemaOf(pluginId)}`;
  if (Buffer.byteLength(name) <= LONGEST_NAME) return name;
  const digest = createHash('sha256').update(name).digest('hex').slice(0, 12);
  return `musclemap_${digest}_${schemaOf(pluginId).slice(0, LONGEST_NAME - 23)}`;
}

/**
 * Runs one statement with the rights of the function's owner, the plugin's role; README.md has why it is done like this. What a
 * statement may leave behind in the session, for the kernel's own statements to stumble over, is cleared away in the same
 * call: settings, cursors and locks. Constraint triggers that wait for the commit would run there with the kernel's rights (before
 * PostgreSQL 18), and so would the expressions of an exclusion constraint: nobody may have them.
 */
export function accessFunctionSource(pluginId: string): string {
  return `CREATE FUNCTION ${accessFunction(pluginId)} (p_statement TEXT, p_has_rows BOOLEAN)
  RETURNS TABLE (line TEXT, names TEXT[], types BYTEA, affected BIGINT)
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = ${pg.escapeIdentifier(schemaOf(pluginId))}, public AS $access$
  DECLARE
    v_statement_timeout TEXT := pg_catalog.current_setting('statement_timeout');
    v_lock_timeout TEXT := pg_catalog.current_setting('lock_timeout');
    v_count BIGINT := 0;
    v_row RECORD;
  BEGIN
    IF p_has_rows THEN
      FOR v_row IN EXECUTE p_statement LOOP
        IF v_count = 0 THEN
          names := ARRAY(SELECT pg_catalog.json_object_keys(pg_catalog.row_to_json(v_row)));
          types := pg_catalog.record_send(v_row);
        ELSIF v_count = 1 THEN
          names := NULL;
          types := NULL;
        END IF;
        v_count := v_count + 1;
        line := v_row::pg_catalog.text;
        RETURN NEXT;
      END LOOP;
    ELSE
      EXECUTE p_statement;
      GET DIAGNOSTICS v_count = ROW_COUNT;
    END IF;

    EXECUTE 'CLOSE ALL';
    RESET ALL;
    PERFORM pg_catalog.set_config('statement_timeout', v_statement_timeout, TRUE),
      pg_catalog.set_config('lock_timeout', v_lock_timeout, TRUE), pg_catalog.pg_advisory_unlock_all();
    IF EXISTS (
      SELECT FROM pg_catalog.pg_shdepend d JOIN pg_catalog.pg_constraint c ON c.conrelid = d.objid
      WHERE d.refclassid = 'pg_catalog.pg_authid'::pg_catalog.regclass AND d.refobjid = (SELECT oid FROM pg_catalog.pg_roles WHERE rolname = current_user)
        AND d.dbid = (SELECT oid FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database())
        AND d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND c.condeferrable AND c.contype IN ('t', 'x')
    ) THEN
      RAISE EXCEPTION 'a plugin may have no deferrable trigger or exclusion constraint' USING ERRCODE = 'insufficient_privilege';
    END IF;
    line := NULL;
    names := NULL;
    types := NULL;
    affected := v_count;
    RETURN NEXT;
  END;
  $access$`;
}
