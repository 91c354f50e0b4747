"""A day is read from several writings, and a day that never was is explained."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError

from bonefit.clinics.dates import DayField, read_day, say_day

THE_DAY = date(1958, 2, 3)


@pytest.mark.parametrize(
    "text",
    [
        "3 February 1958",
        "3 february 1958",
        " 3  Feb  1958 ",
        "3rd February, 1958",
        "February 3, 1958",
        "Feb 3rd 1958",
        "03 02 1958",
        "3/2/1958",
        "3.2.1958",
        "03-02-1958",
        "1958-02-03",
        "1958/2/3",
    ],
)
def test_one_day_in_many_writings(text):
    assert read_day(text) == THE_DAY


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("31 02 1958", "February 1958 had 28 days. Check the day."),
        ("30 Feb 1960", "February 1960 had 29 days. Check the day."),
        ("31 April 1958", "April 1958 had 30 days. Check the day."),
        ("0 2 1958", "February 1958 had 28 days. Check the day."),
        ("2/31/1958", "There is no month 31."),
        ("3 Sextember 1958", "There is no month called sextember."),
        ("3 2 58", "Write the year with four digits."),
        ("3 2 0058", "Write the year with four digits."),
        ("3 2 19580", "Write the year with four digits."),
        ("yesterday", "Write day, month and year, for example 3 February 1958."),
        ("1958", "Write day, month and year, for example 3 February 1958."),
        ("3 ju 1958", "There is no month called ju."),
        ("-3 2 1958", "Write day, month and year, for example 3 February 1958."),
        ("٣ 2 1958 x", "Write day, month and year, for example 3 February 1958."),
    ],
)
def test_what_is_no_day_is_explained(text, words):
    with pytest.raises(ValueError, match="^" + words.replace(".", r"\.")):
        read_day(text)


def test_a_month_that_is_yet_to_come_has_its_days():
    with pytest.raises(ValueError, match="has 28 days"):
        read_day("31 02 2031", ahead=True)


@pytest.mark.parametrize("day", [date(1958, 2, 3), date(2000, 12, 31), date(1899, 1, 1)])
def test_what_a_page_writes_can_be_typed_back(day):
    assert read_day(say_day(day)) == day


def test_a_field_says_what_is_wrong_and_a_blank_is_a_blank():
    field = DayField(required=False)
    assert field.clean("") is None
    assert field.clean("3 Feb 1958") == THE_DAY
    assert field.prepare_value(THE_DAY) == "3 February 1958"
    assert field.prepare_value("31 02 1958") == "31 02 1958"
    with pytest.raises(ValidationError, match="had 28 days"):
        field.clean("31 02 1958")
