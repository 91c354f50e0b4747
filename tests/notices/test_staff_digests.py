"""The morning list and the admins' week: at the clinic's hour, once, and never an empty one."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from sessions.models import Flag, StaffNotice
from sessions.notices import tell_staff
from tests.cast import NOW, Cast
from tests.notices.staff import DAY, HOUR, MINUTE, MONDAY, SEVEN, flag, of_clinic, rows
from tests.notices.writing import set_rules

pytestmark = pytest.mark.django_db

MORNING, WEEKLY = StaffNotice.Kind.MORNING, StaffNotice.Kind.WEEKLY
WEEK = timedelta(days=7)


def mornings() -> list[tuple[Any, dict[str, int]]]:
    return [(row.member, row.facts) for row in rows(MORNING)]


# --- the morning --------------------------------------------------------------------------------


def test_the_list_comes_at_the_clinics_hour_and_once_a_day(cast: Cast):
    flag(cast.enrollment, "amber")
    tell_staff(SEVEN - MINUTE)
    assert mornings() == []
    tell_staff(SEVEN)
    tell_staff(SEVEN + MINUTE)
    tell_staff(SEVEN + 5 * HOUR)
    assert mornings() == [(cast.ana, {"red": 0, "amber": 1})]
    tell_staff(SEVEN + DAY)
    assert len(mornings()) == 2


def test_the_hour_is_a_setting_and_the_zone_the_clinics(cast: Cast):
    set_rules(cast.north, digest_hour=5)
    flag(cast.enrollment, "amber")
    flag(cast.olga_enrollment, "amber")
    tell_staff(SEVEN - 2 * HOUR)
    assert [member for member, _ in mornings()] == [cast.ana]
    tell_staff(datetime.fromisoformat("2026-03-06T07:00-05:00"))
    assert [member for member, _ in mornings()] == [cast.ana, cast.otto]


def test_it_counts_what_is_hers_open_and_not_put_off(cast: Cast):
    day = SEVEN.date()
    flag(cast.enrollment, "red")
    flag(cast.enrollment, "amber")
    flag(cast.enrollment, "amber", snoozed_until=day)
    flag(cast.enrollment, "amber", snoozed_until=day + DAY)
    flag(cast.enrollment, "amber", resolved_at=NOW, resolution="called")
    flag(cast.enrollment, "info")
    flag(cast.enrollment, "good")
    flag(cast.cam_enrollment, "amber", owner=cast.ana)
    flag(cast.enrollment, "amber", owner=cast.tess)
    tell_staff(SEVEN)
    assert mornings() == [(cast.ana, {"red": 1, "amber": 3}), (cast.tess, {"red": 0, "amber": 1})]


@pytest.mark.parametrize("severity", ["info", "good"])
def test_nobody_gets_an_empty_one(cast: Cast, severity: str):
    flag(cast.enrollment, severity)
    tell_staff(SEVEN)
    assert mornings() == []


def test_what_comes_during_the_day_waits_for_the_next_morning(cast: Cast):
    flag(cast.enrollment, "amber", opened_at=SEVEN + HOUR)
    tell_staff(SEVEN + 2 * HOUR)
    assert mornings() == []
    tell_staff(SEVEN + DAY)
    assert len(mornings()) == 1


def test_a_morning_that_nobody_swept_is_not_told_in_the_evening(cast: Cast):
    flag(cast.enrollment, "amber")
    tell_staff(SEVEN + 6 * HOUR)
    assert mornings() == []


def test_what_is_the_clinics_is_in_the_admins_list(cast: Cast):
    of_clinic(cast, severity="amber", kind=Flag.Kind.GROUP_TOO_BIG)
    flag(None, "amber", clinic=cast.north, kind=Flag.Kind.SUPERVISOR, member=cast.tess)
    tell_staff(SEVEN)
    assert sorted(mornings(), key=lambda row: row[0].pk) == [
        (cast.tess, {"red": 0, "amber": 1}),
        (cast.ada, {"red": 0, "amber": 2}),
    ]


def test_who_has_left_gets_none(cast: Cast):
    flag(cast.enrollment, "amber", owner=cast.lea)
    tell_staff(SEVEN)
    assert mornings() == []


# --- the week -----------------------------------------------------------------------------------


def weeks() -> list[tuple[Any, dict[str, int]]]:
    return [(row.member, row.facts) for row in rows(WEEKLY)]


def test_the_week_is_told_to_the_admins_on_monday_and_once(cast: Cast):
    flag(cast.enrollment, "amber")
    tell_staff(MONDAY - MINUTE)
    assert weeks() == []
    tell_staff(MONDAY)
    tell_staff(MONDAY + MINUTE)
    tell_staff(MONDAY + DAY)
    assert [member for member, _ in weeks()] == [cast.ada]


def test_the_week_counts_what_was_opened_closed_and_stayed_open(cast: Cast):
    midnight = MONDAY.replace(hour=0)
    flag(cast.enrollment, "amber", opened_at=midnight - MINUTE)
    flag(cast.enrollment, "amber", opened_at=midnight)  # belongs to the next week
    flag(cast.enrollment, "red", opened_at=midnight - 2 * WEEK)
    flag(cast.enrollment, "red", opened_at=midnight - 5 * WEEK)
    flag(cast.enrollment, "good", opened_at=midnight - DAY)
    for resolution in ("not_useful", "called", "by_itself"):
        flag(
            cast.enrollment,
            "amber",
            opened_at=midnight - 2 * WEEK,
            resolved_at=midnight - DAY,
            resolution=resolution,
        )
    flag(
        cast.enrollment,
        "amber",
        opened_at=midnight - 3 * WEEK,
        resolved_at=midnight - WEEK - MINUTE,  # of the week before
        resolution="called",
    )
    tell_staff(MONDAY)
    assert weeks() == [
        (
            cast.ada,
            {
                "opened": 1,
                "closed": 3,
                "by_hand": 2,
                "not_useful": 1,
                "open": 3,
                "young": 1,
                "old": 1,
            },
        )
    ]


def test_a_week_without_anything_is_not_told(cast: Cast):
    flag(cast.enrollment, "good")
    tell_staff(MONDAY)
    assert weeks() == []


def test_a_monday_on_which_nothing_ran_is_made_up_for(cast: Cast):
    flag(cast.enrollment, "amber")
    tell_staff(MONDAY + 2 * DAY)
    assert len(weeks()) == 1
    tell_staff(MONDAY + 4 * DAY)
    assert len(weeks()) == 1
