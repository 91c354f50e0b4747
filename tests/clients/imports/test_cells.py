"""What stands in a cell: days, numbers, and signs that are no letters."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from bonefit.clients.importing.cells import damage, read_day, read_number

FROM, TO = date(1906, 3, 5), date(2026, 3, 5)


def day(text: str, dates: str = "dmy") -> date:
    return read_day(text, dates, earliest=FROM, latest=TO)


@pytest.mark.parametrize(
    ("text", "dates", "found"),
    [
        ("2025-03-04", "dmy", date(2025, 3, 4)),
        ("2025-03-04 00:00:00", "mdy", date(2025, 3, 4)),
        ("2025/3/4", "iso", date(2025, 3, 4)),
        ("4.3.2025", "dmy", date(2025, 3, 4)),
        ("03/04/2025", "dmy", date(2025, 4, 3)),
        ("03/04/2025", "mdy", date(2025, 3, 4)),
        ("3rd March 1958", "iso", date(1958, 3, 3)),
        ("04-Mar-58", "iso", date(1958, 3, 4)),
        ("March 4, 1958", "iso", date(1958, 3, 4)),
        ("29.2.1960", "dmy", date(1960, 2, 29)),
    ],
)
def test_days(text, dates, found):
    assert day(text, dates) == found


@pytest.mark.parametrize(
    ("text", "dates", "words"),
    [
        ("03/04/2025", "iso", "Day or month first?"),
        ("31/12/2025", "mdy", "There is no month 31."),
        ("29.2.1961", "dmy", "February 1961 has no day 29."),
        ("2027-01-01", "dmy", "still to come"),
        ("1850-01-01", "dmy", "too long ago"),
        ("04-Mar-25", "iso", "1925 or 2025? Write the year with four digits."),
        ("soon", "dmy", "This is no date."),
        ("2025-03-04; x", "dmy", "This is no date."),
        ("4 Foo 1950", "dmy", "There is no month called foo."),
    ],
)
def test_what_is_no_day_is_said(text, dates, words):
    with pytest.raises(ValueError, match=words.replace("?", r"\?").replace(".", r"\.")):
        day(text, dates)


def test_a_year_of_two_digits_that_can_only_be_one_is_taken():
    found = read_day("04-Mar-25", "iso", earliest=date(1980, 1, 1), latest=TO)
    assert found == date(2025, 3, 4)


@pytest.mark.parametrize(
    ("text", "sign", "found"),
    [("1.5", ".", "1.5"), ("1,5", ",", "1.5"), ("−2,4", ",", "-2.4"), ("12", ",", "12")],
)
def test_numbers(text, sign, found):
    assert read_number(text, sign) == Decimal(found)


@pytest.mark.parametrize(
    ("text", "sign"),
    [
        ("1,5", "."),
        ("1.5", ","),
        ("1,234.5", "."),
        ("1.234,5", ","),
        ("1 234.5", "."),
        ("=1+1", "."),
    ],
)
def test_no_number_is_off_by_a_factor_of_a_thousand(text, sign):
    with pytest.raises(ValueError, match=r"no sign between thousands|no number"):
        read_number(text, sign)


@pytest.mark.parametrize("text", ["a\x00b", "a\x07", "M\ufffdller"])
def test_damaged_signs_are_said(text):
    assert damage(text)
    assert not damage("two\nlines\tand a tab, Müller")
