"""A clinic's numbers: their defaults, their ranges, and what is refused."""

from dataclasses import fields
from decimal import Decimal

import pytest

from programs.rules import DEFAULT_RULES, SETTINGS, Rules, plain, setting


def test_every_field_of_the_rules_is_a_setting_with_the_same_default_and_the_other_way_round():
    assert {field.name: field.default for field in fields(Rules)} == {
        entry.key: entry.default for entry in SETTINGS
    }


@pytest.mark.parametrize("entry", SETTINGS, ids=lambda entry: entry.key)
def test_every_setting_says_its_basis_its_tag_and_a_range_around_its_default(entry):
    assert entry.basis
    assert entry.label
    assert entry.tag in {"V", "V2", "K", "U", "C", "D"}
    # What is only recalled has no source to name: then it says that it is to be confirmed.
    recalled = entry.tag == "K" and "to be confirmed" in entry.basis
    assert entry.source or entry.tag in {"C", "D"} or recalled
    if entry.choices:
        assert entry.default in entry.choices
        return
    assert entry.low <= entry.default <= entry.high
    assert entry.low < entry.high


def test_missing_keys_take_their_defaults():
    rules = Rules.from_values({"stall_sessions": "8"})
    assert rules.stall_sessions == 8
    assert rules.drop_percent == Decimal(5)


def test_what_is_stored_reads_back_as_the_same_rules():
    rules = Rules.from_values({"usual_step_kg": "1.25", "weeks_ahead": 6})
    assert Rules.from_values(rules.values()) == rules
    assert rules.values()["usual_step_kg"] == "1.25"
    assert rules.values()["raise_cap_percent"] == "10"


@pytest.mark.parametrize(
    ("values", "named"),
    [
        ({"raise_cap": "10"}, "raise_cap"),
        ({"raise_cap_percent": "11"}, "raise_cap_percent must be a number from 1 to 10 %"),
        ({"weeks_ahead": 3}, "weeks_ahead must be a number from 4 to 26 weeks"),
        ({"stall_sessions": "6.5"}, "stall_sessions must be a whole number"),
        ({"drop_percent": "five"}, "drop_percent must be a number"),
        ({"drop_percent": "NaN"}, "drop_percent must be a number"),
        ({"drop_percent": ""}, "drop_percent must be a number"),
        ({"group_warn_above": 8, "group_block_above": 6}, "group_block_above"),
        ({"pain_hold_from": 6, "pain_stop_over": 3}, "pain_stop_over"),
    ],
)
def test_an_unknown_key_or_a_value_out_of_range_is_refused_by_name(values, named):
    with pytest.raises(ValueError, match=named):
        Rules.from_values(values)


def test_rules_made_in_code_are_checked_too():
    with pytest.raises(ValueError, match="weeks_ahead"):
        Rules(weeks_ahead=0)


def test_the_largest_raise_can_never_be_set_above_ten_percent():
    assert setting("raise_cap_percent").high == 10
    assert DEFAULT_RULES.raise_cap_percent == 10


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (Decimal("57.50"), "57.5"),
        (Decimal(60), "60"),
        (Decimal("1E+2"), "100"),
        (Decimal("0.00"), "0"),
        (100, "100"),
    ],
)
def test_numbers_are_written_as_a_person_writes_them(number, text):
    assert plain(number) == text
