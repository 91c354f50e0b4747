"""What a kind of report is: its name, its definitions, its tables, and how it is made."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import IO

from sessions.models import ReportExport

from .attendance_few import sides_of_phase
from .define import Definition
from .lazily import Parts
from .scope import By, Scope
from .small_cells import kept_back
from .strips import Strip, Weeks
from .table import Column, Report, Table

#: Makes the report.
Make = Callable[[Scope], Report]
#: (scope, table, row, column) -> the rows behind one figure; None where it has none.
Behind = Callable[[Scope, str, str, str], Table | None]

#: The weeks on show, and the pictures of some rows of the first table, by the row's key; None where
#: its rows have none.
Strips = Callable[[Scope, Sequence[str]], tuple[Weeks, Mapping[str, Strip]] | None]

#: Writes the de-identified tables of a cohort into a file, telling how far it is; its rows.
Research = Callable[[Scope, ReportExport, IO[bytes], Callable[[int], None]], int]


#: Of each table and row so many people, where its columns do not say so: for whoever reads no name.
Few = Callable[[Scope], Mapping[str, Mapping[str, int]]]


@dataclass(frozen=True)
class ReportKind:
    """One report as the pages, the downloads and docs/definitions.md know it.

    ``slug`` is its address; ``question`` what it answers, as a question. ``columns``: (title of the
    table, its columns) for each table that it may show. ``rules``: (word, rule) of what holds for
    the whole report. ``bys``: what a row may be, the usual one first; empty where there is nothing
    to choose.
    """

    slug: str
    title: str
    question: str
    definitions: tuple[Definition, ...]
    columns: tuple[tuple[str, tuple[Column, ...]], ...]
    make: Make
    behind: Behind | None = None
    few: Few | None = None
    strips: Strips | None = None
    #: Its tables and pictures without the figures in words, where one costs less than all: then
    #: each comes by itself to a page that stands already.
    parts: Callable[[Scope], Parts] | None = None
    research: Research | None = None
    #: Whether an organisation may ask for it across its clinics.
    across: bool = True
    bys: tuple[By, ...] = ()
    #: The months that a blank asks for, until today.
    months: int = 6
    rules: tuple[tuple[str, str], ...] = ()

    def answer(self, scope: Scope) -> Report:
        """The report as its reader may read it: without names, nothing of a few people."""
        made = self.make(scope)
        if scope.named:
            return made
        few = self.few
        people, left_out = scope.people(), scope.left_out()
        if By.PHASE in self.bys and scope.filters.phase:
            inside, outside = sides_of_phase(scope)
            people = min(people, inside)
            left_out = min(filter(None, (left_out, outside)), default=0)
        of_rows = partial(scope.once, few) if few else dict
        return kept_back(made, people=people, left_out=left_out, of_rows=of_rows)
