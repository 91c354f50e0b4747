"""What groups in trials changed by, on average: never a promise to one person.

Standard library only; the data are trial_means.json (protocol sheet 1.11 and 1.12). Only changes
within a trained group stand there: a difference between two groups is nobody's gain.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path

#: Said beside every mean.
NO_PROMISE = "A mean of a group. What one person can expect does not follow from it."
_SPREADS = {"SE": "standard error", "not said": "the article does not say what ± is"}


@dataclass(frozen=True, slots=True)
class TrialMean:
    """The mean change of one group with its spread, in ``unit``; ``source`` is a code."""

    measure: str
    what: str
    mean: Decimal
    spread: Decimal
    spread_is: str
    unit: str
    group: str
    tag: str
    source: str

    @property
    def words(self) -> str:
        """ "LIFTMOR, …: mean change of the group +2.9 ± 2.8 %", with what the spread is."""
        gap = "" if self.unit == "°" else " "
        sign = "−" if self.mean < 0 else "+"
        change = f"{sign}{abs(self.mean)} ± {self.spread}{gap}{self.unit}"
        return f"{self.group}: mean change of the group {change} ({_SPREADS[self.spread_is]})."


@cache
def trial_means() -> tuple[TrialMean, ...]:
    """Every mean, in the order of the data."""
    rows = json.loads(Path(__file__).with_name("trial_means.json").read_text("utf-8"))
    return tuple(
        TrialMean(**{**row, "mean": Decimal(row["mean"]), "spread": Decimal(row["spread"])})
        for row in rows
    )


def means_of(measure: str) -> tuple[TrialMean, ...]:
    """The means that are known of one measure; often none."""
    return tuple(one for one in trial_means() if one.measure == measure)
