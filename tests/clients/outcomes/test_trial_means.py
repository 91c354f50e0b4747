"""A mean of a trial is a group's, with its spread, and no promise to one person."""

import json
import re
from decimal import Decimal
from pathlib import Path

import pytest

from bonefit.clients.measures import MEASURES
from bonefit.clients.trial_means import NO_PROMISE, means_of, trial_means

SOURCES = json.loads(Path("programs/catalogue/sources.json").read_text("utf-8"))
#: The founding article's difference between its groups at the hip, as a number of per cent.
DIFFERENCE = re.compile(r"(?<![\d.,])2[.,]2\s*(?:%|per\s?cent)", re.IGNORECASE)
SHOWN = ("*.py", "*.html", "*.json", "*.typ", "*.md", "*.js")
FOLDERS = ("bonefit", "programs", "sessions", "templates", "static", "docs")
#: How long pages take: its per cents are of milliseconds, and new ones come with each measurement.
OF_MILLISECONDS = Path("docs/performance.md")


@pytest.mark.parametrize("one", trial_means(), ids=lambda one: f"{one.measure} {one.source}")
def test_each_mean_names_its_group_its_spread_and_its_source(one):
    assert one.measure in MEASURES
    assert one.source in SOURCES
    assert one.spread > 0
    assert "mean change of the group" in one.words
    assert f"± {one.spread}" in one.words
    assert not re.search(r"\b(you|your|she|her) (will|can expect)", one.words)


def test_it_reads_as_a_sentence():
    assert means_of("lumbar_bmd")[0].words == (
        "LIFTMOR, women, 8 months of HiRIT: mean change of the group +2.9 ± 2.8 % "
        "(the article does not say what ± is)."
    )
    assert "−6.7 ± 8.2°" in means_of("kyphosis_tall")[0].words
    assert means_of("tug") == ()
    assert "one person" in NO_PROMISE


def test_a_difference_between_groups_is_no_gain_at_any_hip():
    hips = [one for one in trial_means() if one.measure in {"femoral_neck_bmd", "total_hip_bmd"}]
    assert hips
    assert Decimal("2.2") not in {abs(one.mean) for one in hips}


def test_the_difference_between_the_groups_stands_nowhere_in_the_product():
    found = [
        f"{path}: {line.strip()}"
        for folder in FOLDERS
        for pattern in SHOWN
        for path in Path(folder).rglob(pattern)
        if path != OF_MILLISECONDS
        for line in path.read_text("utf-8").splitlines()
        if DIFFERENCE.search(line)
    ]
    assert found == []
    assert DIFFERENCE.search("hip BMD rose 2.2 %")
