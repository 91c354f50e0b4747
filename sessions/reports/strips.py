"""The picture of a client's weeks: one mark a session, drawn as a few SVG paths.

Standard library only. Each state is a shape of its own, so the picture reads in grey too.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from functools import lru_cache
from itertools import chain

WEEK = 13  # width of a week; two marks stand in it with air between them
HEIGHT = 24
MOST_WEEKS = 28  # as many as any six months touch
_MIDDLE = 12
_FOOT = 20
_MONTH_NEEDS = 3  # weeks that the name of a month takes


class Mark(StrEnum):
    """What became of a session, as the picture and its legend tell it."""

    ATTENDED = "attended"
    NO_SHOW = "no-show"
    LATE_CANCEL = "cancelled late"
    CANCELLED_CLIENT = "cancelled in time"
    UNRECORDED = "unrecorded"
    EXCUSED = "excused"
    CLINIC = "clinic"
    BESIDE = "make-up or extra"


@dataclass(frozen=True, slots=True)
class Path:
    """One SVG path: its class in css/charts.css or css/pages/adherence.css, and its ``d``."""

    css: str
    d: str


@dataclass(frozen=True, slots=True)
class Strip:
    """One client's weeks; ``label`` says the same in words."""

    paths: tuple[Path, ...]
    label: str


@dataclass(frozen=True, slots=True)
class Weeks:
    """The calendar weeks on show: ``count`` of them from the Monday ``first``."""

    first: date
    count: int

    @classmethod
    def within(cls, first: date, last: date) -> Weeks:
        """The weeks that these days touch; of a longer time only the last MOST_WEEKS."""
        end = last - timedelta(days=last.weekday())
        begin = first - timedelta(days=first.weekday())
        begin = max(begin, end - timedelta(weeks=MOST_WEEKS - 1))
        return cls(begin, (end - begin).days // 7 + 1)

    @property
    def width(self) -> int:
        return self.count * WEEK

    def months(self) -> list[tuple[int, date]]:
        """Where to print which month: x, and a day in it. The first gives way when it is cut."""
        mondays = [self.first + timedelta(weeks=number) for number in range(self.count)]
        starts = [
            (number, monday + timedelta(days=6))
            for number, monday in enumerate(mondays)
            if number == 0 or (monday + timedelta(days=6)).day <= 7
        ]
        if len(starts) > 1 and starts[1][0] - starts[0][0] < _MONTH_NEEDS:
            del starts[0]
        return [(number * WEEK, day) for number, day in starts]


def _stroke(x: float, room: float) -> str:
    wide = min(4.0, room - 1)
    return f"M{x - wide / 2:g} 2h{wide:g}v20h{-wide:g}z"


def _cross(x: float, room: float) -> str:
    r = min(2.5, room / 2 - 0.5)
    return f"M{x - r:g} {_MIDDLE - r:g}l{2 * r:g} {2 * r:g}m0 {-2 * r:g}l{-2 * r:g} {2 * r:g}"


def _ring(x: float, room: float) -> str:
    r = min(2.5, room / 2 - 0.5)
    half = f"a{r:g} {r:g} 0 1 0 "
    return f"M{x - r:g} {_MIDDLE}{half}{2 * r:g} 0{half}{-2 * r:g} 0"


def _diamond(x: float, room: float) -> str:
    r = min(3.0, room / 2)
    return f"M{x - r:g} {_MIDDLE}l{r:g} {-r:g} {r:g} {r:g} {-r:g} {r:g}z"


def _outline(x: float, room: float) -> str:
    wide = min(4.0, room - 1.5)
    return f"M{x - wide / 2:g} 3h{wide:g}v18h{-wide:g}z"


def _dot(x: float, room: float) -> str:
    return f"M{x - 1.25:g} {_FOOT - 1.25:g}h2.5v2.5h-2.5z"


def _dash(x: float, room: float) -> str:
    r = min(2.5, room / 2 - 0.5)
    return f"M{x - r:g} {_FOOT}h{2 * r:g}"


def _triangle(x: float, room: float) -> str:
    r = min(3.0, room / 2)
    return f"M{x - r:g} {_MIDDLE + 3}h{2 * r:g}l{-r:g} -6z"


_DRAWN: dict[Mark, tuple[str, Callable[[float, float], str]]] = {
    Mark.ATTENDED: ("m-att", _stroke),
    Mark.NO_SHOW: ("m-no", _cross),
    Mark.LATE_CANCEL: ("m-late", _ring),
    Mark.CANCELLED_CLIENT: ("m-late", _diamond),
    Mark.UNRECORDED: ("m-unrec", _outline),
    Mark.EXCUSED: ("m-exc", _dot),
    Mark.CLINIC: ("m-clin", _dash),
    Mark.BESIDE: ("m-att", _triangle),
}


def legend(mark: Mark) -> Path:
    """One mark alone, in a box of 12 × 24."""
    css, draw = _DRAWN[mark]
    return Path(css, draw(6, WEEK / 2))


def strip(weeks: Weeks, sessions: Iterable[tuple[date, Mark]]) -> Strip:
    """Draw one client's sessions, given in their order; those outside the weeks are left out.

    A week stands on a tint when somebody came, on a stronger one when nothing was missed in it.
    """
    by_week: dict[int, list[Mark]] = {}
    first = weeks.first.toordinal()
    for day, mark in sessions:
        number = (day.toordinal() - first) // 7
        if 0 <= number < weeks.count:
            by_week.setdefault(number, []).append(mark)
    return strip_of({number: tuple(marks) for number, marks in by_week.items()})


def strip_of(by_week: Mapping[int, tuple[Mark, ...]]) -> Strip:
    """The same of the marks of each week, in their order."""
    drawn: dict[str, list[str]] = {}
    for number, marks in by_week.items():
        for css, path in _week(number, marks):
            drawn.setdefault(css, []).append(path)
    # The tints lie under the marks.
    order = sorted(drawn, key=lambda css: (not css.startswith("wk-"), css))
    said = Counter(chain.from_iterable(by_week.values()))
    label = ", ".join(f"{said[mark]} {mark}" for mark in Mark if said[mark]) or "no session"
    return Strip(tuple(Path(css, "".join(drawn[css])) for css in order), label)


@lru_cache(maxsize=20_000)
def _week(number: int, marks: tuple[Mark, ...]) -> tuple[tuple[str, str], ...]:
    """The paths of one week, each with its class. Most weeks of most clients look alike."""
    left, paths = number * WEEK, []
    if Mark.ATTENDED in marks:
        css = "wk-all" if set(marks) <= {Mark.ATTENDED, Mark.BESIDE} else "wk-some"
        paths.append((css, f"M{left + 0.5:g} 0h{WEEK - 1}v{HEIGHT}h{1 - WEEK}z"))
    room = WEEK / max(2, len(marks))
    for place, mark in enumerate(marks):
        css, draw = _DRAWN[mark]
        paths.append((css, draw(round(left + room * (place + 0.5), 2), room)))
    return tuple(paths)
