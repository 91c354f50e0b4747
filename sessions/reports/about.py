"""What is said beside the figures of a report: whose, of which days, as at when, by what meaning.

The page prints it, and every download carries it: a figure without its definition is none.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import PackageNotFoundError, version

from bonefit.clinics.dates import say_day
from bonefit.clinics.models import Clinic

from .define import VERSION
from .kinds import ReportKind
from .table import Report


@dataclass(frozen=True)
class About:
    """``whose``: the clinic's or the organisation's name; ``who`` asked; ``asked``: the filters."""

    kind: ReportKind
    whose: str
    who: str
    asked: tuple[tuple[str, str], ...]
    as_at: datetime
    clinics: tuple[Clinic, ...]

    @property
    def moment(self) -> str:
        """ "As at" in the first clinic's own time, with the zone's name."""
        return f"{self.local.isoformat(sep=' ', timespec='minutes')} ({self.clinics[0].timezone})"

    @property
    def moment_in_words(self) -> str:
        """The same for a page: Thursday 5 March 2026, 12:00 (Australia/Brisbane, UTC+10:00)."""
        local = self.local
        zone = f"{self.clinics[0].timezone}, UTC{local.isoformat()[-6:]}"
        return f"{local:%A} {say_day(local.date())}, {local:%H:%M} ({zone})"

    @property
    def local(self) -> datetime:
        """The moment by the first clinic's clock."""
        return self.as_at.astimezone(self.clinics[0].tz)

    def lines(self, report: Report) -> Iterator[Sequence[str]]:
        """Rows of words, for the end of a CSV and the sheet of definitions."""
        yield "Report", self.kind.title
        yield "Of", self.whose
        yield from self.asked
        yield "As at", self.moment
        if len(self.clinics) > 1:
            yield "Days", "Of each clinic's own calendar"
        yield "Asked by", self.who
        yield "Definitions", f"version {VERSION}"
        yield "bonefit", app_version()
        for one in self.kind.definitions:
            yield f"{one.code}, {one.name}", one.formula
            yield from (("", note) for note in one.notes)
            yield "", one.source
        for title, columns in self.kind.columns:
            yield (title,)
            yield from ((column.name, column.meaning) for column in columns)
        yield from self.kind.rules
        yield from (("Note", note) for note in report.notes)


def app_version() -> str:
    """The version of bonefit that made the figures."""
    try:
        return version("bonefit")
    except PackageNotFoundError:  # run from its folder, as always: pyproject.toml says it
        return _from_project()


def _from_project() -> str:
    import tomllib

    from bonefit.paths import BASE_DIR

    project = tomllib.loads((BASE_DIR / "pyproject.toml").read_text())
    return str(project["project"]["version"])
