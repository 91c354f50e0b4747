"""The places of a clinic's classes: how many were offered, held and used."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from . import define_operations as words
from . import running
from .operations_behind import MADE_OF, TOTAL
from .scope import Scope
from .table import Cell, Column, Figure, Row, Table, share

FEW = 20


@dataclass(frozen=True, slots=True)
class Places:
    """Places of some classes: a row of one of the tables."""

    what: str
    key: str
    name: str
    clinic: int | None
    classes: int
    offered: int
    held: int
    came: int
    alone: int


def places_of(scope: Scope) -> Sequence[Places]:
    """Of everything together, of each month, room and therapist; one query."""
    return [
        Places(what, key or TOTAL, name or "All", clinic, *map(int, numbers))
        for what, key, name, clinic, *numbers in scope.ask(running.HELD + running.PLACES)
    ]


def lead(one: Places) -> Figure:
    """The share of the offered places that were held."""
    if not one.offered:
        return Figure("0", "", "places were offered: no class took place with a supervisor.", "CAP")
    return Figure(
        str(share(one.held, one.offered)),
        "%",
        f"of the places offered were held: {one.held} of {one.offered}, in {one.classes} classes.",
        words.CAPACITY.code,
        opens=("month", TOTAL, "used"),
    )


def _place_cells(one: Places) -> tuple[Cell, ...]:
    return (
        one.classes,
        one.offered,
        one.held,
        share(one.held, one.offered),
        one.came,
        share(one.came, one.offered),
        one.alone,
    )


def makers_of(
    places: Callable[[], Sequence[Places]], scope: Scope
) -> Iterator[tuple[str, str, Callable[[], Table]]]:
    """The places by month, by room and by therapist: key, title, and what makes each."""
    for what, title, columns, where in (
        ("month", "Places by month", words.MONTHS, None),
        ("room", "Places by room", words.ROOMS, scope),
        ("therapist", "Places by therapist", words.THERAPISTS, scope),
    ):
        yield what, title, partial(_table, places, what, title, columns, where)


def _table(
    places: Callable[[], Sequence[Places]],
    what: str,
    title: str,
    columns: tuple[Column, ...],
    scope: Scope | None,
) -> Table:
    found = places()
    everything = next(one for one in found if one.what == "all")
    return _places(found, everything, what, title, columns, scope)


def _places(
    places: Sequence[Places],
    everything: Places,
    what: str,
    title: str,
    columns: tuple[Column, ...],
    scope: Scope | None = None,
) -> Table:
    """``scope`` where the rows have a clinic; they stand in the order of time or of names."""
    clinics = {clinic.pk: clinic.name for clinic in scope.clinics} if scope else {}
    rows = []
    for one in (one for one in places if one.what == what):
        where = [clinics[one.clinic]] if scope and one.clinic else []
        key = f"{one.clinic}.{one.key}" if what == "room" else one.key
        cells = (one.name, *where, *_place_cells(one))
        rows.append(Row(key, cells, pale=one.classes < FEW))
    rows.sort(key=lambda row: (str(row.cells[0]) if scope else "", row.key))
    # Two therapists of one class both have it: their rows add up to more than there is.
    total = ("All", *([None] if scope else []), *_place_cells(everything))
    return Table(
        what,
        title,
        columns,
        rows,
        total=None if what == "therapist" else Row(TOTAL, total),
        opens=frozenset({"classes", "alone", *MADE_OF[what]}),
    )
