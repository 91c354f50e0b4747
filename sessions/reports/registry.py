"""The reports that there are, in the order in which the pages name them."""

from __future__ import annotations

from . import (
    attendance_report,
    cert,
    change_report,
    dose_report,
    fidelity,
    operations,
    research,
    retention,
    safety,
)
from .kinds import ReportKind
from .readers import Reader

KINDS: tuple[ReportKind, ...] = (
    attendance_report.KIND,
    dose_report.KIND,
    retention.KIND,
    fidelity.KIND,
    change_report.KIND,
    safety.KIND,
    operations.KIND,
    cert.KIND,
    research.KIND,
)


def kinds_for(reader: Reader) -> tuple[ReportKind, ...]:
    """The reports that somebody may ask for: what says something of single people needs names."""
    return tuple(kind for kind in KINDS if reader.named or kind.across)


def kind_of(slug: str) -> ReportKind | None:
    """The report of an address; None where there is none."""
    return next((kind for kind in KINDS if kind.slug == slug), None)
