"""What is due this month or overdue: one list for a clinic, by what was really measured."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.test import Client as Browser

from bonefit.clients.models import Battery, Measurement
from bonefit.clinics.models import Membership
from programs.actions import publish_rules
from programs.plans import rules_at
from sessions.due_list import due_list
from sessions.moving import end_enrollment
from tests.cast import TODAY, Cast, assign, enroll

URL = "/c/north/due/"
#: The session, the person, her clinic, the list, and what stands beside the doors.
QUERIES = 6


def browser_of(member: Membership) -> Browser:
    browser = Browser()
    browser.force_login(member.user)
    return browser


@pytest.fixture
def ana(cast: Cast) -> Browser:
    return browser_of(cast.ana)


def scanned(client, by, on: date, **more) -> Measurement:
    return Measurement.objects.create(
        clinic=by.clinic,
        client=client,
        measure="lumbar_bmd",
        taken_on=on,
        amount=8000,
        recorded_by=by,
        **more,
    )


def a_round(client, by, on: date, measure: str = "tug", **more) -> Measurement:
    battery = Battery.objects.create(
        clinic=by.clinic, client=client, taken_on=on, assessor=by, recorded_by=by
    )
    value = more or {"amount": 109_000}
    return Measurement.objects.create(
        clinic=by.clinic,
        client=client,
        battery=battery,
        measure=measure,
        taken_on=on,
        recorded_by=by,
        **value,
    )


def at(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 2, tzinfo=UTC)


def due(cast: Cast, day: date, member=None) -> list[tuple[str, str, date, bool]]:
    lines = due_list(member or cast.ana, now=at(day))
    return [(one.client.name, one.what, one.on, one.overdue) for one in lines]


def test_the_first_of_both_are_due_by_the_end_of_week_4_and_overdue_from_the_day_after(cast: Cast):
    on = cast.enrollment.starts_on + timedelta(days=27)
    both = [("Cal P.", "First scan", on), ("Cal P.", "First tests", on)]
    end_enrollment(
        enrollment=cast.cam_enrollment, status="withdrawn", reason="Moved", on=TODAY, by=cast.ana
    )
    before = on.replace(day=1) - timedelta(days=1)
    assert due(cast, before) == []
    assert due(cast, on) == [(*one, False) for one in both]
    assert due(cast, on + timedelta(days=1)) == [(*one, True) for one in both]


def test_what_was_measured_moves_what_is_due(cast: Cast):
    start = cast.enrollment.starts_on
    for client in (cast.cal_client, cast.cam_client):
        scanned(client, cast.ana, start + timedelta(days=3))
        a_round(client, cast.ana, start)
    assert due(cast, start + timedelta(days=60)) == []
    in_july = due(cast, date(2026, 7, 1))
    assert {(name, what, overdue) for name, what, _, overdue in in_july} == {
        ("Cal P.", "Tests", False),
        ("Cam Q.", "Tests", False),
    }


def test_a_scan_is_due_after_a_year_and_overdue_after_thirteen_months(cast: Cast):
    scanned(cast.cal_client, cast.ana, date(2026, 3, 20))

    def scans(day: date) -> list[tuple[date, bool]]:
        found = due(cast, day)
        return [(on, overdue) for name, what, on, overdue in found if (name, what) == CAL_SCAN]

    assert scans(date(2027, 2, 28)) == []
    assert scans(date(2027, 3, 1)) == [(date(2027, 3, 20), False)]
    assert scans(date(2027, 4, 19)) == [(date(2027, 3, 20), False)]
    assert scans(date(2027, 4, 20)) == [(date(2027, 3, 20), True)]


CAL_SCAN = ("Cal P.", "Scan")


def test_a_scan_that_was_corrected_counts_on_the_day_of_its_correction(cast: Cast):
    wrong = scanned(cast.cal_client, cast.ana, date(2026, 3, 20))
    scanned(
        cast.cal_client, cast.ana, date(2026, 3, 6), replaces=wrong, replaced_why="Wrong day typed"
    )
    assert ("Cal P.", "Scan", date(2027, 3, 6), False) in due(cast, date(2027, 3, 6))


def test_a_scan_alone_or_tests_that_were_not_done_are_no_round_of_tests(cast: Cast):
    start = cast.enrollment.starts_on
    a_round(cast.cal_client, cast.ana, start, "lumbar_bmd")
    a_round(cast.cal_client, cast.ana, start, "tug", not_done="Knee is sore")
    found = due(cast, start + timedelta(days=27))
    assert [what for name, what, *_ in found if name == "Cal P."] == ["First tests"]


def test_overdue_comes_first_then_by_day_and_name(cast: Cast):
    """Cam began on the same days as Cal; the one whose first scan was done has only tests due."""
    scanned(cast.cal_client, cast.ana, date(2026, 3, 6))
    a_round(cast.cal_client, cast.ana, date(2026, 3, 6))
    july = due(cast, date(2026, 7, 5))
    assert [(name, overdue) for name, _, _, overdue in july] == [
        ("Cam Q.", True),
        ("Cam Q.", True),
        ("Cal P.", False),
    ]


def test_the_clinics_own_rules_hold(cast: Cast):
    now = rules_at(cast.north, at(TODAY))
    publish_rules(
        clinic=cast.north,
        rules=replace(now.rules, baseline_by_weeks=8),
        inventory=now.inventory,
        by=cast.ada,
        now=at(TODAY),
    )
    on = cast.enrollment.starts_on + timedelta(days=55)
    assert ("Cal P.", "First scan", on, False) in due(cast, on)


def test_another_clinic_and_ended_programs_are_not_on_the_list(cast: Cast):
    names = {name for name, *_ in due(cast, date(2026, 12, 1))}
    assert names == {"Cal P.", "Cam Q."}
    end_enrollment(
        enrollment=cast.enrollment, status="withdrawn", reason="Moved", on=TODAY, by=cast.ana
    )
    assert {name for name, *_ in due(cast, date(2026, 12, 1))} == {"Cam Q."}
    assert {name for name, *_ in due(cast, date(2026, 12, 1), cast.otto)} == {"Olga R."}


# --- the page ------------------------------------------------------------------------------------


LATE = date(2026, 4, 20)


def late(member: Membership, **asked: object) -> str:
    """The page on a day on which everything is overdue."""
    with time_machine.travel(at(LATE)):
        return browser_of(member).get(URL, asked).content.decode()


def test_the_page_lists_them_with_the_way_to_record(cast: Cast):
    page = late(cast.ana)
    for words in ("Cal P.", "First scan", "First tests", "overdue", "4 due, 4 of them overdue"):
        assert words in page
    assert f'href="/c/north/clients/{cast.cal_client.pk}/battery/"' in page
    read = late(cast.ada)
    assert "First scan" in read
    assert "/battery/" not in read


def test_one_therapists_clients_can_be_shown_alone(cast: Cast):
    page = late(cast.ana, therapist=cast.tess.pk)
    assert "Cam Q." in page
    assert "Cal P." not in page
    assert f'<option value="{cast.tess.pk}" selected' in page


@pytest.mark.parametrize("therapist", ["x", "0", "99999999999999999999"])
def test_an_unknown_therapist_is_refused_beside_the_field(ana: Browser, therapist: str):
    answer = ana.get(URL, {"therapist": therapist})
    assert answer.status_code == 422
    assert "in the care of this therapist" in answer.content.decode()


def test_where_nothing_is_due_the_page_says_so(ana: Browser):
    with time_machine.travel(at(date(2026, 3, 5))):
        assert "Nothing is due" in ana.get(URL).content.decode()


def test_the_list_of_clients_leads_there(ana: Browser):
    assert f'href="{URL}"' in ana.get("/c/north/clients/").content.decode()


def test_thirty_clients_cost_as_many_queries_as_two(cast: Cast, django_assert_num_queries):
    def lines() -> int:
        with time_machine.travel(at(LATE)):
            browser = browser_of(cast.ana)
            browser.get(URL)  # rules are read once a process
            with django_assert_num_queries(QUERIES):
                return len(browser.get(URL).context["lines"])

    assert lines() == 4
    for number in range(28):
        client = enroll(cast.ana, f"Client {number}")
        assign(client, cast.ana)
        a_round(client, cast.ana, TODAY)
    assert lines() == 32
