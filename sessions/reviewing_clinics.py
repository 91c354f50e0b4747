"""Looks at what is about the clinic itself, and at notes that became late within hours.

Like ``reviewing``: facts in sets, rules decide, the open flags become what is true. Twice, late or
in parallel it does the same: the open flag of one subject is unique in the database.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef

from bonefit.clinics.models import Clinic
from bonefit.clinics.rows import clinics_in_sight
from programs.models import Enrollment

from . import flagging, reviewing
from .contained import SweepIncomplete, contained
from .flag_facts import OF_CLINIC, Scope
from .flags import RULES, Finding, Rule, reconcile
from .models import Flag, SessionNote, Visit
from .reviewing import CHUNK, Reviewed

ASKED = tuple(rule for rule in RULES if rule.family and rule.of_clinic)
#: A note that became late so long ago is in the review of its client's next day.
LATELY = timedelta(days=2)


def review_clinics(now: datetime) -> Reviewed:
    """Look at every clinic, and at the clients whose note has become late since the last days.

    Raises SweepIncomplete at the end if a clinic or an enrollment failed; the others are looked at
    all the same.
    """
    done, parts = Reviewed(), list[Reviewed]()

    def settle(clinics: Sequence[Clinic]) -> int:
        for clinic in clinics:
            parts.append(review_clinic(clinic, now))
        return len(clinics)

    for clinic in clinics_in_sight().order_by("pk"):
        _, failed = contained([clinic], settle)
        done.failed += failed
        late = late_notes(clinic, now)
        for start in range(0, len(late), CHUNK):
            done += reviewing.review(clinic, late[start : start + CHUNK], now)
    for part in parts:
        done += part
    if done.failed:
        raise SweepIncomplete(f"{done.failed} clinics or enrollments could not be reviewed.")
    return done


@transaction.atomic
def review_clinic(clinic: Clinic, now: datetime) -> Reviewed:
    """Make the open flags about a clinic's classes and supervisors what is true now."""
    scope = Scope.of(clinic, (), now)
    done = Reviewed()
    for rule in ASKED:
        facts = OF_CLINIC[rule.family](scope)
        found = [one for known in facts.values() for one in rule.judge(known, scope.asked)]
        done += _settle(rule, clinic, found, {str(key) for key in facts}, now)
        done.seen += len(facts)
    return done


def _settle(
    rule: Rule, clinic: Clinic, found: Sequence[Finding], asked: Collection[str], now: datetime
) -> Reviewed:
    """Open and close the flags of one rule. ``asked``: the subjects whose facts are known.

    The flag of an event stays when its time has passed: a correction of the event closes it.
    """
    known = Flag.objects.filter(clinic=clinic, enrollment=None, kind=rule.kind)
    open_ = {
        subject: (pk, severity)
        for subject, pk, severity in known.open().values_list("subject", "pk", "severity")
    }
    before = known.filter(evidence_key__in=[one.key for one in found], resolved_at__isnull=False)
    answered = before.exclude(resolution=Flag.Resolution.BY_ITSELF)
    changes = reconcile(
        found,
        {subject: severity for subject, (_, severity) in open_.items()},
        closed_keys=set(answered.values_list("evidence_key", flat=True)),
    )
    gone = [one for one in changes.to_resolve if not rule.once or one in asked]
    closed = flagging.close_by_itself(
        Flag.objects.filter(pk__in=[open_[subject][0] for subject in gone]), now
    )
    opened = flagging.open_all(
        flagging.found(rule, one, clinic, None, now) for one in changes.to_open
    )
    return Reviewed(0, opened, closed)


def late_notes(clinic: Clinic, now: datetime) -> list[int]:
    """Enrollments with a note that became late in the last two days, and no flag that says so.

    A review is asked for by days; a note is late after hours.
    """
    hours = timedelta(hours=Scope.of(clinic, (), now).asked.rules.note_hours)
    flagged = Flag.objects.open().filter(
        enrollment=OuterRef("enrollment"), kind=Flag.Kind.NOTE_UNSIGNED
    )
    visits = Visit.objects.filter(
        ~Exists(SessionNote.objects.filter(visit=OuterRef("pk"))),
        ~Exists(flagged),
        clinic=clinic,
        slot__clinic=clinic,
        slot__ends_at__lt=now - hours,
        slot__starts_at__gt=now - hours - LATELY,
        status__in=Visit.ATTENDANCE,
        enrollment__status=Enrollment.Status.ACTIVE,
    )
    return sorted(set(visits.values_list("enrollment_id", flat=True)))


__all__ = ["ASKED", "late_notes", "review_clinic", "review_clinics"]
