"""A change of a test is held against its measurement error before it is called meaningful."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bonefit.clients.measures import MEASURES
from bonefit.clients.outcomes import Label, test_change

MIRROR = {
    Label.BETTER: Label.WORSE,
    Label.WORSE: Label.BETTER,
    Label.POSSIBLY_BETTER: Label.POSSIBLY_WORSE,
    Label.POSSIBLY_WORSE: Label.POSSIBLY_BETTER,
}


def change(slug, before, after, **own):
    measure = MEASURES[slug]
    numbers = {key: number.value for key, number in measure.numbers.items()}
    numbers |= {key: Decimal(value) for key, value in own.items()}
    parts = (measure.parts(Decimal(before)), measure.parts(Decimal(after)))
    return test_change(measure, *parts, numbers)


@pytest.mark.parametrize(
    ("slug", "before", "after", "label"),
    [
        ("sts5", "13.2", "10.9", Label.POSSIBLY_BETTER),
        ("sts5", "10.9", "13.2", Label.POSSIBLY_WORSE),
        ("sts5", "13.2", "10.7", Label.BETTER),
        ("sts5", "10.7", "13.2", Label.WORSE),
        ("sts5", "13.2", "11.0", Label.WITHIN),
        ("sts5", "13.2", "13.2", Label.WITHIN),
        ("kyphosis_relaxed", "52", "44", Label.BETTER),
        ("kyphosis_relaxed", "52", "45", Label.WITHIN),
        ("kyphosis_tall", "52", "45.3", Label.WITHIN),
        ("back_strength", "20", "25.21", Label.BETTER),
        ("back_strength", "20", "25.20", Label.WITHIN),
        ("functional_reach", "25", "30", Label.POSSIBLY_BETTER),
        ("functional_reach", "25", "28", Label.ERROR_UNKNOWN),
        ("leg_strength", "40", "80", Label.ERROR_UNKNOWN),
    ],
)
def test_each_label_at_its_bound(slug, before, after, label):
    assert change(slug, before, after).label is label


def test_the_worked_case_says_what_it_is_and_how_large():
    found = change("sts5", "13.2", "10.9")
    assert found.words == "possibly meaningful, within measurement error"
    assert (found.parts, str(found.percent)) == (-23_000, "-17.42")


def test_where_neither_direction_is_better_only_the_size_is_judged():
    found = change("weight", "60", "70", mdc="2")
    assert (found.label, found.words) == (Label.CHANGED, "beyond measurement error")


@given(
    st.sampled_from(["sts5", "tug", "back_strength", "functional_reach", "weight"]),
    st.integers(1, 900),
    st.integers(1, 900),
)
def test_turned_round_a_change_is_its_mirror(slug, before, after):
    there = change(slug, before, after)
    back = change(slug, after, before)
    assert back.parts == -there.parts
    expected = there.label if there.parts == 0 else MIRROR.get(there.label, there.label)
    assert back.label is expected
