"""A change of bone density is said no surer than the clinic's own least significant change."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bonefit.clients.outcomes import Label, Scan, bone_change, precision

PARTS = st.integers(1000, 30_000)
LSC = st.integers(1, 100_000)
MIRROR = {Label.UP: Label.DOWN, Label.DOWN: Label.UP, Label.SAME: Label.SAME}


def scan(parts, site="femoral_neck", side="left", region="", device=1):
    return Scan(parts, site, side, region, device)


def spine(parts, region="L1-L4", device=1):
    return Scan(parts, "lumbar", "", region, device)


@pytest.mark.parametrize(
    ("before", "after", "label", "percent"),
    [
        (8000, 8240, Label.SAME, "3.00"),
        (8000, 8300, Label.UP, "3.75"),
        (7000, 6723, Label.DOWN, "-3.96"),
        (7000, 6724, Label.SAME, "-3.94"),
        (6723, 7000, Label.UP, "4.12"),
        (8000, 8000, Label.SAME, "0.00"),
    ],
)
def test_the_worked_cases_with_an_lsc_of_0_0277(before, after, label, percent):
    change = bone_change(scan(before), scan(after), lsc_micro=27_700)
    assert (change.label, str(change.percent)) == (label, percent)
    assert change.because == "LSC 0.0277 g/cm²"


def test_binary_floats_would_miss_a_change_that_equals_the_lsc():
    assert not 0.7 - 0.6723 >= 2.77 * 0.010, "the trap is real"
    assert bone_change(scan(7000), scan(6723), lsc_micro=27_700).words == "decrease beyond LSC"


@pytest.mark.parametrize(
    ("before", "after", "why"),
    [
        (scan(8000), scan(9000, device=2), "another scanner"),
        (scan(8000, device=None), scan(9000), "the scanner is not known"),
        (scan(8000), scan(9000, device=None), "the scanner is not known"),
        (scan(8000, device=None), scan(9000, device=None), "the scanner is not known"),
        (scan(8000), scan(9000, side="right"), "the other side"),
        (scan(8000), scan(9000, side=""), "the side is not known"),
        (scan(8000, side=""), scan(9000, side=""), "the side is not known"),
        (scan(8000), scan(9000, site="total_hip"), "another site"),
        (spine(8000), spine(9000, "L2-L4"), "another region"),
        (spine(8000), spine(9000, ""), "the region is not known"),
        (spine(8000, ""), spine(9000, ""), "the region is not known"),
    ],
)
def test_what_differs_or_is_not_known_is_not_compared(before, after, why):
    change = bone_change(before, after, lsc_micro=1)
    assert (change.label, change.because) == (Label.NOT_COMPARABLE, why)
    assert change.words == "not comparable"


@pytest.mark.parametrize("writing", ["l1-l4", "L1–L4", " L1 - L4 "])
def test_one_region_in_several_writings_is_one_region(writing):
    assert bone_change(spine(8000), spine(9000, writing), lsc_micro=100).label is Label.UP


def test_without_a_precision_study_the_lsc_is_unknown():
    change = bone_change(scan(8000), scan(9000), lsc_micro=None)
    assert (change.label, change.words) == (Label.LSC_UNKNOWN, "LSC unknown")


@given(PARTS, PARTS, LSC)
def test_turned_round_a_change_is_its_mirror(before, after, lsc):
    there = bone_change(scan(before), scan(after), lsc_micro=lsc)
    back = bone_change(scan(after), scan(before), lsc_micro=lsc)
    assert back.label is MIRROR[there.label]
    assert back.parts == -there.parts


@given(PARTS, st.integers(1, 1000))
def test_a_change_that_equals_the_lsc_counts_and_the_least_bit_less_does_not(before, parts):
    after = scan(before + parts)
    assert bone_change(scan(before), after, lsc_micro=parts * 100).label is Label.UP
    assert bone_change(scan(before), after, lsc_micro=parts * 100 + 1).label is Label.SAME


def test_precision_from_the_worked_repeats():
    found = precision([(8000, 8120), (9000, 8940), (7000, 7100)])
    assert (found.rms_micro, found.lsc_micro) == (6831, 18_923)
    assert (found.people, found.enough) == (3, False)


@pytest.mark.parametrize(
    ("people", "scans", "enough"),
    [(15, 3, True), (14, 3, False), (30, 2, True), (29, 2, False), (15, 2, False)],
)
def test_a_study_is_enough_with_15_by_3_or_30_by_2(people, scans, enough):
    assert precision([range(8000, 8000 + scans)] * people).enough is enough


@pytest.mark.parametrize(
    ("repeats", "words"),
    [
        ([], "at least twice"),
        ([(8000,)], "at least twice"),
        ([(8000, 8010), (9000,)], "at least twice"),
        ([(8000, 8010), (9000, 9010, 9020)], "equally often"),
    ],
)
def test_what_no_precision_follows_from_is_refused(repeats, words):
    with pytest.raises(ValueError, match=words):
        precision(repeats)


@given(st.lists(st.tuples(PARTS, PARTS), min_size=1, max_size=40))
def test_the_lsc_is_never_rounded_down(repeats):
    found = precision(repeats)
    square = sum(Fraction((a - b) ** 2, 2) for a, b in repeats) / len(repeats)
    exact = square * 10_000 * Fraction(277, 100) ** 2
    assert found.lsc_micro**2 >= exact
    assert found.lsc_micro == 0 or (found.lsc_micro - 1) ** 2 < exact


@pytest.mark.parametrize(("percent", "lsc"), [("1.9", 53), ("1.8", 50), ("2.5", 69)])
def test_the_least_precision_the_iscd_accepts_is_these_lscs(percent, lsc):
    exact = Fraction(percent) * Fraction(277, 100)
    assert int(exact * 10 + Fraction(1, 2)) == lsc
