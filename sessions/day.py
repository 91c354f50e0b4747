"""One day of a clinic: its classes, who is in them, and what needs the therapist."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import Count, Exists, OuterRef, Prefetch, Subquery

from bonefit.clients.intake import barred
from bonefit.clients.models import Lock
from bonefit.clinics.cover import concerns, in_force_of
from bonefit.clinics.models import Clinic, Membership
from programs.plans import rules_at
from programs.rules import Rules

from .capacity import Limits, places
from .flag_list import awake, good_news, in_line, in_order, known, mine, stood_in_for
from .load_plan import ClassPlan, next_slots, plans_of
from .models import Flag, Leave, Room, SessionNote, SetEntry, Slot, Supervision, Visit
from .slot_floor import HERE, is_here, ratio_line

NEEDS_SHOWN = 3
#: Nobody looks for a class outside of these days.
_FIRST, _LAST = date(1900, 1, 1), date(2200, 1, 1)


@dataclass(frozen=True, slots=True)
class ClassOfDay:
    """One slot with its people. ``when`` is past, now or later.

    ``supervisors`` are those who were named on the floor, or, where nobody was, who is planned.
    ``places``: how many clients there is room for, as the week counts them.
    """

    slot: Slot
    visits: tuple[Visit, ...]
    supervisors: tuple[str, ...]
    named: bool
    when: str
    places: int = 0
    crowded: str = ""
    shortages: tuple[str, ...] = ()

    @property
    def came(self) -> int:
        return sum(visit.took_place for visit in self.visits)

    @property
    def here(self) -> int:
        return sum(visit.status == Visit.Status.CHECKED_IN for visit in self.visits)

    @property
    def notes_due(self) -> int:
        """Visits of it that are signed, and whose note is not."""
        due = [visit for visit in self.visits if visit.took_place and not visit.noted]  # type: ignore[attr-defined]
        return len(due)

    @property
    def coming(self) -> list[Visit]:
        """Those whose seat is theirs: not cancelled, not excused."""
        return [visit for visit in self.visits if visit.status not in Visit.FREED]


def read_day_param(text: str | None, *, clinic: Clinic, now: datetime) -> date:
    """The day asked for in the address; today, as the clinic's clock has it, for nonsense.

    Nonsense is also a day that has no day or week before or after it.
    """
    today = now.astimezone(clinic.tz).date()
    try:
        asked = date.fromisoformat(text or "")
    except ValueError:
        return today
    return asked if _FIRST <= asked <= _LAST else today


def day_of(member: Membership, *, day: date, now: datetime) -> dict[str, Any]:
    """The context of Today, in a fixed number of queries."""
    clinic = member.clinic
    today = now.astimezone(clinic.tz).date()
    classes = classes_of(member, day=day, now=now)
    seats = [visit for one in classes for visit in one.coming]
    flags = needs_of(member, today=today)
    return {
        "day": day,
        "today": today,
        "is_today": day == today,
        "before": day - timedelta(days=1),
        "after": day + timedelta(days=1),
        "classes": classes,
        "people": len(seats),
        "to_complete": to_complete(member, before=_start(clinic, today)),
        "to_sign": notes_to_sign(member, before=_start(clinic, today)),
        "flags": [in_line(flag, clinic) for flag in flags[:NEEDS_SHOWN]],
        "flag_count": len(flags),
        "good_news": [in_line(flag, clinic) for flag in good_news_of(member)],
        "covers": list(concerns(in_force_of(member, now), member)),
    }


def _start(clinic: Clinic, day: date) -> datetime:
    return datetime.combine(day, time.min, tzinfo=clinic.tz)


def classes_of(member: Membership, *, day: date, now: datetime) -> list[ClassOfDay]:
    """The slots of a local day that have anybody in them, soonest first."""
    clinic = member.clinic
    visits = (
        Visit.objects.visible_to(member)
        .exclude(status=Visit.Status.RELEASED)
        .select_related("client")
        .annotate(
            locked=Exists(Lock.objects.filter(client=OuterRef("client"), released_at=None)),
            noted=Exists(SessionNote.objects.filter(visit=OuterRef("pk"))),
            has_sets=Exists(SetEntry.objects.filter(visit=OuterRef("pk"), voided=False)),
            **stood_in_for(member),
        )
        .order_by("client__name", "pk")
    )
    on_leave = Leave.objects.standing().filter(
        member=OuterRef("member"), starts_on__lte=day, ends_on__gte=day
    )
    supervisions = Supervision.objects.select_related("member__user").annotate(
        away=Exists(on_leave)
    )
    room = Room.objects.filter(clinic=OuterRef("clinic"), name=OuterRef("room"))
    together: list[Any] = [
        Prefetch("visits", queryset=visits, to_attr="seats"),
        Prefetch("supervisions", queryset=supervisions, to_attr="on_the_floor"),
    ]
    slots: Any = (
        Slot.objects.visible_to(member)
        .filter(
            starts_at__gte=_start(clinic, day),
            starts_at__lt=_start(clinic, day + timedelta(days=1)),
        )
        .annotate(room_places=Subquery(room.values("places")), racks=Subquery(room.values("racks")))
        .prefetch_related(*together)
    )
    found = [slot for slot in slots if slot.seats]
    for visit in (one for slot in found for one in slot.seats):
        visit.barred = not visit.took_place and barred(visit.client, day) is not None
    soon = next_slots(found, now=now) if day == now.astimezone(clinic.tz).date() else []
    plans = plans_of(member, soon)
    rules = rules_at(clinic, now).rules
    return [_class(slot, now, rules, plans.get(slot.pk)) for slot in found]


def _class(slot: Any, now: datetime, rules: Rules, plan: ClassPlan | None) -> ClassOfDay:
    when = "past" if slot.ends_at <= now else "now" if slot.starts_at <= now else "later"
    here = [one for one in slot.on_the_floor if is_here(one)]
    were = [one for one in slot.on_the_floor if one.named_at]
    named = (here or were) if when != "past" else were
    names = tuple(sorted(one.member.user.name for one in named or slot.on_the_floor))
    clients = {visit.client_id for visit in slot.seats if visit.status in HERE}
    return ClassOfDay(
        slot,
        tuple(slot.seats),
        names,
        bool(named),
        when,
        _places(slot, rules),
        ratio_line(clients=len(clients), supervisors=len(here), rules=rules)
        if when != "past"
        else "",
        plan.shortages if plan else (),
    )


def _places(slot: Any, rules: Rules) -> int:
    """Room for so many clients, with those who are planned and not on leave."""
    planned = [one for one in slot.on_the_floor if one.during is not None and not one.away]
    limits = Limits(
        supervisors=len(planned),
        room_places=slot.room_places,
        racks=slot.racks,
        most=slot.capacity,
    )
    return places(limits, rules).count


def class_now(member: Membership, *, now: datetime) -> Slot | None:
    """The class of today that is on, or else the next one; None after the last."""
    start = _start(member.clinic, now.astimezone(member.clinic.tz).date())
    taken = Visit.objects.filter(slot=OuterRef("pk")).exclude(status=Visit.Status.RELEASED)
    return (
        Slot.objects.visible_to(member)
        .filter(Exists(taken), ends_at__gt=now, starts_at__lt=start + timedelta(days=1))
        .order_by("starts_at", "room")
        .first()
    )


def needs_of(member: Membership, *, today: date) -> list[Flag]:
    """What asks for something of the member's own today, the worst first; nothing put off."""
    return list(in_order(known(member).to_act_on().filter(mine(member), awake(today))))


def good_news_of(member: Membership) -> list[Flag]:
    """The newest good news of the member's own clients."""
    return good_news(member, only_mine=True)[:NEEDS_SHOWN]


def to_complete(member: Membership, *, before: datetime) -> list[Visit]:
    """Earlier visits with sets that nobody has put a name under."""
    logged = SetEntry.objects.filter(visit=OuterRef("pk"), voided=False)
    return list(
        Visit.objects.visible_to(member)
        .filter(Exists(logged), status=Visit.Status.CHECKED_IN, during__endswith__lt=before)
        .select_related("client")
        .order_by("during")[:12]
    )


def notes_to_sign(member: Membership, *, before: datetime) -> list[Slot]:
    """Earlier classes with notes of this member's visits to sign, the oldest first.

    Each slot has ``notes``, how many there are. What an unsigned note locks is nothing; it only
    stands here until it is signed.
    """
    noted = SessionNote.objects.filter(visit=OuterRef("pk"))
    due = Visit.objects.filter(
        ~Exists(noted),
        completed_by=member,
        status__in=Visit.ATTENDANCE,
        during__endswith__lt=before,
    )
    return list(
        Slot.objects.visible_to(member)
        .filter(visits__in=due)
        .annotate(notes=Count("visits"))
        .order_by("starts_at", "pk")[:12]
    )
