-- The three roles of a bonefit database. Run as a superuser, connected to that database; running it
-- again changes nothing. Passwords are set by whoever deploys: none are needed on a private socket.
--
--   bonefit_owner   owns the tables and runs migrations
--   bonefit_app     reads and writes rows, owns nothing: the web, worker and beat processes
--   bonefit_backup  may read everything, changes nothing
DO $$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'bonefit_owner') THEN
    CREATE ROLE bonefit_owner LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE;
  END IF;
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'bonefit_app') THEN
    CREATE ROLE bonefit_app LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE;
  END IF;
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'bonefit_backup') THEN
    CREATE ROLE bonefit_backup LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE;
  END IF;
  EXECUTE format('ALTER DATABASE %I OWNER TO bonefit_owner', current_database());
  EXECUTE format('REVOKE ALL ON DATABASE %I FROM PUBLIC', current_database());
  EXECUTE format(
    'GRANT CONNECT ON DATABASE %I TO bonefit_owner, bonefit_app, bonefit_backup', current_database());
END
$$;

ALTER SCHEMA public OWNER TO bonefit_owner;
REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO bonefit_app, bonefit_backup;

-- What the owner creates from now on, the app may use.
ALTER DEFAULT PRIVILEGES FOR ROLE bonefit_owner IN SCHEMA public
  GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO bonefit_app;
ALTER DEFAULT PRIVILEGES FOR ROLE bonefit_owner IN SCHEMA public
  GRANT USAGE, SELECT ON SEQUENCES TO bonefit_app;

GRANT pg_read_all_data TO bonefit_backup;
