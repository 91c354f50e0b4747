-- The three roles of a bonefit database. Run as a superuser, connected to that database; running it
-- again changes nothing. Passwords are set by whoever deploys: none are needed on a private socket.
--
--   bonefit_owner   owns the tables and runs migrations
--   bonefit_app     reads and writes rows, owns nothing: the web, worker and beat processes
--   bonefit_backup  may read everything, changes and owns nothing
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

-- Rows of a clinic are seen only by a connection that was told the clinic (bonefit/clinics/rows.py).
-- pg_read_all_data gives the backup every table, not every row, and pg_dump refuses rather than leave
-- rows out. BYPASSRLS lifts the policies for this role, and for it alone; the owner of the tables has
-- a policy of its own on each.
ALTER ROLE bonefit_backup BYPASSRLS;
ALTER ROLE bonefit_owner NOBYPASSRLS;
ALTER ROLE bonefit_app NOBYPASSRLS;

-- Under policies an index is asked only with functions that tell nothing of a row that is hidden.
-- Those of ranges tell nothing, but PostgreSQL does not say so; without this, whatever asks for the
-- visits of a time reads many more. Where the superuser is not a real one, it is left as it is.
DO $$
DECLARE named text;
BEGIN
  FOREACH named IN ARRAY ARRAY[
    'lower(anyrange)', 'upper(anyrange)', 'isempty(anyrange)',
    'range_overlaps(anyrange, anyrange)', 'range_contains(anyrange, anyrange)',
    'range_contained_by(anyrange, anyrange)', 'range_contains_elem(anyrange, anyelement)',
    'elem_contained_by_range(anyelement, anyrange)', 'range_eq(anyrange, anyrange)',
    'range_lt(anyrange, anyrange)', 'range_le(anyrange, anyrange)',
    'range_gt(anyrange, anyrange)', 'range_ge(anyrange, anyrange)'
  ] LOOP
    EXECUTE format('ALTER FUNCTION pg_catalog.%s LEAKPROOF', named);
  END LOOP;
EXCEPTION WHEN insufficient_privilege THEN
  RAISE NOTICE 'Indexes of ranges are not used under policies here.';
END
$$;
