"""What happened to a clinic's clients, with what it is divided by: adverse events and falls.

Protocol sheet 5.6 and 5.7. Seven queries at most, however many clients there are.
"""

from __future__ import annotations

import calendar
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from bonefit.clients.models import Fall, FallsMonth
from bonefit.clinics.models import Membership
from programs.calendar import wall_time
from programs.models import Enrollment
from sessions.models import AdverseEvent, Visit

from . import rates
from .rates import Rate

AT_LEAST_POSSIBLE = frozenset(
    {
        AdverseEvent.Related.POSSIBLE,
        AdverseEvent.Related.PROBABLE,
        AdverseEvent.Related.DEFINITE,
    }
)
EVENTS_DEFINITION = (
    "An adverse event is anything untoward that is reported of a client within these dates, by the "
    "day on which it began, in or outside a session, whether or not the training had to do with "
    "it. A corrected report counts once, as it stands now."
)
SERIOUS_DEFINITION = "Serious: death, danger to life, a stay in hospital, or disability."
SESSIONS_DEFINITION = "Attended sessions: every session that was signed as attended, also in part."
YEARS_DEFINITION = (
    "Person-years of the events: the days of all enrollments within the dates, until today, ÷ "
    f"{rates.DAYS_A_YEAR}."
)
FALLS_DEFINITION = (
    "Person-years of falls: whole calendar months within the dates about which a client has "
    "answered the monthly question, ÷ 12. No answer is not “no fall”: a month without one is in "
    "neither number, and stands beside them."
)
BOUND_DEFINITION = (
    "The range behind a rate is the exact 95 % interval of a count (Poisson). Where nothing was "
    "counted, “up to” is the exact one-sided 95 % bound: a true rate as high as that would still "
    "be compatible with none seen."
)


@dataclass(frozen=True, slots=True)
class Line:
    """One kind of event: how many, per 1,000 attended sessions, and per person-year."""

    name: str
    events: int
    sessions: Rate | None
    years: Rate | None


@dataclass(frozen=True, slots=True)
class Kind:
    """How many events of one kind, by severity in the order mild, moderate, severe."""

    name: str
    counts: tuple[int, ...]

    @property
    def total(self) -> int:
        return sum(self.counts)


@dataclass(frozen=True, slots=True)
class Falls:
    """Falls in answered months, and what is in no rate."""

    falls: int
    fallers: int
    often: int
    fractures: int
    injured: int
    answered: int
    unanswered: int
    not_asked: int
    outside: int
    people: int
    rate: Rate | None

    @property
    def upper_share(self) -> str:
        """The largest share of people that no faller among them still allows, in per cent."""
        return f"{100 * rates.upper_share(self.people):.1f}" if self.people else ""


@dataclass(frozen=True, slots=True)
class Safety:
    """The report as it stood at ``as_at``."""

    first: date
    last: date
    as_at: datetime
    people: int
    sessions: int
    days: int
    lines: tuple[Line, ...]
    kinds: tuple[Kind, ...]
    falls: Falls

    @property
    def events(self) -> int:
        return self.lines[0].events

    @property
    def years(self) -> float:
        return self.days / rates.DAYS_A_YEAR

    @property
    def upper_share(self) -> str:
        """The largest share of people that none with an event still allows, in per cent."""
        return f"{100 * rates.upper_share(self.people):.1f}" if self.people else ""


def safety(member: Membership, *, first: date, last: date, as_at: datetime) -> Safety:
    """Count within these days, both included, of the member's clinic."""
    clinic = member.clinic
    today = as_at.astimezone(clinic.tz).date()
    begins = wall_time(first, time.min, clinic.tz)
    ends = min(wall_time(last + timedelta(days=1), time.min, clinic.tz), as_at)
    sessions = (
        Visit.objects.visible_to(member)
        .filter(
            status__in=Visit.ATTENDANCE,
            during__startswith__gte=begins,
            during__startswith__lt=ends,
        )
        .count()
    )
    people, days = _person_days(member, first, min(last, today))
    found = list(
        AdverseEvent.objects.visible_to(member)
        .filter(replaced_by=None, onset_at__gte=begins, onset_at__lt=ends)
        .values_list("what", "severity", "serious", "related")
    )
    return Safety(
        first=first,
        last=last,
        as_at=as_at,
        people=people,
        sessions=sessions,
        days=days,
        lines=tuple(_lines(found, sessions, days)),
        kinds=tuple(_kinds(found)),
        falls=_falls(member, first, min(last, today)),
    )


def _person_days(member: Membership, first: date, last: date) -> tuple[int, int]:
    """How many people were enrolled on one of the days, and on how many days in all."""
    spans = (
        Enrollment.objects.visible_to(member)
        .filter(starts_on__lte=last)
        .exclude(ended_on__lt=first)
        .order_by()
        .values_list("client_id", "starts_on", "ended_on")
    )
    people, days = set(), 0
    for client_id, starts_on, ended_on in spans:
        here = (min(ended_on or last, last) - max(starts_on, first)).days + 1
        if here > 0:
            people.add(client_id)
            days += here
    return len(people), days


_Event = tuple[str, str, bool | None, str]


def _lines(found: Sequence[_Event], sessions: int, days: int) -> Iterable[Line]:
    counts = {
        "All adverse events": len(found),
        "At least possibly related to the training": sum(
            related in AT_LEAST_POSSIBLE for *_, related in found
        ),
        "Serious": sum(serious is True for _, _, serious, _ in found),
    }
    for name, events in counts.items():
        yield Line(
            name,
            events,
            rates.per_thousand_sessions(events, sessions),
            rates.per_person_year(events, days=days),
        )


def _kinds(found: Sequence[_Event]) -> Iterable[Kind]:
    counted = Counter((what, severity) for what, severity, *_ in found)
    for what in AdverseEvent.What:
        counts = tuple(counted[what.value, one.value] for one in AdverseEvent.Severity)
        if any(counts):
            yield Kind(what.label, counts)


def _whole_months(first: date, last: date) -> tuple[date, date]:
    """The first days of the first and the last whole month within the days; may be none."""
    begin = first if first.day == 1 else (first.replace(day=28) + timedelta(days=4)).replace(day=1)
    whole = last.day == calendar.monthrange(last.year, last.month)[1]
    end = last.replace(day=1)
    return begin, end if whole else (end - timedelta(days=1)).replace(day=1)


def _falls(member: Membership, first: date, last: date) -> Falls:
    begin, end = _whole_months(first, last)
    months = list(
        FallsMonth.objects.visible_to(member)
        .filter(month__gte=begin, month__lte=end)
        .order_by()
        .values_list("client_id", "month", "asked_at", "answered_at")
    )
    answered = {(client_id, month) for client_id, month, _, at in months if at is not None}
    falls = list(
        Fall.objects.visible_to(member)
        .filter(replaced_by=None, taken_back_why="", fell_on__gte=first, fell_on__lte=last)
        .order_by()
        .values_list("client_id", "fell_on", "injured", "fracture", "confirmed")
    )
    counted = [fall for fall in falls if (fall[0], fall[1].replace(day=1)) in answered]
    by_person = Counter(client_id for client_id, *_ in counted)
    people = {client_id for client_id, _ in answered}
    return Falls(
        falls=len(counted),
        fallers=len(by_person),
        often=sum(number > 1 for number in by_person.values()),
        fractures=sum(bool(fracture and confirmed) for *_, fracture, confirmed in counted),
        injured=sum(bool(injured or fracture) for *_, injured, fracture, _ in counted),
        answered=len(answered),
        unanswered=sum(asked is not None and at is None for *_, asked, at in months),
        not_asked=sum(asked is None and at is None for *_, asked, at in months),
        outside=len(falls) - len(counted),
        people=len(people),
        rate=rates.per_person_year(len(counted), months=len(answered)),
    )
