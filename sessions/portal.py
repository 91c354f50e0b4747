"""What a client is shown of her own sessions, in plain words and in the clinic's time.

What only staff need (a visit nobody recorded, a flag, an effort, a pain score, a load that waits to
be confirmed) is not here. Nothing of anyone else is either.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby

from django.db.models import Count, Q

from bonefit.clients.models import Client
from bonefit.clinics.models import Clinic, Membership
from bonefit.clinics.templatetags.bonefit import plain
from programs.loads import from_kg
from programs.models import Enrollment, Exercise, Lift

from .models import SetEntry, Visit

COMING = timedelta(weeks=4)
_LIFT_ORDER = {str(lift): place for place, lift in enumerate(Lift)}

#: What a client is told of a visit that will not be. A released one is not mentioned.
CALLED_OFF = {
    Visit.Status.CLINIC_CANCELLED: "The clinic had to cancel this one.",
    Visit.Status.HOLIDAY_CLOSED: "The clinic is closed that day.",
    Visit.Status.CANCELLED_CLIENT: "You are not coming to this one.",
    Visit.Status.LATE_CANCEL: "You are not coming to this one.",
    Visit.Status.EXCUSED: "You are not coming to this one.",
}


# --- days and times as people say them ------------------------------------------------------------
def day_words(day: date, *, today: date) -> str:
    """``Thursday 26 November``; with the year where it is another one."""
    words = f"{day:%A} {day.day} {day:%B}"
    return words if day.year == today.year else f"{words} {day.year}"


def days_until(day: date, *, today: date) -> str:
    """``today``, ``tomorrow`` or ``in 3 days``."""
    ahead = max(0, (day - today).days)  # a session over midnight began yesterday
    return ("today", "tomorrow")[ahead] if ahead < 2 else f"in {ahead} days"


def part_of_day(moment: datetime) -> str:
    """``in the morning`` until noon, ``in the afternoon`` until five, then ``in the evening``."""
    if moment.hour < 12:
        return "in the morning"
    return "in the afternoon" if moment.hour < 17 else "in the evening"


def clock(moment: datetime) -> str:
    """``9:00`` or ``2:30``: the twelve hours of a clock face."""
    return f"{moment.hour % 12 or 12}:{moment:%M}"


def span_words(start: datetime, end: datetime) -> str:
    """``9:00 to 9:30 in the morning``; both parts of the day are said where they differ."""
    first, last = part_of_day(start), part_of_day(end)
    between = "" if first == last else f" {first}"
    return f"{clock(start)}{between} to {clock(end)} {last}"


def names(people: Iterable[str]) -> str:
    """``Ana T.``, ``Ana T. and Tess T.``; "" for nobody."""
    *most, last = [*people] or [""]
    return f"{', '.join(most)} and {last}" if most else last


# --- what was lifted ------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Lifted:
    """One exercise of the last visit: its name, and what was done in words."""

    name: str
    words: str


def lifted(entries: Iterable[SetEntry], *, unit: str) -> list[Lifted]:
    """The sets of a visit by exercise, in the order of the lifts.

    Warm-ups are left out, and so are sets whose load waits to be confirmed: it may be a slip of
    the finger, and nobody should read at home that she lifted 240 kg.
    """
    told = [
        entry
        for entry in entries
        if entry.kind != SetEntry.Kind.WARM_UP and not entry.to_confirm and not entry.voided
    ]
    told.sort(key=lambda entry: (_LIFT_ORDER[entry.lift], entry.exercise_id, entry.number))
    return [
        Lifted(exercise.name, _sets_words(list(group), exercise, unit))
        for exercise, group in groupby(told, key=lambda entry: entry.exercise)
    ]


def _sets_words(entries: list[SetEntry], exercise: Exercise, unit: str) -> str:
    """``3 sets of 5 with 57.5 kg, then 2 sets of 4 with 55 kg``."""
    alike = groupby(entries, key=lambda entry: (entry.load, entry.reps, entry.landings))
    return ", then ".join(
        _alike_words(len(list(group)), values[0], values[1], values[2], exercise, unit)
        for values, group in alike
    )


def _alike_words(
    sets: int,
    load: object,
    reps: int | None,
    landings: int | None,
    exercise: Exercise,
    unit: str,
) -> str:
    words = f"{sets} set{'' if sets == 1 else 's'}"
    if landings is not None:
        words += f" of {landings} landing{'' if landings == 1 else 's'}"
    elif reps is not None:
        words += f" of {reps}"
    return words + _load_words(load, exercise, unit)


def _load_words(load: object, exercise: Exercise, unit: str) -> str:
    if not load:
        return ""
    each = " in each hand" if exercise.load_type == Exercise.LoadType.PER_HAND else ""
    return f" with {plain(from_kg(load, unit))} {unit}{each}"  # type: ignore[arg-type]


# --- the page -------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Next:
    """The next session in words."""

    is_on: bool
    until: str
    weekday: str
    day: str
    span: str
    supervisors: str
    room: str


@dataclass(frozen=True, slots=True)
class Coming:
    """A line of the coming weeks; ``called_off`` says why it will not be, "" where it will."""

    day: str
    time: str
    called_off: str


@dataclass(frozen=True, slots=True)
class LastTime:
    """The last session she came to."""

    day: str
    lifts: list[Lifted]


@dataclass(frozen=True, slots=True)
class SoFar:
    """How often she came, of as many sessions as her program version has."""

    came: int
    of: int
    extra: int


@dataclass(frozen=True, slots=True)
class Portal:
    """Everything on a client's page. Without an enrollment there is nothing but the clinic."""

    clinic: Clinic
    enrollment: Enrollment | None = None
    next: Next | None = None
    coming: tuple[Coming, ...] = ()
    last: LastTime | None = None
    so_far: SoFar | None = None

    @property
    def finished(self) -> bool:
        return self._is(Enrollment.Status.FINISHED)

    @property
    def withdrawn(self) -> bool:
        return self._is(Enrollment.Status.WITHDRAWN)

    def _is(self, status: str) -> bool:
        return self.enrollment is not None and self.enrollment.status == status


def client_of(member: Membership) -> Client | None:
    """The member as a client. Staff see every client of the clinic, so herself is asked for."""
    return Client.objects.visible_to(member).filter(membership=member).first()


def portal_of(member: Membership, *, now: datetime) -> Portal:
    """The page of this member, as of ``now``."""
    clinic, client = member.clinic, client_of(member)
    if client is None:
        return Portal(clinic)
    enrollment = (
        Enrollment.objects.visible_to(member)
        .filter(client=client)
        .order_by("-starts_on", "-pk")
        .first()
    )
    if enrollment is None:
        return Portal(clinic)
    # After the end nothing is to come, not even what had been called off before.
    active = enrollment.status == Enrollment.Status.ACTIVE
    visits = _to_come(member, client, now) if active else []
    following = next((visit for visit in visits if visit.status in Visit.OPEN), None)
    return Portal(
        clinic=clinic,
        enrollment=enrollment,
        next=_next(following, clinic, now) if following else None,
        coming=_coming([visit for visit in visits if visit != following], clinic, now),
        last=_last_time(member, enrollment, now),
        so_far=_so_far(member, enrollment),
    )


def _to_come(member: Membership, client: Client, now: datetime) -> list[Visit]:
    return list(
        Visit.objects.visible_to(member)
        .filter(
            client=client,
            during__endswith__gt=now,
            status__in=[*Visit.OPEN, *CALLED_OFF],
        )
        .select_related("slot")
        .order_by("during", "pk")
    )


def _next(visit: Visit, clinic: Clinic, now: datetime) -> Next:
    start, end = visit.starts_at.astimezone(clinic.tz), visit.ends_at.astimezone(clinic.tz)
    today = now.astimezone(clinic.tz).date()
    weekday, _, day = day_words(start.date(), today=today).partition(" ")
    supervisors = visit.slot.supervisions.order_by("pk")
    return Next(
        is_on=start <= now,
        until=days_until(start.date(), today=today),
        weekday=weekday,
        day=day,
        span=span_words(start, end),
        supervisors=names(supervisors.values_list("member__user__name", flat=True)),
        room=visit.slot.room,
    )


def _coming(visits: list[Visit], clinic: Clinic, now: datetime) -> tuple[Coming, ...]:
    today = now.astimezone(clinic.tz).date()
    starts = [(visit.starts_at.astimezone(clinic.tz), visit) for visit in visits]
    return tuple(
        Coming(
            day=day_words(start.date(), today=today),
            time=f"{clock(start)} {'am' if start.hour < 12 else 'pm'}",
            called_off=CALLED_OFF.get(Visit.Status(visit.status), ""),
        )
        for start, visit in starts
        if start.date() <= today + COMING
    )


def _last_time(member: Membership, enrollment: Enrollment, now: datetime) -> LastTime | None:
    visit = (
        Visit.objects.visible_to(member)
        .filter(enrollment=enrollment, status__in=Visit.ATTENDANCE)
        .order_by("-during")
        .first()
    )
    if visit is None:
        return None
    clinic = member.clinic
    entries = SetEntry.objects.visible_to(member).filter(visit=visit).select_related("exercise")
    return LastTime(
        day=day_words(
            visit.starts_at.astimezone(clinic.tz).date(), today=now.astimezone(clinic.tz).date()
        ),
        lifts=lifted(entries, unit=clinic.unit),
    )


def _so_far(member: Membership, enrollment: Enrollment) -> SoFar | None:
    """Regular sessions and make-ups count towards the program; an extra one is said apart."""
    track = enrollment.tracks.main().select_related("version").order_by("-starts_on", "-pk").first()
    if track is None:
        return None
    extra = Q(purpose=Visit.Purpose.EXTRA)
    counts = (
        Visit.objects.visible_to(member)
        .filter(enrollment=enrollment, status__in=Visit.ATTENDANCE)
        .aggregate(came=Count("pk", filter=~extra), extra=Count("pk", filter=extra))
    )
    return SoFar(came=counts["came"], of=track.version.sessions, extra=counts["extra"])
