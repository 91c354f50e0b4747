"""Writes of flags: what is true is worked out from facts and compared with what is open.

Nothing here decides when it runs, and all of it may run twice, late or in parallel: the open flag
of one subject is unique in the database, and a status changes together with its flag or not at all.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.core.exceptions import PermissionDenied
from django.db import models, transaction
from django.db.models import Q

from bonefit.clients.models import Client
from bonefit.clinics.access import Can
from bonefit.clinics.models import Clinic, Membership
from programs.models import Enrollment
from programs.reasons import INTAKE

from . import flags
from .contained import SweepIncomplete, contained
from .models import Flag, SetEntry, Visit

OUTSIDE_CLEARANCE_RULE = "F23.1"

#: What a person may answer. The others are said by the system, or by answering for the visit.
REASONS = (
    Flag.Resolution.CALLED,
    Flag.Resolution.PLAN_CHANGED,
    Flag.Resolution.REFERRED,
    Flag.Resolution.EXPECTED,
    Flag.Resolution.NOT_USEFUL,
)

#: A visit with sets that nobody completed was not missed. It is asked about again after this.
ASK_AGAIN = timedelta(days=1)


class AlreadyResolved(Exception):
    """Somebody, or the facts, closed the flag first."""


# --- missed sessions -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Batch:
    flagged: int = 0
    failed: int = 0
    last: tuple[datetime, int] | None = None


def flag_missed(now: datetime, batch: int = 200) -> int:
    """Make every overdue visit with nothing in it *unrecorded* and open its flag.

    1. Take the oldest ``batch`` overdue visits that no other sweep holds.
    2. Those with a standing set are begun, not missed: ask again in a day.
    3. The others change status and get their flag, in one transaction.
    4. If that fails, do them one by one; a row that fails alone is left as it was.
    5. Go on behind the last one taken, so that a row that fails cannot stop those after it.

    Returns how many were flagged. Raises SweepIncomplete at the end if any row failed, so that the
    sweep's beat stays away and somebody looks.
    """
    flagged = failed = 0
    after: tuple[datetime, int] | None = None
    while True:
        done = _flag_batch(now, batch, after)
        flagged += done.flagged
        failed += done.failed
        if done.last is None:
            break
        after = done.last
    if failed:
        raise SweepIncomplete(f"{failed} visits could not be flagged, {flagged} were.")
    return flagged


@transaction.atomic
def _flag_batch(now: datetime, size: int, after: tuple[datetime, int] | None) -> _Batch:
    overdue = Visit.objects.overdue(now)
    if after is not None:
        overdue = overdue.filter(
            Q(missed_after__gt=after[0]) | Q(missed_after=after[0], pk__gt=after[1])
        )
    visits = list(
        overdue.select_related("clinic", "slot", "enrollment__therapist__user")
        .order_by("missed_after", "pk")
        .select_for_update(of=("self",), skip_locked=True)[:size]
    )
    if not visits:
        return _Batch()
    flagged, failed = contained(visits, lambda rows: _settle_overdue(rows, now))
    return _Batch(flagged, failed, (visits[-1].missed_after, visits[-1].pk))


def _settle_overdue(visits: Sequence[Visit], now: datetime) -> int:
    # Asked after the lock, not with it: a set that was saved while we waited is seen only so.
    begun = set(
        SetEntry.objects.standing().filter(visit__in=visits).values_list("visit_id", flat=True)
    )
    silent = [visit for visit in visits if visit.pk not in begun]
    Visit.objects.filter(pk__in=begun).update(missed_after=now + ASK_AGAIN)
    Visit.objects.filter(pk__in=[visit.pk for visit in silent]).update(
        status=Visit.Status.UNRECORDED
    )
    open_all(_missed_flag(visit, now) for visit in silent)
    return len(silent)


def _missed_flag(visit: Visit, now: datetime) -> Flag:
    starts = visit.starts_at.astimezone(visit.clinic.tz)
    finding = flags.missed(
        str(visit.uid),
        {
            "date": starts.date().isoformat(),
            "time": f"{starts:%H:%M}",
            "room": visit.slot.room,
            "therapist": visit.enrollment.therapist.user.name,
            "checked_in": visit.status == Visit.Status.CHECKED_IN,
        },
    )
    # A visit can only be overdue again because a person opened it again, with a new deadline.
    finding_key = f"{finding.key}|{visit.missed_after:%Y-%m-%dT%H:%M:%S}"
    return Flag(
        clinic_id=visit.clinic_id,
        enrollment_id=visit.enrollment_id,
        kind=Flag.Kind.MISSED,
        subject=finding.subject,
        visit=visit,
        rule=flags.MISSED_RULE,
        evidence=finding.evidence,
        evidence_key=finding_key,
        opened_at=now,
    )


def resolve_for_visit(
    visit: Visit, *, resolution: str, by: Membership | None, now: datetime
) -> int:
    """Close the open missed flag of a visit that somebody has answered for; 1 if there was one.

    Call it in the transaction that changes the visit. ``by`` is None where the facts closed it.
    """
    return Flag.objects.filter(visit=visit, kind=Flag.Kind.MISSED, resolved_at=None).update(
        resolution=resolution, resolved_by=by, resolved_at=now
    )


def resolve_for_enrollment(enrollment: Enrollment, *, by: Membership | None, now: datetime) -> int:
    """Training has ended, so nothing stalls any more; how many flags that closed.

    A missed session stays open: it is past, it counts, and somebody still has to say what it was.
    """
    return Flag.objects.filter(
        enrollment=enrollment, kind=Flag.Kind.STALLED, resolved_at=None
    ).update(resolution=Flag.Resolution.BY_ITSELF, resolved_by=by, resolved_at=now)


def closed_keys(known: models.QuerySet[Flag], keys: Sequence[str]) -> dict[int, set[str]]:
    """Evidence that a person has answered. What closed by itself may come back by itself."""
    rows = known.filter(resolved_at__isnull=False, evidence_key__in=keys).exclude(
        resolution=Flag.Resolution.BY_ITSELF
    )
    closed: dict[int, set[str]] = {}
    for enrollment_id, key in rows.values_list("enrollment_id", "evidence_key"):
        closed.setdefault(enrollment_id, set()).add(key)
    return closed


def of_enrollment(
    enrollment: Enrollment, kind: str, rule: str, finding: flags.Finding, now: datetime
) -> Flag:
    """A flag about an enrollment, not opened yet (``open_all``)."""
    return Flag(
        clinic_id=enrollment.clinic_id,
        enrollment=enrollment,
        kind=kind,
        subject=finding.subject,
        rule=rule,
        evidence=finding.evidence,
        evidence_key=finding.key,
        opened_at=now,
    )


# --- landings outside clearance ------------------------------------------------------------------


def open_outside_clearance(visit: Visit, entries: Iterable[SetEntry], *, now: datetime) -> None:
    """Flag what was lifted outside a client's clearance, in the transaction that saves it.

    Landings too high, or any set while she was locked or barred by her intake. While one such
    flag of the enrollment is open there is no second; a visit that a person has answered for is
    not raised again unless it gets worse.
    """
    above = [entry for entry in entries if entry.outside_clearance and not entry.voided]
    if not above:
        return
    level = max(entry.landing_level or 0 for entry in above)
    key = f"{OUTSIDE_CLEARANCE_RULE}|{visit.uid}|{level}"
    of_enrollment = Flag.objects.filter(
        kind=Flag.Kind.OUTSIDE_CLEARANCE, enrollment_id=visit.enrollment_id
    )
    if closed_keys(of_enrollment, [key]):
        return
    evidence = {
        "cleared": visit.client.impact_cleared,
        "sets": [{"number": entry.number, "level": entry.landing_level} for entry in above],
    }
    if any(entry.prescribed_reason == INTAKE for entry in above):
        evidence["intake"] = [one["words"] for one in visit.client.intake_missing]
    open_of_visit(visit, Flag.Kind.OUTSIDE_CLEARANCE, OUTSIDE_CLEARANCE_RULE, evidence, key, now)


def resolve_outside_clearance(visit: Visit, *, now: datetime) -> int:
    """Close the flag of a visit whose landings were corrected to what is cleared; 1 if it did."""
    if SetEntry.objects.standing().filter(visit=visit, outside_clearance=True).exists():
        return 0
    raised_here = Flag.objects.filter(kind=Flag.Kind.OUTSIDE_CLEARANCE, visit=visit)
    return close_by_itself(raised_here, now)


# --- answers -------------------------------------------------------------------------------------


def resolve_flag(
    *, flag: Flag, by: Membership, resolution: str, note: str = "", now: datetime
) -> None:
    """A therapist closes a flag, with a reason of ``REASONS``.

    A missed session is not closed like this while nobody has said what happened: answer for the
    visit (``sessions.actions.say``) or log it, and its flag closes with that. ValueError then, and
    for a reason that is none; AlreadyResolved if it was closed in the meantime.
    """
    if not by.is_active or by.clinic_id != flag.clinic_id or Can.WORK_FLAGS not in by.can:
        raise PermissionDenied
    if resolution not in REASONS:
        raise ValueError("Choose a reason.")
    if flag.kind == Flag.Kind.MISSED and unanswered(flag):
        raise ValueError("Say what happened to this session: its flag closes with that.")
    if flag.kind == Flag.Kind.LOCKED:
        raise ValueError("A named clinician releases her: the flag closes with that.")
    closed = Flag.objects.filter(pk=flag.pk, resolved_at=None).update(
        resolution=resolution, note=note, resolved_by=by, resolved_at=now
    )
    if not closed:
        raise AlreadyResolved


def unanswered(flag: Flag) -> bool:
    """Whether nobody has said yet what happened to the flag's visit."""
    return Visit.objects.filter(flags=flag, status=Visit.Status.UNRECORDED).exists()


# --- shared --------------------------------------------------------------------------------------


def open_all(rows: Iterable[Flag]) -> int:
    """Open flags, those that are open already left as they are; how many were to be opened."""
    # Another sweep may have opened the same flag a moment ago: the database keeps one of them.
    return len(Flag.objects.bulk_create(list(rows), ignore_conflicts=True))


def found(
    rule: flags.Rule, finding: flags.Finding, clinic: Clinic, enrollment: int | None, now: datetime
) -> Flag:
    """The flag of what a rule has found, not opened yet (``open_all``)."""
    return Flag(
        clinic=clinic,
        enrollment_id=enrollment,
        kind=rule.kind,
        severity=finding.severity,
        subject=finding.subject,
        rule=rule.code,
        evidence=finding.evidence,
        evidence_key=finding.key[:200],
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
) -> None:
    """Open a flag about a visit. An open one of its kind says the same until it is answered."""
    starts = visit.starts_at.astimezone(visit.clinic.tz)
    when = {"date": starts.date().isoformat(), "time": f"{starts:%H:%M}"}
    flag = Flag(
        clinic_id=visit.clinic_id,
        enrollment_id=visit.enrollment_id,
        kind=kind,
        subject=subject,
        visit=visit,
        rule=rule,
        evidence={**when, **evidence},
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
) -> None:
    """Open a flag about a client, on each enrollment of hers that goes on. Needs her ``clinic``."""
    here = now.astimezone(client.clinic.tz)
    when = {"date": here.date().isoformat(), "time": f"{here:%H:%M}"}
    open_all(
        Flag(
            clinic_id=client.clinic_id,
            enrollment=enrollment,
            kind=kind,
            subject=subject,
            rule=rule,
            evidence={**when, **evidence},
            evidence_key=key,
            opened_at=now,
        )
        for enrollment in Enrollment.objects.active().filter(client=client)
    )


def close_by_itself(
    rows: models.QuerySet[Flag], now: datetime, *, by: Membership | None = None
) -> int:
    """Close what is open of these flags, because the facts say so; how many there were."""
    return rows.filter(resolved_at=None).update(
        resolution=Flag.Resolution.BY_ITSELF, resolved_by=by, resolved_at=now
    )
