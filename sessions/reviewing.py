"""Looks at enrollments again: facts in sets, rules decide, the open flags become what is true.

A review may run twice, late, in parallel or be killed: it is one transaction for a chunk of
enrollments, and what has changed since it read stays noted (``Changed``) for the next one. Only
reviewers lock ``Review`` rows, so nobody who writes a fact ever waits for a review.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta

from django.db import connection, transaction
from django.db.models import Count, QuerySet

from bonefit.clinics.models import Clinic
from programs.calendar import wall_time
from programs.models import Enrollment

from . import flagging
from .contained import SweepIncomplete, contained
from .flag_facts import CONFIRM, FAMILIES, Scope
from .flags import BY_KIND, RULES, Finding, Rule, reconcile
from .models import Changed, Flag, Review

#: Enrollments that are looked at together: bounds the memory and the time of one transaction.
CHUNK = 500
#: Nobody is left alone for longer, whatever the rules expect: the weekly safety net.
AT_MOST = timedelta(days=7)
#: Milliseconds that a review after a tap waits for another one of the same enrollment.
WAIT = 1000

#: The rules that a review asks about enrollments.
ASKED = tuple(rule for rule in RULES if rule.family and not rule.of_clinic)
#: Closed by an answer for the visit, also when training has ended: somebody still has to say it.
STAYS_OPEN = frozenset({Flag.Kind.MISSED})


@dataclass(slots=True)
class Reviewed:
    """What a review did: enrollments looked at, flags opened and resolved, rows that failed."""

    seen: int = 0
    opened: int = 0
    resolved: int = 0
    failed: int = 0

    def __iadd__(self, other: Reviewed) -> Reviewed:
        self.seen += other.seen
        self.opened += other.opened
        self.resolved += other.resolved
        self.failed += other.failed
        return self


# --- who is due -----------------------------------------------------------------------------------


def due_clinics(now: datetime) -> list[int]:
    """The clinics in which somebody is to be looked at: facts changed, or a day has come."""
    changed = Changed.objects.order_by().values_list("clinic_id", flat=True).distinct()
    waiting = Review.objects.filter(next_at__lte=now).order_by().values_list("clinic_id", flat=True)
    return sorted({*changed, *waiting.distinct()})


def due_in(clinic: int, now: datetime, *, most: int) -> list[int]:
    """Up to ``most`` enrollments of a clinic that are due, those whose facts changed first."""
    changed = Changed.objects.filter(clinic=clinic).order_by()
    found = list(changed.values_list("enrollment_id", flat=True).distinct()[:most])
    if len(found) < most:
        waiting = Review.objects.filter(clinic=clinic, next_at__lte=now).exclude(
            enrollment__in=found
        )
        found += waiting.order_by("next_at").values_list("enrollment_id", flat=True)[
            : most - len(found)
        ]
    return found


def oldest_due(now: datetime) -> datetime | None:
    """Since when somebody is due whom nobody has looked at; None where nobody is."""
    changed = Changed.objects.order_by("at").values_list("at", flat=True).first()
    waiting = (
        Review.objects.filter(next_at__lte=now)
        .order_by("next_at")
        .values_list("next_at", flat=True)
        .first()
    )
    return min((at for at in (changed, waiting) if at is not None), default=None)


# --- looking --------------------------------------------------------------------------------------


def sweep(now: datetime) -> Reviewed:
    """Look at everybody who is due, one clinic after the other, here and now.

    Raises SweepIncomplete at the end if an enrollment failed; the others are looked at all the
    same. The worker does the same by ``review_due`` of each clinic, in parallel.
    """
    done = Reviewed()
    for clinic in due_clinics(now):
        done += review_due(clinic, now)[0]
    if done.failed:
        raise SweepIncomplete(
            f"{done.failed} enrollments could not be reviewed.", failed=done.failed
        )
    return done


def review_due(
    clinic_id: int, now: datetime, *, chunks: int | None = None
) -> tuple[Reviewed, bool]:
    """Look at those who are due in a clinic, ``CHUNK`` at a time; (what was done, more are due).

    One that fails, or that another reviewer holds, is not taken again in the same run.
    """
    clinic = Clinic.objects.get(pk=clinic_id)
    done, tried = Reviewed(), set[int]()
    number = 0
    while chunks is None or number < chunks:
        most = CHUNK + len(tried)
        due = [pk for pk in due_in(clinic_id, now, most=most) if pk not in tried][:CHUNK]
        if not due:
            return done, False
        tried.update(due)
        done += review(clinic, due, now)
        number += 1
    return done, True


def review_all(clinic: Clinic, now: datetime) -> Reviewed:
    """Look at every enrollment of a clinic that goes on, whatever is noted: the safety net."""
    ids = list(
        Enrollment.objects.active()
        .filter(clinic=clinic)
        .order_by("pk")
        .values_list("pk", flat=True)
    )
    done = Reviewed()
    for start in range(0, len(ids), CHUNK):
        done += review(clinic, ids[start : start + CHUNK], now)
    return done


def review(clinic: Clinic, ids: Sequence[int], now: datetime, *, wait: bool = False) -> Reviewed:
    """Look at these enrollments of one clinic together; one that fails is left as it was.

    Those that another reviewer holds are left to it, or waited for with ``wait``.
    """
    done = Reviewed()

    def settle(rows: Sequence[Review]) -> int:
        part = _settle(clinic, rows, now)
        done.opened += part.opened
        done.resolved += part.resolved
        return part.seen

    with transaction.atomic():
        done.seen, done.failed = contained(_held(clinic, ids, now, wait=wait), settle)
    return done


def _held(clinic: Clinic, ids: Sequence[int], now: datetime, *, wait: bool) -> list[Review]:
    """The reviews of these enrollments, locked; made where there was none yet."""
    if wait:
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('lock_timeout', %s, true)", [f"{WAIT}ms"])
    new = Enrollment.objects.filter(clinic=clinic, pk__in=ids, review=None).order_by("pk")
    Review.objects.bulk_create(
        [
            Review(clinic=clinic, enrollment_id=pk, next_at=now)
            for pk in new.values_list("pk", flat=True)
        ],
        ignore_conflicts=True,
    )
    rows = Review.objects.filter(clinic=clinic, enrollment__in=ids)
    if wait:
        # What was written long before it was committed (an import, a slow clock) asks about a
        # moment that is over: whoever has looked since knows more. It stays noted for the sweep.
        rows = rows.exclude(reviewed_at__gt=now)
    return list(rows.select_for_update(of=("self",), skip_locked=not wait).order_by("pk"))


@dataclass(slots=True)
class _Found:
    """What the rules say of a chunk: findings by enrollment and kind, and when to ask again."""

    findings: dict[int, dict[str, list[Finding]]] = field(default_factory=lambda: defaultdict(dict))
    again: dict[int, datetime] = field(default_factory=dict)


def _settle(clinic: Clinic, reviews: Sequence[Review], now: datetime) -> Reviewed:
    ids = [one.enrollment_id for one in reviews]
    # Read after the lock and before the facts: what is noted later is left for the next review.
    noted = list(Changed.objects.filter(enrollment__in=ids).values_list("pk", flat=True))
    running = tuple(
        Enrollment.objects.active().filter(pk__in=ids).order_by("pk").values_list("pk", flat=True)
    )
    found = _ask(Scope.of(clinic, running, now))
    over = set(ids) - set(running)
    opened, resolved = _write(ids, found.findings, clinic, now, over=over)
    Changed.objects.filter(pk__in=noted).delete()
    _looked_at({pk: found.again.get(pk, now + AT_MOST) for pk in running}, now)
    Review.objects.filter(enrollment__in=over).delete()
    return Reviewed(len(reviews), opened, resolved)


def _looked_at(again: Mapping[int, datetime], now: datetime) -> None:
    """Write when these are due next; one plain statement, for a chunk is written every second."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE training_review r SET reviewed_at = %s, next_at = due.at"
            " FROM unnest(%s::bigint[], %s::timestamptz[]) AS due(enrollment_id, at)"
            " WHERE r.enrollment_id = due.enrollment_id",
            [now, list(again), list(again.values())],
        )


def _ask(scope: Scope) -> _Found:
    found = _Found()
    if not scope.enrollments:
        return found
    asked = scope.asked
    last = asked.today + AT_MOST
    for name, rules in _by_family().items():
        facts = FAMILIES[name](scope)
        for pk, known in facts.items():
            for rule in rules:
                if findings := list(rule.judge(known, asked)):
                    found.findings[pk][rule.kind] = findings
            day = known.again(asked)
            if day is not None and day < last:
                at = wall_time(max(day, asked.today + timedelta(days=1)), time.min, scope.clinic.tz)
                found.again[pk] = min(at, found.again.get(pk, at))
    return found


def _by_family() -> Mapping[str, list[Rule]]:
    families: dict[str, list[Rule]] = {}
    for rule in ASKED:
        families.setdefault(rule.family, []).append(rule)
    return families


def ask(scope: Scope) -> Mapping[int, Mapping[str, list[Finding]]]:
    """What is true of enrollments at a moment, by kind; nothing is written."""
    return _ask(scope).findings


# --- writing --------------------------------------------------------------------------------------


def _write(
    ids: Sequence[int],
    findings: Mapping[int, Mapping[str, list[Finding]]],
    clinic: Clinic,
    now: datetime,
    *,
    over: Collection[int],
) -> tuple[int, int]:
    """Make the open flags of these enrollments what was found; (opened, resolved).

    Of those that are ``over`` everything is resolved, but for what somebody still has to say.
    """
    kinds = [rule.kind for rule in ASKED]
    known = Flag.objects.filter(enrollment__in=ids, kind__in=kinds)
    there = _open_now(known)
    keys = [one.key for kinds_ in findings.values() for rows in kinds_.values() for one in rows]
    answered, ever = _keys_before(known, keys)
    to_open: dict[str, dict[int, list[Finding]]] = {}
    to_close: list[int] = []
    for pk in ids:
        for rule in ASKED:
            found = findings.get(pk, {}).get(rule.kind, ())
            open_ = there.get((pk, rule.kind), {})
            if not found and not open_:
                continue
            if rule.once:
                found = [one for one in found if one.key not in ever.get(pk, ())]
            changes = reconcile(
                found,
                {subject: severity for subject, (_, severity) in open_.items()},
                closed_keys=answered.get(pk, ()),
            )
            if changes.to_open:
                to_open.setdefault(rule.kind, {})[pk] = list(changes.to_open)
            if not rule.once and not (pk in over and rule.kind in STAYS_OPEN):
                to_close += [open_[subject][0] for subject in changes.to_resolve]
    resolved = (
        flagging.close_by_itself(Flag.objects.filter(pk__in=to_close), now) if to_close else 0
    )
    return flagging.open_all(_confirmed(to_open, clinic, now)), resolved


def _confirmed(
    found: Mapping[str, Mapping[int, list[Finding]]], clinic: Clinic, now: datetime
) -> Iterator[Flag]:
    """The flags to open: where knowing for sure costs more than a query can, it is asked now."""
    for kind, by_enrollment in found.items():
        if kind in CONFIRM:
            by_enrollment = CONFIRM[kind](clinic, by_enrollment, now)
        for pk, findings in by_enrollment.items():
            for one in findings:
                yield flagging.found(BY_KIND[kind], one, clinic, pk, now)


def _open_now(known: QuerySet[Flag]) -> dict[tuple[int, str], dict[str, tuple[int, str]]]:
    """The open flags of each enrollment and kind: subject, key of the row, severity."""
    there: dict[tuple[int, str], dict[str, tuple[int, str]]] = {}
    rows = known.filter(resolved_at=None).values_list(
        "enrollment_id", "kind", "subject", "pk", "severity"
    )
    for enrollment, kind, subject, pk, severity in rows:
        there.setdefault((enrollment, kind), {})[subject] = (pk, severity)
    return there


def _keys_before(
    known: QuerySet[Flag], keys: Sequence[str]
) -> tuple[dict[int, dict[str, datetime]], dict[int, set[str]]]:
    """Evidence that a person has answered, with when, and evidence that ever raised a flag."""
    answered: dict[int, dict[str, datetime]] = {}
    ever: dict[int, set[str]] = {}
    if not keys:
        return answered, ever
    rows = known.filter(evidence_key__in=keys).values_list(
        "enrollment_id", "evidence_key", "resolved_at", "resolution"
    )
    for enrollment, key, resolved_at, resolution in rows:
        ever.setdefault(enrollment, set()).add(key)
        if resolved_at is not None and resolution != Flag.Resolution.BY_ITSELF:
            hers = answered.setdefault(enrollment, {})
            hers[key] = max(resolved_at, hers.get(key, resolved_at))
    return answered, ever


def how_many_due(now: datetime) -> int:
    """How many enrollments are to be looked at: the depth of this queue."""
    changed = Changed.objects.aggregate(number=Count("enrollment_id", distinct=True))["number"]
    waiting = Review.objects.filter(next_at__lte=now)
    return changed + waiting.exclude(enrollment__in=Changed.objects.values("enrollment")).count()


__all__ = [
    "ASKED",
    "Reviewed",
    "ask",
    "due_clinics",
    "how_many_due",
    "oldest_due",
    "review",
    "review_all",
    "review_due",
    "sweep",
]
