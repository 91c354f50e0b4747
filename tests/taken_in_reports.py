"""Rows of reports for ``tests/doors.py``: a question that is kept, a file, how they are made."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.core.files.base import ContentFile

from bonefit.clinics.actions import write_report_settings
from bonefit.clinics.models import Membership
from sessions.models import ReportExport, SavedReport
from sessions.reports import exporting, keeping
from sessions.reports.readers import ClinicReader


@dataclass
class KeptReports:
    """A shared question and a file that is ready, both of a therapist."""

    saved: SavedReport
    export: ReportExport


def taken_in_reports(by: Membership, now: datetime) -> KeptReports:
    """Her question is monthly; her file is good for three days. How reports are made was changed
    and changed back."""
    for headline in ("A1", "A3"):
        write_report_settings(
            clinic=by.clinic, headline=headline, therapists_see="own", by=by, now=now
        )
    saved = keeping.save(
        name="My month", report="dose", query="", shared=True, monthly=True, by=by, now=now
    )
    export = exporting.record(
        exporting.Wanted("dose", "", ReportExport.Form.XLSX, now),
        by=ClinicReader(by),
        status=ReportExport.Status.DONE,
        rows=1,
    )
    export.file.save(f"exports/{by.clinic_id}/{export.uid}.xlsx", ContentFile(b"rows"), save=False)
    export.size, export.finished_at, export.expires_at = 4, now, now + timedelta(days=3)
    export.save()
    return KeptReports(saved, export)
