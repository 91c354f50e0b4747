"""What a row says, when there is none, and that no page fails or asks more because of it."""

from __future__ import annotations

from datetime import timedelta
from importlib import import_module

import pytest
import time_machine
from django.db import ProgrammingError, connection, transaction
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext

from bonefit.clients.models import Look
from bonefit.clinics.actions import add_organiser
from bonefit.looking import address_of
from tests.cast import NOW, Cast
from tests.looks.knocking import newest
from tests.uncounted import LOOK, every_query

HTMX = {"HX-Request": "true"}
CLIENT = "/c/north/clients/{}/"
#: Gives the app its rights to add rows, as it has them from there on.
RIGHTS = import_module("sessions.migrations.0029_rights_to_the_audit")


def at(seconds: float) -> time_machine.travel:
    return time_machine.travel(NOW + timedelta(seconds=seconds), tick=False)


# --- one INSERT -----------------------------------------------------------------------------------
@pytest.mark.parametrize("path", ["/c/north/today/", "/c/north/clients/", "/c/north/week/"])
def test_a_look_costs_one_insert_and_nothing_besides(cast: Cast, ana: Browser, path: str) -> None:
    with CaptureQueriesContext(connection) as asked:
        assert ana.get(path).status_code == 200
    statements = [one["sql"].lstrip() for one in every_query(asked)]
    assert [sql.startswith(LOOK) for sql in statements].count(True) == 1
    assert statements[-1].startswith(LOOK), "it comes last"
    assert len(statements) == len(asked) + 1


def test_what_shows_nobody_costs_nothing(cast: Cast, ana: Browser) -> None:
    with CaptureQueriesContext(connection) as asked:
        assert ana.get("/c/north/programs/").status_code == 200
    assert len(every_query(asked)) == len(asked)


def test_the_insert_finds_its_rows_by_indexes_however_many_there_are(
    cast: Cast, ana: Browser, hers: str
) -> None:
    """No sequence of the log is read: a plan that reads all of it would be named here."""
    with CaptureQueriesContext(connection) as asked:
        ana.get(hers, headers=HTMX)
    (sql,) = [one["sql"] for one in every_query(asked) if one["sql"].lstrip().startswith(LOOK)]
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(f"EXPLAIN {sql}")
        plan = "\n".join(line for (line,) in cursor.fetchall())
    assert "Seq Scan on clients_look" not in plan
    assert "look_" in plan


# --- what is one row ------------------------------------------------------------------------------
def test_parts_of_a_page_within_a_minute_are_the_row_of_the_page(
    cast: Cast, ana: Browser, hers: str
) -> None:
    before = newest()
    for seconds, headers, rows in (
        (0, {}, 1),
        (5, HTMX, 1),
        (59, HTMX, 1),
        (60, HTMX, 2),
        (61, {}, 3),
        (62, {}, 4),
    ):
        with at(seconds):
            ana.get(hers, headers=headers)
        assert Look.objects.filter(pk__gt=before).count() == rows, seconds
    assert Look.objects.filter(pk__gt=before, how=Look.How.PART).count() == 1


def test_a_part_about_another_client_or_by_another_person_is_a_row_of_its_own(
    cast: Cast, ana: Browser, hers: str
) -> None:
    tess = Browser()
    tess.force_login(cast.tess.user)
    before = newest()
    ana.get(hers, headers=HTMX)
    ana.get(CLIENT.format(cast.cam_client.pk), headers=HTMX)
    tess.get(hers, headers=HTMX)
    rows = Look.objects.filter(pk__gt=before).order_by("pk")
    assert [(row.member, row.client) for row in rows] == [
        (cast.ana, cast.cal_client),
        (cast.ana, cast.cam_client),
        (cast.tess, cast.cal_client),
    ]


def test_the_board_that_reads_its_day_each_minute_is_one_row_an_hour(
    cast: Cast, ana: Browser
) -> None:
    before = newest()
    for minutes in (0, 1, 30, 59, 60, 61):
        with at(minutes * 60):
            assert ana.get("/c/north/floor/day/").status_code == 200
    assert Look.objects.filter(pk__gt=before).count() == 2


def test_the_same_try_within_a_minute_is_one_row_and_another_client_is_another(
    cast: Cast, cal: Browser, hers: str
) -> None:
    before = newest()
    with at(0):
        for path in (hers, hers, CLIENT.format(cast.cam_client.pk)):
            assert cal.get(path).status_code == 403
    with at(60):
        cal.get(hers)
    assert Look.objects.filter(pk__gt=before).count() == 3


def test_nobody_fills_the_log_without_a_log_in(cast: Cast, hers: str) -> None:
    """From one network address it is one row a minute, whatever is tried; another has its own."""
    before, nobody = newest(), Browser()
    for path in (hers, "/c/north/today/", CLIENT.format(10**9), f"{hers}papers/"):
        assert nobody.get(path).status_code == 302
    nobody.get(hers, REMOTE_ADDR="192.0.2.9")
    rows = Look.objects.filter(pk__gt=before).order_by("pk")
    assert [(row.route, row.address) for row in rows] == [
        ("clients:client", "127.0.0.1"),
        ("clients:client", "192.0.2.9"),
    ]


# --- who ------------------------------------------------------------------------------------------
def test_a_role_is_that_of_the_moment_and_whoever_has_left_is_known(
    cast: Cast, ana: Browser, hers: str
) -> None:
    ana.get(hers)
    cast.ana.roles = ["admin"]
    cast.ana.save()
    ana.get(hers)
    first, second = Look.objects.filter(member=cast.ana).order_by("pk")
    assert (first.roles, second.roles) == (["therapist"], ["admin"])

    gone = Browser()
    gone.force_login(cast.lea.user)
    assert gone.get(hers).status_code == 404
    row = Look.objects.latest("pk")
    assert (row.member, row.user, row.what) == (cast.lea, None, Look.What.REFUSED)


def test_an_organiser_stands_in_the_log_of_each_clinic_of_hers(cast: Cast, hers: str) -> None:
    organiser = add_organiser(
        organisation=cast.north.organisation, email="greta@example.org", name="Greta G."
    )
    greta = Browser()
    greta.force_login(organiser.user)
    assert greta.get("/o/northside/reports/").status_code == 200
    row = Look.objects.latest("pk")
    assert (row.clinic, row.organiser, row.member, row.client) == (
        cast.north,
        organiser,
        None,
        None,
    )
    assert greta.get(hers).status_code == 404
    tried = Look.objects.latest("pk")
    assert (tried.organiser, tried.client) == (organiser, cast.cal_client)


def test_a_form_that_came_from_elsewhere_is_a_refused_try(cast: Cast, hers: str) -> None:
    careful = Browser(enforce_csrf_checks=True)
    careful.force_login(cast.ana.user)
    assert careful.post(f"{hers}edit/", {}).status_code == 403
    row = Look.objects.latest("pk")
    assert (row.what, row.member, row.client) == (Look.What.REFUSED, cast.ana, cast.cal_client)


@pytest.mark.parametrize(
    ("said", "kept"),
    [("203.0.113.5", "203.0.113.5"), ("2001:db8::1", "2001:db8::1"), ("unknown", None)],
)
def test_the_network_address_is_what_the_proxy_saw(rf, said: str, kept: str | None) -> None:
    """The proxy's own word stands last; what a visitor wrote before it counts for nothing."""
    request = rf.get("/", HTTP_X_FORWARDED_FOR=f"198.51.100.1, {said}")
    assert address_of(request) == kept


@pytest.mark.parametrize(
    ("proxies", "kept"), [(0, "127.0.0.1"), (1, "192.0.2.9"), (2, "203.0.113.5")]
)
def test_as_many_addresses_are_believed_as_there_are_proxies(
    rf, settings, proxies: int, kept: str
) -> None:
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = proxies
    forged, visitor, outermost = "198.51.100.1", "203.0.113.5", "192.0.2.9"
    said = f"{forged}, {visitor}, {outermost}"
    assert address_of(rf.get("/", HTTP_X_FORWARDED_FOR=said)) == kept


def test_no_name_and_nothing_typed_stands_in_a_row(cast: Cast, ana: Browser) -> None:
    before = newest()
    ana.post("/c/north/clients/", {"q": "Cal"})
    ana.get("/c/north/reports/adherence/?from=canary")
    for row in Look.objects.filter(pk__gt=before).values():
        said = " ".join(map(str, row.values()))
        assert "canary" not in said
        assert "Cal" not in said


# --- it is only added to --------------------------------------------------------------------------
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE clients_look SET route = ''",
        "DELETE FROM clients_look",
        "ALTER TABLE clients_look DISABLE TRIGGER only_added_to",
        "DROP TRIGGER only_added_to ON clients_look",
    ],
)
def test_the_app_cannot_change_a_row(cast: Cast, ana: Browser, hers: str, statement: str) -> None:
    ana.get(hers)
    with pytest.raises(ProgrammingError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def test_neither_can_the_owner_while_the_trigger_stands(databases, migrated, worker_name) -> None:
    """A site that runs under one role only has no other guard."""
    with databases.cluster.connect("bonefit_owner", database=migrated) as owner:
        for statement in ("UPDATE clients_look SET route = ''", "DELETE FROM clients_look"):
            with pytest.raises(Exception, match="added and never changed"):
                owner.execute(statement)
        rights = owner.execute(
            "SELECT privilege_type FROM information_schema.role_table_grants"
            " WHERE table_name = 'clients_look' AND grantee = 'bonefit_app' ORDER BY 1"
        ).fetchall()
        of_columns = owner.execute(
            "SELECT string_agg(column_name, ',') FROM information_schema.columns c"
            " WHERE table_name = 'clients_look' AND NOT EXISTS (SELECT"
            " FROM information_schema.column_privileges p WHERE p.table_name = c.table_name"
            " AND p.column_name = c.column_name AND grantee = 'bonefit_app'"
            " AND privilege_type = 'INSERT')"
        ).fetchall()
    assert rights == [("SELECT",)]
    # The app fills in every column but the number.
    assert of_columns == [("id",)]


# --- a page never fails because of it -------------------------------------------------------------
@pytest.mark.django_db(transaction=True)
def test_a_page_goes_out_also_where_no_row_can_be_written(
    cast: Cast, ana: Browser, hers: str, caplog, databases
) -> None:
    """The right to add rows is taken away; what is said of it names a route and no person."""
    database = connection.settings_dict["NAME"]

    def owner(statement: str) -> None:
        with databases.cluster.connect("bonefit_owner", database=database) as sees:
            sees.execute(statement)

    owner("REVOKE INSERT ON clients_look FROM bonefit_app")
    try:
        assert ana.get(hers).status_code == 200
    finally:
        owner(RIGHTS.AS_THEY_COME.format(table="clients_look"))
    (said,) = [one.getMessage() for one in caplog.records if one.name == "bonefit.looking"]
    assert said == "No row in the access log for clients:client: ProgrammingError"
    assert not Look.objects.exists()
    assert ana.get(hers).status_code == 200
    assert Look.objects.count() == 1


def test_a_lock_on_the_client_does_not_keep_a_reader_waiting(cast: Cast, databases) -> None:
    """No constraint checks a key of the table: it would lock the row that the key points at."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_constraint WHERE contype = 'f'"
            " AND conrelid = 'clients_look'::regclass"
        )
        assert cursor.fetchone() == (0,)


def test_a_page_does_not_wait_for_the_disk_and_a_file_and_a_refused_try_do(
    cast: Cast, ana: Browser, cal: Browser, hers: str
) -> None:
    def waits() -> str:
        with connection.cursor() as cursor:
            cursor.execute("SHOW synchronous_commit")
            return str(cursor.fetchone()[0])

    with connection.cursor() as cursor:  # the database of the tests never waits
        cursor.execute("SET LOCAL synchronous_commit = on")
    assert cal.get(hers).status_code == 403
    assert waits() == "on"
    assert ana.get(hers).status_code == 200
    assert waits() == "off"
