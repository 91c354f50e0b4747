"""The morning list of each therapist, and the admins' week: what is due to be said, and to whom."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db.models import Count, Q

from bonefit.clinics.models import Clinic
from programs.calendar import wall_time
from programs.plans import rules_at
from sessions.models import Flag, StaffNotice

from .whose import Staff, not_put_off, staff_of, with_whose

#: A morning list that could not be written in time is not written in the evening.
MORNING = timedelta(hours=6)
#: After this long it is not sent any more: the next one is near.
MORNING_IS_OVER = timedelta(hours=16)
#: The week's figures stay true: they may come late.
MONDAY = timedelta(days=3)
WEEK = timedelta(days=7)
#: Weeks that an open flag is old, as the summary counts them: under one, under four, and more.
AGES = (1, 4)

#: What is said in the morning: what asks for something.
TO_DO = (Flag.Severity.RED, Flag.Severity.AMBER)


@dataclass(frozen=True, slots=True)
class Digest:
    """One message to one member; ``facts`` are numbers."""

    member: int
    kind: str
    key: str
    facts: Mapping[str, object]
    expires_at: datetime


def digests(clinics: Sequence[Clinic], now: datetime) -> list[Digest]:
    """All that is due in these clinics and not written yet."""
    mornings = {clinic: at for clinic in clinics if (at := morning(clinic, now)) is not None}
    mondays = {clinic: at for clinic in clinics if (at := monday(clinic, now)) is not None}
    staff = staff_of({clinic.pk for clinic in (*mornings, *mondays)}, now)
    return [*_morning_lists(mornings, staff), *_weeks(mondays, staff)]


def new_keys(keys: Collection[str]) -> set[str]:
    """Those of these keys that no message has yet. A key names a member, and so her clinic."""
    known = StaffNotice.objects.filter(key__in=list(keys)).values_list("key", flat=True)
    return set(keys) - set(known) if keys else set()


def morning(clinic: Clinic, now: datetime) -> datetime | None:
    """The moment of today's morning list, if it is past and not by much."""
    at = _digest_time(clinic, now, now.astimezone(clinic.tz).date())
    return at if at <= now < at + MORNING else None


def monday(clinic: Clinic, now: datetime) -> datetime | None:
    """The moment of this week's summary, if it is past and not by much."""
    today = now.astimezone(clinic.tz).date()
    at = _digest_time(clinic, now, today - timedelta(days=today.weekday()))
    return at if at <= now < at + MONDAY else None


def _digest_time(clinic: Clinic, now: datetime, day: date) -> datetime:
    return wall_time(day, time(rules_at(clinic, now).rules.digest_hour), clinic.tz)


# --- the morning ----------------------------------------------------------------------------------


def _morning_lists(due: Mapping[Clinic, datetime], staff: Mapping[int, Staff]) -> Iterator[Digest]:
    counted: dict[int, Counter[str]] = defaultdict(Counter)
    moments: dict[int, tuple[datetime, date]] = {}
    for moment, clinics in _by_moment(due).items():
        for clinic, who, about, severity, number in _open_in_the_morning(clinics, *moment):
            here = staff[clinic]
            members = [here.sees_to(who)] if who is not None else [*here.admins, about]
            for member in here.members & set(members):
                counted[member][severity] += number
                moments[member] = moment
    # The day is in the key, not the moment: where the hour is changed it is still one a day.
    keys = {member: f"morning|{member}|{day.isoformat()}" for member, (_, day) in moments.items()}
    new = new_keys(list(keys.values()))
    for member, key in sorted(keys.items()):
        if key in new:
            facts = {severity.value: counted[member][severity] for severity in TO_DO}
            over = moments[member][0] + MORNING_IS_OVER
            yield Digest(member, StaffNotice.Kind.MORNING, key, facts, over)


def _by_moment(due: Mapping[Clinic, datetime]) -> dict[tuple[datetime, date], list[int]]:
    """Clinics whose morning begins together are asked about together."""
    found: dict[tuple[datetime, date], list[int]] = defaultdict(list)
    for clinic, at in due.items():
        found[at, at.astimezone(clinic.tz).date()].append(clinic.pk)
    return found


def _open_in_the_morning(
    clinics: Sequence[int], at: datetime, day: date
) -> list[tuple[int, int | None, int | None, str, int]]:
    """Clinic, whose, about which supervisor, severity, and how many there are of these."""
    rows = with_whose(Flag.objects.open()).filter(
        not_put_off(day), clinic__in=clinics, severity__in=TO_DO, opened_at__lte=at
    )
    grouped = ("clinic_id", "whose", "member_id", "severity")
    counted = rows.order_by().values(*grouped).annotate(number=Count("pk"))
    return list(counted.values_list(*grouped, "number"))


# --- the week -------------------------------------------------------------------------------------


def _weeks(due: Mapping[Clinic, datetime], staff: Mapping[int, Staff]) -> Iterator[Digest]:
    keys = {
        (clinic, member): f"weekly|{member}|{at.astimezone(clinic.tz).date().isoformat()}"
        for clinic, at in due.items()
        for member in staff[clinic.pk].admins
    }
    new = new_keys(list(keys.values()))
    weeks: dict[Clinic, dict[str, int]] = {}
    for (clinic, member), key in keys.items():
        if key not in new:
            continue
        facts = weeks.setdefault(clinic, {}) or _week(clinic, due[clinic])
        weeks[clinic] = facts
        if any(facts[name] for name in ("opened", "closed", "open")):
            yield Digest(member, StaffNotice.Kind.WEEKLY, key, facts, due[clinic] + WEEK)


def _week(clinic: Clinic, at: datetime) -> dict[str, int]:
    """What became of flags in the week until a Monday's midnight, and what was open then."""
    day = at.astimezone(clinic.tz).date()
    end = wall_time(day, time.min, clinic.tz)
    begin = wall_time(day - WEEK, time.min, clinic.tz)
    closed = Q(resolved_at__gte=begin, resolved_at__lt=end)
    by_hand = closed & ~Q(resolution=Flag.Resolution.BY_ITSELF)
    open_then = Q(opened_at__lt=end) & (Q(resolved_at=None) | Q(resolved_at__gte=end))
    young, old = (end - timedelta(weeks=weeks) for weeks in AGES)
    rows = Flag.objects.filter(clinic=clinic).exclude(severity=Flag.Severity.GOOD)
    # Two questions, each with an index of its own: what is open, and what was closed lately.
    return rows.filter(Q(resolved_at=None) | Q(resolved_at__gte=begin)).aggregate(
        opened=Count("pk", filter=Q(opened_at__gte=begin, opened_at__lt=end)),
        closed=Count("pk", filter=closed),
        by_hand=Count("pk", filter=by_hand),
        not_useful=Count("pk", filter=by_hand & Q(resolution=Flag.Resolution.NOT_USEFUL)),
        open=Count("pk", filter=open_then),
        young=Count("pk", filter=open_then & Q(opened_at__gte=young)),
        old=Count("pk", filter=open_then & Q(opened_at__lt=old)),
    )
