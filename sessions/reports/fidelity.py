"""Whether sessions are delivered as designed: the fidelity report. Words: define_fidelity."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.urls import reverse

from bonefit.clinics.dates import say_day

from . import define_fidelity as words
from .delivered import CLASSES, ITEMS, MEMORY, OVER, SESSIONS, WHOLE, grouped, sums
from .fidelity_behind import MADE_OF, TOTAL, made_of
from .fidelity_few import few
from .kinds import ReportKind
from .pictures import Spot, Trend
from .scope import By, Scope
from .stats import wilson
from .table import Cell, Figure, Report, Row, Table, rounded, share

#: Fewer sessions are not to be compared with others.
FEW = 20
BYS = (By.THERAPIST, By.PROGRAM, By.CLINIC)


@dataclass(frozen=True, slots=True)
class Sum:
    """The sessions of a group. ``score`` is the sum of their scores, each in ``WHOLE`` parts."""

    key: str
    name: str
    sessions: int
    score: int
    middle: Fraction
    whole: int
    notes: int
    in_time: int
    #: Of each item: to how many sessions it applies, in how many it was met.
    items: Mapping[str, tuple[int, int]]

    @property
    def mean(self) -> Decimal:
        return rounded(Fraction(self.score, self.sessions) * 100 / WHOLE)

    @property
    def median(self) -> Decimal:
        return rounded(self.middle * 100 / WHOLE)


@dataclass(frozen=True, slots=True)
class Size:
    """Classes with so many clients: all of a group, and those over the clinic's two numbers."""

    clients: int
    classes: int
    over_warn: int
    over_block: int


@dataclass(frozen=True)
class Delivered:
    """What one query found: sums of sessions, and sizes of classes by group (None: of all)."""

    total: Sum | None
    groups: Sequence[Sum]
    months: Sequence[Sum]
    sizes: Mapping[str | None, Sequence[Size]]


def _by(scope: Scope) -> By:
    return scope.filters.by if scope.filters.by in BYS else BYS[0]


def delivered(scope: Scope) -> Delivered:
    """Every attended session within the dates, summed; one query."""
    found: dict[str, list[tuple[Any, ...]]] = defaultdict(list)
    for what, *row in scope.ask(sums(_by(scope)), memory=MEMORY):
        found[what].append(tuple(row))
    scores: dict[tuple[Any, ...], list[tuple[int, int]]] = defaultdict(list)
    for key, _, month, (score, sessions) in found["scores"]:
        scores[key, month].append((int(score), int(sessions)))
    total: Sum | None = None
    groups: list[Sum] = []
    months: list[Sum] = []
    for key, name, month, numbers in found["sessions"]:
        middle = middle_of(scores[key, month])
        if month is not None:
            months.append(_sum(f"{month:%Y-%m}", f"{month:%B %Y}", numbers, middle))
        elif key is not None:
            groups.append(_sum(key, name, numbers, middle))
        elif numbers[0]:
            total = _sum(TOTAL, "All", numbers, middle)
    sizes: dict[str | None, list[Size]] = defaultdict(list)
    for key, _, _, numbers in found["classes"]:
        sizes[key].append(Size(*map(int, numbers)))
    return Delivered(
        total,
        sorted(groups, key=lambda one: (one.name, one.key)),
        sorted(months, key=lambda one: one.key),
        {key: sorted(found, key=lambda one: one.clients) for key, found in sizes.items()},
    )


def middle_of(scores: Iterable[tuple[int, int]]) -> Fraction:
    """The median of scores that come so many times each; 0 where there is none."""
    ordered = sorted(scores)
    half, rest = divmod(sum(number for _, number in ordered), 2)
    # The middle one twice, or the two in the middle; counted from nought.
    wanted = (half, half) if rest else (half - 1, half)
    found, before = 0, 0
    for score, number in ordered:
        found += score * sum(before <= place < before + number for place in wanted)
        before += number
    return Fraction(found, 2)


def _sum(key: str, name: str, numbers: Sequence[Decimal], middle: Fraction) -> Sum:
    sessions, score, whole, notes, in_time, *pairs = map(int, numbers)
    items = dict(zip(ITEMS, zip(pairs[::2], pairs[1::2], strict=True), strict=True))
    return Sum(key, name, sessions, score, middle, whole, notes, in_time, items)


def make(scope: Scope) -> Report:
    """The report: each item, each group, each month, and the sizes of the classes."""
    found = delivered(scope)
    if found.total is None:
        first, last = say_day(scope.filters.first), say_day(scope.filters.last)
        return Report(None, (), (), nothing=f"No session was attended from {first} to {last}.")
    return Report(
        lead=mean_of(found.total.score, found.total.sessions),
        beside=tuple(_beside(found.total, found.sizes[None])),
        tables=(
            _by_item(found.total),
            _groups(found, _by(scope)),
            _months(found),
            _sizes(found.sizes[None]),
        ),
        pictures={"whole": _trend(found.months)},
    )


# --- in words -------------------------------------------------------------------------------------


def _interval(hits: int, total: int) -> tuple[Cell, Cell]:
    ends = wilson(hits, total)
    return (rounded(ends[0] * 100), rounded(ends[1] * 100)) if ends else (None, None)


def _printed(hits: int, total: int) -> tuple[str, str] | None:
    low, high = _interval(hits, total)
    return None if low is None else (str(low), str(high))


def mean_of(score: int, sessions: int) -> Figure | None:
    """What the report leads with: the mean of so many scores with that sum; None of no session."""
    if not sessions:
        return None
    return Figure(
        value=str(rounded(Fraction(score, sessions) * 100 / WHOLE)),
        unit="%",
        sentence="of the items that apply were met, in the mean of "
        + ("1 attended session." if sessions == 1 else f"{sessions} sessions."),
        code=words.SCORE.code,
        opens=_behind_all("sessions", sessions),
    )


def _behind_all(column: str, number: int) -> tuple[str, str, str] | None:
    """What the total of a column counts; None where it counts nothing."""
    return ("groups", TOTAL, column) if number else None


def _beside(total: Sum, sizes: Sequence[Size]) -> Iterator[Figure]:
    yield Figure(
        str(total.median),
        "%",
        "median of the sessions",
        words.SCORE.code,
        opens=_behind_all("median", total.sessions),
    )
    yield Figure(
        str(share(total.whole, total.sessions)),
        "%",
        f"of the sessions met every item that applies: {total.whole} of {total.sessions}",
        words.SCORE.code,
        _printed(total.whole, total.sessions),
        _behind_all("whole", total.whole),
    )
    if total.notes:
        yield Figure(
            str(share(total.in_time, total.notes)),
            "%",
            f"of the notes were signed in time: {total.in_time} of {total.notes}",
            words.IN_TIME.code,
            _printed(total.in_time, total.notes),
            _behind_all("in_time", total.in_time),
        )
    classes = sum(one.classes for one in sizes)
    over = sum(one.over_block for one in sizes)
    yield Figure(
        str(over),
        "",
        f"of {classes} classes over the cap of clients a supervisor",
        opens=_behind_all("over_block", over),
    )


def _trend(months: Sequence[Sum]) -> Trend:
    spots = []
    for one in months:
        low, high = wilson(one.whole, one.sessions) or (0.0, 0.0)
        percent = 100 * one.whole / one.sessions
        spots.append(Spot(one.name, percent, 100 * low, 100 * high, one.sessions))
    said = "; ".join(
        f"{one.name} {share(one.whole, one.sessions)} % of {one.sessions}" for one in months
    )
    return Trend(
        title="Sessions with every item met",
        words=f"Share of attended sessions in which every item that applies was met: {said}.",
        spots=tuple(spots),
    )


# --- tables ---------------------------------------------------------------------------------------


def _by_item(total: Sum) -> Table:
    rows = []
    for code, (name, _) in words.ITEMS.items():
        applies, met = total.items[code]
        cells = (name, applies, met, applies - met, share(met, applies), *_interval(met, applies))
        rows.append(Row(code, cells, pale=applies < FEW))
    opens = frozenset({"applies", "met", "missed", *MADE_OF["items"]})
    return Table("items", "Item by item", words.BY_ITEM, rows, opens=opens)


def _session_cells(one: Sum) -> tuple[Cell, ...]:
    return (
        one.name,
        one.sessions,
        one.mean,
        one.median,
        one.whole,
        share(one.whole, one.sessions),
        *_interval(one.whole, one.sessions),
        one.notes,
        one.in_time,
        share(one.in_time, one.notes),
    )


def _class_cells(sizes: Iterable[Size]) -> tuple[int, int, int]:
    found = list(sizes)
    return (
        sum(one.classes for one in found),
        sum(one.over_warn for one in found),
        sum(one.over_block for one in found),
    )


def _groups(found: Delivered, by: By) -> Table:
    def row(one: Sum, key: str | None) -> Row:
        cells = (*_session_cells(one), *_class_cells(found.sizes[key]))
        return Row(one.key, cells, pale=one.sessions < FEW)

    name = "who signed" if by == By.THERAPIST else by.value
    return Table(
        "groups",
        f"By {name}",
        words.GROUPS,
        [row(one, one.key) for one in found.groups],
        total=row(found.total, None) if found.total else None,
        opens=frozenset({*_OF_SESSIONS, *_OF_CLASSES, *MADE_OF["groups"]}),
    )


def _months(found: Delivered) -> Table:
    return Table(
        "months",
        "By month",
        words.MONTHS,
        [Row(one.key, _session_cells(one), pale=one.sessions < FEW) for one in found.months],
        total=Row(TOTAL, _session_cells(found.total)) if found.total else None,
        opens=frozenset({*_OF_SESSIONS, *MADE_OF["months"]}),
    )


def _sizes(sizes: Sequence[Size]) -> Table:
    classes, *over = _class_cells(sizes)
    rows = [
        Row(
            str(one.clients),
            (one.clients, one.classes, share(one.classes, classes), one.over_warn, one.over_block),
        )
        for one in sizes
    ]
    return Table(
        "sizes",
        "Clients in a class",
        words.SIZES,
        rows,
        total=Row(TOTAL, (None, classes, share(classes, classes), *over)),
        opens=frozenset({*_OF_CLASSES, *MADE_OF["sizes"]}),
    )


# --- what is behind a figure ----------------------------------------------------------------------

_OF_SESSIONS = {
    "sessions": "true",
    "whole": "told.met = told.applicable",
    "notes": "told.note_due",
    "in_time": "told.in_time",
}
_OF_ITEM = {"applies": "{item} IS NOT NULL", "met": "{item}", "missed": "NOT {item}"}
_OF_CLASSES = {"classes": "true", **OVER}
_MINE = "%(key)s::text IS NULL OR key::text = %(key)s"


def behind(scope: Scope, table: str, row: str, column: str) -> Table | None:
    """The sessions, or the classes, that a figure counts; None for a figure that has none."""
    row, column = made_of(table, row, column)
    key = None if row == TOTAL else row
    if table == "items" and row in ITEMS and column in _OF_ITEM:
        return _sessions(scope, _OF_ITEM[column].format(item=f"told.{row}"))
    if table == "groups" and column in _OF_SESSIONS:
        return _sessions(scope, f"({_MINE}) AND {_OF_SESSIONS[column]}", key=key)
    if table == "months" and column in _OF_SESSIONS:
        which = "%(key)s::text IS NULL OR to_char(told.day, 'YYYY-MM') = %(key)s"
        return _sessions(scope, f"({which}) AND {_OF_SESSIONS[column]}", key=key)
    if table == "groups" and column in _OF_CLASSES:
        return _classes(scope, _MINE, _OF_CLASSES[column], key=key)
    if table == "sizes" and column in _OF_CLASSES:
        which = f"(%(key)s::text IS NULL OR clients::text = %(key)s) AND {_OF_CLASSES[column]}"
        return _classes(scope, "true", which, key=key)
    return None


def _sessions(scope: Scope, which: str, **params: Any) -> Table:
    found = scope.ask(grouped(_by(scope)) + SESSIONS.format(which=which), **params)
    clinics = {clinic.pk: clinic for clinic in scope.clinics}
    rows = []
    for visit, clinic, client, enrollment, name, began, by, *rest in found:
        *items, met, applies, note_by, signed_at = rest
        cells = (
            began,
            name if scope.named else f"Enrollment {enrollment}",
            clinics[clinic].name,
            by,
            *(_WORDS[one] for one in items),
            share(met, applies),
            note_by,
            signed_at,
        )
        slug = clinics[clinic].slug
        href = reverse("clients:client", args=[slug, client]) if scope.named else ""
        rows.append(Row(str(visit), cells, href=href))
    return Table("behind", "Sessions", words.SESSIONS_BEHIND, rows)


_WORDS = {True: "met", False: "missed", None: None}


def _classes(scope: Scope, mine: str, which: str, **params: Any) -> Table:
    query = grouped(_by(scope)) + CLASSES.format(mine=mine, which=which)
    names = {clinic.pk: clinic.name for clinic in scope.clinics}
    rows = [
        Row(str(slot), (began, room, names[clinic], clients, supervisors))
        for slot, clinic, began, room, clients, supervisors in scope.ask(query, **params)
    ]
    return Table("behind", "Classes", words.CLASSES_BEHIND, rows)


KIND = ReportKind(
    slug="fidelity",
    title="Fidelity",
    question="Are the sessions delivered as they were designed?",
    definitions=words.DEFINITIONS,
    columns=(
        ("Item by item", words.BY_ITEM),
        ("By group", words.GROUPS),
        ("By month", words.MONTHS),
        ("Clients in a class", words.SIZES),
        ("Behind a figure: sessions", words.SESSIONS_BEHIND),
        ("Behind a figure: classes", words.CLASSES_BEHIND),
    ),
    make=make,
    behind=behind,
    few=lambda scope: few(scope, _by(scope)),
    bys=BYS,
    rules=words.RULES,
)
