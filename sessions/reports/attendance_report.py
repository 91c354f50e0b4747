"""The adherence report: its tables, its figures and its pictures, from the counts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from . import define_attendance as define
from .attendance import (
    ALL_SESSIONS,
    EIGHT_WEEKS,
    HALF,
    MEASURES,
    Counts,
    Person,
    Reached,
    people,
    spread,
)
from .attendance_along import Along, along
from .attendance_asked import phased
from .attendance_behind import COLUMNS, OPENS, behind
from .attendance_few import few
from .attendance_grouped import Line, grouped
from .attendance_lead import OF_STATES, states
from .attendance_names import Bands, client_names, group_names
from .attendance_over import MONTHS, PHASES, WEEKS, TimeTables
from .attendance_phases import Stage, stages_of
from .attendance_strips import strips_of
from .kinds import ReportKind
from .lazily import Lazily, Listed, Parts, Pictures, Tables
from .pictures import Funnel, Picture
from .scope import By, Scope
from .small_counts import SMALL
from .stats import wilson
from .table import Cell, Column, Figure, Report, Row, Table, rounded, rounded_middle, share

BYS = (By.CLIENT, By.THERAPIST, By.PROGRAM, By.PHASE, By.COHORT, By.CLINIC)
#: At most this is shown of a ratio that make-ups carry beyond it.
_CAPPED = frozenset({"a4", "a1_made_up", "a2_made_up"})
_FULL = rounded(100)

_FUNNEL = ("funnel", "From enrolled to the whole program")

#: What is looked at first stands first; all else in the order of the definitions.
_FIRST = ("clients", "a3", "attended", "counted", "a1", "week", "longest", "last", "next")


def _first_things_first(columns: Iterable[Column]) -> Iterable[Column]:
    return sorted(columns, key=lambda one: _FIRST.index(one.key) if one.key in _FIRST else 99)


_CLIENT = (
    define.NAMES["client"],
    *_first_things_first((*define.OF_CLIENT, *define.MIX, *define.SHARES, *define.WATCHED)),
)
_GROUP = (*_first_things_first((*define.OF_GROUP, *define.MIX, *define.SHARES, *define.WATCHED)),)


def figures(counts: Counts, band: str = "") -> dict[str, Cell]:
    """The cells of a row by their columns' keys; each is rounded here and nowhere else."""
    cells: dict[str, Cell] = {
        name: getattr(counts, name)
        for name in (
            *Counts.names(),
            *("planned", "offered", "counted"),
        )
    }
    for key, ratio in MEASURES.items():
        pair = ratio(counts)
        exact = share(*pair) if pair else None
        capped = key in _CAPPED and exact is not None
        cells[key] = min(exact, _FULL) if capped and exact is not None else exact
        if key == "a4":
            cells["a4_raw"] = exact
    cells["band"] = band or None
    return cells


def _row(
    columns: Sequence[Column], key: str, cells: Mapping[str, Cell], counts: Counts, **whose: Any
) -> Row:
    row = tuple(cells.get(column.key) for column in columns)
    return Row(key, row, pale=counts.counted < define.ENOUGH, **whose)


def _whose(one: Line | _Whole) -> dict[str, Any]:
    return {"people": one.clients, "people_in": one.people}


@dataclass(frozen=True)
class _Whole:
    """What is said of everybody together. ``people`` as ``Line`` has it."""

    counts: Counts
    clients: int
    mean: Cell
    median: Cell
    measured: int
    reached: Reached
    people: Mapping[str, int] = field(default_factory=dict)


class Adherence:
    """One answer; the tables beside the first are asked for when they are looked at."""

    def __init__(self, scope: Scope) -> None:
        self.scope = scope
        self.by = scope.filters.by
        self.bands = Bands(scope)
        self.time = TimeTables(scope)

    @cached_property
    def people(self) -> Sequence[Person]:
        return people(self.scope)

    @cached_property
    def lines(self) -> tuple[Sequence[Line], Line]:
        return grouped(self.scope)

    @cached_property
    def whole(self) -> _Whole:
        """Everybody together, by either way the same."""
        if self.by != By.CLIENT:
            line = self.lines[1]
            return _Whole(
                line.counts,
                line.clients,
                rounded_middle(line.mean),
                rounded_middle(line.median),
                line.measured,
                line.reached,
                line.people,
            )
        every = (one.counts for one in self.people)
        counts = Counts.added(every, phased=phased(self.scope))
        mean, median, measured = spread(self.people, self.scope.headline)
        clients = len({one.client for one in self.people})
        return _Whole(counts, clients, mean, median, measured, Reached.of(self.people))

    # --- tables ---

    def first_table(self) -> Table:
        columns: tuple[Column, ...] = _CLIENT
        rows: Iterable[Row] = Listed(lambda: self.named_people, self._client_rows)
        if self.by != By.CLIENT:
            columns = (define.NAMES[self.by.value], *_GROUP)
            rows = Lazily(self._group_rows)
        whole = self.whole
        cells = figures(whole.counts, self.bands.of_all(whole.counts)) | {
            "name": "1 client" if whole.clients == 1 else f"All {whole.clients} clients",
            "clients": whole.clients,
            "mean": whole.mean,
            "median": whole.median,
            "measured": whole.measured,
        }
        return Table(
            *self._first,
            columns,
            rows,
            total=_row(columns, "total", cells, whole.counts, **_whose(whole)),
            notes=self._table_notes(),
            opens=OPENS & {column.key for column in columns},
        )

    @property
    def _first(self) -> tuple[str, str]:
        """Key and title of the first table."""
        if self.by == By.CLIENT:
            return "clients", "Clients"
        return "groups", f"By {define.NAMES[self.by.value].name.lower()}"

    @cached_property
    def named_people(self) -> Sequence[tuple[Person, str]]:
        """Everybody with what her row is called."""
        names = client_names(self.scope, self.people)
        return list(zip(self.people, names, strict=True))

    def _client_rows(self, named: Sequence[tuple[Person, str]]) -> Iterable[Row]:
        some = len(named) < len(self.people)
        scope = self.scope.only(one.enrollment for one, _ in named) if some else self.scope
        stages, beside = stages_of(scope), along(scope)
        for one, name in named:
            stage, more = stages.get(one.enrollment, Stage()), beside.get(one.enrollment, Along())
            clinic = self.bands.clinics[one.clinic]
            cells = figures(one.counts, self.bands.of(one.clinic, one.counts)) | {
                "name": name,
                "week": stage.week,
                "planned_phase": stage.planned,
                "phase": stage.actual,
                "status": one.status_word,
                "longest": more.longest,
                "last": more.last and more.last.astimezone(clinic.tz).date(),
                "next": more.next and more.next.astimezone(clinic.tz).date(),
            }
            yield _row(_CLIENT, str(one.enrollment), cells, one.counts)

    def _group_rows(self) -> Iterable[Row]:
        columns = (define.NAMES[self.by.value], *_GROUP)
        for line, name in group_names(self.scope, self.lines[0]):
            cells = figures(line.counts, self.bands.of_line(line)) | {
                "name": name,
                "clients": line.clients,
                "mean": rounded_middle(line.mean),
                "median": rounded_middle(line.median),
                "measured": line.measured,
            }
            yield _row(columns, line.key, cells, line.counts, **_whose(line))

    def _table_notes(self) -> tuple[str, ...]:
        whole = self.whole
        code = self.scope.headline
        notes = []
        of_people = whole.people.get("measured", whole.measured)
        if whole.measured and (self.scope.named or of_people >= SMALL):
            notes.append(
                f"{code}: the total is the ratio of totals. Mean of the clients' own percentages "
                f"{whole.mean} %, median {whole.median} %, of {whole.measured} "
                f"{'enrollment' if whole.measured == 1 else 'enrollments'}."
            )
        if self.by in (By.PROGRAM, By.PHASE):
            notes.append("Who has sessions in several rows is counted as a client in each of them.")
        return tuple(notes)

    def funnel(self) -> Table:
        reached = self.whole.reached
        steps = reached.steps()
        whose = self.whole.people
        rows = [
            Row(key, (word, number, share(number, reached.enrolled)), people=whose.get(key))
            for key, word, number in steps
        ]
        return Table(
            *_FUNNEL,
            define.FUNNEL,
            rows,
            opens=frozenset({"reached", "share"}),
            notes=(
                f"By the last of the dates. Eight weeks: {EIGHT_WEEKS} days after the start, and "
                f"not left before. {HALF} and {ALL_SESSIONS} sessions: regular ones and make-ups "
                "attended. Each step is counted among those of the one before. Who started lately "
                "has not had the time: these are counts, not a share that stayed.",
            ),
        )

    # --- pictures ---

    def funnel_picture(self) -> Funnel:
        steps = self.whole.reached.steps()
        return Funnel(
            _FUNNEL[1],
            "How many enrollments reached each step.",
            tuple((word, number) for _, word, number in steps),
        )

    def parts(self) -> Parts:
        """The tables and pictures; none is worked out here."""
        tables = [
            (*self._first, self.first_table),
            (*MONTHS, self.time.months),
            (*WEEKS, self.time.weeks),
        ]
        if self.by != By.PHASE:
            tables.append((*PHASES, self.time.phases))
        pictures: dict[str, tuple[str, Callable[[], Picture]]] = {
            "trend": (self.time.trend_title, self.time.trend)
        }
        if not phased(self.scope):
            tables.append((*_FUNNEL, self.funnel))
            pictures["funnel"] = (_FUNNEL[1], self.funnel_picture)
        return Parts(Tables(tables), Pictures(pictures))

    # --- figures ---

    def report(self) -> Report:
        if nothing := self._nothing():
            return Report(None, (), (), nothing=nothing)
        parts = self.parts()
        return Report(
            self._figure(self.scope.headline),
            tuple(self._beside()),
            parts.tables,
            parts.pictures,
            notes=(
                "Ratio of totals, not the mean of clients. Sessions of one person go together, so "
                "the true interval is wider.",
                define.BENCHMARK_NOTE,
            ),
        )

    def _no_days(self) -> str:
        filters = self.scope.filters
        if filters.first > filters.last:
            return "The first day is after the last one."
        if all(self.scope.today(clinic) < filters.first for clinic in self.scope.clinics):
            return "These days have not come yet."
        return ""

    def _nothing(self) -> str:
        if no_days := self._no_days():
            return no_days
        if not (self.people if self.by == By.CLIENT else self.lines[0]):
            return "Nobody who fits the filters was in training on these days."
        return ""

    def lead(self) -> Figure | None:
        """The clinic's headline; None where there is nothing to say."""
        if self.scope.headline in OF_STATES and not self._no_days():
            return self._of(self.scope.headline, states(self.scope))
        return None if self._nothing() else self._figure(self.scope.headline)

    def _figure(self, code: str) -> Figure | None:
        return self._of(code, self.whole.counts)

    def _of(self, code: str, counts: Counts) -> Figure | None:
        key = _LEADS.get(code, "a3")
        pair = MEASURES[key](counts)
        exact = share(*pair) if pair else None
        if pair is None or exact is None:
            return None
        hits, total = pair
        ends = wilson(hits, total) if hits <= total and key not in _CAPPED | {"a5"} else None
        return Figure(
            value=str(min(exact, _FULL) if key in _CAPPED else exact),
            unit="%",
            sentence=f"{_SENTENCES[key]}: {hits:,} of {total:,}.",
            code=code,
            interval=(str(rounded(100 * ends[0])), str(rounded(100 * ends[1]))) if ends else None,
            opens=(self._first[0], "total", key) if total and key in OPENS else None,
        )

    def _beside(self) -> Iterable[Figure]:
        for code in _LEADS:
            figure = self._figure(code) if code != self.scope.headline else None
            if figure is not None:
                yield figure
        whole = self.whole
        if whole.mean is not None:
            of = f"of {whole.measured} {'enrollment' if whole.measured == 1 else 'enrollments'}"
            code = self.scope.headline
            for word, value in (("mean", whole.mean), ("median", whole.median)):
                said = f"{word} of the clients' own {code}, {of}"
                opens = (self._first[0], "total", word)
                yield Figure(str(value), "%", said, code, opens=opens)
        word = "client" if whole.clients == 1 else "clients"
        opens = (self._first[0], "total", "clients")
        yield Figure(str(whole.clients), "", word, opens=opens)


_LEADS = {"A1": "a1", "A2": "a2", "A3": "a3", "A4": "a4", "A5": "a5", "A6": "a6_4"}
_SENTENCES = {
    "a1": "of the sessions that the programs prescribed were attended",
    "a2": "of the sessions that took place were attended",
    "a3": "of the sessions that could be attended were attended",
    "a4": "of the sessions that could be attended were attended or made up",
    "a5": "of the sessions of the whole programs have been attended since the start",
    "a6_4": "of the sessions of the last 4 whole weeks that could be attended were attended",
}


def make(scope: Scope) -> Report:
    """The report of one question."""
    return Adherence(scope).report()


def parts(scope: Scope) -> Parts:
    """Its tables and pictures alone."""
    return Adherence(scope).parts()


def lead(scope: Scope) -> Figure | None:
    """Only what the report leads with: the ratio of totals, which is the same whatever a row is."""
    return Adherence(scope.asking(by=By.CLINIC)).lead()


KIND = ReportKind(
    slug="adherence",
    title="Adherence",
    question="Who came to what was planned?",
    definitions=define.DEFINITIONS,
    columns=(
        ("Clients", _CLIENT),
        ("By therapist, program, phase, start or clinic", (define.NAMES["therapist"], *_GROUP)),
        ("By month", define.MONTHS),
        ("By week of the program", define.WEEKS),
        ("By planned phase", define.PHASES),
        ("From enrolled to the whole program", define.FUNNEL),
        *COLUMNS,
    ),
    make=make,
    behind=behind,
    few=few,
    strips=strips_of,
    parts=parts,
    bys=BYS,
    rules=define.RULES,
)
