"""Reports as spreadsheets."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from io import StringIO

from bonefit.sheets import BYTE_ORDER_MARK, plain_text

from .adherence import Adherence
from .definitions import COLUMNS, HEADLINE, RULES, VERSION


def adherence_csv(report: Adherence) -> str:
    """The rows on the page, in their order and with their rounding; what they mean comes last."""
    out = StringIO()
    out.write(BYTE_ORDER_MARK)
    writer = csv.writer(out)
    writer.writerow(["Client", *(name for name, _ in COLUMNS)])
    if report.rows:
        for row in [*report.rows, report.total]:
            name, *figures = row.cells()
            writer.writerow([plain_text(name), *figures])
    writer.writerow([])
    writer.writerows(_about(report))
    return out.getvalue()


def _about(report: Adherence) -> Iterable[Sequence[str]]:
    clinic, filters = report.clinic, report.filters
    local = report.as_at.astimezone(clinic.tz)
    yield "Clinic", plain_text(clinic.name)
    yield "From", filters.first.isoformat()
    yield "To", filters.last.isoformat()
    yield "Therapist", plain_text(str(filters.therapist)) if filters.therapist else "All therapists"
    yield "Program", plain_text(str(filters.program)) if filters.program else "All programs"
    yield "As at", local.isoformat(timespec="minutes"), clinic.timezone
    yield "Definitions", f"version {VERSION}"
    for definition in HEADLINE:
        yield definition.code, definition.formula, *definition.notes
    yield from RULES


def file_name(report: Adherence) -> str:
    """Says whose figures these are and of which days, and names no person."""
    filters = report.filters
    return f"adherence-{report.clinic.slug}-{filters.first}-to-{filters.last}.csv"
