"""The triggers that keep what rows were before, for migrations: one shape for every table.

A migration that makes a clinical table says ``keep("training_thing")``. Columns that come later are
kept by themselves. ``tests/history/test_every_table.py`` says which tables have none, and why.
"""

from __future__ import annotations

from django.db.migrations.operations.special import RunSQL

#: Of the row that a statement has written: where its clinic stands.
_OF_A_CLINIC = ("keep_history", "{row}.clinic_id")
_CLINIC = ("keep_history_of_clinic", "{row}.id")
_OF_NOBODY = ("keep_history_of_nobody", "NULL::bigint")

# One statement of the trigger for one statement of whoever writes, however many rows that changes.
# It runs with the rights of the tables' owner: the app has none to write here. ``session_user`` is
# whoever is connected all the same. Each row is written down as JSON once (``OFFSET 0``).
_FUNCTION = """
CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    said jsonb := nullif(current_setting('bonefit.by', true), '')::jsonb;
    left_out text[] := coalesce(TG_ARGV[0], '{{}}')::text[];
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO public.clinics_rowchange
            ("table", "row", clinic_id, what, at, member_id, user_id, role, source, why)
        SELECT TG_TABLE_NAME, n.id, {new_clinic}, 'added', clock_timestamp(),
            (said ->> 'member')::bigint, (said ->> 'user')::bigint, session_user,
            coalesce(said ->> 'source', ''), coalesce(said ->> 'why', '')
        FROM new_rows n;
    ELSIF TG_OP = 'UPDATE' THEN
        INSERT INTO public.clinics_rowchange
            ("table", "row", clinic_id, what, before, at, member_id, user_id, role, source, why)
        SELECT TG_TABLE_NAME, o.id, {old_clinic}, 'changed', changed.before, clock_timestamp(),
            (said ->> 'member')::bigint, (said ->> 'user')::bigint, session_user,
            coalesce(said ->> 'source', ''), coalesce(said ->> 'why', changed.why, '')
        FROM old_rows o
        LEFT JOIN new_rows n ON n.id = o.id
        CROSS JOIN LATERAL (SELECT to_jsonb(n) AS now OFFSET 0) j
        CROSS JOIN LATERAL (
            SELECT jsonb_object_agg(k.key, k.value) AS before,
                max(j.now ->> k.key) FILTER (WHERE k.key ~ '(why|reason)$') AS why
            FROM jsonb_each(to_jsonb(o)) k
            WHERE k.value IS DISTINCT FROM (j.now -> k.key) AND k.key <> ALL (left_out)
        ) changed
        WHERE changed.before IS NOT NULL;
    ELSE
        INSERT INTO public.clinics_rowchange
            ("table", "row", clinic_id, what, before, at, member_id, user_id, role, source, why)
        SELECT TG_TABLE_NAME, o.id, {old_clinic}, 'removed', to_jsonb(o) - left_out,
            clock_timestamp(), (said ->> 'member')::bigint, (said ->> 'user')::bigint,
            session_user, coalesce(said ->> 'source', ''), coalesce(said ->> 'why', '')
        FROM old_rows o;
    END IF;
    RETURN NULL;
END
$$;
"""

_EVENTS = {
    "INSERT": "REFERENCING NEW TABLE AS new_rows",
    "UPDATE": "REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows",
    "DELETE": "REFERENCING OLD TABLE AS old_rows",
}


def functions() -> RunSQL:
    """The functions, before the first table that has triggers."""
    shapes = (_OF_A_CLINIC, _CLINIC, _OF_NOBODY)
    made = "".join(
        _FUNCTION.format(
            name=name, new_clinic=clinic.format(row="n"), old_clinic=clinic.format(row="o")
        )
        for name, clinic in shapes
    )
    return RunSQL(made, "".join(f"DROP FUNCTION {name}();" for name, _ in shapes))


def keep(
    table: str,
    *,
    added: bool = True,
    clinic: str = "clinic_id",
    left_out: tuple[str, ...] = (),
) -> RunSQL:
    """Keep what becomes of a table's rows.

    ``added`` False: of rows that say themselves who added them and when, only what comes after it.
    ``clinic``: the column that says whose the row is, "" where it is no clinic's. ``left_out``:
    columns that are no fact of anybody, or a secret.
    """
    name, _ = {"clinic_id": _OF_A_CLINIC, "id": _CLINIC, "": _OF_NOBODY}[clinic]
    events = [event for event in _EVENTS if added or event != "INSERT"]
    given = "'{" + ",".join(left_out) + "}'" if left_out else ""
    made = "".join(
        f"CREATE TRIGGER history_{event.lower()} AFTER {event} ON {table} {_EVENTS[event]}"
        f" FOR EACH STATEMENT EXECUTE FUNCTION {name}({given});\n"
        for event in events
    )
    back = "".join(f"DROP TRIGGER history_{event.lower()} ON {table};\n" for event in events)
    return RunSQL(made, back)
