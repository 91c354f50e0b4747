"""Writes of flags: what is true is worked out from facts and compared with what is open.

Nothing here decides when it runs, and all of it may run twice, late or in parallel: the open flag
of one subject is unique in the database, and a status changes together with its flag or not at all.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from django.db import models

from bonefit.clients.models import Client
from bonefit.clinics.models import Clinic, Membership
from programs.models import Enrollment

from . import flags
from .flags.said import worded
from .models import Flag, FlagStep, Visit

#: A visit with sets that nobody completed was not missed. It is asked about again after this.
ASK_AGAIN = timedelta(days=1)


def resolve_for_visit(
    visit: Visit, *, resolution: str, by: Membership | None, now: datetime
) -> int:
    """Close the open missed flag of a visit that somebody has answered for; 1 if there was one.

    Call it in the transaction that changes the visit. ``by`` is None where the facts closed it.
    """
    rows = Flag.objects.filter(visit=visit, kind=Flag.Kind.MISSED)
    return _close(rows, resolution, by, now)


def closed_keys(known: models.QuerySet[Flag], keys: Sequence[str]) -> dict[int, set[str]]:
    """Evidence that a person has answered. What closed by itself may come back by itself."""
    rows = known.filter(resolved_at__isnull=False, evidence_key__in=keys).exclude(
        resolution=Flag.Resolution.BY_ITSELF
    )
    closed: dict[int, set[str]] = {}
    for enrollment_id, key in rows.values_list("enrollment_id", "evidence_key"):
        closed.setdefault(enrollment_id, set()).add(key)
    return closed


# --- shared --------------------------------------------------------------------------------------


def open_all(rows: Iterable[Flag]) -> int:
    """Open flags, those that are open already left as they are; how many were to be opened."""
    # Another sweep may have opened the same flag a moment ago: the database keeps one of them.
    return len(Flag.objects.bulk_create(list(rows), ignore_conflicts=True))


def found(
    rule: flags.Rule, finding: flags.Finding, clinic: Clinic, enrollment: int | None, now: datetime
) -> Flag:
    """The flag of what a rule has found, not opened yet (``open_all``).

    Evidence may name the rule itself: a broken bone locks her by that of falls.
    """
    return Flag(
        clinic=clinic,
        enrollment_id=enrollment,
        kind=rule.kind,
        severity=finding.severity,
        subject=finding.subject,
        rule=str(finding.evidence.get("rule", rule.code)),
        evidence=finding.evidence,
        evidence_key=finding.key,
        opened_at=now,
        **finding.about,
    )


def open_of_visit(
    visit: Visit,
    kind: str,
    rule: str,
    evidence: Mapping[str, object],
    key: str,
    now: datetime,
    *,
    subject: str = "",
    severity: str = Flag.Severity.AMBER,
) -> None:
    """Open a flag about a visit. An open one of its kind says the same until it is answered."""
    starts = visit.starts_at.astimezone(visit.clinic.tz)
    when = {"date": starts.date().isoformat(), "time": f"{starts:%H:%M}"}
    flag = Flag(
        clinic_id=visit.clinic_id,
        enrollment_id=visit.enrollment_id,
        kind=kind,
        severity=severity,
        subject=subject,
        visit=visit,
        rule=rule,
        evidence=worded(kind, {**when, **evidence}),
        evidence_key=key,
        opened_at=now,
    )
    open_all([flag])


def open_of_client(
    client: Client,
    kind: str,
    rule: str,
    evidence: Mapping[str, object],
    key: str,
    now: datetime,
    *,
    subject: str = "",
    severity: str = Flag.Severity.AMBER,
) -> None:
    """Open a flag about a client, on each enrollment of hers that goes on. Needs her ``clinic``."""
    here = now.astimezone(client.clinic.tz)
    when = {"date": here.date().isoformat(), "time": f"{here:%H:%M}"}
    open_all(
        Flag(
            clinic_id=client.clinic_id,
            enrollment=enrollment,
            kind=kind,
            severity=severity,
            subject=subject,
            rule=rule,
            evidence=worded(kind, {**when, **evidence}),
            evidence_key=key,
            opened_at=now,
        )
        for enrollment in Enrollment.objects.active().filter(client=client)
    )


def set_read(rows: Iterable[Flag], *, by: Membership, now: datetime) -> None:
    """Somebody has these flags before her; the rows are held by the caller."""
    Flag.objects.filter(pk__in=[flag.pk for flag in rows]).update(seen_at=now, seen_by=by)


def close_by_itself(
    rows: models.QuerySet[Flag], now: datetime, *, by: Membership | None = None
) -> int:
    """Close what is open of these flags, because the facts say so; how many there were."""
    return _close(rows, Flag.Resolution.BY_ITSELF, by, now)


def _close(
    rows: models.QuerySet[Flag], resolution: str, by: Membership | None, now: datetime
) -> int:
    """Close what is open of these; where a person did what closes them, their history says so."""
    open_now = rows.filter(resolved_at=None)
    values = {"resolution": resolution, "resolved_by": by, "resolved_at": now}
    if by is None:
        return open_now.update(**values)
    closed = list(open_now.select_for_update(of=("self",), no_key=True).values_list("pk", "clinic"))
    if closed:
        Flag.objects.filter(pk__in=[pk for pk, _ in closed]).update(**values)
        FlagStep.objects.bulk_create(
            FlagStep(clinic_id=clinic, flag_id=pk, kind=FlagStep.Kind.CLOSED, at=now, by=by)
            for pk, clinic in closed
        )
    return len(closed)
