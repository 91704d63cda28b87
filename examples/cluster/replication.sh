#!/bin/sh
# Run once by the image of PostgreSQL, when the primary is made: lets the replica follow.
set -eu
psql -v ON_ERROR_STOP=1 -v password="$REPLICATOR_PASSWORD" -U "$POSTGRES_USER" -d "$POSTGRES_DB" <<'SQL'
CREATE ROLE replicator LOGIN REPLICATION PASSWORD :'password';
SELECT pg_create_physical_replication_slot('replica');
SQL
echo 'host replication replicator all scram-sha-256' >> "$PGDATA/pg_hba.conf"
