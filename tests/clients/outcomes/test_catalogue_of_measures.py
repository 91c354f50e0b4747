"""Every measure has its unit, its ranges and, for each number, where it is from."""

import ast
import json
from decimal import Decimal
from pathlib import Path

import pytest

from bonefit.clients import measures, outcomes, trial_means
from bonefit.clients.measures import MEASURES, RANGES

SOURCES = json.loads(Path("programs/catalogue/sources.json").read_text("utf-8"))
WANTED = [
    "lumbar_bmd",
    "femoral_neck_bmd",
    "total_hip_bmd",
    "tug",
    "sts5",
    "functional_reach",
    "back_strength",
    "leg_strength",
    "single_leg_stance",
    "tandem_stance",
    "tandem_walk",
    "tandem_walk_time",
    "tragus_to_wall",
    "c7_wall",
    "kyphosis_relaxed",
    "kyphosis_tall",
    "knee_to_wall",
    "height",
    "weight",
    "vertical_jump",
    "paces8",
]


def test_everything_of_the_sheet_is_there_once():
    assert sorted(MEASURES) == sorted(WANTED)


@pytest.mark.parametrize("measure", MEASURES.values(), ids=str)
def test_each_measure_says_how_it_is_taken_and_within_what(measure):
    ends = [measure.numbers[name].value for name in RANGES]
    plausible_low, plausible_high, hard_low, hard_high = ends
    assert hard_low <= plausible_low < plausible_high <= hard_high
    assert measure.better in {"up", "down", ""}
    assert measure.rule in {"best", "mean", "sum", "one"}
    assert (measure.rule == "one") <= (measure.trials == 1)
    assert measure.how.endswith(".")
    assert all(factor > 0 for factor in measure.units.values())


@pytest.mark.parametrize("measure", MEASURES.values(), ids=str)
def test_each_number_has_a_basis_and_what_was_read_has_a_source(measure):
    for number in measure.numbers.values():
        assert number.tag in {"V", "V2", "K", "U", "C", "D"}
        assert number.basis.endswith(".")
        assert number.source == "" or number.source in SOURCES
        assert number.source or number.tag not in {"V", "V2"}


@pytest.mark.parametrize(
    ("slug", "typed", "unit", "shown"),
    [
        ("back_strength", "51.1", "N", "5.2"),
        ("weight", "130", "lb", "59.0"),
        ("height", "65", "in", "165.1"),
        ("lumbar_bmd", "0.7", "g/cm²", "0.7000"),
    ],
)
def test_units_are_converted_exactly(slug, typed, unit, shown):
    measure = MEASURES[slug]
    assert measure.shown(measure.parts(Decimal(typed), unit)) == shown


def test_a_newton_and_a_pound_to_the_last_part():
    assert MEASURES["back_strength"].parts(Decimal("51.1"), "N") == 52_107
    assert MEASURES["weight"].parts(Decimal("130"), "lb") == 589_670
    with pytest.raises(ValueError, match="not in stone"):
        MEASURES["weight"].parts(Decimal(9), "stone")


@pytest.mark.parametrize(
    ("slug", "trials", "value"),
    [
        ("tug", [91_000, 88_000], 88_000),
        ("functional_reach", [250_000, 300_000, 280_000], 300_000),
        ("height", [1_651_000, 1_652_000, 1_652_000], 1_651_667),
        ("weight", [600_000], 600_000),
    ],
)
def test_the_value_follows_from_the_trials_by_the_rule(slug, trials, value):
    assert MEASURES[slug].derive(trials) == value


def test_no_trial_is_no_value():
    with pytest.raises(ValueError, match="no trial"):
        MEASURES["tug"].derive([])


@pytest.mark.parametrize("module", [measures, outcomes, trial_means])
def test_no_binary_float_is_made(module):
    tree = ast.parse(Path(module.__file__).read_text("utf-8"))
    assert not [n for n in ast.walk(tree) if isinstance(n, ast.Constant) and type(n.value) is float]
    assert not [n for n in ast.walk(tree) if isinstance(n, ast.Name) and n.id == "float"]
