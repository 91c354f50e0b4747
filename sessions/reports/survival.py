"""How many are still there after so many weeks, by Kaplan and Meier. Standard library only.

Protocol sheet 5.3: whoever drops out is an event; whoever leaves for another cause, or is still
there, is counted for as long as she was watched, and then taken out (censored).
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import exp, log, sqrt

from .stats import Z_95
from .table import rounded

#: The weeks of the numbers at risk (protocol sheet 5.8).
MARKS = (0, 4, 8, 12, 16, 20, 24, 28, 32, 35)


@dataclass(frozen=True, slots=True)
class Watched:
    """One start: the programme week until which it was watched, and whether it ended there.

    ``week`` is 1 or more; ``left`` is True for a dropout and False for whoever was censored.
    """

    week: int
    left: bool


@dataclass(frozen=True, slots=True)
class Step:
    """What a week changed: how many were still watched in it, and how many of them left in it."""

    week: int
    at_risk: int
    left: int
    #: The share still there after the week, exactly.
    share: Fraction
    #: Greenwood's sum of d ÷ (n × (n − d)) until then; None where nobody is left.
    spread: float | None


@dataclass(frozen=True)
class Curve:
    """The curve of a group: its steps, and for how long each of its starts was watched."""

    weeks: tuple[int, ...]
    left: tuple[int, ...]
    steps: tuple[Step, ...]

    @property
    def started(self) -> int:
        return len(self.weeks)

    def at_risk(self, week: int) -> int:
        """How many were watched in that week or for longer; in week 0 everybody who started."""
        return len(self.weeks) - bisect_left(self.weeks, week)

    def left_by(self, week: int) -> int:
        """How many had dropped out by the end of that week."""
        return bisect_right(self.left, week)

    def share(self, week: int) -> Fraction | None:
        """The share still there after that week.

        None where nobody was watched so long and not everybody had left: it is not known.
        """
        step = self._last(week)
        if step is not None and step.share == 0:
            return step.share
        if not self.at_risk(week):
            return None
        return step.share if step else Fraction(1)

    def interval(self, week: int) -> tuple[float, float] | None:
        """The 95 % interval of ``share``: Greenwood's variance on the log-log scale.

        Greenwood 1926; Kalbfleisch and Prentice 1980. None where it has none: before the first
        dropout, when nobody is left, and where the share is not known.
        """
        step = self._last(week)
        if step is None or not step.spread or self.share(week) is None:
            return None
        share = float(step.share)
        width = Z_95 * sqrt(step.spread) / abs(log(share))
        return float(share ** exp(width)), float(share ** exp(-width))

    def _last(self, week: int) -> Step | None:
        number = bisect_right(self.steps, week, key=lambda step: step.week)
        return self.steps[number - 1] if number else None

    def drawn(self, last: int = MARKS[-1]) -> tuple[tuple[float, float], ...]:
        """(week, share) where the curve begins, steps and ends, no further than ``last``."""
        if not self.weeks:
            return ()
        end = min(last, max(self.weeks))
        spots = [(0.0, 1.0)]
        spots += [(float(one.week), float(one.share)) for one in self.steps if one.week <= end]
        if spots[-1][0] < end:
            spots.append((float(end), spots[-1][1]))
        return tuple(spots)

    def around(self, last: int = MARKS[-1]) -> tuple[tuple[float, float, float], ...]:
        """(week, lower, upper end of the interval) from the first dropout to where it is known."""
        end = int(max((week for week, _ in self.drawn(last)), default=0))
        first = self.steps[0].week if self.steps else end + 1
        known = ((week, self.interval(week)) for week in range(first, end + 1))
        return tuple((float(week), *ends) for week, ends in known if ends is not None)

    def marked(self) -> tuple[tuple[int, int], ...]:
        """(week, number at risk) at the marks of the protocol sheet."""
        return tuple((week, self.at_risk(week)) for week in MARKS)


def curve(watched: Iterable[Watched]) -> Curve:
    """The curve of these starts. A dropout and a censored one of the same week: she left first.

    ValueError for a week before the first.
    """
    starts = list(watched)
    if any(one.week < 1 for one in starts):
        raise ValueError("Programme weeks are counted from 1.")
    weeks = sorted(one.week for one in starts)
    left = sorted(one.week for one in starts if one.left)
    return Curve(tuple(weeks), tuple(left), tuple(_steps(weeks, left)))


def _steps(weeks: Sequence[int], left: Sequence[int]) -> Iterable[Step]:
    share, spread = Fraction(1), 0.0
    for week, number in sorted(Counter(left).items()):
        here = len(weeks) - bisect_left(weeks, week)
        share *= Fraction(here - number, here)
        if number < here:
            spread += number / (here * (here - number))
        yield Step(week, here, number, share, spread if share else None)


def in_percent(share: Fraction | float | None) -> Decimal | None:
    """A share as reports print it, to one place; None stays None."""
    return None if share is None else rounded(share * 100)
