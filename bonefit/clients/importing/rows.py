"""A batch of rows: what is common to both kinds of file."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Protocol

from bonefit.clinics.models import Clinic

from .cells import damage
from .records import Reading, Record

#: As many letters of a cell are kept with a problem.
MOST_SAID = 200


@dataclass(frozen=True, slots=True)
class Layout:
    """How a file is read: its heads as they are said, and which column is what."""

    reading: Reading
    heads: Sequence[str]
    mapping: Mapping[str, int]

    def head(self, name: str) -> str:
        """The head over a column, "" where the file has none of it."""
        at = self.mapping.get(name)
        return "" if at is None else self.heads[at]


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong in a row; ``column`` is "" where it is the whole row."""

    row: int
    column: str
    said: str
    problem: str


@dataclass(slots=True)
class Checked:
    """What came of a batch: rows to make, how many are known, and what is wrong."""

    rows: int = 0
    made: list[Any] = field(default_factory=list)
    known: int = 0
    problems: list[Problem] = field(default_factory=list)

    @property
    def bad(self) -> int:
        """Rows with a problem."""
        return len({one.row for one in self.problems})


class Rows(Protocol):
    """What a kind of file knows: to judge a batch of its rows, and to write what may be made."""

    def check(self, batch: Sequence[Record]) -> Checked:
        """Judge; nothing is written."""

    def write(self, checked: Checked) -> None:
        """Write what a check has found to be new."""


class Row:
    """One row while it is judged: its cells by name, what is wrong with it so far."""

    def __init__(self, record: Record, layout: Layout) -> None:
        self.number, self.layout = record.number, layout
        self.problems: list[Problem] = []
        self.values: dict[str, Any] = {}
        width = len(layout.heads)
        self.cells: dict[str, str] = {}
        if record.problem:
            self._whole(record.problem, record.cells[0] if record.cells else "")
        elif len(record.cells) < width or any(record.cells[width:]):
            self._whole(
                f"This row has {len(record.cells)} cells, the head has {width}. "
                "Is a separator missing, or one too many?",
                " | ".join(record.cells),
            )
        else:
            self.cells = {name: record.cells[at] for name, at in layout.mapping.items()}
        for name, text in self.cells.items():
            if wrong := damage(text):
                self.wrong(name, wrong)

    @property
    def good(self) -> bool:
        return not self.problems

    def _whole(self, problem: str, said: str) -> None:
        self.problems.append(Problem(self.number, "", said[:MOST_SAID], problem))

    def wrong(self, name: str, problem: str) -> None:
        """Say what is wrong with a cell, or with the row where the file has no such column."""
        column = self.layout.head(name)[:120]
        said = self.cells.get(name, "")[:MOST_SAID]
        self.problems.append(Problem(self.number, column, said, problem[:300]))

    def read(self, name: str, reader: Any, *, needed: str = "", blank: Any = "") -> Any:
        """The value of a cell, ``blank`` where nothing stands there; None where it is wrong."""
        text = self.cells.get(name, "")
        if not text:
            if needed:
                self.wrong(name, needed)
            return blank
        try:
            return reader(text)
        except ValueError as error:
            self.wrong(name, str(error))
            return None


class Seen:
    """In which row something stood first. A digest of it is kept: some 100 bytes for each row."""

    def __init__(self) -> None:
        self._rows: dict[int, int] = {}

    def before(self, row: int, *parts: object) -> int | None:
        """The row in which the same stood before, None where this is the first."""
        text = "\x1f".join(str(part) for part in parts)
        key = int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "big")
        found = self._rows.setdefault(key, row)
        return None if found == row else found


def alike(name: str) -> str:
    """A name as it is compared: without regard to capitals and to spaces."""
    return " ".join(name.split()).lower()


def today_of(clinic: Clinic, now: Any) -> date:
    """The day on the clinic's wall."""
    day: date = now.astimezone(clinic.tz).date()
    return day
