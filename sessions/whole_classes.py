"""What becomes of whole classes at once: moved, called off, held after all, with every seat.

The steps that ``timetable`` and ``closures`` are made of, in a fixed number of statements for any
number of classes. Callers are inside a transaction that holds the clinic, and have the slots from
``held``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.db.models import QuerySet

from bonefit.clinics.models import Clinic, Membership
from programs.models import Enrollment
from programs.plans import rules_at

from . import changing
from .clashes import Clash, Span, busy, client_elsewhere, room_taken
from .models import Closure, Pause, SeatChange, Slot, SlotChange, Supervision, Visit, Waiting

_SEAT_FIELDS = [*changing.FIELDS, "status", "said_at", "said_by", "said_why", "prescription"]
_SLOT_FIELDS = [
    *("room", "starts_at", "ends_at", "capacity", "weekly", "weekly_on", "detached"),
    *("sequence", "changed_at"),
    *("called_off_at", "called_off_by", "called_off_why", "closure"),
]


@dataclass(frozen=True, slots=True)
class Move:
    """A slot and where it goes."""

    slot: Slot
    span: Span


@dataclass(frozen=True, slots=True)
class Word:
    """Who said it, when and why; ``by`` None where nobody's word did it."""

    by: Membership | None
    now: datetime
    why: str = ""


def held(clinic: Clinic, slots: QuerySet[Slot]) -> list[Slot]:
    """These slots, locked against bookings, after the clinic: two changes at a time take turns."""
    Clinic.objects.select_for_update(no_key=True).get(pk=clinic.pk)
    found = list(slots.filter(clinic=clinic).order_by("pk").select_for_update(no_key=True))
    for slot in found:
        slot.clinic = clinic
    return found


def state_of(slot: Slot) -> dict[str, Any]:
    """What is kept of a slot in its history."""
    return {
        "starts_at": slot.starts_at.isoformat(),
        "ends_at": slot.ends_at.isoformat(),
        "room": slot.room,
        "most": slot.capacity,
        "called_off": slot.called_off_at is not None,
    }


def write_slots(
    slots: Sequence[Slot],
    before: Mapping[int, dict[str, Any]],
    kind: str,
    word: Word,
    **more: Mapping[int, Any],
) -> None:
    """Save changed slots, their sequences raised, with a row of history each.

    ``more`` is what else is kept, by slot, as the names of those who supervise it.
    """
    for slot in slots:
        slot.sequence += 1
        slot.changed_at = word.now
    Slot.objects.bulk_update(slots, _SLOT_FIELDS, batch_size=500)
    SlotChange.objects.bulk_create(
        SlotChange(
            clinic_id=slot.clinic_id,
            slot=slot,
            weekly_id=slot.weekly_id,
            kind=kind,
            at=word.now,
            by=word.by,
            why=word.why[:200],
            before=before[slot.pk],
            after=state_of(slot) | {name: values[slot.pk] for name, values in more.items()},
        )
        for slot in slots
    )


# --- moving ---------------------------------------------------------------------------------------


def move(clinic: Clinic, moves: Sequence[Move], word: Word) -> list[Visit]:
    """Put slots to other times or rooms, and all that stand in them with them.

    Writes the visits and leaves writing the slots to the caller; returns the visits. Raises Clash
    where the room is taken, or a client of theirs could not come then or would not be rested.
    """
    rules = rules_at(clinic, word.now).rules
    going = {move.slot.pk: move for move in moves}
    if text := room_taken(clinic, [move.span for move in moves], but=going):
        raise Clash("at", text)
    visits = seats_of(move.slot for move in moves)
    seated = [visit for visit in visits if visit.status not in Visit.FREED]
    moved = [
        (visit, going[visit.slot_id].span)
        for visit in seated
        if (visit.starts_at, visit.ends_at)
        != (going[visit.slot_id].span.starts_at, going[visit.slot_id].span.ends_at)
    ]
    if text := client_elsewhere(clinic, moved, rest_hours=rules.rest_hours):
        raise Clash("at", text)
    before = {visit.pk: changing.state_of(visit) for visit in seated}
    grace = timedelta(minutes=rules.missed_grace_minutes)
    for one in moves:
        slot, span = one.slot, one.span
        slot.room, slot.starts_at, slot.ends_at = span.room, span.starts_at, span.ends_at
    for visit in visits:
        visit.during = DateTimeTZRange(visit.slot.starts_at, visit.slot.ends_at)
        visit.missed_after = visit.slot.ends_at + grace
        visit.prescription = None  # asked for anew: the time since the visit before may differ
    changes = [
        changing.touched(
            visit,
            before[visit.pk],
            kind=SeatChange.Kind.CLASS_CHANGED,
            by=word.by,
            now=word.now,
            why=word.why,
        )
        for visit in seated
        if changing.noticeable(before[visit.pk], changing.state_of(visit))
    ]
    fields = [*changing.FIELDS, "during", "missed_after", "prescription"]
    Visit.objects.bulk_update(visits, fields, batch_size=500)
    SeatChange.objects.bulk_create(changes)
    return visits


def seats_of(slots: Iterable[Slot]) -> list[Visit]:
    """Every visit in these slots that has not taken place, locked, with its client and slot."""
    by_pk = {slot.pk: slot for slot in slots}
    rows = (
        Visit.objects.filter(slot__in=by_pk)
        .exclude(status__in=Visit.ATTENDANCE)
        .select_related("client")
        .select_for_update(no_key=True, of=("self",))
        .order_by("pk")
    )
    visits = list(rows)
    for visit in visits:
        visit.slot = by_pk[visit.slot_id]
    return visits


# --- called off, and held after all ---------------------------------------------------------------


def call_off(slots: Sequence[Slot], word: Word, *, closure: Closure | None = None) -> int:
    """Nobody comes: planned visits are cancelled, supervisors are free, nobody waits any more.

    With ``closure`` the clinic is closed those days. Returns how many visits were planned.
    """
    if not slots:
        return 0
    before = {slot.pk: state_of(slot) for slot in slots}
    planned = [visit for visit in seats_of(slots) if visit.status == Visit.Status.PLANNED]
    shut = Visit.Status.HOLIDAY_CLOSED if closure else Visit.Status.CLINIC_CANCELLED
    changes = []
    for visit in planned:
        seen = changing.state_of(visit)
        visit.status = shut
        _said(visit, word)
        changes.append(_touched(visit, seen, SeatChange.Kind.CANCELLED, word))
    Visit.objects.bulk_update(planned, _SEAT_FIELDS, batch_size=500)
    SeatChange.objects.bulk_create(changes)
    pks = [slot.pk for slot in slots]
    Supervision.objects.filter(slot__in=pks, during__isnull=False).update(during=None)
    Waiting.objects.filter(slot__in=pks, closed_at=None).update(
        closed_at=word.now, closed_by=word.by, outcome=Waiting.Outcome.REMOVED
    )
    for slot in slots:
        mark_called_off(slot, word, closure=closure)
    write_slots(slots, before, SlotChange.Kind.CALLED_OFF, word)
    return len(planned)


def mark_called_off(slot: Slot, word: Word, *, closure: Closure | None) -> None:
    """The slot is called off, in its own row; the caller saves it."""
    slot.called_off_at, slot.called_off_by = word.now, word.by
    slot.called_off_why, slot.closure = word.why[:200], closure


def hold_after_all(slots: Sequence[Slot], word: Word) -> int:
    """Give back what calling these slots off took, and nothing else; how many visits came back.

    A visit stays cancelled where its client has taken a make-up for it, comes elsewhere at that
    time by now, or has left; who is away by then is excused. A supervisor who is planned elsewhere
    by now is left out, and the class shows as short.
    """
    if not slots:
        return 0
    clinic = slots[0].clinic
    before = {slot.pk: state_of(slot) for slot in slots}
    back = _to_give_back(slots)
    away = pauses_of(clinic, {visit.enrollment_id for visit in back})
    changes = []
    for visit in back:
        seen = changing.state_of(visit)
        day = visit.starts_at.astimezone(clinic.tz).date()
        pause = paused_on(away.get(visit.enrollment_id, ()), day)
        if pause is not None:
            visit.status = Visit.Status.EXCUSED
            _said(visit, Word(pause.added_by, word.now, pause.why))
        else:
            visit.status = Visit.Status.PLANNED
            visit.said_at, visit.said_by, visit.said_why = None, None, ""
            visit.prescription = None
        changes.append(_touched(visit, seen, SeatChange.Kind.RESTORED, word))
    Visit.objects.bulk_update(back, _SEAT_FIELDS, batch_size=500)
    SeatChange.objects.bulk_create(changes)
    for slot in slots:
        slot.called_off_at = slot.called_off_by = slot.closure = None
        slot.called_off_why = ""
    _plan_supervisors(clinic, slots)
    write_slots(slots, before, SlotChange.Kind.GIVEN_BACK, word)
    return sum(visit.status == Visit.Status.PLANNED for visit in back)


def _to_give_back(slots: Sequence[Slot]) -> list[Visit]:
    """The visits that calling off cancelled, of clients who can still come."""
    cancelled = [
        visit
        for visit in seats_of(slots)
        if visit.status in (Visit.Status.CLINIC_CANCELLED, Visit.Status.HOLIDAY_CLOSED)
        and visit.said_at is not None
        and visit.slot.called_off_at is not None
        and visit.said_at >= visit.slot.called_off_at
    ]
    made_up = set(
        Visit.objects.filter(makes_up__in=[visit.makes_up_id or visit.pk for visit in cancelled])
        .exclude(status__in=Visit.FREED)
        .values_list("makes_up", flat=True)
    )
    active = set(
        Enrollment.objects.active()
        .filter(pk__in={visit.enrollment_id for visit in cancelled})
        .values_list("pk", flat=True)
    )
    back: list[Visit] = []
    elsewhere = _seats_elsewhere(cancelled)
    for visit in cancelled:
        hers = elsewhere.setdefault(visit.client_id, [])
        free = all(visit.ends_at <= start or end <= visit.starts_at for start, end in hers)
        owed = visit.makes_up_id or visit.pk
        if owed not in made_up and visit.enrollment_id in active and free:
            hers.append((visit.starts_at, visit.ends_at))
            if visit.makes_up_id:
                made_up.add(owed)
            back.append(visit)
    return back


def _seats_elsewhere(visits: Sequence[Visit]) -> dict[int, list[tuple[datetime, datetime]]]:
    found: dict[int, list[tuple[datetime, datetime]]] = {}
    if not visits:
        return found
    span = min(visit.starts_at for visit in visits), max(visit.ends_at for visit in visits)
    rows = Visit.objects.filter(
        client__in={visit.client_id for visit in visits}, during__overlap=span
    ).exclude(status__in=Visit.FREED)
    for client, during in rows.order_by().values_list("client_id", "during"):
        found.setdefault(client, []).append((during.lower, during.upper))
    return found


def _plan_supervisors(clinic: Clinic, slots: Sequence[Slot]) -> None:
    """Those who were planned for these slots hold their time again, where it is still theirs."""
    by_pk = {slot.pk: slot for slot in slots}
    rows = list(
        Supervision.objects.filter(slot__in=by_pk, during=None, named_at=None).order_by("pk")
    )
    spans = [Span(slot.room, slot.starts_at, slot.ends_at) for slot in slots]
    taken = busy(clinic, {row.member_id for row in rows}, spans, but=by_pk)
    free: list[Supervision] = []
    for row in rows:
        slot = by_pk[row.slot_id]
        hers = taken.setdefault(row.member_id, [])
        if all(slot.ends_at <= start or end <= slot.starts_at for start, end in hers):
            row.during = (slot.starts_at, slot.ends_at)
            hers.append((slot.starts_at, slot.ends_at))
            free.append(row)
    Supervision.objects.bulk_update(free, ["during"], batch_size=500)


def _said(visit: Visit, word: Word) -> None:
    # Where nobody's word did it, nothing is said to be anybody's.
    visit.said_at = word.now if word.by else None
    visit.said_by, visit.said_why = word.by, word.why[:200]


def _touched(visit: Visit, before: dict[str, Any], kind: str, word: Word) -> SeatChange:
    return changing.touched(visit, before, kind=kind, by=word.by, now=word.now, why=word.why)


# --- who is away ----------------------------------------------------------------------------------


def pauses_of(clinic: Clinic, enrollments: Iterable[int]) -> dict[int, list[Pause]]:
    """The pauses of these enrollments, by enrollment, the earliest first."""
    found: dict[int, list[Pause]] = {}
    rows = Pause.objects.filter(clinic=clinic, enrollment__in=set(enrollments))
    for pause in rows.select_related("added_by").order_by("starts_on", "pk"):
        found.setdefault(pause.enrollment_id, []).append(pause)
    return found


def paused_on(pauses: Iterable[Pause], day: Any) -> Pause | None:
    """The pause that covers a day; from the day she is back on, none does."""
    for pause in pauses:
        back = pause.resumed_on
        if pause.starts_on <= day <= pause.ends_on and (back is None or day < back):
            return pause
    return None
