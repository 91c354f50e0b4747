"""A client's page: the next session first, then everything around it, in the clinic's time.

What only staff need (a visit nobody recorded, a flag, an effort, a pain score, a load that waits to
be confirmed) is not here. Nothing of anyone else is either. A companion is shown the same, and
nothing that can be pressed.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Count, OuterRef, Q, QuerySet, Subquery

from bonefit.clients.models import Client
from bonefit.clinics.models import Clinic, Membership
from programs.models import Enrollment, Track
from programs.plans import rules_at
from programs.rules import Rules
from sessions import makeups
from sessions.measured_days import scan_days, test_days
from sessions.models import Pause, SetEntry, Supervision, Visit, Waiting

from .lifted import lifted
from .progress import Break, Check, SoFar, checks, so_far
from .shown import Coming, LastTime, MakeUp, Next, Offer, Portal
from .words import (
    clock_am,
    day_words,
    days_until,
    moment_words,
    names,
    span_words,
    when_words,
)

COMING = timedelta(weeks=4)

#: What a client is told of a visit that will not be. A released one is not mentioned.
CALLED_OFF = {
    Visit.Status.CLINIC_CANCELLED: "The clinic had to cancel this one.",
    Visit.Status.HOLIDAY_CLOSED: "The clinic is closed that day.",
    Visit.Status.CANCELLED_CLIENT: "You are not coming to this one.",
    Visit.Status.LATE_CANCEL: "You are not coming to this one.",
    Visit.Status.EXCUSED: "You are not coming to this one.",
}
#: What she called off herself she may take back, while the place is still free.
HER_OWN = (Visit.Status.CANCELLED_CLIENT, Visit.Status.LATE_CANCEL)


def own_portal(member: Membership, *, now: datetime) -> Portal:
    """The member's own page as a client, as of ``now``."""
    mine = Q(client__membership=member)
    return _portal(member, _newest(member, mine, now), None, now)


def portal_of(member: Membership, client: Client, *, now: datetime) -> Portal:
    """The page of a client as ``member``, her companion, may look at it."""
    return _portal(member, _newest(member, Q(client=client), now), client, now)


def _newest(member: Membership, of: Q, now: datetime) -> Enrollment | None:
    """The newest enrollment, with its client, the size of her program and how often she came."""
    main = (
        Track.objects.main()
        .filter(enrollment=OuterRef("pk"))
        .order_by("-starts_on", "-pk")
        .values("version__weeks", "version__frequency", "starts_on")
    )
    been = Visit.objects.filter(enrollment=OuterRef("pk"), status__in=Visit.ATTENDANCE).order_by()
    each = been.values("enrollment").annotate(n=Count("pk")).values("n")
    return (
        Enrollment.objects.visible_to(member)
        .filter(of)
        .select_related("client")
        .annotate(
            weeks=Subquery(main.values("version__weeks")[:1]),
            frequency=Subquery(main.values("version__frequency")[:1]),
            came=Subquery(each.exclude(purpose=Visit.Purpose.EXTRA)),
            extra=Subquery(each.filter(purpose=Visit.Purpose.EXTRA)),
            last_visit=Subquery(been.order_by("-during").values("pk")[:1]),
            tests=test_days("client"),
            scans=scan_days("client"),
            last_start=Subquery(been.order_by("-during").values("slot__starts_at")[:1]),
        )
        .order_by("-starts_on", "-pk")
        .first()
    )


def _portal(
    member: Membership, enrollment: Enrollment | None, of: Client | None, now: datetime
) -> Portal:
    clinic = member.clinic
    if enrollment is None:
        return Portal(clinic, of)
    today = now.astimezone(clinic.tz).date()
    rules = rules_at(clinic, now).rules
    breaks = _breaks(member, enrollment)
    # After the end nothing is to come, not even what had been called off before.
    active = enrollment.status == Enrollment.Status.ACTIVE
    visits = _to_come(member, enrollment, now) if active else []
    following = next((visit for visit in visits if visit.status in Visit.OPEN), None)
    later = [visit for visit in visits if visit != following]
    return Portal(
        clinic=clinic,
        of=of,
        enrollment=enrollment,
        next=_next(following, clinic, now) if following else None,
        offers=_offers(member, enrollment, clinic, now) if active else (),
        make_ups=_make_ups(enrollment, clinic, now) if active else (),
        away=_away(breaks, today) if active else "",
        coming=_coming(later, member, now, breaks, own=of is None),
        last=_last_time(member, enrollment, today),
        so_far=_so_far(enrollment, breaks, today),
        checks=_checks(enrollment, rules, today) if active else (),
    )


# --- what is to come ------------------------------------------------------------------------------
def _to_come(member: Membership, enrollment: Enrollment, now: datetime) -> list[Visit]:
    with_whom = Supervision.objects.filter(
        Q(during__isnull=False) | Q(named_at__isnull=False), slot=OuterRef("slot"), left_at=None
    ).order_by("pk")
    found: QuerySet[Visit] = (
        Visit.objects.visible_to(member)
        .filter(
            client=enrollment.client_id,
            during__endswith__gt=now,
            status__in=[*Visit.OPEN, *CALLED_OFF],
        )
        .select_related("slot")
        .defer("prescription", "answers")
        .annotate(supervisors=ArraySubquery(with_whom.values("member__user__name")))
    )
    return list(found.order_by("during", "pk"))


def _next(visit: Visit, clinic: Clinic, now: datetime) -> Next:
    start, end = visit.starts_at.astimezone(clinic.tz), visit.ends_at.astimezone(clinic.tz)
    today = now.astimezone(clinic.tz).date()
    weekday, _, day = day_words(start.date(), today=today).partition(" ")
    return Next(
        is_on=start <= now,
        until=days_until(start.date(), today=today),
        weekday=weekday,
        day=day,
        span=span_words(start, end),
        supervisors=names(visit.supervisors),  # type: ignore[attr-defined]
        room=visit.slot.room,
        visit=str(visit.uid) if may_cancel(visit, now=now) else "",
    )


def may_cancel(visit: Visit, *, now: datetime) -> bool:
    """Whether the client may still say that she can't come: it is planned and has not begun."""
    return visit.status == Visit.Status.PLANNED and visit.starts_at > now


def may_come_after_all(visit: Visit, *, by: Membership, now: datetime) -> bool:
    """Whether the member cancelled it herself, and it has not begun."""
    return visit.status in HER_OWN and visit.said_by_id == by.pk and visit.starts_at > now


def _coming(
    visits: Sequence[Visit],
    member: Membership,
    now: datetime,
    breaks: Sequence[Break],
    *,
    own: bool,
) -> tuple[Coming, ...]:
    clinic = member.clinic
    today = now.astimezone(clinic.tz).date()
    lines = []
    for visit in visits:
        start = visit.starts_at.astimezone(clinic.tz)
        if start.date() > today + COMING or _in_a_break(visit, start.date(), breaks):
            continue
        uid = str(visit.uid)
        off = CALLED_OFF.get(Visit.Status(visit.status), "")
        lines.append(
            Coming(
                day=day_words(start.date(), today=today),
                time=clock_am(start),
                called_off=off if own else off.replace("You are not", "Not"),
                visit=uid if may_cancel(visit, now=now) else "",
                back=uid if may_come_after_all(visit, by=member, now=now) else "",
                make_up=visit.purpose == Visit.Purpose.MAKE_UP,
            )
        )
    return tuple(lines)


def _in_a_break(visit: Visit, day: date, breaks: Sequence[Break]) -> bool:
    """A place that a break has freed: the break is said once, not for each of them."""
    excused = visit.status == Visit.Status.EXCUSED
    return excused and any(one.first <= day <= one.last for one in breaks)


def _offers(
    member: Membership, enrollment: Enrollment, clinic: Clinic, now: datetime
) -> tuple[Offer, ...]:
    today = now.astimezone(clinic.tz).date()
    waiting = (
        Waiting.objects.visible_to(member)
        .open()
        .filter(enrollment=enrollment, slot__starts_at__gt=now)
        .select_related("slot")
        .order_by("slot__starts_at", "pk")
    )
    return tuple(offer_words(one, clinic, now=now, today=today) for one in waiting)


def offer_words(waiting: Waiting, clinic: Clinic, *, now: datetime, today: date) -> Offer:
    """The slot that is waited for, and until when its place is offered; "" where it is not."""
    start = waiting.slot.starts_at.astimezone(clinic.tz)
    end = waiting.slot.ends_at.astimezone(clinic.tz)
    stands = waiting.offer_ends_at is not None and waiting.offer_ends_at > now
    until = (
        moment_words(waiting.offer_ends_at.astimezone(clinic.tz), today=today)
        if stands and waiting.offer_ends_at
        else ""
    )
    return Offer(waiting.pk, when_words(start, end, today=today), until)


def _make_ups(enrollment: Enrollment, clinic: Clinic, now: datetime) -> tuple[MakeUp, ...]:
    today = now.astimezone(clinic.tz).date()
    return tuple(
        MakeUp(
            visit=str(credit.visit.uid),
            day=day_words(credit.visit.starts_at.astimezone(clinic.tz).date(), today=today),
            until=day_words(credit.until, today=today),
        )
        for credit in makeups.credits_of(enrollment, now=now)
    )


# --- breaks, and what has been --------------------------------------------------------------------
def _breaks(member: Membership, enrollment: Enrollment) -> list[Break]:
    pauses = Pause.objects.visible_to(member).filter(enrollment=enrollment)
    return [
        Break(
            pause.starts_on,
            min(pause.ends_on, pause.resumed_on - timedelta(days=1))
            if pause.resumed_on
            else pause.ends_on,
        )
        for pause in pauses
    ]


def _away(breaks: Sequence[Break], today: date) -> str:
    """``from Monday 2 March to Sunday 15 March``: the break that is on, or the next; "" if none."""
    ahead = sorted((one for one in breaks if one.days and one.last >= today), key=_first)
    if not ahead:
        return ""
    first, last = (day_words(day, today=today) for day in (ahead[0].first, ahead[0].last))
    return f"from {first} to {last}" if first != last else f"on {first}"


def _first(one: Break) -> date:
    return one.first


def _last_time(member: Membership, enrollment: Enrollment, today: date) -> LastTime | None:
    if enrollment.last_visit is None:  # type: ignore[attr-defined]
        return None
    clinic = member.clinic
    entries = (
        SetEntry.objects.visible_to(member)
        .filter(visit=enrollment.last_visit)  # type: ignore[attr-defined]
        .select_related("exercise")
    )
    start: datetime = enrollment.last_start  # type: ignore[attr-defined]
    day = day_words(start.astimezone(clinic.tz).date(), today=today)
    return LastTime(day=day, lifts=lifted(entries, unit=clinic.unit))


def _so_far(enrollment: Enrollment, breaks: Sequence[Break], today: date) -> SoFar | None:
    """Regular sessions and make-ups count towards the program; an extra one is said apart."""
    weeks: int | None = enrollment.weeks  # type: ignore[attr-defined]
    if weeks is None:
        return None
    return so_far(
        starts_on=enrollment.starts_on,
        weeks=weeks,
        sessions=weeks * enrollment.frequency,  # type: ignore[attr-defined]
        came=enrollment.came or 0,  # type: ignore[attr-defined]
        extra=enrollment.extra or 0,  # type: ignore[attr-defined]
        breaks=breaks,
        today=today,
    )


def _checks(enrollment: Enrollment, rules: Rules, today: date) -> tuple[Check, ...]:
    return checks(
        enrollment.starts_on,
        tests=enrollment.tests,  # type: ignore[attr-defined]
        scans=enrollment.scans,  # type: ignore[attr-defined]
        rules=rules,
        today=today,
    )
