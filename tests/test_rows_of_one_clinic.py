"""PostgreSQL shows a connection the rows of its clinics, whatever the application asks for."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.apps import apps
from django.conf import settings
from django.db import IntegrityError, ProgrammingError, connection, transaction
from django.http import HttpResponse, StreamingHttpResponse
from django.test import Client as Browser
from django.urls import path

from bonefit.clients.models import Client, Look
from bonefit.clinics import rows
from bonefit.clinics.access import (
    Can,
    MemberRequest,
    OrganiserRequest,
    requires,
    requires_organisation,
)
from bonefit.clinics.actions import add_organiser, move_clinic
from bonefit.clinics.keys import owned_by_clinic
from bonefit.clinics.models import KnownToken, Membership, RowChange
from bonefit.clinics.policies import client_column, policies_of
from bonefit.clinics.views_passkeys import zone_of
from bonefit.urls import urlpatterns as of_the_site
from sessions.models import Operation, Visit
from tests.in_sight import EVERYTHING

OWNED = [model for model in apps.get_models() if owned_by_clinic(model)]
#: No row of them may be changed by the app at all.
ADD_ONLY = [Look, RowChange, Operation]
OF_CLIENTS = [model for model in OWNED if client_column(model)]


def label(model: type) -> str:
    return model.__name__


def seen(model: type) -> set[int]:
    """The clinics whose rows come back when nobody filters; a row of no clinic is no clinic's."""
    return set(model._default_manager.values_list("clinic", flat=True)) - {None}


# --- every table ----------------------------------------------------------------------------------


@pytest.mark.django_db
def test_every_table_of_a_clinic_is_under_forced_policies():
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.relname, array_agg(p.policyname::text) FROM pg_class c"
            " JOIN pg_policies p ON p.tablename = c.relname AND p.schemaname = 'public'"
            " WHERE c.relrowsecurity AND c.relforcerowsecurity"
            " AND c.relnamespace = 'public'::regnamespace GROUP BY 1"
        )
        there = {table: set(names) for table, names in cursor.fetchall()}
    assert there == {model._meta.db_table: set(policies_of(model)) for model in OWNED}, (
        "A migration with RowsOfOneClinic(…) is missing."
    )


@pytest.mark.django_db
def test_the_app_owns_nothing_and_cannot_step_over_the_policies():
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT rolname, rolsuper OR rolbypassrls FROM pg_roles WHERE rolname LIKE 'bonefit_%'"
        )
        assert dict(cursor.fetchall()) == {
            "bonefit_app": False,
            "bonefit_owner": False,
            "bonefit_backup": True,
        }
        cursor.execute(
            "SELECT count(*) FROM pg_class WHERE pg_get_userbyid(relowner) = current_user"
        )
        assert cursor.fetchone() == (0,)
        cursor.execute("SELECT current_user::text")
        assert cursor.fetchone() == ("bonefit_app",)
    for statement in (
        "ALTER TABLE clients_client DISABLE ROW LEVEL SECURITY",
        "DROP POLICY one_clinic ON clients_client",
        "CREATE POLICY mine ON clients_client USING (true)",
        "SET ROLE bonefit_owner",
    ):
        with (
            pytest.raises(ProgrammingError),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(statement)


@pytest.mark.parametrize("model", OWNED, ids=label)
def test_without_the_applications_filter_there_is_still_no_row_of_another_clinic(world, model):
    north, harbor = world.cast.north, world.cast.harbor
    assert seen(model) == {north.pk, harbor.pk}, "nothing could leak"
    with rows.nothing():
        assert seen(model) == set()
    with rows.seeing(clinics=[north.pk]):
        assert seen(model) == {north.pk}
        if model not in ADD_ONLY:
            assert not model._default_manager.filter(clinic=harbor).update(clinic=harbor)
    with rows.seeing(clinics=[north.pk, harbor.pk]):
        assert seen(model) == {north.pk, harbor.pk}


@pytest.mark.parametrize("model", OF_CLIENTS, ids=label)
def test_a_client_is_shown_no_row_of_another_client(world, model):
    cast = world.cast
    column = client_column(model)
    every = model._default_manager.filter(clinic=cast.north).values_list(column, flat=True)
    hers = set(every) & {cast.cal_client.pk}
    with rows.seeing(clinics=[cast.north.pk], clients=[cast.cal_client.pk]):
        assert set(model._default_manager.values_list(column, flat=True)) == hers
    with rows.seeing(clinics=[cast.north.pk], clients=[]):
        assert not model._default_manager.exists()


def test_no_row_can_be_written_into_another_clinic(world):
    cast = world.cast
    refused = pytest.raises(ProgrammingError, match="row-level security")
    with rows.seeing(clinics=[cast.north.pk]):
        with refused, transaction.atomic():
            Membership.objects.create(user=cast.nobody, clinic=cast.harbor, roles=["admin"])
        with refused, transaction.atomic():
            Client.objects.filter(pk=cast.cal_client.pk).update(clinic=cast.harbor)
    with rows.seeing(person=cast.nobody.pk), refused, transaction.atomic():
        Membership.objects.create(user=cast.nobody, clinic=cast.harbor, roles=["admin"])


def test_a_person_sees_her_own_memberships_before_a_clinic_is_known(world):
    with rows.seeing(person=world.cast.ana.user_id):
        assert list(Membership.objects.all()) == [world.cast.ana]
        assert not Client.objects.exists()


def test_where_no_clinic_is_known_her_own_are_found_by_who_she_is(world):
    """The page of her passkeys has days, and is no clinic's; an organisation's leads to others."""
    cast = world.cast
    with rows.nothing():
        assert str(zone_of(cast.otto.user)) == cast.harbor.timezone != settings.TIME_ZONE
    add_organiser(organisation=cast.north.organisation, email=cast.otto.user.email, name="Otto T.")
    page = world.browsers["otto"].get("/o/northside/reports/").text
    assert "/c/harbor/" in page


def test_a_secret_is_found_before_a_clinic_is_known_and_goes_with_its_row(world):
    feed = world.north.feed
    with rows.nothing():
        assert rows.clinic_of_token(feed.token_hash) == feed.clinic_id
        assert rows.clinic_of_token("0" * 64) is None
        assert not type(feed).objects.exists()
    type(feed).objects.filter(pk=feed.pk).update(token_hash="1" * 64)
    assert rows.clinic_of_token(feed.token_hash) is None
    assert rows.clinic_of_token("1" * 64) == feed.clinic_id
    hashes = {
        token
        for model in OWNED
        if any(field.name == "token_hash" for field in model._meta.fields)
        for token in model._default_manager.values_list("token_hash", flat=True)
    }
    assert hashes == set(KnownToken.objects.values_list("token_hash", flat=True))


# --- requests -------------------------------------------------------------------------------------


@requires(Can.SEE_CLIENTS)
def unfiltered(request: MemberRequest) -> HttpResponse:
    """A view that forgot ``visible_to``."""
    return HttpResponse(",".join(str(one) for one in sorted(seen(Client))))


@requires(Can.SEE_OWN_SCHEDULE)
def unfiltered_of_client(request: MemberRequest) -> HttpResponse:
    return HttpResponse(",".join(sorted(Client.objects.values_list("name", flat=True))))


@requires_organisation(Can.RUN_REPORTS)
def unfiltered_across(request: OrganiserRequest) -> HttpResponse:
    return HttpResponse(",".join(str(one) for one in sorted(seen(Client))))


def public(request: MemberRequest) -> HttpResponse:
    """A view that knows nobody."""
    return HttpResponse(",".join(str(one) for one in sorted(seen(Client))))


@requires(Can.SEE_CLIENTS)
def broken(request: MemberRequest) -> HttpResponse:
    raise RuntimeError(f"{len(seen(Client))} clinic was seen")


def lines() -> Iterator[str]:
    yield ",".join(str(one) for one in sorted(seen(Client)))
    yield " in a transaction" if connection.in_atomic_block else " in none"


@requires(Can.SEE_CLIENTS)
def streaming(request: MemberRequest) -> StreamingHttpResponse:
    return StreamingHttpResponse(rows.streamed(lines()))


@requires(Can.SEE_CLIENTS)
def streaming_carelessly(request: MemberRequest) -> StreamingHttpResponse:
    return StreamingHttpResponse(lines())


urlpatterns = [
    *of_the_site,
    path("c/<slug:clinic>/unfiltered/", unfiltered),
    path("c/<slug:clinic>/unfiltered-of-client/", unfiltered_of_client),
    path("c/<slug:clinic>/broken/", broken),
    path("c/<slug:clinic>/streaming/", streaming),
    path("c/<slug:clinic>/streaming-carelessly/", streaming_carelessly),
    path("o/<slug:organisation>/unfiltered/", unfiltered_across),
    path("public/", public),
]


def answer(browser: Browser, address: str) -> str:
    response = browser.get(address)
    assert response.status_code == 200
    return response.content.decode()


@pytest.mark.urls("tests.test_rows_of_one_clinic")
def test_a_view_that_forgets_its_filter_shows_its_own_clinic_only(world):
    browsers, north, harbor = world.browsers, world.cast.north, world.cast.harbor
    assert answer(browsers["ana"], "/c/north/unfiltered/") == str(north.pk)
    # The next request on the same connection is somebody else's.
    assert answer(browsers["anonymous"], "/public/") == ""
    assert answer(browsers["otto"], "/c/harbor/unfiltered/") == str(harbor.pk)
    assert browsers["otto"].get("/c/north/unfiltered/").status_code == 404
    assert answer(browsers["otto"], "/public/") == ""


@pytest.mark.urls("tests.test_rows_of_one_clinic")
def test_a_view_that_forgets_its_filter_shows_a_client_and_her_companion_only_her(world):
    for who in ("cal", "con"):
        said = answer(world.browsers[who], "/c/north/unfiltered-of-client/")
        assert said == world.cast.cal_client.name


@pytest.mark.urls("tests.test_rows_of_one_clinic")
def test_an_error_in_a_view_hides_its_rows_again(world):
    browser = world.browsers["ana"]
    with pytest.raises(RuntimeError, match="1 clinic was seen"):
        browser.get("/c/north/broken/")
    assert rows.current() == EVERYTHING  # what the test saw before
    assert answer(world.browsers["anonymous"], "/public/") == ""


@pytest.mark.urls("tests.test_rows_of_one_clinic")
def test_what_is_made_while_it_is_sent_sees_what_its_view_saw_in_a_transaction(world):
    response = world.browsers["ana"].get("/c/north/streaming/")
    # By then somebody else has been served on this connection.
    assert answer(world.browsers["otto"], "/c/harbor/unfiltered/") == str(world.cast.harbor.pk)
    with rows.nothing():
        said = b"".join(response.streaming_content).decode()
    assert said == f"{world.cast.north.pk} in a transaction"
    response = world.browsers["ana"].get("/c/north/streaming-carelessly/")
    with rows.nothing():
        assert b"".join(response.streaming_content).startswith(b" in ")


@pytest.mark.urls("tests.test_rows_of_one_clinic")
def test_a_view_that_forgets_its_filter_shows_an_organisation_its_clinics_only(world):
    cast = world.cast
    greta = add_organiser(
        organisation=cast.north.organisation, email="greta@example.org", name="Greta G."
    )
    browser = Browser()
    browser.force_login(greta.user)
    assert answer(browser, "/o/northside/unfiltered/") == str(cast.north.pk)
    move_clinic(clinic=cast.harbor, organisation=cast.north.organisation)
    both = f"{cast.north.pk},{cast.harbor.pk}"
    assert answer(browser, "/o/northside/unfiltered/") == both
    assert answer(world.browsers["anonymous"], "/public/") == ""


def test_the_processes_that_share_a_question_see_what_its_connection_sees(world):
    """PostgreSQL's own workers, by which a question across many clinics is answered."""
    north, harbor = world.cast.north.pk, world.cast.harbor.pk
    asked = "SELECT clinic_id FROM clients_client"
    query = f"SELECT clinic FROM training_share('{asked}') AS a(clinic bigint)"
    for clinics in ([], [north], [harbor], [north, harbor]):
        with rows.seeing(clinics=clinics), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL debug_parallel_query = on")
            cursor.execute(f"EXPLAIN {query}")
            assert "Workers Planned: 1" in str(cursor.fetchall())
            cursor.execute(query)
            assert {one for (one,) in cursor.fetchall()} == set(clinics)


# --- the connection -------------------------------------------------------------------------------


def test_blocks_lie_in_one_another(world):
    north, harbor = world.cast.north.pk, world.cast.harbor.pk
    with rows.seeing(clinics=[north]):
        with rows.seeing(clinics=[harbor]):
            assert seen(Client) == {harbor}
        assert seen(Client) == {north}
        rows.see(clinics=[harbor])
        assert seen(Client) == {harbor}
    assert seen(Client) == {north, harbor}


def test_rows_are_not_shown_where_nobody_would_hide_them_again(world):
    with pytest.raises(RuntimeError, match="hides them again"):
        rows.see(clinics=[world.cast.north.pk])


def test_a_failed_transaction_leaves_nothing_in_sight(world):
    north = world.cast.north.pk
    with rows.nothing():
        with pytest.raises(IntegrityError), transaction.atomic(), rows.seeing(clinics=[north]):
            Visit.objects.filter(clinic=north).update(slot=None)
        assert seen(Client) == set()
        with rows.seeing(clinics=[north]):
            with pytest.raises(IntegrityError), transaction.atomic():
                Visit.objects.filter(clinic=north).update(slot=None)
            assert seen(Client) == {north}


@pytest.mark.django_db(transaction=True)
def test_a_connection_that_comes_back_is_told_again(cast):
    with rows.seeing(clinics=[cast.north.pk]):
        connection.close()
        assert seen(Client) == {cast.north.pk}
    with rows.nothing():
        connection.close()
        assert seen(Client) == set()
    with rows.seeing(clinics=[cast.north.pk]):
        connection.connection.close()  # the server went away
    with rows.nothing():
        connection.close_if_unusable_or_obsolete()
        assert seen(Client) == set()
