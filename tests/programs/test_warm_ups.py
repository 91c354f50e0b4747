"""The sets before the working sets, and the plates that a clinic would have to buy."""

from dataclasses import replace
from decimal import Decimal as D

import pytest
from hypothesis import given
from hypothesis import strategies as st

from programs import loads
from programs.loads import (
    DEFAULT_INVENTORY,
    Bar,
    Inventory,
    big_steps,
    loadable,
    missing_plate,
    warm_up_sets,
)
from programs.rules import DEFAULT_RULES, Rules

TWENTY = Bar("20 kg bar", D(20))
FIFTEEN = Bar("15 kg bar", D(15))


def equipment(*plates):
    """A 20 kg bar with three pairs of each of these plates."""
    return Inventory((TWENTY,), tuple((D(kg), 3) for kg in plates), (D(1), D(2), D(3)), D(5))


STEPS_OF_2_5 = equipment("20", "10", "5", "2.5", "1.25")


def warm_up(working, *, first, inventory=DEFAULT_INVENTORY, rules=DEFAULT_RULES, **more):
    made = warm_up_sets(D(working), inventory, first=first, rules=rules, **more)
    return [(one.reps, str(one.load.normalize() + 0)) for one in made]


@pytest.mark.parametrize(
    ("working", "first", "expected"),
    [
        ("60", True, [(5, "30"), (5, "42")]),  # 50 and 70 %, with the 0.5 kg plates
        ("60", False, [(5, "36")]),  # 60 %
        ("57.5", True, [(5, "28.5"), (5, "40")]),  # 28.75 and 40.25, rounded down
        ("20", False, [(5, "12")]),  # on the 10 kg bar
        ("14", True, []),  # 7 and 9.8 kg: below the lightest bar
        ("15", True, [(5, "10")]),  # 7.5 kg cannot be made, 10.5 is 10
        ("10", True, []),
    ],
)
def test_the_first_lift_has_two_warm_up_sets_and_a_later_lift_one(working, first, expected):
    assert warm_up(working, first=first) == expected


def test_a_warm_up_set_is_rounded_down_to_the_bar_and_never_reaches_the_working_load():
    assert warm_up("40", first=True, inventory=STEPS_OF_2_5) == [(5, "20"), (5, "27.5")]
    assert warm_up("30", first=True, inventory=STEPS_OF_2_5) == [(5, "20")]
    assert warm_up("20", first=True, inventory=STEPS_OF_2_5) == []


def test_each_load_type_warms_up_with_its_own_loads():
    assert warm_up("10", first=True, load_type="per_hand") == [(5, "5"), (5, "7")]
    assert warm_up("41", first=False, load_type="stack") == [(5, "22.5")]
    assert warm_up("2", first=False, load_type="bodyweight") == [(5, "1")]
    assert warm_up("2", first=True, load_type="impact") == []


def test_the_numbers_of_a_warm_up_are_the_clinics_own():
    own = Rules(
        warm_up_first_percent=D(40),
        warm_up_second_percent=D(80),
        warm_up_later_percent=D(50),
        warm_up_reps=3,
    )
    assert warm_up("50", first=True, rules=own) == [(3, "20"), (3, "40")]
    assert warm_up("50", first=False, rules=own) == [(3, "25")]


# --- what is missing -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("base", "plate"),
    [
        ("20", "0.5"),  # vector 8.9: 2.5 kg is 12.5 %, 1 kg is 5 %
        ("22.5", "0.5"),
        ("25", None),  # 2.5 kg is 10 %: a raise is possible as it is
        ("50", None),
    ],
)
def test_the_plate_that_a_raise_wants_is_named(base, plate):
    found = missing_plate(D(base), STEPS_OF_2_5, "barbell", DEFAULT_RULES)
    assert found == (None if plate is None else D(plate))


def test_the_heaviest_small_plate_that_is_enough_is_named():
    coarse = equipment("10", "5")
    assert missing_plate(D(40), coarse, "barbell", DEFAULT_RULES) == D("1.25")  # 10 kg is 25 %
    assert missing_plate(D(20), coarse, "barbell", DEFAULT_RULES) == D("0.5")
    strict = Rules(raise_cap_percent=D("2.5"), big_raise_percent=D(1))
    assert missing_plate(D(20), coarse, "barbell", strict) == D("0.25")
    stricter = Rules(raise_cap_percent=D(1), big_raise_percent=D(1))
    assert missing_plate(D(20), coarse, "barbell", stricter) is None


def test_no_plate_is_missing_where_there_is_no_bar():
    assert missing_plate(D(2), STEPS_OF_2_5, "per_hand", DEFAULT_RULES) is None
    assert missing_plate(D(5), STEPS_OF_2_5, "stack", DEFAULT_RULES) is None


def test_loads_whose_smallest_step_passes_the_cap_are_listed():
    found = [(step.load, step.above, step.kg) for step in big_steps(STEPS_OF_2_5, DEFAULT_RULES)]
    assert found == [
        (D(20), D("22.5"), D("2.5")),  # 12.5 %
        (D("22.5"), D(25), D("2.5")),  # 11.1 %; from 25 kg on it is 10 %
    ]
    assert big_steps(DEFAULT_INVENTORY, DEFAULT_RULES) == []


some_plates = st.lists(
    st.tuples(st.sampled_from(["20", "10", "5", "2.5", "1.25", "1", "0.5"]), st.integers(0, 3)),
    max_size=6,
).map(lambda plates: tuple((D(kg), pairs) for kg, pairs in dict(plates).items()))


@given(some_plates, st.integers(1, 40), st.integers(1, 10))
def test_a_pair_of_the_missing_plate_allows_the_raise(plates, index, cap):
    inventory = Inventory((TWENTY, FIFTEEN), plates, (), D(5))
    rules = Rules(raise_cap_percent=D(cap), big_raise_percent=D(1))
    made = loadable(inventory, "barbell")
    base = made[index % len(made)]
    plate = missing_plate(base, inventory, "barbell", rules)
    if plate is None:
        return
    assert loads.raised(base, inventory, "barbell", rules) is None
    pairs = dict(inventory.plates)
    bought = replace(inventory, plates=tuple({**pairs, plate: pairs.get(plate, 0) + 1}.items()))
    up = loads.raised(base, bought, "barbell", rules)
    assert up is not None
    assert base < up <= base * (100 + cap) / 100


@given(some_plates, st.integers(20, 1200), st.booleans())
def test_a_warm_up_set_can_be_loaded_and_is_lighter_than_the_working_sets(plates, tenths, first):
    inventory = Inventory((TWENTY, FIFTEEN), plates, (), D(5))
    working = D(tenths) / 10
    made = warm_up_sets(working, inventory, first=first, rules=DEFAULT_RULES)
    assert len(made) <= (2 if first else 1)
    assert [one.load for one in made] == sorted(one.load for one in made)
    assert all(one.load in loadable(inventory, "barbell") for one in made)
    assert all(one.load < working for one in made)
