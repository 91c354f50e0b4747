"""The estimate of a best single, by the vectors of the protocol sheet."""

from decimal import ROUND_UP, localcontext
from decimal import Decimal as D

import pytest
from hypothesis import given
from hypothesis import strategies as st

from programs import estimates
from programs.estimates import FORMULAS, estimate_one_rm, formula_of, percent_of
from programs.loads import Bar, Inventory, round_load
from programs.rules import FORMULAS as CHOICES

TINY = D("0.000001")


def in_steps_of(step):
    """A 20 kg bar with enough plates for steps of that many kg."""
    half = D(step) / 2
    return Inventory((Bar("bar", D(20)),), ((half, 1), (half * 2, 1), (half * 4, 20)), (), D(5))


# What the sheet prints of each formula for 60 kg x 5, to as many digits as it prints.
SIXTY_TIMES_FIVE = [
    ("epley", "70.0000"),  # vector 8.1
    ("brzycki", "67.5"),  # 8.2
    ("lombardi", "70.477"),  # 8.3, and below
    ("mayhew", "71.406"),
    ("wathan", "69.950"),
    ("oconner", "67.5"),
    ("lander", "68.225"),
    ("kemmler", "64.812"),  # 8.4
]


@pytest.mark.parametrize(("formula", "printed"), SIXTY_TIMES_FIVE)
def test_sixty_kilograms_times_five_is_what_the_sheet_prints(formula, printed):
    found = estimate_one_rm(D(60), 5, formula=formula)
    assert found.quantize(D(printed)) == D(printed)


# The parts of 8.2, 8.3 and 8.4 that a formula is made of, worked by hand to more digits.
@pytest.mark.parametrize(
    ("formula", "exact"),
    [
        ("epley", D(70)),
        ("brzycki", D(60) * 36 / 32),
        ("lombardi", D(60) * D("1.174618943")),  # 5^0.10 = 1.174619
        ("mayhew", D(6000) / (D("52.2") + D("41.9") * D("0.759572123"))),  # e^-0.275
        ("wathan", D(6000) / (D("48.8") + D("53.8") * D("0.687289279"))),  # e^-0.375
        ("oconner", D(60) * D("1.125")),
        ("lander", D(6000) / D("87.94385")),
        ("kemmler", D(60) * (D("0.988") + D("0.052") + D("0.0475") - D("0.0073"))),
    ],
)
def test_an_estimate_is_right_to_one_part_in_a_million(formula, exact):
    assert abs(estimate_one_rm(D(60), 5, formula=formula) / exact - 1) < TINY


def test_brzycki_is_the_fraction_and_not_its_decimal_variant():
    assert (D(60) / D("0.8888")).quantize(D("0.0001")) == D("67.5068")  # vector 8.2
    assert estimate_one_rm(D(60), 5, formula="brzycki") == D("67.5")


def test_kemmlers_own_example_is_reproduced():
    found = estimate_one_rm(D(80), 9)
    assert found.quantize(D("0.001")) == D("95.434")  # vector 8.4; published as 95.43
    assert found.quantize(D("0.01")) == D("95.43")


@pytest.mark.parametrize(
    ("formula", "percent", "aim", "steps", "mode", "load"),
    [
        ("epley", 85, "59.5", "2.5", "nearest", "60"),  # vector 8.1
        ("epley", 85, "59.5", "2.5", "down", "57.5"),
        ("epley", 85, "59.5", "1.25", "nearest", "60"),
        ("epley", 85, "59.5", "1.25", "down", "58.75"),
        ("epley", 80, "56", "2.5", "nearest", "55"),
        ("epley", 80, "56", "2.5", "down", "55"),
        ("epley", 80, "56", "1.25", "nearest", "56.25"),
        ("epley", 80, "56", "1.25", "down", "55"),
        ("brzycki", 85, "57.375", "2.5", "nearest", "57.5"),  # vector 8.2
        ("brzycki", 85, "57.375", "2.5", "down", "55"),
        ("brzycki", 85, "57.375", "1.25", "down", "56.25"),
        ("kemmler", 85, "55.0902", "2.5", "nearest", "55"),  # vector 8.4
        ("kemmler", 85, "55.0902", "2.5", "down", "55"),
    ],
)
def test_a_share_of_the_estimate_is_rounded_to_a_load(formula, percent, aim, steps, mode, load):
    share = estimate_one_rm(D(60), 5, formula=formula) * percent / 100
    assert share == D(aim)
    assert round_load(share, in_steps_of(steps), mode=mode) == D(load)


@pytest.mark.parametrize("formula", list(FORMULAS))
def test_one_rep_is_the_load_itself(formula):  # vector 8.5
    assert estimate_one_rm(D(60), 1, formula=formula) == D(60)
    assert estimate_one_rm(D("58.9670081"), 1, formula=formula) == D("58.9670081")


def test_epley_of_a_single_would_have_been_two_kilograms_too_much():
    assert formula_of("epley").one_rm(D(60), D(1)) == D(62)  # vector 8.5: the raw formula


@pytest.mark.parametrize(
    ("formula", "printed"),
    [("epley", "74.0"), ("kemmler", "68.032")],  # vector 8.6
)
def test_reps_in_reserve_count_as_reps(formula, printed):
    found = estimate_one_rm(D(60), 5, formula=formula, reps_in_reserve=2)
    assert found.quantize(D(printed)) == D(printed)
    assert found == estimate_one_rm(D(60), 7, formula=formula)


def test_one_rep_with_one_in_reserve_is_an_estimate():
    assert estimate_one_rm(D(60), 1, reps_in_reserve=1) == estimate_one_rm(D(60), 2) > D(60)


@pytest.mark.parametrize(
    ("load", "reps", "reserve", "words"),
    [
        ("60", 0, 0, r"^An estimate needs a set of at least 1 rep\.$"),  # vector 8.5, and below
        ("60", 0, 5, "at least 1 rep"),
        ("60", -1, 0, "at least 1 rep"),
        ("60", 11, 0, "valid up to 10 reps, those in reserve included, not for 11"),
        ("60", 8, 3, "not for 11"),
        ("0", 5, 0, r"^An estimate needs a load above 0 kg\.$"),
        ("-20", 5, 0, "above 0 kg"),
        ("NaN", 5, 0, "above 0 kg"),
        ("Infinity", 5, 0, "above 0 kg"),
        ("60", 5, -1, r"^Reps in reserve cannot be below 0\.$"),
        ("0", 1, 0, "above 0 kg"),
    ],
)
def test_what_no_formula_is_valid_for_is_refused_in_a_sentence(load, reps, reserve, words):
    with pytest.raises(ValueError, match=words):
        estimate_one_rm(D(load), reps, reps_in_reserve=reserve)


@pytest.mark.parametrize("load", [60, 60.0, "60", D(60)])
def test_a_load_may_be_any_kind_of_number(load):
    assert estimate_one_rm(load, 5) == D("64.812")


@pytest.mark.parametrize("load", ["heavy", "", float("nan"), float("inf")])
def test_a_load_that_is_no_number_is_refused(load):
    with pytest.raises(ValueError, match=r"not a number|above 0 kg"):
        estimate_one_rm(load, 5)


def test_half_a_rep_is_refused():
    with pytest.raises(ValueError, match="whole numbers"):
        estimate_one_rm(60, 4.5)


def test_ten_reps_are_still_valid():
    assert estimate_one_rm(D(60), 10) == estimate_one_rm(D(60), 8, reps_in_reserve=2)


def test_a_formula_that_is_not_there_is_refused_with_those_that_are():
    with pytest.raises(ValueError, match=r"no formula 'wendler'\. There are: kemmler, brzycki"):
        estimate_one_rm(D(60), 5, formula="wendler")


def test_every_choice_of_a_clinic_has_a_formula_with_its_citation_and_version():
    assert list(FORMULAS) == list(CHOICES)
    for key, formula in FORMULAS.items():
        assert formula.key == key
        assert formula.version.startswith(f"{key}-")
        assert formula.citation
        assert formula.tag in {"V", "V2"}


def test_formulas_are_offered_from_the_most_cautious_at_five_reps():
    found = [estimate_one_rm(D(60), 5, formula=key) for key in FORMULAS]
    assert found == sorted(found)


loads = st.integers(1, 1200).map(lambda quarters: D(quarters) / 4)
reps = st.integers(1, 10)
formulas = st.sampled_from(sorted(FORMULAS))


@given(loads, reps, formulas)
def test_an_estimate_is_at_least_the_load_and_grows_with_the_reps(load, count, formula):
    found = estimate_one_rm(load, count, formula=formula)
    assert found >= load
    if count < 10:
        assert estimate_one_rm(load, count + 1, formula=formula) > found


@given(loads, st.integers(2, 10), formulas)
def test_twice_the_load_is_twice_the_estimate(load, count, formula):
    once = estimate_one_rm(load, count, formula=formula)
    assert abs(estimate_one_rm(load * 2, count, formula=formula) - once * 2) <= D("0.0002")


@given(loads, reps, formulas)
def test_an_estimate_does_not_depend_on_the_callers_arithmetic(load, count, formula):
    expected = estimate_one_rm(load, count, formula=formula)
    estimates._estimate.cache_clear()
    with localcontext(prec=6, rounding=ROUND_UP):
        assert estimate_one_rm(load, count, formula=formula) == expected


def test_a_share_is_in_percent_and_not_rounded():
    assert percent_of(D("55.0902"), D("64.812")) == D(85)
    assert percent_of(D(1), D(3)).quantize(TINY) == D("33.333333")
    with pytest.raises(ValueError, match="above 0 kg"):
        percent_of(D(60), D(0))
