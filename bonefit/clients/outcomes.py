"""What has changed between two measurements, said no surer than it is.

Standard library only. Bone density is compared in whole numbers of 0.0001 g/cm² against a least
significant change in 0.000001 g/cm², so that a change that equals it counts (ISCD); other measures
in ten-thousandths of their unit against their minimal detectable change.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from fractions import Fraction
from math import isqrt

from .measures import PARTS, Measure

#: LSC = 2.77 × precision error, at 95 % confidence (ISCD; 1.96 × √2 = 2.7719).
LSC_FACTOR = Fraction(277, 100)
#: 0.000001 g/cm² in one part of 0.0001 g/cm².
MICRO = 100
#: Sites that a body has twice.
SIDED = frozenset({"femoral_neck", "total_hip"})
#: A precision study is enough with 15 people scanned three times, or 30 scanned twice (ISCD).
ENOUGH = {3: 15, 2: 30}


class Label(StrEnum):
    """What can be said of a change of bone density, and of a test."""

    UP = "up"
    DOWN = "down"
    SAME = "same"
    NOT_COMPARABLE = "not_comparable"
    LSC_UNKNOWN = "lsc_unknown"
    CHANGED = "changed"
    BETTER = "better"
    WORSE = "worse"
    POSSIBLY_BETTER = "possibly_better"
    POSSIBLY_WORSE = "possibly_worse"
    WITHIN = "within"
    ERROR_UNKNOWN = "error_unknown"


WORDS: Mapping[Label, str] = {
    Label.UP: "increase beyond LSC",
    Label.DOWN: "decrease beyond LSC",
    Label.SAME: "no significant change",
    Label.NOT_COMPARABLE: "not comparable",
    Label.LSC_UNKNOWN: "LSC unknown",
    Label.CHANGED: "beyond measurement error",
    Label.BETTER: "better, beyond measurement error",
    Label.WORSE: "worse, beyond measurement error",
    Label.POSSIBLY_BETTER: "possibly meaningful, within measurement error",
    Label.POSSIBLY_WORSE: "possibly meaningful loss, within measurement error",
    Label.WITHIN: "within measurement error",
    Label.ERROR_UNKNOWN: "measurement error not known",
}


@dataclass(frozen=True, slots=True)
class Scan:
    """One value of bone density: ``parts`` in 0.0001 g/cm², and what it can be compared by."""

    parts: int
    site: str
    side: str
    region: str
    device: int | None


@dataclass(frozen=True, slots=True)
class Change:
    """A change and what may be said of it. ``parts`` in ten-thousandths of the unit, signed.

    ``percent`` of the value before, to one more place than is shown; None from zero.
    ``because``: what stands in the way of a comparison, or which bound it was held against.
    """

    label: Label
    parts: int
    percent: Decimal | None
    because: str = ""

    @property
    def words(self) -> str:
        return WORDS[self.label]


@dataclass(frozen=True, slots=True)
class Precision:
    """What a precision study says, in 0.000001 g/cm²; ``enough`` as the ISCD asks."""

    rms_micro: int
    lsc_micro: int
    people: int
    enough: bool


def bone_change(before: Scan, after: Scan, *, lsc_micro: int | None) -> Change:
    """The five labels: beyond the LSC up or down, no significant change, not comparable, unknown.

    ``lsc_micro``: the least significant change of that device and site in 0.000001 g/cm². A change
    that equals it counts (protocol sheet 3.2, 8.10).
    """
    parts = after.parts - before.parts
    percent = percent_of(before.parts, parts)
    if because := differs(before, after):
        return Change(Label.NOT_COMPARABLE, parts, percent, because)
    if lsc_micro is None:
        return Change(Label.LSC_UNKNOWN, parts, percent, "no precision study of this scanner")
    if abs(parts) * MICRO < lsc_micro:
        return Change(Label.SAME, parts, percent, lsc_in_words(lsc_micro))
    label = Label.UP if parts > 0 else Label.DOWN
    return Change(label, parts, percent, lsc_in_words(lsc_micro))


def differs(before: Scan, after: Scan) -> str:
    """Why two scans cannot be compared; "" where they can. What nobody wrote down is no match."""
    if before.site != after.site:
        return "another site"
    if before.device is None or after.device is None:
        return "the scanner is not known"
    if before.device != after.device:
        return "another scanner"
    if before.site in SIDED and not (before.side and after.side):
        return "the side is not known"
    if before.side != after.side:
        return "the other side"
    regions = _region(before), _region(after)
    if before.site not in SIDED and not all(regions):
        return "the region is not known"
    return "another region" if regions[0] != regions[1] else ""


def _region(scan: Scan) -> str:
    """A region without what only its writing adds: "L1–L4" and "l1 - l4" are one."""
    return "".join(scan.region.upper().split()).replace("–", "-").replace("−", "-")


def lsc_in_words(lsc_micro: int) -> str:
    """ "LSC 0.0277 g/cm²", to the place in which a change is counted."""
    value = Decimal(lsc_micro) / (PARTS * MICRO)
    return f"LSC {value.quantize(Decimal('0.0001'), ROUND_HALF_UP)} g/cm²"


def percent_of(before: int, change: int) -> Decimal | None:
    """A change in percent of the value before, to two places; None where that is zero."""
    if before == 0:
        return None
    return (Decimal(change) * 100 / Decimal(abs(before))).quantize(Decimal("0.01"), ROUND_HALF_UP)


def test_change(
    measure: Measure, before: int, after: int, numbers: Mapping[str, Decimal]
) -> Change:
    """A change of a test against its MDC and MCID, both in the measure's unit, where known.

    ``before`` and ``after`` in ten-thousandths of the unit. Beyond the MDC is beyond measurement
    error. Between MCID and MDC it is possibly meaningful, within measurement error (8.21). A change
    that equals a bound counts. Where no direction is better, only the size is judged.
    """
    parts = after - before
    percent = percent_of(before, parts)
    mdc, mcid = numbers.get("mdc"), numbers.get("mcid")
    size, better = abs(parts), _better(measure, parts)
    if mdc is not None and size >= mdc * PARTS:
        label = {True: Label.BETTER, False: Label.WORSE, None: Label.CHANGED}[better]
        return Change(label, parts, percent, f"MDC {mdc.normalize():f} {measure.unit}")
    if mcid is not None and size >= mcid * PARTS:
        label = Label.POSSIBLY_WORSE if better is False else Label.POSSIBLY_BETTER
        return Change(label, parts, percent, f"MCID {mcid.normalize():f} {measure.unit}")
    if mdc is None:
        return Change(Label.ERROR_UNKNOWN, parts, percent, "no published measurement error")
    return Change(Label.WITHIN, parts, percent, f"MDC {mdc.normalize():f} {measure.unit}")


test_change.__test__ = False  # type: ignore[attr-defined]  # a test of strength, not of ours


def _better(measure: Measure, parts: int) -> bool | None:
    if measure.better == "" or parts == 0:
        return None
    return (parts > 0) == (measure.better == "up")


def precision(repeats: Sequence[Sequence[int]]) -> Precision:
    """Precision error and LSC of repeated scans: the root mean square of each person's SD (ISCD).

    ``repeats``: for each person her values in 0.0001 g/cm², each scanned as often as the others
    and at least twice. Computed in whole numbers; the LSC is rounded up to 0.000001 g/cm², so that
    rounding never makes a change count. ValueError where there is nothing to compute it from.
    """
    scans = _scans(repeats)
    variance = sum((_variance(values) for values in repeats), Fraction(0)) / len(repeats)
    square = variance * MICRO * MICRO
    # Four times the square, halved: the root to the nearest whole number.
    rms = (isqrt(int(4 * square)) + 1) // 2
    lsc = _root_up(square * LSC_FACTOR * LSC_FACTOR)
    needed = ENOUGH[min(scans, 3)]
    return Precision(rms, lsc, len(repeats), len(repeats) >= needed)


def _scans(repeats: Sequence[Sequence[int]]) -> int:
    counts: Collection[int] = {len(values) for values in repeats}
    if not counts or min(counts) < 2:
        raise ValueError("Each person is scanned at least twice.")
    if len(counts) > 1:
        raise ValueError("Everybody is scanned equally often.")
    return next(iter(counts))


def _variance(values: Sequence[int]) -> Fraction:
    """The sample variance of one person's scans."""
    mean = Fraction(sum(values), len(values))
    return sum(((value - mean) ** 2 for value in values), Fraction(0)) / (len(values) - 1)


def _root_up(square: Fraction) -> int:
    """The smallest whole number whose square is not less."""
    floor = isqrt(square.numerator // square.denominator)
    return floor if floor * floor >= square else floor + 1
