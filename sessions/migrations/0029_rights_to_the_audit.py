"""The app adds rows to the audit without choosing their numbers, and leaves the migrations alone.

A number that is taken already refuses the row that it would be given to: whoever ran SQL as the app
could have had the next thousands of looks fall out of the log, which holds up no page, or break the
chain with a number of before. A migration that is written down as done is never run, be it one that
puts a table under its policies; and the app runs none.

A column that these tables get later is given to the app by its own migration. TRUNCATE, which fires
no trigger of DELETE, is refused to the owner as that is.
"""

from django.db import migrations

#: The access log, and what was done on the floor.
ADDED_TO = ("clients_look", "training_operation")
#: Whatever is audited, and the seals over it.
ONLY_ADDED_TO = (*ADDED_TO, "clinics_rowchange", "clinics_seal")
#: They write with the rights of the tables' owner; a trigger runs them without this right.
OF_HISTORY = ("keep_history", "keep_history_of_clinic", "keep_history_of_nobody")

AS_THEY_COME = """
DO $$
DECLARE others text;
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'bonefit_app') THEN
        SELECT string_agg(quote_ident(attname), ', ') INTO others FROM pg_attribute
        WHERE attrelid = '{table}'::regclass AND attnum > 0 AND NOT attisdropped
            AND attname <> 'id';
        REVOKE INSERT ON {table} FROM bonefit_app;
        EXECUTE format('GRANT INSERT (%s) ON {table} TO bonefit_app', others);
    END IF;
END $$;
"""
AS_ONE_LIKES = """
DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'bonefit_app') THEN
        REVOKE INSERT ON {table} FROM bonefit_app;
        GRANT INSERT ON {table} TO bonefit_app;
    END IF;
END $$;
"""
NOT_EMPTIED = """
CREATE TRIGGER not_emptied BEFORE TRUNCATE ON {table}
    FOR EACH STATEMENT EXECUTE FUNCTION audit_is_only_added_to();
"""
MIGRATIONS = """
DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'bonefit_app') THEN
        {what} INSERT, UPDATE, DELETE ON django_migrations {whom} bonefit_app;
    END IF;
END $$;
"""


def over(sql, back, tables):
    return [
        migrations.RunSQL(sql.format(table=table), back.format(table=table)) for table in tables
    ]


class Migration(migrations.Migration):
    dependencies = [
        ("clients", "0015_roles_of_looks"),
        ("clinics", "0012_history"),
        ("training", "0028_indexes_under_policies"),
    ]

    operations = [
        *over(AS_THEY_COME, AS_ONE_LIKES, ADDED_TO),
        *over(NOT_EMPTIED, "DROP TRIGGER not_emptied ON {table};", ONLY_ADDED_TO),
        migrations.RunSQL(
            MIGRATIONS.format(what="REVOKE", whom="FROM"),
            MIGRATIONS.format(what="GRANT", whom="TO"),
        ),
        *(
            migrations.RunSQL(
                f"REVOKE EXECUTE ON FUNCTION {name}() FROM PUBLIC",
                f"GRANT EXECUTE ON FUNCTION {name}() TO PUBLIC",
            )
            for name in OF_HISTORY
        ),
    ]
