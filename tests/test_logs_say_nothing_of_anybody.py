"""Canaries in every place where something of a person stands; none of them is in any log line."""

from __future__ import annotations

import io
import logging
import sys
from collections.abc import Iterator

import pytest
from celery.app.trace import build_tracer
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, connection, transaction

from bonefit.celery import app
from bonefit.clients.models import Client
from bonefit.logs import OneLine, WithoutSecrets
from bonefit.tracing import WithRequestNumber
from tests.access_named import NAMED, NAMED_BY_ROUTE
from tests.doors import World, knock
from tests.test_access_routes import KNOCKS, address, arguments, body

CANARY = "Canary Zephyrine"


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """Everything that any logger says from INFO on, as the console would write it."""
    said = io.StringIO()
    handler = logging.StreamHandler(said)
    handler.setFormatter(OneLine("{levelname} {request_number} {name}: {message}", style="{"))
    handler.addFilter(WithoutSecrets())
    handler.addFilter(WithRequestNumber())
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    yield said
    root.setLevel(level)
    root.removeHandler(handler)


def failing(log: io.StringIO, error: type[BaseException], words: str) -> str:
    """What is written of an error of these words."""
    try:
        raise error(words)
    except error:
        logging.getLogger("bonefit.trial").exception("It failed.")
    return log.getvalue()


def test_of_an_error_its_kind_and_its_place_are_written(log: io.StringIO):
    found = failing(log, ValueError, CANARY)
    assert CANARY not in found
    assert found.endswith("ValueError\n")
    assert "in failing\n    raise error(words)" in found


def test_the_words_of_what_is_wrong_with_the_machine_are_written(log: io.StringIO):
    assert "Set SECRET_KEY." in failing(log, ImproperlyConfigured, "Set SECRET_KEY.")
    assert "No space left" in failing(log, OSError, "No space left")


@pytest.mark.django_db
def test_a_row_that_the_database_refused_is_in_no_line(log: io.StringIO):
    row = "INSERT INTO clinics_user (name) VALUES (%s)"
    with pytest.raises(DatabaseError) as refused, transaction.atomic():
        connection.cursor().execute(row, [CANARY])
    assert CANARY in str(refused.value), "PostgreSQL says the row"
    try:
        raise LookupError(CANARY) from refused.value
    except LookupError:
        logging.getLogger("django.request").exception("Internal Server Error: %s", "/c/north/")

    found = log.getvalue()
    assert "Which led to:" in found
    assert "IntegrityError\n" in found
    assert CANARY not in found


def test_a_task_that_fails_says_its_kind(log: io.StringIO):
    @app.task(name="trial.fails")
    def fails() -> None:
        raise KeyError(CANARY)

    try:
        trace = build_tracer(fails.name, fails, app=app)
        trace("8d9f", (), {}, {"id": "8d9f", "hostname": "here"})
    finally:
        app.tasks.unregister("trial.fails")

    found = log.getvalue()
    assert "trial.fails[8d9f]" in found
    assert "KeyError" in found
    assert CANARY not in found


def test_another_handler_that_wrote_the_words_down_changes_nothing():
    try:
        raise ValueError(CANARY)
    except ValueError:
        record = logging.LogRecord("x", 40, "x.py", 1, "It failed.", None, sys.exc_info())
    assert CANARY in logging.Formatter().format(record)
    assert CANARY not in OneLine("{message}", style="{").format(record)


@pytest.mark.parametrize(
    ("path", "written"),
    [
        ("/falls/L1j6iyWNYhQouY79Mu7EeFKMdUgWhp-jQLj9vQ9eXHg/", "/falls/…"),
        ("/reminders/3:1wKJx:Xf3", "/reminders/…"),
        ("/c/north/new/L1j6iyWNYhQouY79Mu7EeFKMdUgWhp-jQLj9vQ9eXHg/x/", "/c/north/new/…/x/"),
        (
            "/c/north/v/7c9e6679-7425-40de-944b-e07fc1f90ae7/",
            "/c/north/v/7c9e6679-7425-40de-944b-e07fc1f90ae7/",
        ),
        ("/static/js/app.1a2b3c4d5e6f.js", "/static/js/app.1a2b3c4d5e6f.js"),
    ],
)
def test_a_secret_in_an_address_is_not_written_and_what_is_none_is(
    log: io.StringIO, path: str, written: str
):
    logging.getLogger("django.request").warning("Not Found: %s", path)
    assert log.getvalue().endswith(f"Not Found: {written}\n")


@KNOCKS
def test_no_request_leaves_a_name_a_body_or_a_token_in_a_line(
    world: World, log: io.StringIO, route: str, method: str
):
    """Names of people, what is asked for in an address, what is typed into each field."""
    url = address(route, arguments(route, world.north))
    sent = body(world, route, method)
    Client.objects.update(name=CANARY, emergency_contact=CANARY)
    asked = f"{url}{'&' if '?' in url else '?'}q=Zephyrine&to=Zephyrine"
    typed = sent and {name: f"{CANARY} {said}" for name, said in sent.items()}
    for who in ("ana", "ada", "cal"):
        knock(world.browsers[who], method, asked, sent)
        if typed:
            knock(world.browsers[who], method, url, typed)

    found = log.getvalue()
    for said in ("Canary", "Zephyrine", "Cal P.", "ana@example.org", "cal@example.org"):
        assert said not in found
    assert [token for token in _tokens(world) if token in found] == []


def _tokens(world: World) -> list[str]:
    """What in an address opens something without a log-in."""
    named = {name: argument for name, argument in NAMED.items() if name == "token"}
    for more in NAMED_BY_ROUTE.values():
        named |= {name: argument for name, argument in more.items() if name == "token"}
    return [str(argument(world.north)) for argument in named.values()]
