"""The clinic's page: counts by kind, rates with their denominators, and never "no risk"."""

from __future__ import annotations

import uuid
from datetime import date, timedelta

import pytest
from django.test import Client as Browser

from bonefit.clients.models import Fall, FallsMonth, Told
from sessions import actions, events
from sessions.reports.safety import safety
from tests.cast import NOW, TODAY, Cast

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(days=120)


@pytest.fixture
def ana(cast: Cast) -> Browser:
    browser = Browser()
    browser.force_login(cast.ana.user)
    return browser


def report(cast: Cast, **said: str) -> None:
    data = {"what": "sharp", "severity": "mild", "onset_at": "2026-03-05T08:00", **said}
    events.record(client=cast.cal_client, data=data, uid=uuid.uuid4(), by=cast.ana, now=NOW)


def figures(cast: Cast, first: date = date(2026, 1, 1), last: date = date(2026, 12, 31)):
    return safety(cast.ana, first=first, last=last, as_at=LATER)


def month(cast: Cast, number: int, *, answered: bool, client=None) -> None:
    FallsMonth.objects.create(
        clinic=cast.north,
        client=client or cast.cal_client,
        month=date(2026, number, 1),
        asked_at=NOW,
        answered_at=NOW if answered else None,
        how_many=0 if answered else None,
    )


def fall(cast: Cast, day: date, **more: object) -> Fall:
    return Fall.objects.create(
        clinic=cast.north,
        client=cast.cal_client,
        key=str(uuid.uuid4()),
        fell_on=day,
        told=Told.STAFF,
        **more,
    )


def test_events_are_counted_by_kind_and_severity_and_divided_by_sessions_and_years(cast: Cast):
    cast.log_all(cast.visit)
    actions.complete_visit(visit=cast.visit, by=cast.ana, now=NOW)
    report(cast, related="possible")
    report(cast, severity="moderate", related="unrelated", serious="yes")

    found = figures(cast)
    assert [(kind.name, kind.counts) for kind in found.kinds] == [("Sharp pain", (1, 1, 0))]
    assert [(line.name, line.events) for line in found.lines] == [
        ("All adverse events", 2),
        ("At least possibly related to the training", 1),
        ("Serious", 1),
    ]
    every = found.lines[0]
    assert every.sessions is not None
    assert every.years is not None
    assert (found.sessions, every.sessions.value) == (1, 2000.0)
    # Cal and Cam, each from the day of the enrollment until the day of the report.
    days = 2 * ((LATER.astimezone(cast.north.tz).date() - TODAY).days + 1)
    assert (found.people, found.days) == (2, days)
    assert every.years.value == pytest.approx(2 * 365.25 / days)


def test_a_corrected_report_counts_once(cast: Cast):
    report(cast)
    event = cast.cal_client.adverse_events.get()
    data = {"what": "back", "severity": "severe", "onset_at": "2026-03-05T08:00"}
    events.correct(event=event, data=data, uid=uuid.uuid4(), by=cast.ana, now=NOW)
    assert [kind.name for kind in figures(cast).kinds] == ["Sudden back or rib pain"]


def test_days_outside_the_dates_are_in_no_figure(cast: Cast):
    report(cast)
    found = figures(cast, last=date(2026, 3, 4))
    assert (found.events, found.people, found.days) == (0, 0, 0)


def test_three_falls_in_ninety_six_answered_months_are_0_375(cast: Cast):
    clients = [cast.cal_client, cast.cam_client]
    for client in clients:
        for number in (3, 4, 5, 6):
            month(cast, number, answered=True, client=client)
    for day in (date(2026, 3, 7), date(2026, 3, 20), date(2026, 4, 2)):
        fall(cast, day)
    rate = figures(cast, last=date(2026, 6, 30)).falls.rate
    assert rate is not None
    assert (rate.events, rate.time) == (3, 8 / 12)
    assert rate.value == pytest.approx(0.375 * 96 / 8)


def test_a_month_without_an_answer_is_in_neither_number(cast: Cast):
    month(cast, 3, answered=True)
    month(cast, 4, answered=False)
    fall(cast, date(2026, 3, 7), injured=True)
    fall(cast, date(2026, 4, 7))

    found = figures(cast).falls
    assert (found.answered, found.unanswered) == (1, 1)
    assert (found.falls, found.outside, found.fallers, found.injured) == (1, 1, 1, 1)


def test_a_month_that_is_only_partly_within_the_dates_is_left_out(cast: Cast):
    month(cast, 3, answered=True)
    assert figures(cast, first=date(2026, 3, 2)).falls.answered == 0
    assert figures(cast, first=date(2026, 3, 1), last=date(2026, 3, 30)).falls.answered == 0
    assert figures(cast, first=date(2026, 3, 1), last=date(2026, 3, 31)).falls.answered == 1


def test_what_was_taken_back_or_corrected_is_no_further_fall(cast: Cast):
    month(cast, 3, answered=True)
    first = fall(cast, date(2026, 3, 7))
    fall(cast, date(2026, 3, 8), replaces=first)
    other = fall(cast, date(2026, 3, 9))
    fall(cast, date(2026, 3, 9), replaces=other, taken_back_why="Sat down")
    assert figures(cast).falls.falls == 1


def test_the_page_says_what_none_leaves_open_and_what_it_means(cast: Cast, ana: Browser):
    month(cast, 2, answered=True)
    page = ana.get("/c/north/reports/safety/?from=2026-02-01&to=2026-03-05").content.decode()
    for words in (
        "None so far",
        "would still be compatible",
        "Attended sessions:",
        "No answer is not “no fall”",
        "0 in 0.1 person-years",
    ):
        assert words in page, words
    assert "no risk" not in page.lower()


def test_days_the_wrong_way_round_are_told_so(ana: Browser, cast: Cast):
    answer = ana.get("/c/north/reports/safety/?from=2026-03-05&to=2026-02-01")
    assert answer.status_code == 422
    assert "before the first day" in answer.content.decode()


def test_the_page_takes_as_many_queries_with_many_rows_as_with_few(
    cast: Cast, ana: Browser, django_assert_num_queries
):
    url = "/c/north/reports/safety/"
    report(cast)
    ana.get(url)
    with django_assert_num_queries(10):
        ana.get(url)
    for number in range(40):
        fall(cast, date(2026, 2, 1) + timedelta(days=number % 28))
        report(cast, onset_at=f"2026-02-{number % 28 + 1:02}T08:00")
    with django_assert_num_queries(10):
        ana.get(url)
