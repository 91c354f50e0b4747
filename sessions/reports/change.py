"""What changed between the first and the last value of each client, by lift and by measure.

A client counts once, however many enrollments she has. What may be said of a change is what her
own page says of it: ``bonefit.clients.measured``. What the figures mean: ``define_change``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from typing import Any, NamedTuple

from bonefit.clients.measured import (
    Lscs,
    Numbers,
    change_between,
    lsc_of,
    numbers_of,
)
from bonefit.clients.measures import MEASURES, PARTS, Measure
from bonefit.clients.outcomes import Label, Scan, differs
from sessions.measured_days import SCANS

from . import change_sql as sql
from . import delivered
from .scope import Scope

Day = date | None
#: Where in a row of ``change_sql.MEASURED`` its id stands, and where what ``Taken`` holds begins.
_ID, _DAY = 4, 8


class Taken(NamedTuple):
    """One measurement, as far as a change is made of it: thousands of models take too long."""

    taken_on: date
    amount: int | None
    site: str
    side: str
    region: str
    device_id: int | None


@dataclass(frozen=True, slots=True)
class Pair:
    """One client and one lift or measure: her first and her last value, and what may be said.

    ``first`` and ``last`` in ten-thousandths of the unit; ``last`` is None where nothing was
    measured on a later day, both where nothing was at all. ``label``: of a measure only.
    """

    client: int
    name: str
    what: str
    first_day: Day = None
    first: int | None = None
    last_day: Day = None
    last: int | None = None
    label: Label | None = None
    because: str = ""
    not_done: int = 0

    @property
    def both(self) -> bool:
        """Whether there is a change, and one that may be spoken of."""
        return self.last is not None and self.label != Label.NOT_COMPARABLE

    @property
    def parts(self) -> int:
        """The change, in ten-thousandths of the unit."""
        assert self.first is not None
        assert self.last is not None
        return self.last - self.first

    @property
    def change(self) -> Fraction:
        """In the unit."""
        return Fraction(self.parts, PARTS)

    @property
    def percent(self) -> Fraction | None:
        """Of the first value; None from zero."""
        assert self.first is not None
        assert self.last is not None
        return Fraction(100 * (self.last - self.first), abs(self.first)) if self.first else None


class Person(NamedTuple):
    """Somebody the question is about; ``place``: in the order of the names."""

    place: int
    name: str
    clinic: int


@dataclass(slots=True)
class Ends:
    """The earliest and the latest row done of one measure of one client, as they were read, and how
    many were not done.
    """

    earliest: tuple[Any, ...] | None = None
    latest: tuple[Any, ...] | None = None
    not_done: int = 0

    @property
    def first(self) -> Taken | None:
        return None if self.earliest is None else Taken(*self.earliest[_DAY:])

    @property
    def last(self) -> Taken | None:
        return None if self.latest is None else Taken(*self.latest[_DAY:])

    @property
    def twice(self) -> bool:
        """Whether something was measured on a later day than the first."""
        if self.earliest is None or self.latest is None:
            return False
        return bool(self.latest[_DAY] > self.earliest[_DAY])


#: By measure and side: of each client that has a row.
Series = Mapping[tuple[str, str], Mapping[int, Ends]]


class Told(NamedTuple):
    """What a report leads with: of each measure and side who has two values that can be compared,
    of how many there is a first one only, and how many people it is about.
    """

    both: Mapping[tuple[str, str], Sequence[int]]
    once: int
    people: int


class Changes:
    """Everything that the report says: pairs by lift, and by measure and side.

    Three queries, and two for each clinic, each asked when something of it is looked at.
    """

    def __init__(self, scope: Scope) -> None:
        self.scope = scope

    @cached_property
    def _found(self) -> tuple[Mapping[int, Person], Series]:
        return _read(self.scope, self.scope.ask(sql.MEASURED))

    @property
    def _known(self) -> Mapping[int, tuple[Lscs, Numbers]]:
        return {clinic.pk: (lsc_of(clinic), numbers_of(clinic)) for clinic in self.scope.clinics}

    @cached_property
    def told(self) -> Told:
        """As the pairs say it, without a pair for each."""
        return _told(self.scope.ask(sql.TWICE, scans=SCANS))

    @property
    def number(self) -> int:
        """How many people the question is about."""
        return len(self.people) if "_found" in self.__dict__ else self.told.people

    @cached_property
    def people(self) -> Mapping[int, str]:
        """Everybody the question is about, by client, with her name."""
        return {client: one.name for client, one in self._found[0].items()}

    @cached_property
    def lifts(self) -> Mapping[str, Sequence[Pair]]:
        return _lifts(self.scope)

    @cached_property
    def measures(self) -> Mapping[tuple[str, str], Sequence[Pair]]:
        return _measures(*self._found, self._known)

    @property
    def both(self) -> Sequence[Sequence[int]]:
        """Who has a change that may be spoken of, of each lift and of each measure and side."""
        of_lifts = [[one.client for one in pairs if one.both] for pairs in self.lifts.values()]
        return [*of_lifts, *self.told.both.values()]

    @cached_property
    def again(self) -> Counter[int]:
        """Who has a first and a last value of something, with of how much."""
        return Counter(client for clients in self.both for client in clients)


def _told(rows: Sequence[tuple[Any, ...]]) -> Told:
    both: dict[tuple[str, str], list[int]] = {}
    once, people = 0, 0
    for slug, side, *scans, twice, of_once in rows:
        if slug is None:
            people = len(twice)
        elif slug in MEASURES:
            once += of_once
            mine = both.setdefault((slug, side), [])
            if _comparable(MEASURES[slug], side, *scans):
                mine += twice
    return Told(both, once, people)


def _comparable(
    measure: Measure,
    side: str,
    region: str | None,
    device: int | None,
    last_region: str | None,
    last_device: int | None,
) -> bool:
    """Whether two values of a measure may be compared, by what the two scans have written down."""
    if measure.kind != "scan" or region is None or last_region is None:
        return True
    return not differs(
        Scan(0, measure.site, side, region, device),
        Scan(0, measure.site, side, last_region, last_device),
    )


def _read(scope: Scope, rows: Sequence[tuple[Any, ...]]) -> tuple[Mapping[int, Person], Series]:
    """The people in the order of their names, and the ends of what was measured of them."""
    replaced = {row[5] for row in rows}
    people: dict[int, Person] = {}
    series: dict[tuple[str, str], dict[int, Ends]] = {}
    for row in rows:
        place, client, name, clinic, pk, _, within, measure, day, amount, _, side = row[:12]
        if client not in people:
            people[client] = Person(place, _name(scope, name, client), clinic)
        if not within or pk in replaced or measure not in MEASURES:
            continue
        mine = series.setdefault((measure, side), {})
        ends = mine.get(client)
        if ends is None:
            ends = mine[client] = Ends()
        if amount is None:
            ends.not_done += 1
        elif ends.earliest is None or ends.latest is None:
            ends.earliest = ends.latest = row
        elif (day, pk) < (ends.earliest[_DAY], ends.earliest[_ID]):
            ends.earliest = row
        elif (day, pk) > (ends.latest[_DAY], ends.latest[_ID]):
            ends.latest = row
    order = {slug: place for place, slug in enumerate(MEASURES)}
    keys = sorted(series, key=lambda key: (order[key[0]], key[1]))
    named = sorted(people.items(), key=lambda pair: pair[1].place)
    return dict(named), {key: series[key] for key in keys}


def changes(scope: Scope) -> Changes:
    """The pairs of a question."""
    return Changes(scope)


def _lifts(scope: Scope) -> Mapping[str, Sequence[Pair]]:
    rows = scope.ask(sql.LIFTED, memory=delivered.MEMORY)
    pairs: dict[str, list[Pair]] = {}
    for client, name, lift, exercise, first_day, first, last_day, last in rows:
        later = last_day is not None and last_day > first_day
        pairs.setdefault(lift, []).append(
            Pair(
                client=client,
                name=_name(scope, name, client),
                what=exercise or "",
                first_day=first_day,
                first=_parts(first),
                last_day=last_day if later else None,
                last=_parts(last) if later else None,
            )
        )
    return pairs


def _measures(
    people: Mapping[int, Person],
    series: Series,
    known: Mapping[int, tuple[Lscs, Numbers]],
) -> Mapping[tuple[str, str], Sequence[Pair]]:
    def pairs(slug: str, mine: Mapping[int, Ends]) -> Sequence[Pair]:
        named = sorted((people[client].place, client) for client in mine)
        return [
            _pair(client, people[client], MEASURES[slug], mine[client], known)
            for _, client in named
        ]

    return {key: pairs(key[0], mine) for key, mine in series.items()}


def _pair(
    client: int,
    person: Person,
    measure: Measure,
    ends: Ends,
    known: Mapping[int, tuple[Lscs, Numbers]],
) -> Pair:
    name, first, last, not_done = person.name, ends.first, ends.last, ends.not_done
    if first is None or last is None:
        return Pair(client, name, measure.label, not_done=not_done)
    if not ends.twice:
        return Pair(client, name, measure.label, first.taken_on, first.amount, not_done=not_done)
    lscs, numbers = known[person.clinic]
    change = change_between(measure, first, last, lscs, numbers[measure.slug])
    assert change is not None
    return Pair(
        client,
        name,
        measure.label,
        first.taken_on,
        first.amount,
        last.taken_on,
        last.amount,
        change.label,
        change.because,
        not_done,
    )


def _parts(kg: Decimal | None) -> int | None:
    return None if kg is None else int(kg * PARTS)


def _name(scope: Scope, name: str, client: int) -> str:
    return name if scope.named else f"Client {client}"
