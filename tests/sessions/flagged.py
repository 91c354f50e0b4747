"""Flags of any kind for the tests of working them, made as the reviews make them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from bonefit.clinics.models import Clinic
from programs.models import Enrollment
from sessions import flagging
from sessions.flags import Finding, Rule, Severity
from sessions.models import Flag
from tests.cast import NOW


def raise_flag(
    about: Enrollment | Clinic,
    kind: str = "interrupted",
    severity: str = Severity.AMBER,
    *,
    subject: str = "",
    now: datetime = NOW,
    headline: str = "missed 3 in a row",
    detail: str = "No-show on 5, 9 and 12 March.",
    rows: dict[str, int] | None = None,
    **evidence: Any,
) -> Flag:
    """One open flag, found by a rule of the tests' own."""
    rule = Rule(
        id="F99",
        version=1,
        kind=kind,
        name="A rule of the tests",
        says="It says so.",
        severities=(Severity(severity),),
        mark="hold",
        family="",
        judge=lambda _facts, _asked: (),
        actions=(),
    )
    words = {"headline": headline, "detail": detail, "lines": [], **evidence}
    finding = Finding(subject, words, f"F99.1|{kind}|{subject}|{now}", severity, rows or {})
    clinic = about if isinstance(about, Clinic) else about.clinic
    enrollment = None if isinstance(about, Clinic) else about.pk
    flagging.open_all([flagging.found(rule, finding, clinic, enrollment, now)])
    found: Flag = Flag.objects.open().get(
        clinic=clinic, enrollment=enrollment, kind=kind, subject=subject
    )
    return found
