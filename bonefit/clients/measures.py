"""What is measured, how, and what is known of its error: the catalogue of measures.

Standard library only; the catalogue is data (measures.json). Numbers that are not read in a
source (tags K, U, D) and all ranges are defaults that a clinic may change (``MeasureNumber``).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from functools import cache
from pathlib import Path
from statistics import mean
from types import MappingProxyType
from typing import Any

#: A value is kept as a whole number of these parts of its unit: 0.8 g/cm² is 8000.
PARTS = 10_000
#: Keys of the ranges among a measure's numbers: a value outside warns, or is refused.
RANGES = ("plausible_low", "plausible_high", "hard_low", "hard_high")


@dataclass(frozen=True, slots=True)
class Number:
    """One number of a measure with its basis; ``tag`` and ``source`` as in the clinical sheet."""

    value: Decimal
    tag: str
    basis: str
    source: str = ""


@dataclass(frozen=True, slots=True)
class Measure:
    """One measure. ``better``: up, down, or "" where neither is. ``kind``: scan, test or
    questionnaire. ``rule``: best, mean, sum or one, of ``trials`` trials. ``units``: other units in
    which it may be entered, each as so many of ``unit``. ``cap``: where the watch is stopped; a
    longer trial counts as that. ``item``: lowest and highest of one item of a sum.
    """

    slug: str
    label: str
    unit: str
    decimals: int
    better: str
    how: str
    kind: str
    rule: str
    trials: int
    units: Mapping[str, Decimal]
    numbers: Mapping[str, Number]
    cap: Decimal | None = None
    item: tuple[Decimal, Decimal] | None = None

    @property
    def site(self) -> str:
        """Where a scan is taken: lumbar, femoral_neck or total_hip; "" for what is no scan."""
        return self.slug.removesuffix("_bmd") if self.kind == "scan" else ""

    def parts(self, value: Decimal, unit: str = "") -> int:
        """A value in one of its units, in whole parts of its own unit, at most its cap.

        ValueError for a unit that it is not measured in.
        """
        if unit in ("", self.unit):
            factor = Decimal(1)
        elif unit in self.units:
            factor = self.units[unit]
        else:
            raise ValueError(f"{self.label} is measured in {self.unit}, not in {unit}.")
        parts = int((value * factor * PARTS).quantize(Decimal(1), ROUND_HALF_EVEN))
        return parts if self.cap is None else min(parts, int(self.cap * PARTS))

    def derive(self, trials: Sequence[int]) -> int:
        """The value of some trials, in parts: the best, their mean or sum; ValueError for none."""
        if not trials:
            raise ValueError("There is no trial to take a value from.")
        if self.rule == "mean":
            middle = mean(Decimal(trial) for trial in trials)
            return int(middle.quantize(Decimal(1), ROUND_HALF_EVEN))
        if self.rule == "sum":
            return sum(trials)
        return min(trials) if self.better == "down" else max(trials)

    def shown(self, parts: int) -> str:
        """A value as it is read, to its precision and without its unit."""
        return f"{Decimal(parts) / PARTS:.{self.decimals}f}"


def _number(data: Mapping[str, str]) -> Number:
    return Number(Decimal(data["value"]), data["tag"], data["basis"], data["source"])


def _ranges(data: Mapping[str, Sequence[str]]) -> dict[str, Number]:
    words = {"plausible": "Outside, the value is asked about once.", "hard": "Outside is refused."}
    return {
        f"{name}_{end}": Number(Decimal(value), "D", f"{words[name]} Design default.")
        for name in words
        for end, value in zip(("low", "high"), data[name], strict=True)
    }


def _measure(data: Mapping[str, Any]) -> Measure:
    given = dict(data)
    numbers = {key: _number(one) for key, one in given.pop("numbers").items()}
    ranges = {"plausible": given.pop("plausible"), "hard": given.pop("hard")}
    units = {name: Decimal(factor) for name, factor in given.pop("units").items()}
    cap, item = given.pop("cap", None), given.pop("item", None)
    return Measure(
        **given,
        units=MappingProxyType(units),
        numbers=MappingProxyType({**numbers, **_ranges(ranges)}),
        cap=None if cap is None else Decimal(cap),
        item=None if item is None else (Decimal(item[0]), Decimal(item[1])),
    )


@cache
def catalogue() -> Mapping[str, Measure]:
    """Every measure by its slug, in the order of a battery."""
    path = Path(__file__).with_name("measures.json")
    found = [_measure(entry) for entry in json.loads(path.read_text("utf-8"))]
    return MappingProxyType({measure.slug: measure for measure in found})


MEASURES = catalogue()
