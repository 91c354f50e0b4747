"""What a test committed is taken out of the tables that hold rows: a pytest plugin.

Django empties every table after such a test, which makes each of some hundred tables and all their
indexes new, and then lays out the content types and permissions again. To delete what is there is
a tenth of that work, and a request that comes late is not in its way.
"""

from __future__ import annotations

import psycopg
from django.db import connection
from django.test import TransactionTestCase

#: As the superuser and without triggers: rows of any clinic, in any order, and kept by nobody. A
#: table without a page has not been written to. Django's own names of the models stay as they are.
#: A test that left a transaction open fails instead of being waited for without end.
EMPTY = """
SET lock_timeout = '60s';
SET session_replication_role = replica;
DO $$
DECLARE name text;
BEGIN
  FOR name IN
    SELECT relname FROM pg_class
    WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND pg_relation_size(oid) > 0
      AND relname NOT IN ('django_migrations', 'django_content_type', 'auth_permission')
  LOOP
    EXECUTE format('DELETE FROM %I', name);
  END LOOP;
END $$;
"""


def empty(test: TransactionTestCase) -> None:
    """Nothing is left in the database of the test that is over."""
    here = connection.settings_dict
    with psycopg.connect(
        host=here["HOST"], user="postgres", dbname=here["NAME"], autocommit=True
    ) as superuser:
        superuser.execute(EMPTY)


# Django has no setting for it, and pytest-django asks this class; its stubs leave the name out.
TransactionTestCase._fixture_teardown = empty  # type: ignore[attr-defined]
