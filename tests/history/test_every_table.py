"""Every table has its history, or says here why it needs none; and what has one keeps all of it."""

from __future__ import annotations

import pytest
from django.apps import apps
from django.db import ProgrammingError, connection, transaction

from bonefit import acting

OURS = ("clinics", "clients", "programs", "training")

#: Tables without a history of what was added, changed and removed.
NONE = {
    "made from other rows, and made again from them": {
        *("training_doserow", "training_dosemonth", "training_doseready", "training_dosechanged"),
        *("training_deliveredsession", "training_deliveredlift", "training_deliveryready"),
        *("training_deliverychanged", "training_review", "training_changed"),
    },
    "itself only added to, and sealed": {
        *("clients_look", "training_operation", "clinics_rowchange", "clinics_seal"),
    },
    "work of the site in hand": {
        *("clinics_sealmark", "clinics_heartbeat", "clinics_backup", "clinics_refusedbybrowser"),
        *("training_notice", "training_staffnotice", "training_organisernotice"),
        *("clients_import", "clients_importproblem"),
    },
    "keys that open something, which no second table should hold": {
        *("clinics_loginlink", "clients_answerlink", "training_calendarfeed"),
        *("training_uploadtoken", "clinics_knowntoken"),
        *("clinics_browserlogin", "clinics_tabletpin", "clinics_invitation"),
    },
    "figures that somebody keeps for herself, and files of them": {
        *("training_savedreport", "training_savedacross", "training_reportexport"),
        "clients_recordcopy",
    },
    "nothing that holds for anybody": {"programs_programdraft", "programs_exercise"},
}
#: What says itself who added it, when and why.
FROM_THE_FIRST_CHANGE_ON = {
    *("clients_screeningedit", "clinics_reportsettingschange", "programs_decision"),
    *("clinics_secondstepreset", "clients_retentiondecision"),
    *("clinics_rolechange", "clinics_loginsended"),
    *("training_seatchange", "training_slotchange", "training_flagstep"),
    *("training_setentry", "training_heldoperation"),
}


def tables() -> set[str]:
    return {
        model._meta.db_table for model in apps.get_models() if model._meta.app_label in OURS
    } - set().union(*NONE.values())


@pytest.mark.django_db
def test_every_other_table_keeps_its_history() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tgrelid::regclass::text, array_agg(tgname::text ORDER BY 1) FROM pg_trigger"
            " WHERE tgname LIKE 'history\\_%' AND tgenabled = 'O' GROUP BY 1"
        )
        found = {table: set(names) for table, names in cursor.fetchall()}
    every = {"history_insert", "history_update", "history_delete"}
    assert found == {
        table: every - {"history_insert"} if table in FROM_THE_FIRST_CHANGE_ON else every
        for table in tables()
    }


@pytest.mark.parametrize("statement", acting.UNTOLD)
def test_who_is_at_work_is_left_unsaid_only_where_no_trigger_asks(statement: str) -> None:
    kind, table = statement.split()[0], statement.split('"')[1]
    untouched = {"training_operation", "clinics_browserlogin"} - tables()
    assert table in untouched or (kind == "INSERT" and table in FROM_THE_FIRST_CHANGE_ON)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "statement",
    [
        "ALTER TABLE training_visit DISABLE TRIGGER history_update",
        "DROP TRIGGER history_update ON training_visit",
        "ALTER TABLE training_visit DISABLE TRIGGER ALL",
        "DROP FUNCTION keep_history() CASCADE",
        "CREATE OR REPLACE FUNCTION keep_history() RETURNS trigger LANGUAGE plpgsql"
        " AS 'BEGIN RETURN NULL; END'",
        "SET session_replication_role = replica",
        'INSERT INTO clinics_rowchange ("table", "row", what, at, role, source, why)'
        " VALUES ('x', 1, 'added', now(), '', '', '')",
        "UPDATE clinics_rowchange SET why = ''",
        "DELETE FROM clinics_rowchange",
        "ALTER TABLE clinics_rowchange DISABLE TRIGGER only_added_to",
        "DROP TABLE clinics_rowchange",
        "SET ROLE bonefit_owner",
        # As the owner's next ``migrate`` reads it: a migration that makes a trigger is done.
        "INSERT INTO django_migrations (app, name, applied) VALUES ('clinics', '9999', now())",
        "DELETE FROM django_migrations",
    ],
)
def test_the_app_can_neither_forge_a_history_nor_get_around_it(statement: str) -> None:
    with pytest.raises(ProgrammingError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


@pytest.mark.django_db
def test_nobody_but_the_owner_may_call_what_writes_with_the_owner_s_rights() -> None:
    """Whoever may make a table, be it for a moment, could forge a history by hanging it on that."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT proname, has_function_privilege('bonefit_app', oid, 'EXECUTE'),"
            " has_function_privilege('bonefit_backup', oid, 'EXECUTE') FROM pg_proc"
            " WHERE prosecdef AND pronamespace = 'public'::regnamespace ORDER BY 1"
        )
        found = cursor.fetchall()
    names = ("keep_history", "keep_history_of_clinic", "keep_history_of_nobody")
    assert found == [(name, False, False) for name in names]


def test_neither_has_the_app_the_right_to_empty_a_table(databases, migrated) -> None:
    with databases.cluster.connect("bonefit_owner", database=migrated) as owner:
        rights = owner.execute(
            "SELECT table_name, privilege_type FROM information_schema.role_table_grants"
            " WHERE grantee = 'bonefit_app' AND (privilege_type IN ('TRUNCATE', 'TRIGGER')"
            " OR table_name = 'clinics_rowchange')"
        ).fetchall()
    assert rights == [("clinics_rowchange", "SELECT")]


def test_the_owner_cannot_rewrite_it_while_the_trigger_stands(databases, migrated) -> None:
    with databases.cluster.connect("bonefit_owner", database=migrated) as owner:
        for statement in ("UPDATE {} SET why = ''", "DELETE FROM {}", "TRUNCATE {}"):
            with pytest.raises(Exception, match="added and never changed"):
                owner.execute(statement.format("clinics_rowchange").encode())
