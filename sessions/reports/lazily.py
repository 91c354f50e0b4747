"""Rows, tables and pictures of a report that are made when they are looked at.

Standard library only.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar, overload

from .pictures import Picture
from .table import Row, Table

_T = TypeVar("_T")


class Lazily:
    """Rows that are made each time they are looked at, so that very many never stand in memory."""

    def __init__(self, make: Callable[[], Iterable[Row]]) -> None:
        self._make = make

    def __iter__(self) -> Iterator[Row]:
        return iter(self._make())


class Listed:
    """A row for each of some things, made when it is looked at: some of them without the others.

    ``things`` says what there is, in order; ``make`` makes the rows of some of it.
    """

    def __init__(
        self,
        things: Callable[[], Sequence[Any]],
        make: Callable[[Sequence[Any]], Iterable[Row]],
    ) -> None:
        self._things, self._make = things, make

    def __iter__(self) -> Iterator[Row]:
        return iter(self._make(self._things()))

    def __len__(self) -> int:
        return len(self._things())

    def part(self, start: int, stop: int) -> list[Row]:
        """The rows from ``start`` (0 is the first) to before ``stop``."""
        return list(self._make(self._things()[start:stop]))


def part_of(rows: Iterable[Row], start: int, stop: int) -> tuple[list[Row], int]:
    """The rows from ``start`` to before ``stop``, and how many there are of all."""
    if isinstance(rows, Listed):
        return rows.part(start, stop), len(rows)
    every = rows if isinstance(rows, Sequence) else list(rows)
    return list(every[start:stop]), len(every)


@dataclass(frozen=True, slots=True)
class Head:
    """What is known of a table or a picture before it is made: its key and its title."""

    key: str
    title: str


class Tables(Sequence[Table]):
    """Tables that are made when they are looked at, each once; their heads are known before."""

    def __init__(self, makers: Iterable[tuple[str, str, Callable[[], Table]]]) -> None:
        every = list(makers)
        self.heads = tuple(Head(key, title) for key, title, _ in every)
        self._makers = [make for *_, make in every]
        self._made: dict[int, Table] = {}

    def __len__(self) -> int:
        return len(self._makers)

    @overload
    def __getitem__(self, at: int) -> Table: ...
    @overload
    def __getitem__(self, at: slice) -> Sequence[Table]: ...
    def __getitem__(self, at: int | slice) -> Table | Sequence[Table]:
        places = range(len(self))[at]
        if isinstance(places, range):
            return [self[place] for place in places]
        if places not in self._made:
            self._made[places] = self._makers[places]()
        return self._made[places]


def heads_of(tables: Sequence[Table]) -> Sequence[Head]:
    """The keys and titles of a report's tables; none of them is made for it."""
    if isinstance(tables, Tables):
        return tables.heads
    return [Head(table.key, table.title) for table in tables]


def named(tables: Sequence[Table], key: str) -> Table | None:
    """The table of a key, and no other is made for it; None where there is none."""
    places = [place for place, head in enumerate(heads_of(tables)) if head.key == key]
    return tables[places[0]] if places else None


class Pictures(Mapping[str, Picture]):
    """Pictures that are made when they are looked at; their titles are known before."""

    def __init__(self, makers: Mapping[str, tuple[str, Callable[[], Picture]]]) -> None:
        self._makers = makers
        self.heads = tuple(Head(key, title) for key, (title, _) in makers.items())

    def __getitem__(self, key: str) -> Picture:
        return self._makers[key][1]()

    def __iter__(self) -> Iterator[str]:
        return iter(self._makers)

    def __len__(self) -> int:
        return len(self._makers)


class EachOnce(Mapping[str, _T]):
    """What is known of some things, by their keys; each is asked when it is looked at, and once."""

    def __init__(self, makers: Mapping[str, Callable[[], _T]]) -> None:
        self._makers = makers
        self._made: dict[str, _T] = {}

    def __getitem__(self, key: str) -> _T:
        if key not in self._made:
            self._made[key] = self._makers[key]()
        return self._made[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._makers)

    def __len__(self) -> int:
        return len(self._makers)


def heads_of_pictures(pictures: Mapping[str, Picture]) -> Sequence[Head]:
    """Their keys and titles; none of them is made for it."""
    if isinstance(pictures, Pictures):
        return pictures.heads
    return [Head(key, picture.title) for key, picture in pictures.items()]


@dataclass(frozen=True)
class Parts:
    """What a report shows beside its figures: all of it made only when it is looked at."""

    tables: Sequence[Table]
    pictures: Mapping[str, Picture] = field(default_factory=dict)
