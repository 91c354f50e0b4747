"""What a clinic's equipment can make, by the vectors of the protocol sheet."""

import json
from dataclasses import replace
from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP
from decimal import Decimal as D

import pytest
from hypothesis import given
from hypothesis import strategies as st

from programs import loads
from programs.loads import (
    DEFAULT_INVENTORY,
    Bar,
    BarLoad,
    Inventory,
    bar_load,
    kgf_of,
    loadable,
    needs_confirmation,
    next_down,
    next_up,
    parse_load,
    plates_per_side,
    round_load,
    to_kg,
)
from programs.rules import DEFAULT_RULES, Rules

TWENTY = Bar("20 kg bar", D(20))
FIFTEEN = Bar("15 kg bar", D(15))


def equipment(*plates, bars=(TWENTY,), dumbbells=(1, 2, 3)):
    """Equipment with three pairs of each of these plates."""
    return Inventory(
        bars=bars,
        plates=tuple((D(kg), 3) for kg in plates),
        dumbbells=tuple(D(kg) for kg in dumbbells),
        stack_step=D(5),
        stack_limit=D(100),
    )


STEPS_OF_2_5 = equipment("20", "10", "5", "2.5", "1.25")


@pytest.mark.parametrize(
    ("total", "bar", "sides"),
    [
        ("57.5", "20", ("15", "2.5", "1.25")),  # vector 8.8
        ("57.5", "15", ("20", "1.25")),  # vector 8.8
        ("60", "10", ("20", "5")),
        ("20", "20", ()),
        ("21", "20", ("0.5",)),
        ("60", "20", ("20",)),
        ("120", "20", ("20", "20", "10")),
    ],
)
def test_plates_per_side_are_the_fewest_heaviest_first(total, bar, sides):
    found = plates_per_side(D(total), D(bar), DEFAULT_INVENTORY.plates)
    assert found == tuple(D(kg) for kg in sides)


def test_plain_numbers_and_a_table_of_plates_are_read_as_they_are_written():
    plates = {15: 1, 2.5: 1, "1.25": 1}
    assert plates_per_side(57.5, 20, plates) == (D(15), D("2.5"), D("1.25"))
    assert round_load(59.5, STEPS_OF_2_5) == D("57.5")
    assert round_load(56, STEPS_OF_2_5, mode="nearest") == D(55)


def test_the_fewest_plates_are_found_where_taking_the_heaviest_first_would_fail():
    assert plates_per_side(D(60), D(20), ((D(15), 1), (D(10), 2))) == (D(10), D(10))


def test_a_pair_that_is_not_there_is_not_used():
    assert plates_per_side(D(60), D(20), ((D(20), 0), (D(10), 2))) == (D(10), D(10))
    with pytest.raises(ValueError, match="cannot make 60 kg on a 20 kg bar"):
        plates_per_side(D(60), D(20), ((D(20), 0), (D(10), 1)))


def test_a_load_lighter_than_the_bar_is_refused_in_a_sentence():
    with pytest.raises(ValueError, match=r"^15 kg is lighter than the 20 kg bar\.$"):
        plates_per_side(D(15), D(20), ())


def test_the_heaviest_bar_that_makes_the_load_exactly_is_taken():
    assert bar_load(D("57.5"), DEFAULT_INVENTORY) == BarLoad(TWENTY, (D(15), D("2.5"), D("1.25")))
    assert bar_load(D(15), DEFAULT_INVENTORY) == BarLoad(FIFTEEN, ())
    assert bar_load(D("57.6"), DEFAULT_INVENTORY) is None
    assert bar_load(D(9), DEFAULT_INVENTORY) is None


@pytest.mark.parametrize(
    ("target", "mode", "expected"),
    [
        ("56.25", "nearest", "55"),  # vector 8.7: a tie goes down
        ("56.25", "down", "55"),
        ("59.5", "nearest", "60"),  # vector 8.1
        ("59.5", "down", "57.5"),
        ("57.375", "nearest", "57.5"),  # vector 8.2
        ("57.375", "down", "55"),
        ("48.0", "down", "47.5"),  # vector 8.22
        ("54.0", "down", "52.5"),
        ("60", "down", "60"),
        ("19.99", "nearest", None),
    ],
)
def test_a_target_is_rounded_to_what_can_be_loaded(target, mode, expected):
    rounded = round_load(D(target), STEPS_OF_2_5, mode=mode)
    assert rounded == (None if expected is None else D(expected))


def test_twenty_one_kilograms_without_half_kilogram_plates_is_twenty():
    assert round_load(D(21), STEPS_OF_2_5) == D(20)  # vector 8.8
    assert round_load(D(21), DEFAULT_INVENTORY) == D(21)


def test_a_tie_goes_down_where_other_roundings_differ():
    """Vector 8.7: 56.25 kg is 22.5 steps of 2.5 kg, 22 half to even, but 23 half up."""
    tie = D("56.25") / D("2.5")
    assert tie == D("22.5")
    up, even = (tie.quantize(D(1), mode) * D("2.5") for mode in (ROUND_HALF_UP, ROUND_HALF_EVEN))
    assert (up, even) == (D("57.5"), D(55))
    assert round_load(D("56.25"), STEPS_OF_2_5, mode="nearest") == D(55)
    # The next tie, 58.75, is 23.5 steps: half to even would give 60.
    assert round_load(D("58.75"), STEPS_OF_2_5, mode="nearest") == D("57.5")
    assert round_load(D("58.76"), STEPS_OF_2_5, mode="nearest") == D(60)


def test_twenty_one_kilograms_need_half_a_kilogram_on_each_side():
    assert plates_per_side(D(21), D(20), ((D("0.5"), 1),)) == (D("0.5"),)
    with pytest.raises(ValueError, match=r"cannot make 21 kg on a 20 kg bar \(0\.5 kg per side\)"):
        plates_per_side(D(21), D(20), STEPS_OF_2_5.plates)  # vector 8.8


def test_rounding_has_two_modes_only():
    with pytest.raises(ValueError, match="'up'"):
        round_load(D(21), STEPS_OF_2_5, mode="up")


def test_the_next_load_up_and_down_at_the_ends_is_none():
    assert next_up(D(20), STEPS_OF_2_5, "barbell") == D("22.5")
    assert next_down(D("22.5"), STEPS_OF_2_5, "barbell") == D(20)
    assert next_down(D(20), STEPS_OF_2_5, "barbell") is None
    assert next_up(D(3), STEPS_OF_2_5, "per_hand") is None
    assert next_up(D(100), STEPS_OF_2_5, "stack") is None


def test_each_load_type_has_its_own_loads():
    assert loadable(STEPS_OF_2_5, "per_hand") == (D(1), D(2), D(3))
    assert loadable(STEPS_OF_2_5, "stack")[:2] == (D(5), D(10))
    assert loadable(STEPS_OF_2_5, "impact") == ()
    with pytest.raises(ValueError, match="'sandbag'"):
        loadable(STEPS_OF_2_5, "sandbag")


@pytest.mark.parametrize(
    ("load", "expected"),
    [
        ("20", "21"),  # vector 8.9: 2.5 kg would be 12.5 %, 1 kg is 5 %
        ("50", "52.5"),  # vector 8.9: 5 %
        ("57.5", "60"),
        ("10", "11"),  # exactly 10 % is allowed
    ],
)
def test_a_raise_is_the_usual_step_or_the_smallest_under_the_cap(load, expected):
    assert loads.raised(D(load), DEFAULT_INVENTORY, "barbell", DEFAULT_RULES) == D(expected)


@pytest.mark.parametrize(
    ("plate", "expected", "percent"),
    [("0.5", "21", "5"), ("0.625", "21.25", "6.25"), ("1.25", None, "12.5")],
)
def test_a_press_at_twenty_kilograms_rises_by_what_small_plates_allow(plate, expected, percent):
    """Vector 8.9: 1.0 kg is 5 % and 1.25 kg 6.25 %, both offered; 2.5 kg is 12.5 %, held."""
    found = loads.raised(D(20), equipment("10", "5", plate), "barbell", DEFAULT_RULES)
    assert found == (None if expected is None else D(expected))
    assert 2 * D(plate) * 100 / 20 == D(percent)


def test_the_window_of_a_raise_from_fifty_kilograms_ends_at_fifty_five():
    """Vector 8.9: 2 to 10 % of 50 kg is 51.0 to 55.0 kg."""
    for kg, expected in (("0.5", "51"), ("2.5", "55"), ("3", None)):
        only = Inventory((Bar("50 kg bar", D(50)),), ((D(kg), 1),), (), D(5))
        found = loads.raised(D(50), only, "barbell", DEFAULT_RULES)
        assert found == (None if expected is None else D(expected))


def test_there_is_no_raise_where_the_smallest_step_passes_the_cap():
    assert loads.raised(D(20), STEPS_OF_2_5, "barbell", DEFAULT_RULES) is None  # vector 8.9
    assert loads.raised(D(2), STEPS_OF_2_5, "per_hand", DEFAULT_RULES) is None


@pytest.mark.parametrize(
    ("load", "expected"), [("50", "47.5"), ("52.5", "47.5"), ("22.5", "20"), ("20", None)]
)
def test_a_drop_is_five_percent_rounded_down_and_at_least_one_step(load, expected):
    dropped = loads.lowered(D(load), STEPS_OF_2_5, "barbell", DEFAULT_RULES)
    assert dropped == (None if expected is None else D(expected))


@pytest.mark.parametrize(
    ("load", "target", "asks"),
    [
        ("55", "50", False),  # exactly 10 % and exactly 5 kg
        ("55.5", "50", True),
        ("22.5", "20", True),  # 12.5 %, though only 2.5 kg
        ("105.5", "100", True),  # 5.5 kg, though only 5.5 %
        ("40", "50", False),
        ("40", None, False),
        (None, "50", False),
    ],
)
def test_a_load_far_above_target_asks_to_be_confirmed(load, target, asks):
    value = None if load is None else D(load)
    aim = None if target is None else D(target)
    assert needs_confirmation(value, aim, DEFAULT_RULES) is asks


def test_how_far_above_is_the_clinics_own_number():
    strict = Rules(confirm_over_kg=D(2))
    assert needs_confirmation(D(53), D(50), strict)
    assert not needs_confirmation(D(53), D(50), DEFAULT_RULES)


def test_pounds_become_exact_kilograms():
    assert to_kg(D(130), "lb") == D("58.9670081")  # vector 8.25
    assert to_kg(D(130), "lb").quantize(D("0.001")) == D("58.967")
    assert loads.from_kg(D(59), "lb") == D("130.07")
    assert to_kg(D("57.5"), "kg") == D("57.5")
    with pytest.raises(ValueError, match="'stone'"):
        to_kg(D(9), "stone")


def test_newtons_become_kilograms_of_force():
    assert kgf_of(D("51.1")) == D("5.21")  # vector 8.25
    assert kgf_of(D("9.80665")) == D(1)


@pytest.mark.parametrize(
    ("typed", "kg"),
    [("57.5", "57.5"), (" 57,50 ", "57.5"), ("60", "60"), (".5", "0.5"), ("0", "0")],
)
def test_a_typed_load_takes_a_dot_or_a_comma(typed, kg):
    assert parse_load(typed, "kg") == D(kg)


@pytest.mark.parametrize(
    "typed", ["", "  ", "heavy", "-5", "1e3", "1,234.5", "5.", ".", "NaN", "٥", "5 5"]
)
def test_anything_else_is_refused_with_an_example(typed):
    with pytest.raises(ValueError, match=r"for example 57\.5"):
        parse_load(typed, "kg")


def test_equipment_reads_back_from_what_is_stored_and_its_order_does_not_matter():
    stored = json.loads(json.dumps(DEFAULT_INVENTORY.to_json()))
    assert Inventory.from_json(stored) == DEFAULT_INVENTORY
    stored["plates"].reverse()
    stored["bars"].reverse()
    assert Inventory.from_json(stored) == DEFAULT_INVENTORY
    stored["worn"].reverse()
    stored["steps_cm"].reverse()
    assert Inventory.from_json(stored) == DEFAULT_INVENTORY
    assert hash(Inventory.from_json(stored)) == hash(DEFAULT_INVENTORY)


def test_equipment_with_other_worn_weights_or_steps_is_another():
    """A cached answer of one must never be given for the other."""
    vest = replace(DEFAULT_INVENTORY, worn=(D(4),))
    assert loadable(vest, "bodyweight") == (D(4),)
    assert loadable(DEFAULT_INVENTORY, "bodyweight")[:2] == (D("0.5"), D(1))
    assert len({vest, DEFAULT_INVENTORY, replace(vest, steps_cm=())}) == 3


def test_equipment_stored_before_worn_weights_had_a_list_keeps_what_was_prescribed_possible():
    stored = DEFAULT_INVENTORY.to_json()
    del stored["worn"], stored["steps_cm"]
    old = Inventory.from_json(stored)
    assert old.worn == old.dumbbells == DEFAULT_INVENTORY.dumbbells
    assert old.steps_cm == ()
    # Once stored with the key, an empty list is an empty list.
    assert Inventory.from_json({**old.to_json(), "worn": []}).worn == ()


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"stack_step": "0"}, "above 0 kg"),
        ({"dumbbells": ["-1"]}, "above 0 kg"),
        ({"dumbbells": ["heavy"]}, "'heavy' is not a mass"),
        ({"plates": [{"kg": "5", "pairs": -1}]}, "below 0"),
        ({"plates": [{"kg": "5", "pairs": 1}, {"kg": "5.0", "pairs": 2}]}, "listed once"),
        ({"bars": [{"name": "bar"}]}, "not complete"),
        ({"worn": ["0"]}, "above 0 kg"),
        ({"steps_cm": [10, 0]}, "above 0 cm"),
    ],
)
def test_equipment_that_cannot_be_is_refused(change, named):
    with pytest.raises(ValueError, match=named):
        Inventory.from_json({**DEFAULT_INVENTORY.to_json(), **change})


@given(
    st.lists(st.tuples(st.sampled_from(range(1, 81)), st.integers(0, 3)), max_size=6).map(
        lambda plates: tuple((D(kg) / 4, pairs) for kg, pairs in dict(plates).items())
    )
)
def test_every_loadable_load_can_be_put_on_a_bar_with_the_pairs_there_are(plates):
    inventory = Inventory((TWENTY, FIFTEEN), plates, (), D(5))
    pairs = dict(inventory.plates)
    for total in loadable(inventory, "barbell"):
        load = bar_load(total, inventory)
        assert load is not None
        assert load.total == total
        assert list(load.per_side) == sorted(load.per_side, reverse=True)
        assert all(load.per_side.count(kg) <= pairs[kg] for kg in load.per_side)


some_plates = st.lists(
    st.tuples(st.sampled_from(["20", "10", "5", "2.5", "1.25", "1", "0.5"]), st.integers(0, 3)),
    max_size=6,
).map(lambda plates: tuple((D(kg), pairs) for kg, pairs in dict(plates).items()))


@given(some_plates, st.integers(200, 2400))
def test_rounding_never_asks_for_more_than_was_meant_unless_nearest_is_chosen(plates, tenths):
    inventory = Inventory((TWENTY,), plates, (), D(5))
    target = D(tenths) / 10
    down = round_load(target, inventory)
    near = round_load(target, inventory, mode="nearest")
    assert down is not None
    assert down <= target
    assert near is not None
    assert abs(near - target) <= target - down
    assert near == down or near - target < target - down
