"""Adverse events and falls within the dates, with what they are divided by: the counting.

Protocol sheet 5.6 and 5.7. Six queries at most, however many clients there are. ``safety`` makes
the tables of it.
"""

from __future__ import annotations

import calendar
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Case, Count, DateField, Exists, F, Func, OuterRef, Q, Subquery, When
from django.db.models.functions import Cast, TruncMonth

from bonefit.clients.models import Fall, FallsMonth
from programs.models import Enrollment
from sessions.models import AdverseEvent

from .scope import Scope
from .small_cells import at_least

_DAY = DateField()
AT_LEAST_POSSIBLE = frozenset(
    {
        AdverseEvent.Related.POSSIBLE,
        AdverseEvent.Related.PROBABLE,
        AdverseEvent.Related.DEFINITE,
    }
)

#: Who was in training on one of the days, and on how many: a row a client. A day of two enrollments
#: is one day of hers.
DAYS = """
, days AS (
    SELECT clinic_id, client_id, CASE WHEN count(*) = 1 THEN max(until - since) + 1 ELSE (
        SELECT sum(upper(d) - lower(d)) FROM unnest(range_agg(daterange(since, until, '[]'))) d
    ) END AS number
    FROM (
        SELECT clinic_id, client_id, greatest(starts_on, %(first)s) AS since,
            least(coalesce(ended_on, %(last)s), %(last)s, today) AS until
        FROM chosen
    ) each
    WHERE since <= until GROUP BY clinic_id, client_id
)
"""

#: People and their days, attended sessions: a row a clinic.
EXPOSURE = f"""{DAYS}
, people AS (
    SELECT clinic_id, count(*) AS people, sum(number) AS days FROM days GROUP BY clinic_id
)
, came AS (
    SELECT c.clinic_id, count(*) AS sessions
    FROM chosen c JOIN training_visit v ON v.enrollment_id = c.enrollment_id
    WHERE lower(v.during) >= c.begins AND lower(v.during) < c.ends
        AND v.status IN ('attended', 'attended_partial')
    GROUP BY c.clinic_id
)
SELECT clinic_id, begins, ends, coalesce(people, 0), coalesce(days, 0), coalesce(sessions, 0)
FROM clinics LEFT JOIN people USING (clinic_id) LEFT JOIN came USING (clinic_id)
"""

#: (month, attended sessions, people who attended at least so many).
BY_MONTH = f"""
SELECT to_char(lower(v.during) AT TIME ZONE c.zone, 'YYYY-MM'), count(*), {at_least("c.client_id")}
FROM chosen c JOIN training_visit v ON v.enrollment_id = c.enrollment_id
WHERE lower(v.during) >= c.begins AND lower(v.during) < c.ends
    AND v.status IN ('attended', 'attended_partial')
GROUP BY 1
"""

#: Of each event: regular sessions lost from it on until she next attended one, and whether she was
#: in training on one of the days.
LOST = f"""{DAYS}
SELECT a.id, (
    SELECT count(*) FROM training_visit v
    WHERE v.client_id = a.client_id AND v.purpose = 'regular'
        AND v.status IN ('excused', 'no_show', 'late_cancel', 'cancelled_client')
        AND v.id IS DISTINCT FROM a.visit_id
        AND lower(v.during) >= a.onset_at AND lower(v.during) < %(as_at)s
        AND NOT EXISTS (
            SELECT 1 FROM training_visit n WHERE n.client_id = a.client_id
                AND n.status IN ('attended', 'attended_partial')
                AND n.id IS DISTINCT FROM a.visit_id
                AND lower(n.during) >= a.onset_at AND n.during < v.during)
), a.client_id IN (SELECT client_id FROM days)
FROM training_adverseevent a
WHERE a.id = ANY(%(events)s)
"""


@dataclass(frozen=True, slots=True)
class Event:
    """One adverse event as it stands now; ``lost`` are the sessions lost after it.

    ``in_training``: it is of somebody who was in training on one of the days.
    """

    pk: int
    clinic: int
    client: int
    name: str
    what: str
    severity: str
    serious: bool | None
    related: str
    onset_at: datetime
    by: str
    lost: int = 0
    in_training: bool = False

    @property
    def possibly_related(self) -> bool:
        return self.related in AT_LEAST_POSSIBLE


@dataclass(frozen=True, slots=True)
class Fell:
    """One fall; ``answered``: its month is whole within the dates, and was answered."""

    pk: int
    clinic: int
    client: int
    name: str
    fell_on: date
    injured: bool | None
    fracture: bool | None
    confirmed: bool | None
    told: str
    answered: bool

    @property
    def hurt(self) -> bool:
        return bool(self.injured or self.fracture)

    @property
    def broke(self) -> bool:
        """A fracture that an image confirmed."""
        return bool(self.fracture and self.confirmed)


@dataclass(frozen=True, slots=True)
class Months:
    """Client-months of the question: answered by how many people, and what is in no rate."""

    answered: int = 0
    unanswered: int = 0
    not_asked: int = 0
    people: int = 0

    def __add__(self, other: Months) -> Months:
        return Months(
            self.answered + other.answered,
            self.unanswered + other.unanswered,
            self.not_asked + other.not_asked,
            self.people + other.people,
        )


@dataclass(frozen=True, slots=True)
class Exposure:
    """What events are divided by: people, person-days, attended sessions."""

    people: int = 0
    days: int = 0
    sessions: int = 0

    def __add__(self, other: Exposure) -> Exposure:
        return Exposure(
            self.people + other.people, self.days + other.days, self.sessions + other.sessions
        )


@dataclass(frozen=True)
class Harm:
    """Everything counted of some clinics; a clinic and its clients are in no other.

    ``by_month``: attended sessions of each month (2025-03), and the people who came in it; of all.
    """

    exposure: dict[int, Exposure]
    events: Sequence[Event]
    falls: Sequence[Fell]
    months: dict[int, Months] = field(default_factory=dict)
    by_month: Mapping[str, tuple[int, int]] = field(default_factory=dict)

    @property
    def exposed(self) -> Exposure:
        return sum(self.exposure.values(), Exposure())

    @property
    def asked(self) -> Months:
        return sum(self.months.values(), Months())

    @property
    def counted(self) -> list[Fell]:
        """The falls that are in the rate."""
        return [fall for fall in self.falls if fall.answered]

    def of(self, clinic: int) -> Harm:
        """What is of one clinic."""
        return Harm(
            {clinic: self.exposure[clinic]},
            [one for one in self.events if one.clinic == clinic],
            [one for one in self.falls if one.clinic == clinic],
            {clinic: self.months.get(clinic, Months())},
        )


def harm(scope: Scope) -> Harm:
    """Count; six queries at most."""
    rows = scope.ask(EXPOSURE)
    days = {clinic: (begins, ends) for clinic, begins, ends, *_ in rows}
    whole = _whole_months(scope)
    return Harm(
        {
            clinic: Exposure(int(people), int(each), int(came))
            for clinic, _, _, people, each, came in rows
        },
        _events(scope, days),
        _falls(scope, whole),
        _months(scope, whole),
        {month: (sessions, people) for month, sessions, people in scope.ask(BY_MONTH)},
    )


def _clients(scope: Scope) -> Any:
    return scope.enrollments.order_by().values("client_id")


def _events(scope: Scope, days: dict[int, tuple[datetime, datetime]]) -> list[Event]:
    """Each clinic's own days bound its events; the earliest and latest only narrow the query.

    One that began in another enrollment of hers, which the filters leave out, is none of these.
    """
    found = (
        AdverseEvent.objects.filter(
            client__in=_clients(scope),
            replaced_by=None,
            onset_at__gte=min(begins for begins, _ in days.values()),
            onset_at__lt=max(ends for _, ends in days.values()),
        )
        .annotate(day=Cast(Func(F("clinic__timezone"), F("onset_at"), function="timezone"), _DAY))
        .annotate(home=_home())
        .filter(Q(home=None) | Q(home__in=scope.enrollments.order_by().values("pk")))
        .order_by("-onset_at", "id")
        .values_list(
            *("id", "clinic_id", "client_id", "client__name", "what", "severity", "serious"),
            *("related", "onset_at", "reported_by__user__name"),
        )
    )
    events = [Event(*row) for row in found if days[row[1]][0] <= row[8] < days[row[1]][1]]
    rows = scope.ask(LOST, events=[one.pk for one in events]) if events else []
    beside = {event: (lost, in_training) for event, lost, in_training in rows}
    told = [(one, *beside[one.pk]) for one in events]
    return [replace(one, lost=lost, in_training=there) for one, lost, there in told]


def _home() -> Case:
    """The enrollment in whose session an event began, else the one on whose ``day``; or none."""
    on_the_day = (
        Enrollment.objects.filter(client=OuterRef("client"), starts_on__lte=OuterRef("day"))
        .filter(Q(ended_on=None) | Q(ended_on__gte=OuterRef("day")))
        .order_by("-starts_on", "-pk")
        .values("pk")[:1]
    )
    in_session = When(visit__isnull=False, then="visit__enrollment_id")
    return Case(in_session, default=Subquery(on_the_day))


def _whole_months(scope: Scope) -> dict[tuple[date, date], list[int]]:
    """The first and last whole month within the dates and until today, and whose they are."""
    found: dict[tuple[date, date], list[int]] = defaultdict(list)
    for clinic in scope.clinics:
        last = min(scope.filters.last, scope.today(clinic))
        found[whole_months(scope.filters.first, last)].append(clinic.pk)
    return found


def whole_months(first: date, last: date) -> tuple[date, date]:
    """The first days of the first and the last whole month within the days; may be none."""
    begin = first if first.day == 1 else (first.replace(day=28) + timedelta(days=4)).replace(day=1)
    whole = last.day == calendar.monthrange(last.year, last.month)[1]
    end = last.replace(day=1)
    return begin, end if whole else (end - timedelta(days=1)).replace(day=1)


def _within(whole: dict[tuple[date, date], list[int]], name: str) -> Q:
    asked = Q(pk__in=[])
    for (begin, end), clinics in whole.items():
        asked |= Q(clinic__in=clinics, **{f"{name}__gte": begin, f"{name}__lte": end})
    return asked


def asked_months(scope: Scope) -> Q:
    """Which months of the question are in the report: whole ones, of those it is about."""
    return _within(_whole_months(scope), "month") & Q(client__in=_clients(scope))


def _months(scope: Scope, whole: dict[tuple[date, date], list[int]]) -> dict[int, Months]:
    answered = Q(answered_at__isnull=False)
    rows = (
        FallsMonth.objects.filter(_within(whole, "month"), client__in=_clients(scope))
        .order_by()
        .values_list("clinic_id")
        .annotate(
            answered=Count("pk", filter=answered),
            unanswered=Count("pk", filter=~answered & Q(asked_at__isnull=False)),
            not_asked=Count("pk", filter=~answered & Q(asked_at=None)),
            people=Count("client_id", filter=answered, distinct=True),
        )
    )
    return {clinic: Months(*numbers) for clinic, *numbers in rows}


def _falls(scope: Scope, whole: dict[tuple[date, date], list[int]]) -> list[Fell]:
    told = FallsMonth.objects.filter(
        client=OuterRef("client"), month=OuterRef("its_month"), answered_at__isnull=False
    ).filter(_within(whole, "month"))
    today = Q(pk__in=[])
    for clinic in scope.clinics:
        today |= Q(clinic=clinic, fell_on__lte=min(scope.filters.last, scope.today(clinic)))
    rows = (
        Fall.objects.filter(
            today,
            client__in=_clients(scope),
            replaced_by=None,
            taken_back_why="",
            fell_on__gte=scope.filters.first,
        )
        .annotate(its_month=TruncMonth("fell_on"))
        .annotate(in_the_rate=Exists(told))
        .order_by("-fell_on", "id")
        .values_list(
            *("id", "clinic_id", "client_id", "client__name", "fell_on", "injured", "fracture"),
            *("confirmed", "told", "in_the_rate"),
        )
    )
    return [Fell(*row) for row in rows]


def fallers(falls: Iterable[Fell]) -> Counter[int]:
    """How often each who fell did."""
    return Counter(one.client for one in falls)
