"""One page tells all that became of a visit: who did what and when, and why, in order."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext

from sessions.models import SeatChange, SessionNote, Visit
from sessions.visit_story import Line, story
from tests.cast import NOW, Cast
from tests.servers import Databases

pytestmark = pytest.mark.django_db


@pytest.fixture
def ana(cast: Cast) -> Browser:
    browser = Browser()
    browser.force_login(cast.ana.user)
    return browser


def page(browser: Browser, visit: Visit) -> str:
    answer = browser.get(f"/c/north/visits/{visit.uid}/history/")
    assert answer.status_code == 200
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.text))


def lines(cast: Cast, visit: Visit) -> list[Line]:
    visit.refresh_from_db()
    return [line for day in story(visit, cast.ana) for line in day.lines]


def note(cast: Cast, version: int, plan: str, reason: str = "") -> SessionNote:
    return SessionNote.objects.create(
        clinic=cast.north,
        visit=cast.visit,
        version=version,
        plan=plan,
        reason=reason,
        signed_by=cast.ana,
        signed_at=NOW + timedelta(days=version),
    )


def test_a_visit_that_nothing_became_of_was_planned(cast: Cast, ana: Browser) -> None:
    said = page(ana, cast.visit)
    assert "Planned" in said
    assert "by itself" in said


def test_seat_floor_note_and_report_stand_in_their_order(cast: Cast, ana: Browser) -> None:
    visit = cast.visit
    seat = {"status": "planned", "starts_at": visit.starts_at.isoformat(), "room": "Weights"}
    SeatChange.objects.create(
        clinic=cast.north,
        visit=visit,
        kind="moved",
        at=NOW - timedelta(days=1),
        by=cast.dee,
        why="Dentist.",
        before=seat,
        after=seat,
    )
    cast.check_in(visit)
    entry = cast.log(visit, reps=4)
    note(cast, 1, "More.")
    note(cast, 2, "Less.", reason="It was too much.")

    said = page(ana, visit)
    order = ["Moved from", "Dentist.", "Check in", "Log a set", "Note signed", "Note amended"]
    assert sorted(order, key=said.index) == order
    for words in (
        cast.dee.user.name,
        cast.ana.user.name,
        "version 2",
        "It was too much.",
        "4 reps",
    ):
        assert words in said, words
    assert entry.exercise.name in said
    assert "Plan" in said


def test_each_correction_keeps_what_stood_before_and_why(cast: Cast, ana: Browser) -> None:
    entry = cast.log(cast.visit, reps=4)
    where = f"/c/north/visits/{cast.visit.uid}/hinge/sets/{entry.uid}/correct/"
    answer = ana.post(where, {"load": "40", "reps": "5", "revision": "1"})
    assert answer.status_code in (200, 302)
    said = page(ana, cast.visit)
    assert "Correct a set" in said
    assert "Before: 40 kg, 4 reps" in said


def test_what_was_changed_past_the_application_stands_there_and_is_marked(
    cast: Cast, ana: Browser
) -> None:
    entry = cast.log(cast.visit, reps=4)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE training_setentry SET reps = 5 WHERE id = %s", [entry.pk])
        cursor.execute("UPDATE training_setentry SET reps = 6 WHERE id = %s", [entry.pk])
    behind = [line for line in lines(cast, cast.visit) if line.behind and "reps" in line.said]
    assert [(line.before, line.said) for line in behind] == [
        ("reps: 4", "reps: 5"),
        ("reps: 5", "reps: 6"),
    ]
    said = page(ana, cast.visit)
    assert "past the application" in said
    assert "the database’s role bonefit_app" in said


@pytest.mark.django_db(transaction=True)
def test_whoever_owns_the_tables_is_named_by_the_role(cast: Cast, databases: Databases) -> None:
    name = connection.settings_dict["NAME"]
    with databases.cluster.connect("bonefit_owner", name) as owner:
        owner.execute(
            "UPDATE training_visit SET said_why = 'Fraud.', said_at = now(), said_by_id = %s"
            " WHERE id = %s",
            [cast.ana.pk, cast.visit.pk],
        )
    (line,) = [line for line in lines(cast, cast.visit) if "bonefit_owner" in line.who]
    assert line.behind
    assert line.why == "Fraud."
    assert "nothing" in line.before


def test_what_a_page_did_is_told_once(cast: Cast, ana: Browser) -> None:
    ana.post(f"/c/north/visits/{cast.visit.uid}/check-in/", {"now": "0", "dizzy": "no"})
    told = [line for line in lines(cast, cast.visit) if line.what == "Check in"]
    assert len(told) == 1
    assert not [line for line in lines(cast, cast.visit) if line.behind]


def test_it_asks_as_often_however_much_became_of_it(cast: Cast, ana: Browser) -> None:
    cast.log(cast.visit)
    page(ana, cast.visit)
    with CaptureQueriesContext(connection) as few:
        page(ana, cast.visit)
    cast.log_all(cast.visit)
    for version in range(1, 6):
        note(cast, version, f"{version}")
    with CaptureQueriesContext(connection) as many:
        page(ana, cast.visit)
    assert len(many) == len(few)


def test_another_clinic_reads_nothing_of_it(cast: Cast) -> None:
    other = Browser()
    other.force_login(cast.otto.user)
    assert other.get(f"/c/harbor/visits/{cast.visit.uid}/history/").status_code == 404
