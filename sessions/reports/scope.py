"""Whose sessions a report counts, of which days, as at when: the scoped question of every report.

Each report is one set-based query (or a few) that begins with ``scope.chosen()``: enrollments that
the reader may see and that the filters leave, each with the days of its own clinic's calendar as
instants.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Any, TypeVar

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet

from bonefit.clinics.models import Clinic
from programs.calendar import wall_time
from programs.models import Enrollment, Program

_Answer = TypeVar("_Answer")


class By(StrEnum):
    """What a row of a report is."""

    CLIENT = "client"
    THERAPIST = "therapist"
    PROGRAM = "program"
    PHASE = "phase"
    COHORT = "cohort"
    CLINIC = "clinic"


@dataclass(frozen=True, slots=True)
class Filters:
    """What was asked: days of the clinic's own calendar, both included, and whose sessions.

    ``therapist``: responsible for the enrollment (a membership's id). ``cohort``: the first day of
    the month in which she started. ``phase``: code of the phase in whose planned weeks a session
    lies ("" all). ``status``: of the enrollment as it is now ("" all). ``enrollment``: one row,
    drilled down to.
    """

    first: date
    last: date
    by: By = By.CLIENT
    clinic: int | None = None
    therapist: int | None = None
    program: Program | None = None
    cohort: date | None = None
    phase: str = ""
    status: str = ""
    enrollment: int | None = None


#: ``clinics``: the days of each clinic's calendar as instants. ``chosen``: one row an enrollment,
#: everyone enrolled on one of the days and whoever has a session in them, also after her recorded
#: end: its row must not vanish with it. Who withdrew before her first day was enrolled on none.
CHOSEN = """
clinics AS (
    SELECT * FROM unnest(%(clinic_ids)s::bigint[], %(zones)s::text[], %(begins)s::timestamptz[],
        %(ends)s::timestamptz[], %(todays)s::date[]) AS k(clinic_id, zone, begins, ends, today)
),
chosen AS MATERIALIZED (
    SELECT e.id AS enrollment_id, e.clinic_id, e.client_id, e.therapist_id, e.starts_on, e.ended_on,
        e.status, e.end_reason, date_trunc('month', e.starts_on)::date AS cohort,
        k.zone, k.begins, k.ends, k.today
    FROM programs_enrollment e JOIN clinics k ON k.clinic_id = e.clinic_id
    WHERE e.clinic_id = ANY(%(clinic_ids)s) AND e.id IN ({enrollments}) AND (
        (e.starts_on <= least(%(last)s::date, k.today)
            AND (e.ended_on IS NULL OR e.ended_on >= greatest(%(first)s::date, e.starts_on)))
        OR EXISTS (SELECT 1 FROM training_visit v WHERE v.enrollment_id = e.id
            AND lower(v.during) >= k.begins AND lower(v.during) < k.ends
            AND v.status NOT IN ('planned', 'checked_in', 'released')))
)
"""


#: The same for a query that reads ``chosen`` once: nothing is kept in between, and the planner
#: guesses as many rows as the enrollments have. The 0 is quoted: as a number it would be cast, and
#: PostgreSQL then takes it for a limit, which keeps several workers from sharing the scan.
CHOSEN_ONCE = """
chosen AS NOT MATERIALIZED (
    SELECT e.enrollment_id, e.clinic_id, e.client_id, e.therapist_id, e.starts_on, e.ended_on,
        e.status, e.end_reason, e.cohort, e.zone, e.begins, e.ends, e.today
    FROM (
        SELECT e.id AS enrollment_id, e.clinic_id, e.client_id, e.therapist_id, e.starts_on,
            e.ended_on, e.status, e.end_reason, date_trunc('month', e.starts_on)::date AS cohort,
            k.zone, k.begins, k.ends, k.today
        FROM programs_enrollment e
        JOIN unnest(%(clinic_ids)s::bigint[], %(zones)s::text[], %(begins)s::timestamptz[],
            %(ends)s::timestamptz[], %(todays)s::date[]) AS k(clinic_id, zone, begins, ends, today)
            ON k.clinic_id = e.clinic_id
        WHERE e.clinic_id = ANY(%(clinic_ids)s) AND e.id IN ({enrollments})
        OFFSET '0'
    ) e
    WHERE (e.starts_on <= least(%(last)s::date, e.today)
            AND (e.ended_on IS NULL OR e.ended_on >= greatest(%(first)s::date, e.starts_on)))
        OR EXISTS (SELECT 1 FROM training_visit v WHERE v.enrollment_id = e.enrollment_id
            AND lower(v.during) >= e.begins AND lower(v.during) < e.ends
            AND v.status NOT IN ('planned', 'checked_in', 'released'))
)
"""


@dataclass(frozen=True)
class Scope:
    """One question to a report.

    ``enrollments``: who may be seen and fits the filters, whatever the days. ``named``: whether
    the reader may see clients' names. ``headline``: code of the clinic's own headline definition.
    ``whole``: whether the reader may see figures of a whole clinic, else only those of her clients.
    """

    clinics: tuple[Clinic, ...]
    enrollments: QuerySet[Enrollment, Enrollment]
    filters: Filters
    as_at: datetime
    named: bool = True
    headline: str = "A3"
    whole: bool = True
    #: The page of a session that opens to the reader.
    visit_page: str = "sessions:visit"
    #: The same question without one of its filters, and without all, where the reader may not see
    #: names; what is taken away from it by the filters would follow from both. Nothing elsewhere.
    wider: tuple[Scope, ...] = ()
    _answers: dict[Callable[[Scope], Any], Any] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    def once(self, ask: Callable[[Scope], _Answer]) -> _Answer:
        """What is asked of this very question by several parts of a report, asked once."""
        if ask not in self._answers:
            self._answers[ask] = ask(self)
        answer: _Answer = self._answers[ask]
        return answer

    def today(self, clinic: Clinic) -> date:
        """The day of the moment, by the clinic's calendar."""
        return self.as_at.astimezone(clinic.tz).date()

    def asking(self, **filters: Any) -> Scope:
        """The same question with other days or another row."""
        return replace(self, filters=replace(self.filters, **filters))

    def only(self, enrollments: Iterable[int]) -> Scope:
        """The same question about some of its enrollments."""
        return replace(self, enrollments=self.enrollments.filter(pk__in=list(enrollments)))

    def people(self) -> int:
        """How many people the question is about, as far as a thousand enrollments; one query.

        It tells few from many, and does not read everybody of a large organisation for that.
        """
        few = "(SELECT client_id FROM chosen LIMIT 1000) few"
        [(number,)] = self.ask(f"SELECT count(DISTINCT client_id) FROM {few}", once=True)
        return int(number)

    def left_out(self) -> int:
        """How many people the filters leave out, together or one of them alone: the fewest, as far
        as a thousand enrollments; a query for each question that is wider.
        """
        mine = self.enrollments.order_by().values("pk")
        numbers = (
            replace(one, enrollments=one.enrollments.exclude(pk__in=mine)).people()
            for one in self.wider
        )
        return min(filter(None, numbers), default=0)

    def chosen(self, *, once: bool = False) -> tuple[str, dict[str, Any]]:
        """``CHOSEN`` or ``CHOSEN_ONCE`` with its parameters.

        Put ``WITH`` before it and a query behind it.

        The instants end at the moment of the report: what has not begun is not counted.
        """
        try:
            inner, params = self.enrollments.order_by().values("pk").query.sql_with_params()
        except EmptyResultSet:  # nobody may be seen, or nobody fits the filters
            inner, params = "SELECT NULL::bigint WHERE false", ()
        named = {f"e{number}": value for number, value in enumerate(params)}
        inner = inner.replace("%%", "%")
        for name in named:
            inner = inner.replace("%s", f"%({name})s", 1)
        first, last = self.filters.first, self.filters.last
        return (CHOSEN_ONCE if once else CHOSEN).format(enrollments=inner), {
            **named,
            "clinic_ids": [clinic.pk for clinic in self.clinics],
            "zones": [clinic.timezone for clinic in self.clinics],
            "begins": [_midnight(first, clinic) for clinic in self.clinics],
            "ends": [
                min(_midnight(last + timedelta(days=1), clinic), self.as_at)
                for clinic in self.clinics
            ],
            "todays": [self.today(clinic) for clinic in self.clinics],
            "first": first,
            "last": last,
            "as_at": self.as_at,
            "whole": self.whole,
        }

    def ask(
        self, body: str, *, once: bool = False, memory: int = 0, **params: Any
    ) -> list[tuple[Any, ...]]:
        """The rows of one query: ``WITH clinics, chosen`` and then ``body``.

        ``body`` begins with a further CTE (", x AS (…) SELECT …") or with SELECT; its parameters
        are named, and ``first``, ``last`` and ``as_at`` are there already. ``once``: ``body``
        reads ``chosen`` once, and nothing of ``clinics``. ``memory``: megabytes that each of its
        groupings may fill, where the usual few are too few.
        """
        chosen, known = self.chosen(once=once)
        settings = settled(memory=memory)
        with connection.cursor() as cursor:
            cursor.execute(f"{settings}WITH {chosen} {body}", {**known, **params})
            for _ in range(settings.count(";")):
                cursor.nextset()
            return cursor.fetchall()


def settled(*, memory: int = 0) -> str:
    """Settings of the database, sent together with a query so that they hold for it alone.

    Nothing is compiled (``jit``): a report has hundreds of expressions, and compiling them takes
    longer than the report. ``memory``: megabytes for each grouping.
    """
    return "SET LOCAL jit = off; " + (f"SET LOCAL work_mem = '{int(memory)}MB'; " if memory else "")


def among_clinics(name: str, clinic: str) -> str:
    """SQL of a name that each clinic may have; among several clinics it says of which it is."""
    several = "cardinality(%(clinic_ids)s::bigint[]) > 1"
    return f"{name} || CASE WHEN {several} THEN ', ' || {clinic} ELSE '' END"


def _midnight(day: date, clinic: Clinic) -> datetime:
    return wall_time(day, time.min, clinic.tz)


def months(first: date, last: date) -> Sequence[date]:
    """The first days of the months that these days touch."""
    found, month = [], first.replace(day=1)
    while month <= last:
        found.append(month)
        month = (month + timedelta(days=32)).replace(day=1)
    return found


def month_before(day: date) -> date:
    """The first day of the month before the day's."""
    return (day.replace(day=1) - timedelta(days=1)).replace(day=1)


def last_of_month(first: date) -> date:
    """The last day of the month that begins then."""
    return (first + timedelta(days=32)).replace(day=1) - timedelta(days=1)


def read_month(text: str) -> date:
    """The first day of a month as an address names it, 2026-10; ValueError for anything else."""
    return date.fromisoformat(f"{text}-01")
