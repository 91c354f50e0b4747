"""The tables and the picture of attendance by month, by week of the program and by phase."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from . import define_attendance as define
from .attendance_behind import OPENS
from .attendance_time import OverTime, Seen
from .lazily import Lazily
from .pictures import Spot, Trend
from .scope import Scope
from .stats import wilson
from .table import Cell, Column, Row, Table, rounded, share

#: Key and title of each table.
MONTHS = ("months", "By month")
WEEKS = ("weeks", "By week of the program")
PHASES = ("phases", "By planned phase")


def _table(
    key: str, title: str, columns: tuple[Column, ...], make: Callable[[], Iterable[Row]]
) -> Table:
    opens = OPENS & {column.key for column in columns}
    return Table(key, title, columns, Lazily(make), opens=opens)


_OF_SEEN: Mapping[str, Callable[[Seen], tuple[int, int]]] = {
    "A1": lambda seen: (seen.attended, seen.prescribed),
    "A2": lambda seen: (seen.attended, seen.offered),
    "A3": lambda seen: (seen.attended, seen.counted),
}


def _seen_cells(seen: Seen) -> dict[str, Cell]:
    ends = wilson(seen.attended, seen.counted)
    return {
        "attended": seen.attended,
        "offered": seen.offered,
        "counted": seen.counted,
        "prescribed": seen.prescribed,
        "a1": share(seen.attended, seen.prescribed),
        "a2": share(seen.attended, seen.offered),
        "a3": share(seen.attended, seen.counted),
        "low": rounded(100 * ends[0]) if ends else None,
        "high": rounded(100 * ends[1]) if ends else None,
    }


def _seen_row(columns: Sequence[Column], key: str, cells: Mapping[str, Cell], seen: Seen) -> Row:
    pale = seen.counted < define.ENOUGH
    return Row(key, tuple(cells.get(column.key) for column in columns), pale=pale)


def _spot(label: str, hits: int, total: int) -> Spot:
    ends = wilson(hits, total) if total > 0 and hits <= total else None
    value = 100 * hits / total if total else None
    low, high = (100 * ends[0], 100 * ends[1]) if ends else (None, None)
    return Spot(label, value, low, high, total)


class TimeTables:
    """One scope's sessions over time; nothing is asked before a row is looked at."""

    def __init__(self, scope: Scope) -> None:
        self.scope = scope
        self.time = scope.once(OverTime)

    def months(self) -> Table:
        return _table(*MONTHS, define.MONTHS, self._month_rows)

    def _month_rows(self) -> Iterable[Row]:
        for month, seen in self.time.by_month:
            cells = _seen_cells(seen) | {"name": f"{month:%B %Y}"}
            yield _seen_row(define.MONTHS, f"{month:%Y-%m}", cells, seen)

    def weeks(self) -> Table:
        return _table(*WEEKS, define.WEEKS, self._week_rows)

    def _week_rows(self) -> Iterable[Row]:
        so_far = Seen()
        for week, seen in self.time.by_week:
            so_far += seen
            cells = _seen_cells(seen) | {
                "name": week,
                "attended_so_far": so_far.attended,
                "counted_so_far": so_far.counted,
                "a3_so_far": share(so_far.attended, so_far.counted),
            }
            yield _seen_row(define.WEEKS, str(week), cells, seen)

    def phases(self) -> Table:
        return _table(*PHASES, define.PHASES, self._phase_rows)

    def _phase_rows(self) -> Iterable[Row]:
        for code, name, seen in self.time.by_phase:
            yield _seen_row(define.PHASES, code, _seen_cells(seen) | {"name": name}, seen)

    @property
    def _code(self) -> str:
        return self.scope.headline if self.scope.headline in _OF_SEEN else "A3"

    @property
    def trend_title(self) -> str:
        name = next(one.name for one in define.DEFINITIONS if one.code == self._code)
        return f"{name} by month"

    def trend(self) -> Trend:
        code = self._code
        spots = tuple(
            _spot(f"{month:%b %Y}", *_OF_SEEN[code](seen)) for month, seen in self.time.by_month
        )
        return Trend(
            self.trend_title,
            f"{code} in per cent with its 95 % interval (Wilson), beside published values.",
            spots,
            define.BENCHMARKS,
        )
