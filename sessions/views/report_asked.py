"""A question to a report as its views take it from an address: who asks, of what, and when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.http import Http404, HttpRequest
from django.utils import timezone

from sessions.reports import on_page
from sessions.reports.about import About
from sessions.reports.asking import AskingForm
from sessions.reports.kinds import ReportKind
from sessions.reports.lazily import Head, Parts
from sessions.reports.readers import Reader
from sessions.reports.registry import kind_of, kinds_for
from sessions.reports.scope import Scope
from sessions.reports.table import Report, Table


@dataclass(frozen=True)
class Question:
    """One report as it was asked for: who, what, and the moment."""

    reader: Reader
    kind: ReportKind
    form: AskingForm
    now: datetime

    @property
    def scope(self) -> Scope:
        return self.reader.scope(self.form.filters(), self.now)

    @property
    def about(self) -> About:
        return About(
            kind=self.kind,
            whose=self.reader.whose,
            who=str(self.reader.user),
            asked=tuple(self.form.describe()),
            as_at=self.now,
            clinics=self.reader.clinics,
        )

    def answer(self) -> Report:
        """The report as this reader may read it: without names, nothing of a few people."""
        return self.kind.answer(self.scope)

    @property
    def in_parts(self) -> bool:
        """Whether its tables come one by one."""
        return self.kind.parts is not None

    def parts(self) -> Parts:
        """The tables and pictures, each of which is asked for alone where that costs less."""
        if self.reader.named and self.kind.parts is not None:
            return self.kind.parts(self.scope)
        made = self.answer()
        return Parts(made.tables, made.pictures)

    @property
    def query(self) -> str:
        return self.form.query()

    def address(self, name: str, *args: str) -> str:
        """Of something else that answers the same question."""
        return f"{self.reader.address(name, self.kind.slug, *args)}?{self.query}"

    def printed(self, table: Table, *, first: bool, start: int, most: int) -> on_page.PageTable:
        """The rows of a table from one on, at most so many; ``first``: it is the report's first."""
        scope, strips = self.scope, self.kind.strips if first else None
        return on_page.printed(
            table,
            zone=self.reader.clinics[0].tz,
            opens=opens_of(self.reader, self.kind.slug, self.query),
            year=scope.filters.last.year,
            drawn=(lambda keys: strips(scope, keys)) if strips else None,
            start=start,
            most=most,
        )


@dataclass(frozen=True)
class Part:
    """A table on its page: its heading, its address, and itself where it stands there at once."""

    head: Head
    href: str
    printed: on_page.PageTable | None = None


def question(request: HttpRequest, reader: Reader, report: str) -> Question:
    """What an address asks; 404 for a report that there is not, or not for this reader."""
    kind = kind_of(report)
    if kind is None or kind not in kinds_for(reader):
        raise Http404
    now = timezone.now()
    return Question(reader, kind, reader.form(request.GET, kind, now), now)


def opens_of(reader: Reader, report: str, query: str) -> on_page.Opens:
    """What is behind a figure are people: it opens for who may read their names."""
    if not reader.named:
        return lambda *_: ""
    return on_page.behind_address(reader.address("figures-behind", report), query)
