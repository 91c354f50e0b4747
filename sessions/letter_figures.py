"""The figures of a progress letter: counted once, when it is drafted or renewed, and kept with it.

Everything in it is text, whole numbers and ISO days, so that what was signed can be read for good.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from bonefit.clients.models import Fall, FallsMonth, Lock
from bonefit.clinics.models import Membership
from programs.calendar import wall_time
from programs.models import Enrollment, Track

from .flags import missed_runs
from .letter_outcomes import outcomes_of
from .models import SetEntry, Visit
from .portal.growth import Growth, Top, growth_of
from .reported import Report, reports_of_client
from .reports.stats import percent, wilson

#: So many exercises, and events one by one, are told of; the letter has two pages.
MOST_LOADS = 6
MOST_EVENTS = 5


def figures_of(
    enrollment: Enrollment, *, first: date, last: date, by: Membership, now: datetime
) -> dict[str, Any]:
    """What is known of an enrollment from ``first`` to ``last``, both included, until ``now``."""
    clinic, client = by.clinic, enrollment.client
    begins = wall_time(first, time.min, clinic.tz)
    ends = min(wall_time(last + timedelta(days=1), time.min, clinic.tz), now)
    track = (
        Track.objects.main()
        .filter(enrollment=enrollment)
        .select_related("version__program")
        .order_by("starts_on", "id")
        .last()
    )
    return {
        "as_at": now.isoformat(),
        "first": first.isoformat(),
        "last": last.isoformat(),
        "started": enrollment.starts_on.isoformat(),
        "clinic": {"name": clinic.name, "address": clinic.address, "phone": clinic.phone},
        "client": {"name": client.name, "born_on": client.born_on.isoformat()},
        "program": track.version.program.name if track else "",
        "attendance": _attendance(enrollment, begins, ends, now),
        "loads": _loads(enrollment, first, last, by, now),
        "landings": _landings(enrollment, begins, ends),
        "outcomes": outcomes_of(enrollment, last=last),
        "events": _events(enrollment, begins, ends, by),
        "falls": _falls(enrollment, first, last),
        "plan": {
            "ended": enrollment.ended_on.isoformat() if enrollment.ended_on else "",
            "weekly": track.version.frequency if track else 0,
            "locked": Lock.objects.filter(client=client).open().exists(),
        },
    }


def _attendance(
    enrollment: Enrollment, begins: datetime, ends: datetime, now: datetime
) -> dict[str, Any]:
    rows = list(
        Visit.objects.filter(
            enrollment=enrollment, during__startswith__gte=begins, during__startswith__lt=ends
        )
        .order_by("during")
        .values_list("status", "purpose", "missed_after")
    )
    regular = [(status, over) for status, purpose, over in rows if purpose == Visit.Purpose.REGULAR]
    came = [purpose for status, purpose, _ in rows if status in Visit.ATTENDANCE]

    def how_many(*statuses: str) -> int:
        return sum(status in statuses for status, _ in regular)

    attended = how_many(*Visit.ATTENDANCE)
    unrecorded = how_many(Visit.Status.UNRECORDED) + sum(
        status in Visit.OPEN and over <= now for status, over in regular
    )
    counted = attended + unrecorded + how_many(*Visit.MISSED)
    interval = wilson(attended, counted)
    return {
        "attended": attended,
        "counted": counted,
        "share": percent(attended, counted),
        "interval": [f"{100 * end:.1f}" for end in interval] if interval else ["", ""],
        "excused": how_many(Visit.Status.EXCUSED),
        "clinic": how_many(Visit.Status.CLINIC_CANCELLED, Visit.Status.HOLIDAY_CLOSED),
        "unrecorded": unrecorded,
        "make_up": came.count(Visit.Purpose.MAKE_UP),
        "extra": came.count(Visit.Purpose.EXTRA),
        "longest_missed": missed_runs(status for status, _ in regular),
    }


def _loads(
    enrollment: Enrollment, first: date, last: date, by: Membership, now: datetime
) -> list[dict[str, Any]]:
    """The exercises with a load, in the order of the lifts; the first, best and latest top set."""
    found = []
    growth = growth_of(by, enrollment.client, asked="", now=now)
    for exercise in growth.exercises:
        own = (
            growth
            if exercise == growth.exercise
            else growth_of(by, enrollment.client, asked=exercise.slug, now=now)
        )
        if line := _load(own, first, last):
            found.append(line)
    # Of more than fit, those that were lifted last.
    newest = sorted(found, key=lambda one: one["latest"]["day"], reverse=True)[:MOST_LOADS]
    return [one for one in found if one in newest]


def _load(growth: Growth, first: date, last: date) -> dict[str, Any] | None:
    tops = [top for top in reversed(growth.tops) if first <= top.day <= last]
    if not tops or growth.exercise is None:
        return None
    return {
        "exercise": growth.exercise.name,
        "unit": str(growth.unit),
        "visits": len(tops),
        "first": _top(tops[0]),
        "best": _top(max(tops, key=lambda top: top.load)),
        "latest": _top(tops[-1]),
        "points": [[top.day.isoformat(), f"{top.load.normalize():f}"] for top in tops],
    }


def _top(top: Top) -> dict[str, str]:
    return {"day": top.day.isoformat(), "load": top.words.partition(", ")[0], "words": top.words}


def _landings(enrollment: Enrollment, begins: datetime, ends: datetime) -> dict[str, int]:
    levels = list(
        SetEntry.objects.standing()
        .filter(
            enrollment=enrollment,
            kind=SetEntry.Kind.IMPACT,
            visit__status__in=Visit.ATTENDANCE,
            visit__during__startswith__gte=begins,
            visit__during__startswith__lt=ends,
        )
        .order_by()
        .values_list("landing_level", flat=True)
    )
    return {"sets": len(levels), "highest": max((one or 0 for one in levels), default=0)}


def _events(
    enrollment: Enrollment, begins: datetime, ends: datetime, by: Membership
) -> dict[str, Any]:
    reports = [
        report
        for report in reports_of_client(enrollment.client, by=by)
        if begins <= report.event.onset_at < ends
    ]
    told = [_event(report, by) for report in reports[:MOST_EVENTS]]
    return {"count": len(reports), "told": told}


def _event(report: Report, by: Membership) -> dict[str, Any]:
    event = report.event
    serious = {True: "serious", False: "not serious", None: ""}[event.serious]
    related = event.get_related_display().lower() if event.related else ""
    return {
        "day": event.onset_at.astimezone(by.clinic.tz).date().isoformat(),
        "words": report.words,
        "serious": serious,
        "related": f"relation to the training: {related}" if related else "",
        "outcome": event.outcome,
        "missed": report.missed,
    }


def _falls(enrollment: Enrollment, first: date, last: date) -> dict[str, int]:
    falls: Sequence[tuple[bool | None, bool | None]] = list(
        Fall.objects.filter(
            client=enrollment.client,
            replaced_by=None,
            taken_back_why="",
            fell_on__gte=first,
            fell_on__lte=last,
        )
        .order_by()
        .values_list("injured", "fracture")
    )
    months: Sequence[Mapping[str, Any]] = list(
        FallsMonth.objects.filter(
            client=enrollment.client, month__gte=first.replace(day=1), month__lte=last
        )
        .order_by()
        .values("answered_at")
    )
    return {
        "known": len(falls),
        "injured": sum(bool(injured or fracture) for injured, fracture in falls),
        "fractures": sum(bool(fracture) for _, fracture in falls),
        "asked": len(months),
        "answered": sum(one["answered_at"] is not None for one in months),
    }
