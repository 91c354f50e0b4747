"""The adherence report: who came to what was planned. Its words: definitions.py beside this."""

from __future__ import annotations

from collections import Counter as Tally
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime, time, timedelta
from functools import cached_property, reduce
from operator import add
from typing import Any

from django.db.models import Count, Exists, Max, Min, OuterRef, Prefetch, Q, QuerySet

from bonefit.clinics.dates import say_day
from bonefit.clinics.models import Clinic, Membership
from programs.calendar import prescribed_to_date, wall_time
from programs.models import Enrollment, Program, Track
from sessions.models import Visit

from .stats import percent, wilson
from .strips import Mark, Strip, Weeks, strip

Status = Visit.Status

START = "during__startswith"

#: How a session that is over is told; what is missing here is open, or was released.
MARKS: dict[str, Mark] = {
    Status.ATTENDED: Mark.ATTENDED,
    Status.ATTENDED_PARTIAL: Mark.ATTENDED,
    Status.UNRECORDED: Mark.UNRECORDED,
    Status.NO_SHOW: Mark.NO_SHOW,
    Status.LATE_CANCEL: Mark.LATE_CANCEL,
    Status.CANCELLED_CLIENT: Mark.CANCELLED_CLIENT,
    Status.EXCUSED: Mark.EXCUSED,
    Status.CLINIC_CANCELLED: Mark.CLINIC,
    Status.HOLIDAY_CLOSED: Mark.CLINIC,
}


@dataclass(frozen=True, slots=True)
class Filters:
    """What was asked: days of the clinic's calendar, both included, and whose clients."""

    first: date
    last: date
    therapist: Membership | None = None
    program: Program | None = None

    def begins(self, clinic: Clinic) -> datetime:
        """The instant at which the first day begins in the clinic."""
        return wall_time(self.first, time.min, clinic.tz)

    def ends(self, clinic: Clinic) -> datetime:
        """The instant at which the day after the last one begins."""
        return wall_time(self.last + timedelta(days=1), time.min, clinic.tz)


@dataclass(frozen=True, slots=True)
class Counts:
    """Sessions of one enrollment, or of several added up; whole numbers only."""

    attended: int = 0
    unrecorded: int = 0
    no_show: int = 0
    late_cancel: int = 0
    cancelled_client: int = 0
    excused: int = 0
    clinic: int = 0
    make_up: int = 0
    extra: int = 0
    prescribed: int = 0

    def __add__(self, other: Counts) -> Counts:
        return Counts(
            *(getattr(self, each.name) + getattr(other, each.name) for each in fields(Counts))
        )

    @property
    def missed(self) -> int:
        return self.no_show + self.late_cancel + self.cancelled_client

    @property
    def counted(self) -> int:
        """The sessions that could be attended: the denominator of A3."""
        return self.attended + self.unrecorded + self.missed

    @property
    def planned(self) -> int:
        return self.counted + self.excused + self.clinic

    @property
    def a3(self) -> str:
        return percent(self.attended, self.counted)

    @property
    def a1(self) -> str:
        return percent(self.attended, self.prescribed)

    @property
    def interval(self) -> tuple[str, str] | None:
        """Wilson's 95 % interval of A3, in per cent."""
        ends = wilson(self.attended, self.counted)
        return (f"{100 * ends[0]:.1f}", f"{100 * ends[1]:.1f}") if ends else None


@dataclass(frozen=True, slots=True)
class Row:
    """One enrollment. ``client_id`` is None in the total row."""

    name: str
    counts: Counts
    client_id: int | None = None
    last_attended: date | None = None
    next_booked: date | None = None
    strip: Strip | None = None

    def cells(self) -> list[str]:
        """The row as the download writes it, in the order of definitions.COLUMNS."""
        counts = self.counts
        return [
            self.name,
            str(counts.planned),
            str(counts.attended),
            str(counts.unrecorded),
            str(counts.missed),
            str(counts.excused),
            str(counts.clinic),
            str(counts.counted),
            counts.a3,
            str(counts.prescribed),
            counts.a1,
            str(counts.make_up),
            str(counts.extra),
            self.last_attended.isoformat() if self.last_attended else "",
            self.next_booked.isoformat() if self.next_booked else "",
        ]


@dataclass(frozen=True)
class Adherence:
    """The report as it stood at ``as_at``."""

    clinic: Clinic
    filters: Filters
    as_at: datetime
    rows: Sequence[Row]
    weeks: Weeks | None = None

    @cached_property
    def total(self) -> Row:
        counts = reduce(add, (row.counts for row in self.rows), Counts())
        return Row("1 client" if self.clients == 1 else f"All {self.clients} clients", counts)

    @cached_property
    def clients(self) -> int:
        """People, not enrollments: who left and came back is one."""
        return len({row.client_id for row in self.rows})

    @property
    def place(self) -> str:
        """The city of the clinic's time zone, as people call it."""
        return self.clinic.timezone.rpartition("/")[2].replace("_", " ")

    @property
    def offset(self) -> str:
        """The clinic's distance from UTC at the moment of the report: +10:00."""
        return self.as_at.astimezone(self.clinic.tz).isoformat()[-6:]

    @property
    def weeks_cut(self) -> bool:
        """True when the picture begins later than the days that were asked for."""
        return self.weeks is not None and self.weeks.first > self.filters.first


def adherence(
    member: Membership, filters: Filters, *, as_at: datetime, pictures: bool = True
) -> Adherence:
    """Count what became of each client's sessions; five queries however many clients there are."""
    clinic = member.clinic
    today = as_at.astimezone(clinic.tz).date()
    due = _due(filters, clinic, as_at)
    chosen = _chosen(member, filters, due, today)
    visits = Visit.objects.visible_to(member).filter(enrollment__in=chosen.values("pk"))
    counted = _counted(visits, due, as_at)
    weeks = Weeks.within(filters.first, max(filters.first, min(filters.last, today)))
    drawn = _drawn(visits.filter(due), as_at, clinic, weeks) if pictures else {}
    tracks = Prefetch(
        "tracks", Track.objects.main().select_related("version").order_by("starts_on", "id")
    )
    enrollments = list(
        chosen.select_related("client")
        .prefetch_related(tracks)
        .order_by("client__name", "client_id", "starts_on", "id")
    )
    seen = Tally(enrollment.client_id for enrollment in enrollments)
    rows = [
        _row(
            enrollment,
            counted.get(enrollment.pk, {}),
            prescribed=_prescribed(enrollment, filters, today),
            clinic=clinic,
            again=seen[enrollment.client_id] > 1,
            strip=drawn.get(enrollment.pk, strip(weeks, ())) if pictures else None,
        )
        for enrollment in enrollments
    ]
    return Adherence(clinic, filters, as_at, rows, weeks if pictures else None)


def _due(filters: Filters, clinic: Clinic, as_at: datetime) -> Q:
    """Sessions that begin within the days, by the clinic's clock, and have begun."""
    return Q(
        **{
            f"{START}__gte": filters.begins(clinic),
            f"{START}__lt": filters.ends(clinic),
            f"{START}__lte": as_at,
        }
    )


def _told(as_at: datetime) -> Q:
    """Sessions of which it is known how they ended, or known that nobody said so.

    An open session past its grace is unrecorded, whether or not the sweep has come by: a figure
    must not depend on when a task ran.
    """
    return Q(status__in=MARKS) | Q(status__in=Visit.OPEN, missed_after__lte=as_at)


def _chosen(
    member: Membership, filters: Filters, due: Q, today: date
) -> QuerySet[Enrollment, Enrollment]:
    """Who has a row: everyone enrolled on one of the days, and whoever has a session in them."""
    enrolled = Q(starts_on__lte=min(filters.last, today)) & (
        Q(ended_on=None) | Q(ended_on__gte=filters.first)
    )
    # A session after the recorded end is still a fact; its row must not vanish with it.
    with_session = Exists(
        Visit.objects.filter(due, enrollment=OuterRef("pk")).exclude(
            status__in=[*Visit.OPEN, Status.RELEASED]
        )
    )
    chosen = Enrollment.objects.visible_to(member).filter(enrolled | Q(with_session))
    if filters.therapist is not None:
        chosen = chosen.filter(therapist=filters.therapist)
    if filters.program is not None:
        followed = Track.objects.main().filter(
            Q(ends_on=None) | Q(ends_on__gte=filters.first),
            enrollment=OuterRef("pk"),
            version__program=filters.program,
            starts_on__lte=filters.last,
        )
        chosen = chosen.filter(Exists(followed))
    return chosen


def _counted(
    visits: QuerySet[Visit, Visit], due: Q, as_at: datetime
) -> dict[int, Mapping[str, Any]]:
    """One query: each enrollment's sessions by what became of them, grouped and filtered there."""
    silent = Q(status__in=Visit.OPEN, missed_after__lte=as_at)
    regular = due & Q(purpose=Visit.Purpose.REGULAR)
    came = Q(status__in=Visit.ATTENDANCE)

    def regular_as(*statuses: str) -> Count:
        return Count("pk", filter=regular & Q(status__in=statuses))

    rows = (
        visits.order_by()
        .values("enrollment_id")
        .annotate(
            present=Count("pk", filter=regular & came),
            unrecorded=Count("pk", filter=regular & (Q(status=Status.UNRECORDED) | silent)),
            no_show=regular_as(Status.NO_SHOW),
            late_cancel=regular_as(Status.LATE_CANCEL),
            cancelled_client=regular_as(Status.CANCELLED_CLIENT),
            excused=regular_as(Status.EXCUSED),
            closed=regular_as(Status.CLINIC_CANCELLED, Status.HOLIDAY_CLOSED),
            make_up=Count("pk", filter=due & came & Q(purpose=Visit.Purpose.MAKE_UP)),
            extra=Count("pk", filter=due & came & Q(purpose=Visit.Purpose.EXTRA)),
            last=Max(START, filter=came),
            next=Min(START, filter=Q(status__in=Visit.OPEN, **{f"{START}__gt": as_at})),
        )
    )
    return {row["enrollment_id"]: row for row in rows}


def _row(
    enrollment: Enrollment,
    found: Mapping[str, Any],
    *,
    prescribed: int,
    clinic: Clinic,
    again: bool,
    strip: Strip | None,
) -> Row:
    def day(moment: datetime | None) -> date | None:
        return moment.astimezone(clinic.tz).date() if moment else None

    name = enrollment.client.name
    return Row(
        name=f"{name}, from {say_day(enrollment.starts_on)}" if again else name,
        client_id=enrollment.client_id,
        counts=Counts(
            attended=found.get("present", 0),
            unrecorded=found.get("unrecorded", 0),
            no_show=found.get("no_show", 0),
            late_cancel=found.get("late_cancel", 0),
            cancelled_client=found.get("cancelled_client", 0),
            excused=found.get("excused", 0),
            clinic=found.get("closed", 0),
            make_up=found.get("make_up", 0),
            extra=found.get("extra", 0),
            prescribed=prescribed,
        ),
        last_attended=day(found.get("last")),
        next_booked=day(found.get("next")),
        strip=strip,
    )


def _prescribed(enrollment: Enrollment, filters: Filters, today: date) -> int:
    """What the client's own program asked for within the days, until today or her last day.

    The difference of two sums from its start, so that the months of a year add up to the year.
    """
    until = min(filters.last, today, enrollment.ended_on or date.max)
    before = filters.first - timedelta(days=1)
    total = 0
    for track in enrollment.tracks.all():
        stop = min(until, track.ends_on or date.max)
        for day, sign in ((stop, 1), (min(before, stop), -1)):
            total += sign * prescribed_to_date(
                start=track.starts_on,
                until=day,
                frequency=track.version.frequency,
                weeks=track.version.weeks,
            )
    return total


def _drawn(
    due: QuerySet[Visit, Visit], as_at: datetime, clinic: Clinic, weeks: Weeks
) -> dict[int, Strip]:
    """The picture of each enrollment's weeks, from one query over the weeks on show."""
    since = wall_time(weeks.first, time.min, clinic.tz)
    shown = (
        due.filter(_told(as_at), **{f"{START}__gte": since})
        .order_by(START, "id")
        .values_list("enrollment_id", START, "status", "purpose")
    )
    sessions: dict[int, list[tuple[date, Mark]]] = {}
    for enrollment_id, starts_at, status, purpose in shown:
        mark = _mark(status, purpose)
        if mark is not None:
            day = starts_at.astimezone(clinic.tz).date()
            sessions.setdefault(enrollment_id, []).append((day, mark))
    return {pk: strip(weeks, marks) for pk, marks in sessions.items()}


def _mark(status: str, purpose: str) -> Mark | None:
    """A make-up or an extra session is drawn when it took place; it is never missed."""
    if purpose == Visit.Purpose.REGULAR:
        return MARKS.get(status, Mark.UNRECORDED)
    return Mark.BESIDE if status in Visit.ATTENDANCE else None


def legend(counts: Counts) -> Iterable[tuple[Mark, int, bool]]:
    """Each mark with its number in the report, and whether A3 counts it."""
    yield Mark.ATTENDED, counts.attended, True
    yield Mark.NO_SHOW, counts.no_show, True
    yield Mark.LATE_CANCEL, counts.late_cancel, True
    yield Mark.CANCELLED_CLIENT, counts.cancelled_client, True
    yield Mark.UNRECORDED, counts.unrecorded, True
    yield Mark.EXCUSED, counts.excused, False
    yield Mark.CLINIC, counts.clinic, False
    yield Mark.BESIDE, counts.make_up + counts.extra, False
