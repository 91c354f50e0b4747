"""Migrations run both ways on PostgreSQL, as the tables' owner, and leave rows as they were."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import psycopg
import pytest
from django.apps.registry import Apps
from django.contrib.contenttypes.models import ContentType
from django.core.management import call_command
from django.db import connections, models
from django.db.migrations.executor import MigrationExecutor

from bonefit import env
from bonefit.embedded import DATABASE
from programs.models import Decision, Prescription, Program, ProgramVersion
from sessions.models import SetEntry, Visit
from tests.servers import Databases

SCRATCH = "scratch"
OURS = ("clinics", "clients", "programs", "training")
#: What the first clinic's data was written under.
FIRST = [
    ("clinics", "0001_initial"),
    ("clients", "0002_initial"),
    ("programs", "0001_initial"),
    ("training", "0001_initial"),
]
START = datetime(2026, 3, 5, 9, 0, tzinfo=UTC)
LOAD = Decimal("57.5000")

#: Everything that migrations make, as PostgreSQL itself writes it down.
SCHEMA = """
    SELECT 'column', attrelid::regclass::text, attname::text,
           concat_ws(' ', format_type(atttypid, atttypmod), attnotnull, attidentity)
      FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid
     WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'
       AND attnum > 0 AND NOT attisdropped
    UNION ALL
    SELECT 'constraint', conrelid::regclass::text, conname::text, pg_get_constraintdef(oid)
      FROM pg_constraint WHERE connamespace = 'public'::regnamespace
    UNION ALL
    SELECT 'index', tablename::text, indexname::text, indexdef
      FROM pg_indexes WHERE schemaname = 'public'
    UNION ALL
    SELECT 'policy', tablename::text, policyname::text,
           concat_ws(' ', permissive, roles, cmd, qual, with_check)
      FROM pg_policies WHERE schemaname = 'public'
    UNION ALL
    SELECT 'function', proname::text, '', pg_get_functiondef(oid)
      FROM pg_proc WHERE pronamespace = 'public'::regnamespace AND prokind = 'f'
    UNION ALL
    SELECT 'security', relname::text, '', concat_ws(' ', relrowsecurity, relforcerowsecurity)
      FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'
    UNION ALL
    SELECT 'rights', relname::text, relkind::text, concat_ws(' ', relowner::regrole, relacl)
      FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'S')
    ORDER BY 1, 2, 3, 4
"""


@pytest.fixture
def scratch(databases: Databases, worker_name: str, django_db_blocker) -> Iterator[str]:
    """A name for a database, which is the owner's connection ``scratch`` once it is made."""
    name = f"migrations_{worker_name}"
    databases.cluster.drop_database(name)
    connections.databases[SCRATCH] = {
        **connections.databases["default"],
        **env.database(databases.cluster.url("bonefit_owner", name)),
    }
    with django_db_blocker.unblock():
        yield name
        connections[SCRATCH].close()
    del connections[SCRATCH], connections.databases[SCRATCH]
    ContentType.objects.clear_cache()
    databases.cluster.drop_database(name)


def migrate_to(targets: list[tuple[str, str | None]]) -> Apps:
    """Go to ``targets``, forwards or back; the models as they were there."""
    executor = MigrationExecutor(connections[SCRATCH])
    executor.migrate(targets)
    known = [target for target in targets if target[1] is not None]
    return executor.loader.project_state(known).apps


def migrate_to_the_latest() -> None:
    call_command("migrate", database=SCRATCH, interactive=False, verbosity=0)


def schema(connection: psycopg.Connection) -> list[tuple]:
    return connection.execute(SCHEMA).fetchall()


def test_every_migration_can_be_taken_back_and_run_again(databases, migrated, scratch):
    cluster = databases.cluster
    cluster.make_database(scratch, template=migrated)
    with cluster.connect(database=scratch) as sees:
        once = schema(sees)
        assert len({table for _, table, *_ in once}) > 30

        loader = MigrationExecutor(connections[SCRATCH]).loader
        migrate_to([(app, None) for app in sorted(loader.migrated_apps)])
        assert {table for _, table, *_ in schema(sees)} == {
            "django_migrations",
            "django_migrations_id_seq",
        }

        migrate_to_the_latest()
        assert schema(sees) == once


def test_rows_of_the_first_day_keep_their_values_through_every_later_migration(databases, scratch):
    databases.cluster.make_database(scratch, template=DATABASE)
    old = migrate_to(FIRST)
    write_a_clinic(old)
    before = rows(old)
    assert {"clinics.clinic", "programs.decision", "training.setentry"} <= before.keys()

    migrate_to_the_latest()

    told = Visit.objects.using(SCRATCH).get()
    assert told.prescription is not None
    version = ProgramVersion.objects.using(SCRATCH).get().pk
    assert told.prescription.pop("versions") == [version]  # the one value that was added to
    told.save(update_fields=["prescription"])
    assert rows(old) == before
    # What came later says of the rows of the first day what was true of them then.
    assert Program.objects.using(SCRATCH).get().kind == Program.Kind.MAIN
    for prescription in Prescription.objects.using(SCRATCH).all():
        assert (prescription.rule, prescription.gate, prescription.seconds) == ({}, None, None)
    decision = Decision.objects.using(SCRATCH).get()
    assert (decision.load, decision.until, decision.version_id) == (LOAD, "", None)
    entry = SetEntry.objects.using(SCRATCH).get()
    assert (entry.load, entry.pain, entry.pain_site, entry.seconds) == (LOAD, 2, "", None)
    assert Visit.objects.using(SCRATCH).get().answers is None


def rows(old: Apps) -> dict[str, list[dict]]:
    """Every row of ours, by the columns of that time."""
    found: dict[str, list[dict]] = {}
    for model in old.get_models():
        if model._meta.app_label in OURS:
            said = list(model._default_manager.using(SCRATCH).order_by("pk").values())
            if said:
                found[model._meta.label_lower] = said
    return found


def write_a_clinic(old: Apps) -> None:
    """One clinic, one version with two phases and their prescriptions, a decision and a set."""

    def add(label: str, **values: object) -> models.Model:
        return old.get_model(label)._default_manager.using(SCRATCH).create(**values)

    clinic = add(
        "clinics.Clinic",
        organisation=add("clinics.Organisation", name="Northside"),
        name="Northside",
        slug="northside",
        timezone="Australia/Brisbane",
    )
    ana = add("clinics.User", email="ana@example.org", name="Ana R.", password="!")
    by = add("clinics.Membership", user=ana, clinic=clinic, roles=["therapist"])
    client = add(
        "clients.Client",
        clinic=clinic,
        name="Cal D.",
        born_on=date(1958, 4, 2),
        sex="male",
        emergency_contact="A neighbour",
        created_by=by,
    )
    add(
        "clients.Clearance",
        clinic=clinic,
        client=client,
        cleared_by="Dr L. H.",
        cleared_on=START.date(),
        impact_level=1,
        recorded_by=by,
    )
    deadlift = add(
        "programs.Exercise",
        slug="deadlift",
        name="Deadlift",
        lift="hinge",
        level=6,
        load_type="barbell",
    )
    program = add("programs.Program", clinic=clinic, slug="hirit", name="HiRIT")
    version = add(
        "programs.ProgramVersion",
        clinic=clinic,
        program=program,
        number=1,
        frequency=2,
        weeks=35,
        minutes=30,
        detail={"weeks": {"tag": "V"}},
        fingerprint="0" * 64,
    )
    for number, code in enumerate(("BUILD", "LOAD")):
        phase = add(
            "programs.Phase",
            clinic=clinic,
            version=version,
            code=code,
            name=code.title(),
            first_week=1 + 4 * number,
            last_week=4 if number == 0 else None,
            criteria=[{"text": "Clean on every lift"}],
        )
        for position, lift in enumerate(("hinge", "press")):
            add(
                "programs.Prescription",
                clinic=clinic,
                phase=phase,
                position=position,
                lift=lift,
                kind="working",
                sets=5,
                reps=5,
                effort_low=13 + number,
                effort_high=16,
                rest_seconds=120,
            )
    rules = add(
        "programs.RuleSet",
        clinic=clinic,
        number=1,
        effective_from=START,
        values={"step": "2.5"},
        inventory={"bars": ["20"]},
        by=by,
    )
    enrollment = add(
        "programs.Enrollment",
        clinic=clinic,
        client=client,
        therapist=by,
        starts_on=START.date(),
        created_by=by,
    )
    add(
        "programs.Track",
        clinic=clinic,
        enrollment=enrollment,
        version=version,
        starts_on=START.date(),
    )
    add(
        "programs.Decision",
        clinic=clinic,
        enrollment=enrollment,
        at=START,
        by=by,
        kind="start",
        lift="hinge",
        exercise=deadlift,
        load=LOAD,
        observed={"reps": 5, "rpe": 13, "clean": True},
    )
    end = START + timedelta(minutes=30)
    slot = add(
        "training.Slot", clinic=clinic, room="Room 1", starts_at=START, ends_at=end, capacity=6
    )
    visit = add(
        "training.Visit",
        clinic=clinic,
        enrollment=enrollment,
        client=client,
        slot=slot,
        during=(START, end),
        missed_after=end,
        prescription={"hinge": {"load": "57.5"}},
    )
    entry = add(
        "training.SetEntry",
        uid=uuid.UUID(int=1),
        clinic=clinic,
        visit=visit,
        enrollment=enrollment,
        lift="hinge",
        exercise=deadlift,
        kind="working",
        number=1,
        rule_set=rules,
        prescribed_load=LOAD,
        prescribed_reps=5,
        load=LOAD,
        entered_load="57,5",
        entered_unit="kg",
        reps=5,
        rpe=15,
        clean=True,
        pain=2,
        supervisor=by,
        logged_at=START,
    )
    add(
        "training.Operation",
        uid=uuid.UUID(int=2),
        clinic=clinic,
        visit=visit,
        entry=entry.uid,
        kind="log_set",
        payload={"load": "57,5", "reps": "5"},
        made_at=START,
        by=by,
        outcome="applied",
    )
