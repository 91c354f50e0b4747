"""What a clinic's equipment can make, by the vectors of the protocol sheet."""

import json
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
        ("20", "20", ()),
        ("21", "20", ("0.5",)),
        ("60", "20", ("20",)),
        ("120", "20", ("20", "20", "10")),
    ],
)
def test_plates_per_side_are_the_fewest_heaviest_first(total, bar, sides):
    found = plates_per_side(D(total), D(bar), DEFAULT_INVENTORY.plates)
    assert found == tuple(D(kg) for kg in sides)


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
    assert loads.from_kg(D(59), "lb") == D("130.07")
    assert to_kg(D("57.5"), "kg") == D("57.5")
    with pytest.raises(ValueError, match="'stone'"):
        to_kg(D(9), "stone")


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
    assert hash(Inventory.from_json(stored)) == hash(DEFAULT_INVENTORY)


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"stack_step": "0"}, "above 0 kg"),
        ({"dumbbells": ["-1"]}, "above 0 kg"),
        ({"dumbbells": ["heavy"]}, "'heavy' is not a mass"),
        ({"plates": [{"kg": "5", "pairs": -1}]}, "below 0"),
        ({"plates": [{"kg": "5", "pairs": 1}, {"kg": "5.0", "pairs": 2}]}, "listed once"),
        ({"bars": [{"name": "bar"}]}, "not complete"),
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
