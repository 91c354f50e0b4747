"""Alarms on the floor: pain that ends all loading, a stop, pain that rises; and the release.

An alarm is a Lock of the client, checked at every check-in, and a flag, both written in the
transaction that records what was said. A lock that was opened by a slip stays until a named
clinician releases it: that it was a slip is a finding too.
"""

from __future__ import annotations

from datetime import datetime

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from bonefit.acting import because_of
from bonefit.clients import actions as clients
from bonefit.clients.models import Client, Lock
from bonefit.clinics.access import Can
from bonefit.clinics.models import Clinic, Membership
from programs.pain import Answers, Pain, Verdict, judge_pain
from programs.rules import Rules

from . import flagging, flags
from .flags.health import FALL_RULE, FRACTURE, LOCKED_RULE
from .models import Flag, PainKind, Site, Visit

#: Who ends it, in words: said wherever something is refused or not prescribed for it.
WHO_RELEASES = (
    "Any therapist of the clinic records the release on the client’s page, with the name of the "
    "clinician who has looked."
)
WHO_RESCREENS = (
    "Any therapist of the clinic looks again, and writes on the visit’s page what was found."
)
#: What stands where the plan would, in a clinic that has not written one.
NO_PLAN = (
    "This clinic has no emergency plan yet. A clinic admin writes it in Settings, under "
    "“In an emergency”."
)


def alarming(pain: Pain, rules: Rules) -> bool:
    """Whether one report ends all loading and impact (protocol sheet 2.5)."""
    return judge_pain(pain, rules) is Verdict.LOCK


def in_words(pain: Pain) -> str:
    """A report of pain as it is read: "pain 1 of 10 in the lower back, new or changed"."""
    words = "pain" if pain.score is None else f"pain {pain.score} of 10"
    if pain.site:
        words = f"{words}, {Site(pain.site).label.lower()}"
    return f"{words}, {PainKind(pain.kind).label.lower()}" if pain.kind else words


def emergency_plan(clinic: Clinic) -> str:
    """What the clinic does in an emergency, or plainly that nobody has written it."""
    return clinic.emergency_plan.strip() or NO_PLAN


def asked_locks(answers: Answers, rules: Rules, before: Answers) -> list[tuple[str, str]]:
    """What the answers on arrival lock for that was not said before: (kind of lock, why)."""
    found: list[tuple[str, str]] = []
    if answers.fracture and not before.fracture:
        found.append((Lock.Why.FRACTURE, "a fracture since last time"))
    if answers.dizzy and not before.dizzy:
        found.append((Lock.Why.DIZZY, "dizzy on arrival"))
    for pain, known in ((answers.next_day, before.next_day), (answers.now, before.now)):
        if pain != known and alarming(pain, rules):
            found.append((Lock.Why.PAIN, in_words(pain)))
    return found


def open_lock_of(client_id: int) -> Lock | None:
    """The oldest lock of a client that nobody has released."""
    return Lock.objects.filter(client_id=client_id).open().order_by("pk").first()


def lock(
    visit: Visit, why: str, *, by: Membership, now: datetime, kind: str = Lock.Why.PAIN
) -> bool:
    """Lock the client of a visit, and flag it; False where it has locked her for this already.

    Call it in the transaction that records the fact. Pain, a stop, a fracture are each a fact of
    their own; a second alarm after a release of the same visit is another one, and locks anew.
    """
    fact = _open_lock(
        visit.client, str(visit.uid), why, {"visit": str(visit.uid)}, by=by, now=now, kind=kind
    )
    if not fact:
        return False
    rule, subject = _flagged_as(kind)
    key = f"{rule}|{fact}"
    flagging.open_of_visit(
        visit,
        Flag.Kind.LOCKED,
        rule,
        {"why": why},
        key,
        now,
        subject=subject,
        severity=Flag.Severity.RED,
    )
    return True


def lock_outside(
    client: Client,
    source: str,
    why: str,
    *,
    by: Membership | None,
    now: datetime,
    kind: str,
) -> bool:
    """Lock a client for what came up in no visit, and flag it on what she is enrolled in.

    ``source`` names the fact that it was recorded as, in at most 50 characters. ``by`` is None
    where the client said it herself, by a message. False where it has locked her for this already.
    What was prescribed for visits that are not over is asked for anew.
    """
    fact = _open_lock(client, source, why, {}, by=by, now=now, kind=kind)
    if not fact:
        return False
    rule, subject = _flagged_as(kind)
    key = f"{rule}|{fact}"
    flagging.open_of_client(
        client,
        Flag.Kind.LOCKED,
        rule,
        {"why": why},
        key,
        now,
        subject=subject,
        severity=Flag.Severity.RED,
    )
    Visit.objects.filter(client=client, prescription__isnull=False, status__in=Visit.OPEN).update(
        prescription=None
    )
    return True


def _open_lock(
    client: Client,
    source: str,
    why: str,
    evidence: dict[str, str],
    *,
    by: Membership | None,
    now: datetime,
    kind: str,
) -> str:
    """Open a lock for one fact of a source; its key, "" where an open one of its kind is there."""
    known = _locks_of_source(client.pk, source)
    if any(one.why == kind and one.released_at is None for one in known):
        return ""
    fact = f"{source} {len(known) + 1}"
    clients.open_lock(
        client=client, why=kind, fact=fact, evidence={"why": why, **evidence}, by=by, now=now
    )
    return fact


def _flagged_as(kind: str) -> tuple[str, str]:
    """The rule and the subject of a lock's flag: beside another lock a fracture is said as well."""
    fracture = kind == Lock.Why.FRACTURE
    return (FALL_RULE, FRACTURE) if fracture else (LOCKED_RULE, "")


def locks_from(visit: Visit) -> list[Lock]:
    """The locks that something said of this visit has opened, released ones included."""
    return _locks_of_source(visit.client_id, str(visit.uid))


def locked_for(client: Client, source: str) -> bool:
    """Whether a lock that this source has opened is still open."""
    return any(one.released_at is None for one in _locks_of_source(client.pk, source))


def _locks_of_source(client_id: int, source: str) -> list[Lock]:
    found = Lock.objects.filter(client_id=client_id, fact__startswith=f"{source} ")
    return list(found.order_by("pk"))


@because_of("finding")
@transaction.atomic
def release(
    client: Client, *, clinician: str, finding: str, by: Membership, now: datetime | None = None
) -> int:
    """A named clinician lets a client be loaded again; how many open locks that released.

    What was prescribed for visits that are not over is asked for anew, and the flag closes. 0 where
    somebody was faster. PermissionDenied where ``by`` may not record a release.
    """
    if not by.is_active or by.clinic_id != client.clinic_id or Can.RELEASE_LOCKS not in by.can:
        raise PermissionDenied
    now = now or timezone.now()
    released = clients.release(client=client, clinician=clinician, finding=finding, by=by, now=now)
    if not released:
        return 0
    locked = Flag.objects.filter(kind=Flag.Kind.LOCKED, enrollment__client=client)
    flagging.close_by_itself(locked, now, by=by)
    Visit.objects.filter(
        client=client,
        prescription__isnull=False,
        status__in=[*Visit.OPEN, Visit.Status.UNRECORDED],
    ).update(prescription=None)
    return released


def settle_rising_pain(visit: Visit, *, now: datetime) -> None:
    """Open or close the flag of pain at once, by the same rule and facts as a review (F14).

    Each answer settles it: only an answer, or the end of a visit, can change it.
    """
    # The facts of the other rules know the desk, and the desk calls this.
    from .flag_facts.health import pain
    from .flag_facts.scope import Scope

    clinic, enrollment = visit.clinic, visit.enrollment_id
    scope = Scope.of(clinic, (enrollment,), now)
    known = pain(scope).get(enrollment)
    rule = flags.BY_KIND[Flag.Kind.PAIN_RISING]
    found = list(rule.judge(known, scope.asked)) if known else []
    mine = Flag.objects.filter(enrollment_id=enrollment, kind=Flag.Kind.PAIN_RISING)
    changes = flags.reconcile(
        found,
        dict(mine.open().values_list("subject", "severity")),
        closed_keys=flagging.closed_keys(mine, [one.key for one in found]).get(enrollment, ()),
    )
    if changes.to_resolve:
        flagging.close_by_itself(mine, now)
    flagging.open_all(flagging.found(rule, one, clinic, enrollment, now) for one in changes.to_open)


def locks_of(client: Client) -> list[Lock]:
    """All locks of a client, the newest first, open ones included."""
    return list(client.locks.select_related("opened_by__user", "released_by__user").order_by("-pk"))
