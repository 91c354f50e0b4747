"""What the notes of visits are drafted from, read for all of them at once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, OuterRef, Subquery

from bonefit.clients.models import Lock
from bonefit.clinics.models import Membership
from programs.plans import plan_of
from programs.progression import Plan, Target

from . import facts, told
from .arrival import answered
from .board import prescription_of
from .models import AdverseEvent, Operation, SetEntry, Supervision, Visit
from .notes import Draft, Known, Lifted, Next, draft

#: What is asked for next is what followed from the visit: nothing that came long after it.
SOON = timedelta(days=1)
_HERE = (Visit.Status.CHECKED_IN, *Visit.ATTENDANCE)
#: What a correction may have changed, as the operation's history has it, and as it is read.
_CHANGED = (
    ("load", "{} kg"),
    ("reps", "{} reps"),
    ("seconds", "{} s"),
    ("landings", "{} landings"),
    ("landing_level", "level {}"),
    ("rpe", "RPE {}"),
    ("pain", "pain {}"),
)


@dataclass(slots=True)
class _Beside:
    """Everything beside the visits, each question asked once for all of them."""

    sets: Mapping[int, list[SetEntry]]
    operations: Mapping[int, list[Operation]]
    supervisions: Mapping[int, list[Supervision]]
    clients: Mapping[int, int]
    reports: Mapping[int, list[AdverseEvent]]
    locks: Mapping[str, list[Lock]]
    following: Mapping[int, Visit]


def drafts_of(visits: Sequence[Visit], *, member: Membership, now: datetime) -> dict[int, Draft]:
    """A draft for each visit, by its key. The visits are of ``facts.on_the_floor``, with slots."""
    beside = _beside(visits)
    return {visit.pk: draft(_known(visit, beside, member, now)) for visit in visits}


def _beside(visits: Sequence[Visit]) -> _Beside:
    slots = {visit.slot_id for visit in visits}
    sets = SetEntry.objects.filter(visit__in=visits).select_related("exercise")
    kinds = Operation.Kind
    changes = Operation.objects.filter(
        visit__in=visits,
        kind__in=(kinds.CORRECT_SET, kinds.VOID_SET),
        outcome=Operation.Outcome.APPLIED,
    )
    supervisions = Supervision.objects.filter(slot__in=slots).select_related("member__user")
    here = Visit.objects.filter(slot__in=slots, status__in=_HERE).order_by()
    reports = AdverseEvent.objects.filter(visit__in=visits, replaced_by=None)
    locks = Lock.objects.filter(
        client__in={visit.client_id for visit in visits},
        evidence__visit__in=[str(visit.uid) for visit in visits],
    )
    return _Beside(
        sets=_by(sets.order_by("lift", "number", "pk"), "visit_id"),
        operations=_by(changes.order_by("id"), "visit_id"),
        supervisions=_by(supervisions.order_by("member__user__name"), "slot_id"),
        clients=dict(here.values_list("slot_id").annotate(Count("pk"))),
        reports=_by(reports, "visit_id"),
        locks=_by_visit(locks.order_by("pk")),
        following=_following(visits),
    )


def _by(rows: Iterable[Any], key: str) -> Mapping[int, list[Any]]:
    found: dict[int, list[Any]] = defaultdict(list)
    for row in rows:
        found[getattr(row, key)].append(row)
    return found


def _by_visit(locks: Iterable[Lock]) -> Mapping[str, list[Lock]]:
    found: dict[str, list[Lock]] = defaultdict(list)
    for one in locks:
        found[one.evidence["visit"]].append(one)
    return found


def _following(visits: Sequence[Visit]) -> dict[int, Visit]:
    """The client's next visit after each of these, as far as one is planned or was."""
    later = (
        Visit.objects.filter(
            enrollment=OuterRef("enrollment"),
            during__startswith__gt=OuterRef("during__startswith"),
        )
        .exclude(status__in=Visit.FREED)
        .order_by("during")
    )
    asked = Visit.objects.filter(pk__in=[visit.pk for visit in visits]).annotate(
        following=Subquery(later.values("pk")[:1])
    )
    pairs = dict(asked.values_list("pk", "following"))
    found = Visit.objects.in_bulk([pk for pk in pairs.values() if pk is not None])
    return {pk: found[then] for pk, then in pairs.items() if then is not None}


# --- one visit ------------------------------------------------------------------------------------


def _known(visit: Visit, beside: _Beside, member: Membership, now: datetime) -> Known:
    visit.clinic = member.clinic
    prescription = prescription_of(visit)
    plan = plan_of(tuple(prescription["versions"]))
    entries = beside.sets.get(visit.pk, [])
    supervisors, named = _supervisors(visit, beside)
    return Known(
        answers=answered(visit),
        lifts=_lifts(prescription, plan, entries),
        times=_times(visit),
        phase=plan.phase(prescription["phase"]).name,
        cleared=prescription["cleared"],
        supervisors=supervisors,
        named=named,
        clients=max(beside.clients.get(visit.slot_id, 0), 1),
        changes=_changes(beside.operations.get(visit.pk, []), entries),
        stops=[_sentence(one.evidence["why"]) for one in beside.locks.get(str(visit.uid), [])],
        reports=[_reported(one) for one in beside.reports.get(visit.pk, [])],
        **_next(visit, beside.following.get(visit.pk), now),
    )


def _times(visit: Visit) -> str:
    tz = visit.clinic.tz
    return f"{visit.starts_at.astimezone(tz):%H:%M} to {visit.ends_at.astimezone(tz):%H:%M}"


def _lifts(
    prescription: Mapping[str, Any], plan: Plan, entries: Iterable[SetEntry]
) -> list[Lifted]:
    done: dict[str, list[SetEntry]] = defaultdict(list)
    for entry in entries:
        if not entry.voided and entry.kind != SetEntry.Kind.WARM_UP:
            done[entry.lift].append(entry)
    targets = told.load_targets(prescription)
    return [
        Lifted(plan.rung(target.exercise).name, target, tuple(done[lift]))
        for lift, target in targets.items()
    ]


def _supervisors(visit: Visit, beside: _Beside) -> tuple[list[str], bool]:
    """Who was on the floor: those named there; where nobody was named, those planned."""
    planned = beside.supervisions.get(visit.slot_id, [])
    named = [one for one in planned if one.named_at is not None]
    return [one.member.user.name for one in named or planned], bool(named)


def _sentence(words: str) -> str:
    return f"{words[:1].upper()}{words[1:].rstrip('.')}."


def _reported(event: AdverseEvent) -> str:
    site = f", {event.get_site_display().lower()}" if event.site else ""
    return f"Reported: {event.get_what_display().lower()}{site}, {event.severity}."


def _changes(operations: Iterable[Operation], entries: Iterable[SetEntry]) -> list[str]:
    """Sets that said something else at first, and sets that were taken back for good."""
    by_uid = {entry.uid: entry for entry in entries}
    standing = {
        (entry.lift, entry.kind, entry.number) for entry in by_uid.values() if not entry.voided
    }
    lines = []
    for operation in operations:
        entry = by_uid.get(operation.entry) if operation.entry else None
        if entry is None:
            continue
        before = operation.before or {}
        where = f"{entry.exercise.name}, set {entry.number}"
        why = f" ({operation.payload['why']})" if operation.payload.get("why") else ""
        if operation.kind == Operation.Kind.CORRECT_SET:
            if not entry.voided and (was := _was(before, entry)):
                lines.append(f"Corrected: {where}, was {was}{why}.")
        elif (entry.lift, entry.kind, entry.number) not in standing:
            lines.append(f"Taken back: {where}, was {_was(before) or 'blank'}{why}.")
    return lines


def _was(before: Mapping[str, Any], entry: SetEntry | None = None) -> str:
    """What a set said; beside ``entry`` only what it says otherwise now."""
    words = []
    for name, form in _CHANGED:
        value = before.get(name)
        if value is None:
            continue
        now = None if entry is None else getattr(entry, name)
        if entry is None or now is None or str(value) != _plain(now):
            words.append(form.format(value))
    if entry is not None and before.get("clean") not in (None, entry.clean):
        words.append("clean" if before["clean"] else "not clean")
    return ", ".join(words)


def _plain(value: Any) -> str:
    return f"{value.normalize():f}" if hasattr(value, "normalize") else str(value)


# --- what is next ---------------------------------------------------------------------------------


def _next(visit: Visit, following: Visit | None, now: datetime) -> dict[str, Any]:
    """What the client was told at her next visit; where she was not yet, what she would be told."""
    if following is None:
        when = "No further visit is planned."
    else:
        at = following.starts_at.astimezone(visit.clinic.tz)
        when = f"Next visit {at:%A} {at.day} {at:%B}, {at:%H:%M}."
    if following is not None and following.prescription is not None:
        kept = following.prescription
        targets: Mapping[str, Target] = told.load_targets(kept)
        plan = plan_of(tuple(kept["versions"]))
    else:
        moment = min(now, visit.ends_at + SOON)
        standing = facts.standing_now(visit.enrollment, clinic=visit.clinic, now=moment)
        targets, plan = standing.targets, standing.plan
    upcoming = [Next(plan.rung(one.exercise).name, one) for one in targets.values()]
    return {"upcoming": upcoming, "next_visit": when}
