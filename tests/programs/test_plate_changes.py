"""The order that moves the fewest plates, and which plates are too few."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from decimal import Decimal as D
from itertools import combinations_with_replacement, groupby, permutations

from hypothesis import given, settings
from hypothesis import strategies as st

from programs.loads import DEFAULT_INVENTORY, Bar, BarLoad, bar_load, loadable
from programs.plate_changes import (
    Shortage,
    Turn,
    bars_at_once,
    change,
    changes,
    in_order,
    moved,
    too_few,
)

LONG = Bar("20 kg bar", D(20))
SHORT = Bar("15 kg bar", D(15))
SIDES = [
    side
    for count in range(4)
    for side in combinations_with_replacement((D(20), D(10), D(5), D("2.5")), count)
]
LOADS = st.sampled_from([BarLoad(bar, side) for bar in (LONG, SHORT) for side in SIDES])
LIFTS = st.sampled_from(["hinge", "squat"])


def turns_of(loads: list[BarLoad]) -> list[Turn]:
    return [Turn(str(number), "hinge", load) for number, load in enumerate(loads)]


def on(total: str) -> BarLoad:
    found = bar_load(D(total), DEFAULT_INVENTORY)
    assert found is not None
    return found


def ordered(*totals: str) -> list[str]:
    turns = in_order(turns_of([on(total) for total in totals]))
    return [f"{turn.load.total.normalize():f}" for turn in turns]


# --- the cost ------------------------------------------------------------------------------------
def test_what_lies_inside_stays_and_what_lies_outside_comes_off_on_both_sides():
    heavy, light = BarLoad(LONG, (D(10), D(5))), BarLoad(LONG, (D(10), D("2.5"), D("1.25")))
    made = change(heavy, light)

    assert (made.off, made.on, made.other_bar) == ((D(5),), (D("2.5"), D("1.25")), False)
    assert made.plates == 6


def test_a_plate_that_lies_further_in_is_reached_only_by_taking_off_the_outer_ones():
    made = change(BarLoad(LONG, (D(20), D(5))), BarLoad(LONG, (D(10), D(5))))

    assert (made.off, made.on) == ((D(5), D(20)), (D(10), D(5)))
    assert made.plates == 8


def test_the_same_load_moves_nothing_and_another_bar_is_unloaded_first():
    assert change(on("40"), on("40")).plates == 0
    made = change(BarLoad(LONG, (D(10),)), BarLoad(SHORT, (D(5),)))
    assert (made.off, made.on, made.other_bar, made.plates) == ((D(10),), (D(5),), True, 4)


def test_the_first_load_is_put_on_an_empty_bar():
    assert moved(turns_of([on("60")])) == (2, 0)
    assert moved([]) == (0, 0)


# --- the order -----------------------------------------------------------------------------------
def test_equal_loads_follow_each_other_and_the_heaviest_branch_is_last():
    assert ordered("60", "40", "45", "60", "40") == ["60", "60", "40", "40", "45"]


def test_nobody_and_one_are_orders_too():
    assert in_order([]) == []
    assert ordered("42.5") == ["42.5"]


@given(st.lists(LOADS, max_size=10))
def test_an_order_is_the_same_turns_and_never_dearer_than_the_given_one(loads):
    turns = turns_of(loads)
    found = in_order(turns)

    assert Counter(found) == Counter(turns)
    assert moved(found) <= moved(turns)
    # Plates alone are not traded for bars either: both are as few as they can be.
    assert moved(found)[0] <= moved(turns)[0]
    assert moved(found)[1] <= moved(turns)[1]


@settings(max_examples=60, deadline=None)
@given(st.lists(LOADS, max_size=6))
def test_no_order_at_all_is_cheaper(loads):
    turns = turns_of(loads)

    assert moved(in_order(turns)) == min(moved(one) for one in permutations(turns))


@given(st.lists(LOADS, max_size=8))
def test_equal_loads_are_adjacent(loads):
    runs = [load for load, _ in groupby(turn.load for turn in in_order(turns_of(loads)))]

    assert len(runs) == len(set(runs))


@given(st.lists(LOADS, min_size=1, max_size=8))
def test_the_changes_lead_from_each_load_to_the_next(loads):
    turns = in_order(turns_of(loads))
    bar: list[D] = []
    for turn, made in zip(turns, changes(turns), strict=True):
        for kg in made.off:
            assert bar.pop() == kg  # from the outside
        assert not (made.other_bar and bar)
        bar += made.on
        assert tuple(bar) == turn.load.per_side


# --- what is short -------------------------------------------------------------------------------
def test_a_plate_is_short_where_more_pairs_are_wanted_than_there_are():
    turns = [
        Turn("a", "hinge", on("40")),
        Turn("b", "hinge", on("40")),
        Turn("c", "squat", on("45")),
    ]

    assert [kg for kg, _ in DEFAULT_INVENTORY.plates if kg == 10] == [D(10)]
    assert dict(DEFAULT_INVENTORY.plates)[D(10)] == 2
    assert too_few(turns[:2], DEFAULT_INVENTORY) == []
    assert too_few(turns, DEFAULT_INVENTORY) == [
        Shortage(D(10), wanted=3, there=2, lifts=(("hinge", 2), ("squat", 1)))
    ]


def test_a_plate_that_was_sold_is_short_at_once():
    sold = replace(DEFAULT_INVENTORY, plates=((D(20), 2),))

    assert too_few([Turn("a", "press", on("25"))], sold) == [
        Shortage(D("2.5"), wanted=1, there=0, lifts=(("press", 1),))
    ]


@given(st.lists(st.tuples(LIFTS, LOADS), max_size=8))
def test_short_is_exactly_what_is_wanted_beyond_what_there_is(wanted):
    turns = [Turn(str(number), lift, load) for number, (lift, load) in enumerate(wanted)]
    there = dict(DEFAULT_INVENTORY.plates)
    pairs = Counter(kg for _, load in wanted for kg in load.per_side)
    found = {one.kg: one for one in too_few(turns, DEFAULT_INVENTORY)}

    assert set(found) == {kg for kg, count in pairs.items() if count > there[kg]}
    for kg, one in found.items():
        assert (one.wanted, one.there) == (pairs[kg], there[kg])
        assert sum(count for _, count in one.lifts) == one.wanted


def test_bars_are_counted_and_said_to_be_in_use_only():
    turns = turns_of([BarLoad(LONG, ()), BarLoad(SHORT, (D(5),)), BarLoad(LONG, (D(5),))])

    assert bars_at_once(turns) == [(LONG, 2), (SHORT, 1)]


def test_every_load_that_can_be_made_has_its_place_in_the_order():
    loads = [on(str(total)) for total in loadable(DEFAULT_INVENTORY, "barbell")[:60]]
    turns = turns_of(loads)

    assert len(turns) == 60
    assert moved(in_order(turns)) <= moved(turns)
