#!/bin/sh
# Runs once, in the postgres container, after roles.sql: each role gets its password.
set -eu
psql --set ON_ERROR_STOP=1 --username "${POSTGRES_USER:-postgres}" --dbname "$POSTGRES_DB" \
	--set owner="$OWNER_PASSWORD" --set app="$APP_PASSWORD" --set backup="$BACKUP_PASSWORD" <<'SQL'
ALTER ROLE bonefit_owner PASSWORD :'owner';
ALTER ROLE bonefit_app PASSWORD :'app';
ALTER ROLE bonefit_backup PASSWORD :'backup';
SQL
