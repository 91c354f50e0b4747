"""A connection that served one clinic and was given back shows the next one nothing of it.

These tests commit and hold real connections: kept open from one request to the next, as the
deployed site keeps them, and from a pool of psycopg's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from threading import Thread

import psycopg
import pytest
from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.core.signals import request_finished
from django.db import DataError, IntegrityError, connection, connections, transaction
from django.http import HttpResponse, StreamingHttpResponse
from django.test import Client as Browser
from django.urls import path

from bonefit.celery import app
from bonefit.clients.models import Client
from bonefit.clinics import rows
from bonefit.clinics.access import Can, MemberRequest, requires
from bonefit.urls import urlpatterns as of_the_site
from sessions.models import Visit

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.urls("tests.test_rows_given_back"),
]


def seen() -> set[int]:
    return set(Client.objects.values_list("clinic", flat=True))


def told() -> tuple[str, str, str]:
    """What the server itself goes by, whatever this process thinks."""
    connection.ensure_connection()
    query = (
        "SELECT current_setting('bonefit.clinics', true), "
        "current_setting('bonefit.clients', true), current_setting('bonefit.person', true)"
    )
    return connection.connection.execute(query).fetchone()


NOBODY = ("{}", "", "")


@requires(Can.SEE_CLIENTS)
def plain(request: MemberRequest) -> HttpResponse:
    return HttpResponse(sorted(seen()))


def public(request: MemberRequest) -> HttpResponse:
    return HttpResponse(sorted(seen()))


@requires(Can.SEE_CLIENTS)
def wrong(request: MemberRequest) -> HttpResponse:
    assert seen()
    raise RuntimeError


@requires(Can.SEE_CLIENTS)
def refused_by_the_database(request: MemberRequest) -> HttpResponse:
    """An error inside of a transaction: what is said to the connection then is not heard."""
    with transaction.atomic():
        assert seen()
        Visit.objects.update(slot=None)
    raise AssertionError


@requires(Can.SEE_CLIENTS)
def told_in_a_transaction(request: MemberRequest) -> HttpResponse:
    """What was said inside of a transaction that ends badly is taken back by it."""
    with transaction.atomic(), rows.seeing(clinics=[]):
        transaction.set_rollback(True)
    return HttpResponse(sorted(seen()))


@requires(Can.SEE_CLIENTS)
def gone(request: MemberRequest) -> HttpResponse:
    """The server ends the connection in the middle of a request."""
    assert seen()
    connection.connection.close()
    raise RuntimeError


def parts(*, breaks: bool = False) -> Iterator[str]:
    yield f"{sorted(seen())}"
    if breaks:
        raise RuntimeError
    yield f"{sorted(seen())}"


@requires(Can.SEE_CLIENTS)
def streams(request: MemberRequest) -> StreamingHttpResponse:
    return StreamingHttpResponse(rows.streamed(parts(breaks="breaks" in request.GET)))


urlpatterns = [
    *of_the_site,
    path("c/<slug:clinic>/plain/", plain),
    path("c/<slug:clinic>/wrong/", wrong),
    path("c/<slug:clinic>/refused/", refused_by_the_database),
    path("c/<slug:clinic>/told-in-a-transaction/", told_in_a_transaction),
    path("c/<slug:clinic>/gone/", gone),
    path("c/<slug:clinic>/streams/", streams),
    path("public/", public),
]


@pytest.fixture(params=["kept open", "of a pool"])
def one_connection(request, cast) -> Iterator[None]:
    """All that follows is served by one connection, which begins with nothing in sight."""
    with rows.nothing():
        if request.param == "of a pool":
            connection.close()
            options = connection.settings_dict["OPTIONS"]
            connection.settings_dict["OPTIONS"] = {
                **options,
                "pool": {"min_size": 1, "max_size": 1},
            }
            connection.settings_dict["CONN_MAX_AGE"] = 0
            connection.settings_dict["CONN_HEALTH_CHECKS"] = False
        yield
        if request.param == "of a pool":
            connection.close()
            connection.close_pool()
            connection.settings_dict["OPTIONS"] = options
            connection.settings_dict["CONN_MAX_AGE"] = None
            connection.settings_dict["CONN_HEALTH_CHECKS"] = True


def given_back() -> None:
    """What the end of a request does to its connection on a real site."""
    request_finished.send(sender=None)
    if connection.settings_dict["CONN_MAX_AGE"] == 0:
        connection.close()


def number() -> int:
    connection.ensure_connection()
    return connection.connection.info.backend_pid


@pytest.fixture
def browsers(cast) -> dict[str, Browser]:
    found = {"ana": Browser(), "otto": Browser()}
    for name, browser in found.items():
        browser.force_login(getattr(cast, name).user)
    return found


def nothing_is_left_for(cast, browsers) -> None:
    """Neither somebody unknown nor another clinic finds anything of the one before."""
    given_back()
    assert told() == NOBODY
    assert seen() == set()
    assert Browser().get("/public/").content == b""
    given_back()
    assert browsers["otto"].get("/c/harbor/plain/").content.decode() == str(cast.harbor.pk)
    given_back()
    assert told() == NOBODY


def test_after_a_page(one_connection, cast, browsers):
    browsers["ana"].get("/public/")
    given_back()
    before = number()
    assert browsers["ana"].get("/c/north/plain/").content.decode() == str(cast.north.pk)
    nothing_is_left_for(cast, browsers)
    assert number() == before, "or it would show nothing of what a connection keeps"


@pytest.mark.parametrize(
    ("address", "error"),
    [("wrong", RuntimeError), ("refused", IntegrityError), ("gone", RuntimeError)],
)
def test_after_an_error(one_connection, cast, browsers, address, error):
    with pytest.raises(error):
        browsers["ana"].get(f"/c/north/{address}/")
    nothing_is_left_for(cast, browsers)


def test_what_a_transaction_takes_back_is_said_again(one_connection, cast, browsers):
    page = browsers["ana"].get("/c/north/told-in-a-transaction/")
    assert page.content.decode() == str(cast.north.pk)
    nothing_is_left_for(cast, browsers)


def test_after_a_file_that_is_streamed(one_connection, cast, browsers):
    response = browsers["ana"].get("/c/north/streams/")
    given_back()
    # Others are served before it is sent.
    nothing_is_left_for(cast, browsers)
    assert response.getvalue().decode() == f"[{cast.north.pk}]" * 2
    nothing_is_left_for(cast, browsers)


def test_after_a_file_that_breaks_off(one_connection, cast, browsers):
    response = browsers["ana"].get("/c/north/streams/?breaks")
    with pytest.raises(RuntimeError):
        response.getvalue()
    nothing_is_left_for(cast, browsers)


def test_after_a_file_that_nobody_waited_for(one_connection, cast, browsers):
    response = browsers["ana"].get("/c/north/streams/")
    assert next(iter(response.streaming_content)).decode() == f"[{cast.north.pk}]"
    assert not connection.get_autocommit()
    response.close()
    assert connection.get_autocommit()
    nothing_is_left_for(cast, browsers)


@pytest.mark.parametrize("breaks", [False, True])
def test_after_a_task(one_connection, cast, browsers, breaks):
    @app.task
    def works() -> None:
        with rows.seeing(clinics=[cast.north.pk]):
            assert seen() == {cast.north.pk}
            if breaks:
                with transaction.atomic(), connection.cursor() as cursor:
                    cursor.execute("SELECT 1 / 0")

    try:
        if breaks:
            with pytest.raises(DataError):
                works()
        else:
            works()
    finally:
        app.tasks.pop(works.name)
    nothing_is_left_for(cast, browsers)


@pytest.mark.parametrize("breaks", [False, True])
def test_after_a_command(one_connection, cast, browsers, breaks):
    class Works(BaseCommand):
        def handle(self, *args: object, **options: object) -> None:
            with rows.seeing_every_clinic():
                assert seen() == {cast.north.pk, cast.harbor.pk}
                if breaks:
                    raise RuntimeError

    if breaks:
        with pytest.raises(RuntimeError):
            call_command(Works())
    else:
        call_command(Works())
    nothing_is_left_for(cast, browsers)


def test_of_two_threads_each_sees_its_own(one_connection, cast):
    if connection.settings_dict["OPTIONS"].get("pool"):
        connection.close()  # the pool has one, and a thread of its own waits for it
    found: list[set[int]] = []

    def other() -> None:
        try:
            found.append(seen())
            with rows.seeing(clinics=[cast.harbor.pk]):
                found.append(seen())
        finally:
            connections.close_all()

    def beside(work: Callable[[], None]) -> None:
        thread = Thread(target=work)
        thread.start()
        thread.join()

    monitored = rows.OUTSIDE
    rows.OUTSIDE = rows.NOTHING  # as outside of tests
    try:
        with rows.seeing(clinics=[cast.north.pk]):
            beside(other)
            assert seen() == {cast.north.pk}
    finally:
        rows.OUTSIDE = monitored
    assert found == [set(), {cast.harbor.pk}]


@pytest.mark.parametrize("one_connection", ["of a pool"], indirect=True)
def test_a_connection_that_somebody_else_told_is_told_anew(one_connection, cast):
    """Whatever lies on a connection when it comes from a pool, it is overwritten at once."""
    connection.ensure_connection()
    raw: psycopg.Connection = connection.connection
    raw.execute(f"SET bonefit.clinics = '{{[{cast.north.pk},{cast.north.pk}]}}'".encode())
    connection.close()
    assert told() == NOBODY
    assert seen() == set()
