"""Proportions and means, printed the same way everywhere. Standard library only."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from functools import lru_cache
from math import exp, fsum, lgamma, log, sqrt

#: The two-sided 95 % point of the normal distribution.
Z_95 = 1.959963984540054


def percent(hits: int, total: int, places: int = 1) -> str:
    """``hits`` of ``total`` in per cent, rounded half up; "" when there is nothing to divide by.

    Exact: whole numbers go in, so that 31 of 35 is 88.57 on every machine.
    """
    if total < 0 or hits < 0 or places < 0:
        raise ValueError("Counts and places are zero or more.")
    if total == 0:
        return ""
    step = Decimal(1).scaleb(-places)
    return str((Decimal(100 * hits) / total).quantize(step, rounding=ROUND_HALF_UP))


def wilson(hits: int, total: int, z: float = Z_95) -> tuple[float, float] | None:
    """Wilson's score interval of a proportion, both ends 0 to 1; None when nothing was counted.

    Wilson 1927; protocol sheet 5.8 asks for it at 95 %. 31 of 40 gives 0.625 to 0.877.
    """
    if not 0 <= hits <= total:
        raise ValueError("A share has between none and all of its total.")
    if total == 0:
        return None
    share = hits / total
    scale = 1 + z * z / total
    centre = (share + z * z / (2 * total)) / scale
    half = z / scale * sqrt(share * (1 - share) / total + z * z / (4 * total * total))
    # The ends are exactly 0 and 1 where nobody or everybody came; floats only come near.
    low = 0.0 if hits == 0 else centre - half
    high = 1.0 if hits == total else centre + half
    return low, high


#: Fewer values than this have no interval: their spread is not known well enough to say one.
INTERVAL_FROM = 5
_STEPS = 200  # bisections, far below the last digit of a float
_TERMS = 300


@dataclass(frozen=True, slots=True)
class Middle:
    """Where some values lie: their mean with its 95 % interval, and their median.

    ``low`` and ``high`` are None below ``INTERVAL_FROM`` values. Exact but for the interval.
    """

    n: int
    mean: Fraction | None
    median: Fraction | None
    low: float | None
    high: float | None


def middle(values: Sequence[Fraction]) -> Middle:
    """Mean, median and Student's 95 % interval of the mean."""
    return middle_of([one.numerator for one in values], [one.denominator for one in values])


def middle_of(numerators: Sequence[int], denominators: Sequence[int]) -> Middle:
    """The same of fractions, none of which is made: a thousand of them would take longest.

    ``denominators`` are above 0. Exact but for the interval.
    """
    n = len(numerators)
    if not n:
        return Middle(0, None, None, None, None)
    by_denominator: dict[int, int] = defaultdict(int)
    for numerator, denominator in zip(numerators, denominators, strict=True):
        by_denominator[denominator] += numerator
    mean = total([Fraction(up, down) for down, up in by_denominator.items()]) / n
    floats = [up / down for up, down in zip(numerators, denominators, strict=True)]
    median = _median(floats, numerators, denominators)
    if n < INTERVAL_FROM:
        return Middle(n, mean, median, None, None)
    near = float(mean)
    variance = fsum((one - near) ** 2 for one in floats) / (n - 1)
    half = student_t(n - 1) * sqrt(variance / n)
    return Middle(n, mean, median, near - half, near + half)


def _median(
    floats: Sequence[float], numerators: Sequence[int], denominators: Sequence[int]
) -> Fraction:
    """Exactly: floats put them into order, and fractions those whose floats are the same."""
    n = len(floats)
    order = sorted(range(n), key=floats.__getitem__)
    middles = []
    for place in {(n - 1) // 2, n // 2}:
        value = floats[order[place]]
        alike = [at for at in order if floats[at] == value]
        before = sum(one < value for one in floats)
        exact = sorted({Fraction(numerators[at], denominators[at]) for at in alike})
        if len(exact) > 1:
            exact = sorted(Fraction(numerators[at], denominators[at]) for at in alike)
            middles.append(exact[place - before])
        else:
            middles.append(exact[0])
    return (middles[0] + middles[-1]) / 2


def total(values: Sequence[Fraction]) -> Fraction:
    """Their sum, exactly. Halves are added up first, and only the end is brought to lowest terms:
    one after the other it would take a thousand times as long.
    """
    parts = [(one.numerator, one.denominator) for one in values] or [(0, 1)]
    while len(parts) > 1:
        pairs = zip(parts[::2], parts[1::2], strict=False)
        added = [(a * d + c * b, b * d) if b != d else (a + c, b) for (a, b), (c, d) in pairs]
        parts = added + parts[len(parts) - len(parts) % 2 :]
    return Fraction(*parts[0])


@lru_cache(maxsize=4_096)
def student_t(freedom: int) -> float:
    """The two-sided 95 % point of Student's t distribution: 2.776 of 4 degrees of freedom.

    ValueError below 1.
    """
    if freedom < 1:
        raise ValueError("A t distribution has at least one degree of freedom.")
    low, high = 0.0, 20.0  # of one degree of freedom it is 12.706
    for _ in range(_STEPS):
        t = (low + high) / 2
        if t in (low, high):  # no float lies between them
            break
        # What lies outside ±t.
        outside = _beta(freedom / (freedom + t * t), freedom / 2, 0.5)
        low, high = (t, high) if outside > 0.05 else (low, t)
    return (low + high) / 2


def _beta(x: float, a: float, b: float) -> float:
    """The regularised incomplete beta function, by its continued fraction (Lentz)."""
    if x <= 0 or x >= 1:
        return 0.0 if x <= 0 else 1.0
    if x > (a + 1) / (a + b + 2):
        return 1 - _beta(1 - x, b, a)
    front = exp(lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(x) + b * log(1 - x)) / a
    c, d = 1.0, 1 / _away(1 - (a + b) * x / (a + 1))
    total = d
    for m in range(1, _TERMS):
        even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        for step in (even, odd):
            d, c = 1 / _away(1 + step * d), _away(1 + step / c)
            total *= c * d
        if abs(c * d - 1) < 1e-15:
            break
    return front * total


def _away(value: float) -> float:
    """Not zero: it is divided by."""
    return value if abs(value) > 1e-300 else 1e-300
