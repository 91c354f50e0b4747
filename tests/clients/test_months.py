"""So many months later is the same day, or the last of a shorter month."""

from __future__ import annotations

from datetime import date

import pytest

from bonefit.clinics.months import months_after


@pytest.mark.parametrize(
    ("start", "months", "day"),
    [
        (date(2026, 3, 5), 4, date(2026, 7, 5)),
        (date(2026, 3, 5), 12, date(2027, 3, 5)),
        (date(2026, 10, 31), 4, date(2027, 2, 28)),
        (date(2027, 10, 31), 4, date(2028, 2, 29)),
        (date(2028, 2, 29), 12, date(2029, 2, 28)),
        (date(2026, 12, 15), 1, date(2027, 1, 15)),
    ],
)
def test_months_later_is_the_same_day_or_the_month_s_last(
    start: date, months: int, day: date
) -> None:
    assert months_after(start, months) == day
