"""What of an intake is missing, until when she may lift, and how high she may land."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import product

import pytest

from bonefit.clients.intake_rules import ALWAYS, Agreed, Cleared, Intake, Screened, judge

TODAY = date(2026, 3, 5)
SOON, LATER, BEFORE = (TODAY + timedelta(days=days) for days in (10, 100, -1))
A = Screened("A", LATER, (), 3)
B = Screened("B", LATER, ("heart",), 3)
C = Screened("C", None, (), 0)
CLEARED = Cleared(4)
LETTER = Cleared(4, SOON, ("heart", "pressure"), has_letter=True)
SIGNED = [Agreed("Training", ALWAYS)]


def judged(**said: object) -> Intake:
    usual = {"screening": A, "clearance": CLEARED, "consents": SIGNED, "today": TODAY}
    return judge(**{**usual, **said})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("said", "until", "missing"),
    [
        ({}, LATER, ["screening"]),
        ({"screening": Screened("A", None, (), 3)}, ALWAYS, []),
        ({"screening": None}, None, ["screening"]),
        ({"screening": C}, None, ["not_now"]),
        ({"clearance": None}, None, ["screening", "clearance"]),
        ({"clearance": Cleared(4, BEFORE)}, BEFORE, ["screening", "clearance"]),
        ({"screening": B}, None, ["screening", "letter"]),
        ({"screening": B, "clearance": LETTER}, SOON, ["screening", "letter"]),
        (
            {"screening": B, "clearance": Cleared(4, SOON, ("heart",))},
            None,
            ["screening", "letter"],
        ),
        (
            {"screening": B, "clearance": Cleared(4, SOON, ("pressure",), has_letter=True)},
            None,
            ["screening", "letter"],
        ),
        ({"consents": [Agreed("Training", None)]}, None, ["screening", "consent"]),
        ({"consents": [Agreed("Training", SOON)]}, SOON, ["screening", "consent"]),
        ({"consents": [*SIGNED, Agreed("Data", None)]}, None, ["screening", "consent"]),
        ({"screening": None, "grace_until": SOON}, SOON, ["screening"]),
        ({"screening": None, "override_until": SOON}, SOON, ["screening"]),
        ({"screening": None, "override_until": SOON, "grace_until": BEFORE}, SOON, ["screening"]),
        ({"screening": C, "override_until": SOON, "grace_until": SOON}, None, ["not_now"]),
        ({"override_until": SOON}, LATER, ["screening"]),
    ],
)
def test_she_may_lift_until_the_first_thing_runs_out(
    said: dict[str, object], until: date | None, missing: list[str]
):
    found = judged(**said)

    assert found.may_start_until == until
    assert [need.code for need in found.missing] == missing


@pytest.mark.parametrize(
    ("said", "level"),
    [
        ({}, 3),
        ({"clearance": Cleared(1)}, 1),
        ({"clearance": None}, 0),
        ({"screening": None}, 0),
        ({"screening": None, "grace_until": SOON}, 4),
        ({"screening": None, "grace_until": TODAY}, 4),
        ({"screening": None, "grace_until": BEFORE}, 0),
        ({"override_level": 5}, 4),
        ({"override_level": 2}, 3),
        ({"screening": None, "override_level": 5}, 0),
        ({"screening": C, "clearance": Cleared(4)}, 0),
    ],
)
def test_she_lands_as_high_as_the_lower_of_clearance_and_screening(
    said: dict[str, object], level: int
):
    assert judged(**said).impact_cleared == level


def test_taking_anything_away_never_lets_her_lift_longer_or_land_higher():
    screenings, clearances = [A, B, C, None], [CLEARED, LETTER, Cleared(4, BEFORE), None]
    consents = [SIGNED, [Agreed("Training", SOON)], [Agreed("Training", None)]]
    whole = judged(clearance=LETTER)
    for screening, clearance, signed in product(screenings, clearances, consents):
        less = judged(screening=screening, clearance=clearance, consents=signed)
        ahead = judged(
            screening=screening, clearance=clearance, consents=[*signed, Agreed("Data", None)]
        )
        assert ahead.may_start_until is None
        assert less.impact_cleared <= max(whole.impact_cleared, 3)
        if screening is None or clearance is None or signed[0].holds_until is None:
            assert less.may_start_until is None
