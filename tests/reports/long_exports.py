"""Long exports for tests: who agreed to research, and what Ada asked for."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path

from django.core.files.storage import storages
from django.test import Client as Browser

from bonefit.clients.consents import texts_in_force
from bonefit.clients.models import Consent
from bonefit.clinics.models import Membership
from programs.models import Enrollment
from sessions.models import ReportExport
from sessions.reports.small_counts import SMALL
from tests.cast import NOW, Cast
from tests.reports.floor import ATTENDED, NO_SHOW, someone, visit

DAYS = "from=2026-01-01&to=2026-03-04"
PAGE = "/c/north/reports/research/"
MAKE = f"{PAGE}make/?{DAYS}"
FILES = "/c/north/reports/files/"
START = date(2026, 1, 5)
Status = ReportExport.Status


def browser(member: Membership) -> Browser:
    made = Browser()
    made.force_login(member.user)
    return made


def agrees(one: Enrollment, by: Membership) -> None:
    Consent.objects.create(
        clinic=one.clinic,
        client=one.client,
        text=texts_in_force(one.clinic)["research"],
        agreed=["audit", "study"],
        explained_by=by,
        signed_name=one.client.name,
        signed_on=START,
        recorded_by=by,
        recorded_at=NOW - timedelta(days=30),
    )


def people(cast: Cast, count: int = SMALL) -> None:
    """So many who agreed, each with two sessions: one row a person and two of sessions."""
    for number in range(count):
        one = someone(cast.ana, f"Ruth Secret{number}", START)
        agrees(one, cast.ana)
        visit(one, START + timedelta(days=1), ATTENDED)
        visit(one, START + timedelta(days=8), NO_SHOW)


def asked_for(cast: Cast) -> ReportExport:
    """What Ada asked for, as it waits."""
    answer = browser(cast.ada).post(MAKE)
    assert answer.status_code == 302
    made = ReportExport.objects.get()
    assert answer.headers["Location"] == f"{FILES}{made.uid}/"
    return made


def state(made: ReportExport) -> str:
    return str(ReportExport.objects.get(pk=made.pk).status)


def ends_of(made: ReportExport) -> datetime:
    """When its link stops being good."""
    ends = ReportExport.objects.get(pk=made.pk).expires_at
    assert ends is not None
    return ends


def taken(who: Browser, address: str) -> int:
    """How an address answers; a file is read to its end, as a browser does."""
    answer = who.get(address)
    if answer.streaming:
        b"".join(answer.streaming_content)  # type: ignore[attr-defined]
    return answer.status_code


def kept_files() -> list[Path]:
    return [one for one in Path(storages["private"].location).rglob("*.zip") if one.is_file()]
