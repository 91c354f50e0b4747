"""The dose report: prescribed against lifted, by whatever was asked for, by lift and by level."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction

from programs.models import Lift, Phase

from . import define_dose as words
from .attendance_names import program_names, therapist_names
from .dose import WHOLE, Dose, Line, Sums, few, totals
from .dose_behind import behind
from .kinds import ReportKind
from .lazily import Listed, Parts, Pictures, Tables
from .pictures import Bars
from .scope import By, Scope
from .stats import wilson
from .table import Cell, Column, Figure, Report, Row, Table, rounded, rounded_middle, share

#: Volumes are kept in 0.0001 kg × reps.
PARTS = 10_000
NOTHING = (
    "In these days no session of these clients has begun and ended, so there is no dose to speak "
    "of."
)

#: Key and title of each table.
_LINES = ("lines", "Prescribed and lifted")
_LIFTS = ("lifts", "By lift")
_PHASES = ("phases", "By planned phase and lift")
_LEVELS = ("levels", "Landings by level")
_MONTHS = ("months", "By month and lift")

_LIFTED = "Lifted by month"

Of = Callable[[Line], Cell]


def _kg(name: str) -> Of:
    return lambda one: rounded(Fraction(getattr(one.sums, name), PARTS), 1)


def _count(name: str) -> Of:
    return lambda one: int(getattr(one.sums, name))


def _mean(which: str, what: str) -> Of:
    def cell(one: Line) -> Cell:
        return rounded_middle(getattr(getattr(one, which), what), 2)

    return cell


def _interval(sums: Sums, end: int) -> Decimal | None:
    ends = wilson(sums.hits, sums.rated)
    return None if ends is None else rounded(100 * ends[end], 2)


#: The cell of each column, by its key.
CELLS: Mapping[str, Of] = {
    "people": lambda one: one.enrollments,
    **{key: _count(key) for key in ("sessions", "came", "missed", "excused", "unknown")},
    **{key: _kg(key) for key in ("asked", "asked_came", "done", "beside")},
    "d1": lambda one: share(one.sums.done, one.sums.asked, 2),
    "d2": lambda one: share(one.sums.done, one.sums.asked_came, 2),
    "measured": lambda one: one.d1.n,
    "d1_mean": _mean("d1", "mean"),
    "d1_median": _mean("d1", "median"),
    "d2_mean": _mean("d2", "mean"),
    "d2_median": _mean("d2", "median"),
    **{key: _count(key) for key in ("rated", "hits", "no_effort", "not_rated")},
    "d3": lambda one: share(one.sums.hits, one.sums.rated, 2),
    "d3_low": lambda one: _interval(one.sums, 0),
    "d3_high": lambda one: _interval(one.sums, 1),
    **{key: _count(key) for key in ("landings_asked", "landings")},
    "d4": lambda one: share(one.sums.landings, one.sums.landings_asked, 2),
}


def make(scope: Scope) -> Report:
    """The report of one question."""
    found = Dose(scope)
    if not found.total.sums.sessions and not found.total.sums.beside:
        return Report(None, (), (), nothing=NOTHING)
    shown = _parts(scope, found)
    return Report(
        lead=_lead(found.total.sums.done, found.total.sums.asked, found.total.d1.n),
        beside=tuple(_beside(found)),
        tables=shown.tables,
        pictures=shown.pictures,
        notes=tuple(_notes(found)),
    )


def parts(scope: Scope) -> Parts:
    """Its tables and pictures alone."""
    return _parts(scope, Dose(scope))


def _parts(scope: Scope, found: Dose) -> Parts:
    tables = (
        (*_LINES, lambda: _lines(scope, found)),
        (*_LIFTS, lambda: _lifts(found)),
        (*_PHASES, lambda: _phases(scope, found)),
        (*_LEVELS, lambda: _levels(found)),
        (*_MONTHS, lambda: _months(found)),
    )
    return Parts(Tables(tables), Pictures({"lifts": (_LIFTED, lambda: _bars(found))}))


# --- figures --------------------------------------------------------------------------------------


def lead(scope: Scope) -> Figure | None:
    """Only what the report leads with, in two queries; None where it says nothing."""
    total = totals(scope)
    if not total.sessions and not total.beside:
        return None
    return _lead(total.done, total.asked, total.people)


def _lead(done: int, asked: int, people: int) -> Figure:
    sentence = (
        f"of the prescribed volume was lifted: {_tonnes(done)} of {_tonnes(asked)} kg, "
        f"missed sessions in full. Ratio of totals of {people} clients."
    )
    value = _percent(share(done, asked, 2))
    return Figure(value, "%", sentence, "D1", opens=_behind_all("d1", asked))


def _behind_all(column: str, number: int) -> tuple[str, str, str] | None:
    """What the total of a column counts; None where it counts nothing."""
    return ("lines", "total", column) if number else None


def _beside(found: Dose) -> Iterable[Figure]:
    total, sums = found.total, found.total.sums
    if total.d1.mean is not None and total.d1.median is not None:
        yield Figure(
            str(rounded_middle(total.d1.mean, 2)),
            "%",
            f"mean of the clients’ own percentages, {total.d1.n} clients; their median is "
            f"{rounded_middle(total.d1.median, 2)} %.",
            "D1",
            opens=_behind_all("d1_mean", total.d1.n),
        )
    yield Figure(
        _percent(share(sums.done, sums.asked_came, 2)),
        "%",
        f"of what the {sums.came} attended sessions prescribed. Ratio of totals.",
        "D2",
        opens=_behind_all("d2", sums.asked_came),
    )
    low, high = _interval(sums, 0), _interval(sums, 1)
    yield Figure(
        _percent(share(sums.hits, sums.rated, 2)),
        "%",
        f"of {sums.rated:,} working sets in the loading phase (LOAD) were at 80 % or more with RPE "
        f"16 or more; {sums.not_rated:,} more had no estimate.",
        "D3",
        None if low is None else (str(low), str(high)),
        _behind_all("d3", sums.rated),
    )
    yield Figure(
        _percent(share(sums.landings, sums.landings_asked, 2)),
        "%",
        f"of {sums.landings_asked:,} prescribed landings were done.",
        "D4",
        opens=_behind_all("d4", sums.landings_asked),
    )


def _percent(value: Decimal | None) -> str:
    return "–" if value is None else str(value)


def _tonnes(parts: int) -> str:
    return f"{rounded(Fraction(parts, PARTS), 0):,}"


def _notes(found: Dose) -> Iterable[str]:
    sums = found.total.sums
    if sums.unknown:
        yield (
            f"{sums.unknown} of {sums.sessions} sessions are not in D1, D2 and D4: it is not "
            "known what they prescribed."
        )
    if sums.missed:
        yield (
            f"Of {sums.missed} missed sessions {sums.excused} were excused, cancelled by the "
            "clinic or closed; D1 counts them like any other."
        )
    if sums.no_effort:
        yield f"{sums.no_effort} sets without an RPE are counted in D3 as no hits."


# --- tables ---------------------------------------------------------------------------------------


def _cells(columns: Sequence[Column], one: Line, *names: Cell) -> tuple[Cell, ...]:
    return (*names, *(CELLS[column.key](one) for column in columns[len(names) :]))


def _lines(scope: Scope, found: Dose) -> Table:
    by = scope.filters.by
    names = _names(scope, [line.key for line in found.lines])
    lines = sorted(found.lines, key=lambda one: (names[one.key].casefold(), one.key))
    small = by != By.CLIENT

    def make(some: Sequence[Line]) -> Iterable[Row]:
        for one in some:
            pale = small and one.enrollments < words.COMPARED_FROM
            yield replace(_line(scope, one, names[one.key]), pale=pale)

    return Table(
        *_LINES,
        words.LINES,
        Listed(lambda: lines, make),
        total=replace(_line(scope, found.total, "All"), key="total"),
        opens=_opens(words.LINES),
    )


def _line(scope: Scope, one: Line, name: str) -> Row:
    # Of how many people a row of whole enrollments is, ``few`` counts exactly.
    people = None if scope.filters.by in WHOLE else one.people
    return _row(words.LINES, one, name, people=people)


def _row(columns: Sequence[Column], one: Line, name: str, *, people: int | None) -> Row:
    whose = {"measured": one.measured}
    return Row(one.key, _cells(columns, one, name), people=people, people_in=whose)


def _lifts(found: Dose) -> Table:
    order = list(Lift)
    lines = sorted(found.lifts, key=lambda one: order.index(Lift(one.key)))
    rows = tuple(
        _row(words.LIFTS, one, str(Lift(one.key).label), people=one.people) for one in lines
    )
    return Table(*_LIFTS, words.LIFTS, rows, opens=_opens(words.LIFTS))


def _phases(scope: Scope, found: Dose) -> Table:
    known = _known_phases(scope)
    lifts = list(Lift)
    named = {one.key: known.get(one.key, (99, one.key or "None planned")) for one in found.phases}
    lines = sorted(
        found.phases,
        key=lambda one: (named[one.key][0], one.key, lifts.index(Lift(one.lift))),
    )
    rows = tuple(
        Row(
            f"{one.key}.{one.lift}",
            _cells(words.PHASES, one, named[one.key][1], Lift(one.lift).label),
            people=one.people,
        )
        for one in lines
    )
    return Table(*_PHASES, words.PHASES, rows, opens=_opens(words.PHASES))


def _levels(found: Dose) -> Table:
    lines = sorted(found.levels, key=lambda one: one.key)
    rows = tuple(
        Row(one.key, _cells(words.LEVELS, one, f"Level {one.key}"), people=one.people)
        for one in lines
    )
    total = Row("total", _cells(words.LEVELS, found.total, "All levels")) if rows else None
    return Table(*_LEVELS, words.LEVELS, rows, total, opens=_opens(words.LEVELS))


def _months(found: Dose) -> Table:
    lifts = list(Lift)
    lines = sorted(found.months, key=lambda one: (one.key, lifts.index(Lift(one.lift))))
    rows = tuple(
        Row(
            f"{one.key}.{one.lift}",
            _cells(words.MONTHS, one, _month(one.key), Lift(one.lift).label),
            people=one.people,
        )
        for one in lines
    )
    return Table(*_MONTHS, words.MONTHS, rows, opens=_opens(words.MONTHS))


def _month(key: str) -> str:
    """October 2026 of 2026-10."""
    return f"{date.fromisoformat(f'{key}-01'):%B %Y}"


def _opens(columns: Iterable[Column]) -> frozenset[str]:
    """Every figure: sessions, sets, or the people whose mean or median it is."""
    return frozenset(column.key for column in columns if column.numeric)


def _bars(found: Dose) -> Bars:
    months: dict[str, dict[str, float]] = {}
    for one in found.months:
        if one.sums.done:
            tonnes = months.setdefault(one.key, {})
            tonnes[Lift(one.lift).label] = float(rounded(Fraction(one.sums.done, PARTS), 1))
    said = "; ".join(f"{month} {sum(lifts.values()):,.0f} kg" for month, lifts in months.items())
    return Bars(_LIFTED, f"Volume lifted by month: {said}.", "kg", tuple(months.items()))


# --- names ----------------------------------------------------------------------------------------


def _names(scope: Scope, keys: Sequence[str]) -> Mapping[str, str]:
    """What each row is called; one query at most."""
    by = scope.filters.by
    if by == By.CLIENT:
        return client_names(scope, [int(key) for key in keys])
    if by == By.CLINIC:
        return {str(clinic.pk): clinic.name for clinic in scope.clinics}
    if by == By.THERAPIST:
        return therapist_names(scope, keys)
    if by == By.PROGRAM:
        return program_names(scope, keys)
    if by == By.COHORT:
        return {key: _month(key) for key in keys}
    phases = _known_phases(scope)
    return {key: phases[key][1] if key in phases else key or "None planned" for key in keys}


_NAMED = """
SELECT c.enrollment_id, c.client_id, p.name, c.starts_on
FROM chosen c JOIN clients_client p ON p.id = c.client_id
WHERE c.enrollment_id = ANY(%(ids)s)
"""


def client_names(scope: Scope, enrollments: Sequence[int]) -> Mapping[str, str]:
    """Clients by enrollment, with its start where one has several; numbers where names are not
    for the reader.
    """
    if not scope.named:
        return {str(pk): f"Enrollment {pk}" for pk in enrollments}
    rows = scope.ask(_NAMED, once=True, ids=list(enrollments))
    seen: dict[int, int] = {}
    for _, client, _, _ in rows:
        seen[client] = seen.get(client, 0) + 1
    return {
        str(pk): f"{name}, from {day.isoformat()}" if seen[client] > 1 else name
        for pk, client, name, day in rows
    }


def _known_phases(scope: Scope) -> Mapping[str, tuple[int, str]]:
    """The phases by their codes: the week in which one begins at the earliest, and its name."""
    rows = Phase.objects.filter(clinic__in=scope.clinics).order_by("-first_week", "version")
    return {
        code: (first_week, name)
        for code, first_week, name in rows.values_list("code", "first_week", "name")
    }


KIND = ReportKind(
    slug="dose",
    title="Dose",
    question="How much was lifted of what was prescribed?",
    definitions=words.DEFINITIONS,
    columns=(
        ("Prescribed and lifted", words.LINES),
        ("By lift", words.LIFTS),
        ("By planned phase and lift", words.PHASES),
        ("Landings by level", words.LEVELS),
        ("By month and lift", words.MONTHS),
        ("Sessions behind a figure", words.STATES),
        ("Sessions and lifts behind a figure", words.VISITS),
        ("Sets behind a figure", words.SETS),
        ("Clients behind a figure", words.PEOPLE_BEHIND),
    ),
    make=make,
    behind=behind,
    few=few,
    parts=parts,
    bys=(By.CLIENT, By.THERAPIST, By.PROGRAM, By.PHASE, By.COHORT, By.CLINIC),
    rules=words.RULES,
)
