"""Rates with their denominators, and what a count of none still allows (8.20, 8.26)."""

from __future__ import annotations

import math

import pytest

from sessions.reports import rates
from sessions.reports.stats import wilson


def test_three_falls_in_twelve_clients_times_eight_months_are_0_375_a_year():
    rate = rates.per_person_year(3, months=12 * 8)

    assert rate is not None
    assert (rate.time, rate.value) == (8.0, 0.375)


@pytest.mark.parametrize(
    ("people", "exact", "quick"),
    [(49, "5.93", "6.12"), (1, "95.00", "100.00"), (3, "63.16", "100.00")],
)
def test_none_of_n_people_still_allows_a_share(people: int, exact: str, quick: str):
    assert f"{100 * rates.upper_share(people):.2f}" == exact
    assert f"{100 * rates.rule_of_three(people):.2f}" == quick


def test_attendance_31_of_40_lies_between_62_5_and_87_7():
    ends = wilson(31, 40)
    assert ends is not None
    assert [f"{100 * end:.1f}" for end in ends] == ["62.5", "87.7"]


def test_none_in_eight_years_still_allows_a_rate():
    rate = rates.per_person_year(0, months=96)
    assert rate is not None
    assert (rate.value, rate.low) == (0.0, 0.0)
    assert rate.high == pytest.approx(-math.log(0.05) / 8)
    assert rates.rounded(rate.high, 3) == "0.374"


#: Garwood's exact limits, as every table of the Poisson distribution has them.
@pytest.mark.parametrize(
    ("events", "low", "high"),
    [
        (1, 0.0253, 5.5716),
        (3, 0.6187, 8.7673),
        (10, 4.7954, 18.3904),
        (100, 81.3640, 121.6269),
        (1_000, 938.9730, 1_063.9521),  # as a large organisation has
        (3_000, 2_893.5986, 3_109.3135),
    ],
)
def test_the_interval_of_a_count_is_exact(events: int, low: float, high: float):
    assert rates.poisson_interval(events) == pytest.approx((low, high), abs=1e-3)


def test_one_event_in_70_sessions_is_14_per_thousand():
    rate = rates.per_thousand_sessions(1, 70)
    assert rate is not None
    assert rates.rounded(rate.value, 1) == "14.3"


def test_days_count_as_parts_of_a_year():
    rate = rates.per_person_year(2, days=1461)
    assert rate is not None
    assert rate.value == 0.5


def test_nothing_to_divide_by_is_no_rate_and_no_share():
    assert rates.per_thousand_sessions(0, 0) is None
    assert rates.per_person_year(2) is None
    for wrong in (rates.upper_share, rates.rule_of_three):
        with pytest.raises(ValueError):
            wrong(0)


def test_negative_numbers_are_refused():
    with pytest.raises(ValueError):
        rates.rate(-1, 1)
    with pytest.raises(ValueError):
        rates.poisson_interval(-1)
