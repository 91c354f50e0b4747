"""Rates with what they were divided by, and what few events leave open. Standard library only.

Nothing seen is not nothing there: where no event was counted, the exact upper bound is said.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from math import exp, lgamma, log

#: A year of person-time in days, and in months.
DAYS_A_YEAR = 365.25
MONTHS_A_YEAR = 12
#: What is left out on the one side of a one-sided 95 % bound.
ALPHA = 0.05
_STEPS = 200  # bisections: far below the last digit of a float
_NOTHING = 1e-18  # of a sum: no float is changed by it


@dataclass(frozen=True, slots=True)
class Rate:
    """``events`` in so much ``time``, said for each ``per`` of it: 3 in 8 person-years is 0.375.

    ``low`` and ``high`` are the exact 95 % interval (Poisson); without an event ``low`` is 0 and
    ``high`` the exact one-sided upper 95 % bound.
    """

    events: int
    time: float
    per: float = 1.0

    @property
    def value(self) -> float:
        return self.events * self.per / self.time

    @property
    def low(self) -> float:
        return poisson_interval(self.events)[0] * self.per / self.time

    @property
    def high(self) -> float:
        return poisson_interval(self.events)[1] * self.per / self.time


def rate(events: int, time: float, *, per: float = 1.0) -> Rate | None:
    """Events for each ``per`` of ``time``; None where there is nothing to divide by.

    ValueError for a negative number.
    """
    if events < 0 or time < 0 or per <= 0:
        raise ValueError("Counts and times are zero or more.")
    return Rate(events, time, per) if time else None


def per_thousand_sessions(events: int, sessions: int) -> Rate | None:
    """Events per 1,000 attended sessions (protocol sheet 5.6)."""
    return rate(events, sessions, per=1000)


def per_person_year(events: int, *, days: int = 0, months: int = 0) -> Rate | None:
    """Events per person-year, of person-days or of whole client-months (5.6, 5.7, 8.20)."""
    return rate(events, days / DAYS_A_YEAR + months / MONTHS_A_YEAR)


def upper_share(people: int) -> float:
    """The largest share that none of ``people`` still allows: one-sided 95 %, exact.

    1 − 0.05^(1/n); of 49 it is 5.93 % (8.26). ValueError for nobody.
    """
    if people < 1:
        raise ValueError("Of nobody there is no share.")
    return float(1 - ALPHA ** (1 / people))


def rule_of_three(people: int) -> float:
    """The quick form of ``upper_share``, 3/n: of 49 it is 6.12 % (8.26)."""
    if people < 1:
        raise ValueError("Of nobody there is no share.")
    return min(1.0, 3 / people)


@lru_cache(maxsize=4_096)
def poisson_interval(events: int) -> tuple[float, float]:
    """The exact 95 % interval of a count (Garwood 1936).

    Of no event 0 and −ln 0.05, the one-sided bound; else two-sided, 2.5 % on each side.
    """
    if events < 0:
        raise ValueError("A count is zero or more.")
    if events == 0:
        return 0.0, -log(ALPHA)
    half = ALPHA / 2
    low = _where(lambda mean: 1 - _at_most(events - 1, mean) - half, 0.0, float(events))
    most = events + 10 * (events**0.5 + 1)
    high = _where(lambda mean: half - _at_most(events, mean), float(events), most)
    return low, high


def _at_most(events: int, mean: float) -> float:
    """How probable so many events or fewer are where ``mean`` are expected.

    Added up on both sides of its largest term, which is worked out by its logarithm: of 746 and
    more, as a large organisation has, e^−mean is nothing to a float, and so would be all the rest.
    """
    peak = min(events, int(mean))
    largest = exp(peak * log(mean) - mean - lgamma(peak + 1)) if mean > 0 else 1.0
    total = term = largest
    for number in range(peak, 0, -1):
        term *= number / mean
        total += term
        if term < total * _NOTHING:
            break
    term = largest
    for number in range(peak + 1, events + 1):
        term *= mean / number
        total += term
        if term < total * _NOTHING:
            break
    return total


def _where(rises: Callable[[float], float], low: float, high: float) -> float:
    """Where a function that rises from below zero to above it is zero."""
    for _ in range(_STEPS):
        middle = (low + high) / 2
        if middle in (low, high):  # no float lies between them
            break
        low, high = (low, middle) if rises(middle) > 0 else (middle, high)
    return (low + high) / 2


def rounded(value: float, places: int = 2) -> str:
    """A rate as it is printed: ``0.38``, ``12.00``."""
    return f"{value:.{places}f}"
