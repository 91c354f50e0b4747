"""How many clients a slot has room for, and what says so; how much rest lies between two starts."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from programs.rules import DEFAULT_RULES
from sessions.capacity import Limits, fits, free, places
from sessions.rest import too_close

BERLIN = ZoneInfo("Europe/Berlin")
bounds = st.none() | st.integers(0, 12)
limits = st.builds(
    Limits, supervisors=st.integers(0, 3), room_places=bounds, racks=bounds, most=bounds
)
weights = st.sampled_from([Decimal(1), Decimal("1.5"), Decimal(3)])
there = st.lists(st.booleans(), max_size=14)


@given(limits, weights, there)
def test_as_many_are_free_as_fit_one_after_the_other(
    limit: Limits, weight: Decimal, newcomers: list[bool]
):
    rules = replace(DEFAULT_RULES, newcomer_weight=weight)
    more = list(newcomers)
    while not fits(limit, rules, newcomers=more, newcomer=False):
        more.append(False)

    assert free(limit, rules, newcomers=newcomers) == len(more) - len(newcomers)


@given(limits)
def test_an_empty_slot_has_all_its_places_free(limit: Limits):
    assert free(limit, DEFAULT_RULES, newcomers=[]) == places(limit, DEFAULT_RULES).count


@given(limits, weights, there)
def test_where_a_newcomer_fits_anybody_does(limit: Limits, weight: Decimal, newcomers: list[bool]):
    rules = replace(DEFAULT_RULES, newcomer_weight=weight)
    if not fits(limit, rules, newcomers=newcomers, newcomer=True):
        assert not fits(limit, rules, newcomers=newcomers, newcomer=False)


@pytest.mark.parametrize("day", [date(2026, 3, 27), date(2026, 10, 23)])
def test_forty_eight_hours_are_those_of_the_clock_through_both_changes(day: date):
    friday, sunday, early = (
        datetime.combine(day + timedelta(days=days), at, tzinfo=BERLIN).astimezone(UTC)
        for days, at in ((0, time(9)), (2, time(9)), (2, time(8, 59)))
    )

    assert sunday - friday != timedelta(hours=48)
    assert too_close(sunday, [friday], tz=BERLIN, rest_hours=48) is None
    assert too_close(early, [friday], tz=BERLIN, rest_hours=48) == friday
    assert too_close(friday, [early], tz=BERLIN, rest_hours=48) == early


def test_the_nearest_of_those_too_close_is_named():
    start = datetime(2026, 5, 4, 9, tzinfo=UTC)
    others = [start + timedelta(hours=hours) for hours in (-40, 20, 60)]

    assert too_close(start, others, tz=BERLIN, rest_hours=48) == others[1]
    assert too_close(start, others, tz=BERLIN, rest_hours=20) is None
