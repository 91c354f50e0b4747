"""A1 counts the weeks that have gone by (protocol sheet 5.3), whichever version is followed."""

from datetime import date, timedelta

import pytest

from programs.models import Enrollment, Track
from sessions.reports.attendance_report import KIND, make
from tests.cast import Cast
from tests.reports.attendance_world import asked
from tests.reports.floor import ATTENDED, another_program, another_version, someone, twice_a_week
from tests.reports.test_attendance_agrees_with_a_second_one import cells_of
from tests.reports.test_attendance_vectors import rows

pytestmark = pytest.mark.django_db
MONDAY = date(2025, 3, 3)
WEEK, DAY = timedelta(days=7), timedelta(days=1)


@pytest.fixture
def jo(cast: Cast) -> Enrollment:
    """She moved to the next version on her eleventh day, and came to every session of 4 weeks."""
    made = someone(cast.ana, "Jo P.", MONDAY)
    _move(made, another_version(made.tracks.get().version), MONDAY + 10 * DAY)
    twice_a_week(made, [ATTENDED] * 8)
    return made


def _move(jo: Enrollment, version: object, day: date) -> None:
    Track.objects.filter(enrollment=jo, ends_on=None).update(ends_on=day - DAY)
    Track.objects.create(clinic=jo.clinic, enrollment=jo, version=version, starts_on=day)


def test_four_weeks_prescribe_eight_sessions_whichever_day_she_moved_on(cast: Cast, jo: Enrollment):
    row = rows(cast.north, MONDAY, MONDAY + 4 * WEEK - DAY)["Jo P."]

    assert (row["attended"], row["prescribed"], row["a1"]) == ("8", "8", "100.0")


def test_two_versions_do_not_prescribe_more_than_the_program_has(cast: Cast, jo: Enrollment):
    row = rows(cast.north, MONDAY, MONDAY + 52 * WEEK)["Jo P."]

    assert (row["prescribed"], row["sessions"]) == ("70", "70")


def test_the_months_and_what_is_behind_say_the_same(cast: Cast, jo: Enrollment):
    scope = asked([cast.north], MONDAY, MONDAY + 8 * WEEK - DAY)

    months = cells_of(next(one for one in make(scope).tables if one.key == "months"))
    assert KIND.behind
    behind = KIND.behind(scope, "clients", "total", "prescribed")

    assert [row["prescribed"] for row in months.values()] == ["8", "8"]
    assert behind
    assert [row.cells[3] for row in behind.rows] == [16]


def test_another_program_begins_anew(cast: Cast, jo: Enrollment):
    """Of 35 weeks of two sessions she had 4; then come 10 weeks of three."""
    _move(jo, another_program(cast.north, frequency=3, weeks=10), MONDAY + 4 * WEEK)

    row = rows(cast.north, MONDAY, MONDAY + 52 * WEEK)["Jo P."]

    assert (row["prescribed"], row["sessions"]) == ("38", "30")
