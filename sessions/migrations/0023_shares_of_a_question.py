"""One question of a report, answered in shares by several processes of the database.

PostgreSQL does not let its workers share a query that asks something of each enrollment by itself
(LATERAL). What a function does inside is not looked at, though: the same query about some of the
clinics is one call of this function, and calls beside each other are shared out. It is as much
allowed to as who asks, and cannot write: a function that is not VOLATILE is read-only. Its cost is
only there to be larger than that of starting a worker.
"""

from django.db import migrations

SHARE = """
CREATE FUNCTION training_share(question text) RETURNS SETOF record
LANGUAGE plpgsql STABLE PARALLEL SAFE COST 10000000 ROWS 1000 AS $$
BEGIN
    RETURN QUERY EXECUTE question;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("training", "0022_long_files_and_links_across")]

    operations = [migrations.RunSQL(SHARE, "DROP FUNCTION training_share(text)")]
