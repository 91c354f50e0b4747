"""What reviews cost: the sweep of missed visits, the changed, everybody, a preview. ``make bench``.

    python -m bench.flags            print the figures
    python -m bench.flags --write    and put them into docs/performance.md

Each size is a database of its own, filled by COPY (``bench.many_clients``), and reviewed by a
process of its own, as a worker does it; the memory is the most that this process has held. Beside
each review stands its bare SQL: the very queries that its facts came from, sent again right after
it and read, without a rule and without a write; so the two alternate, clinic by clinic. What a size
cost is written as soon as it is known.
"""

from __future__ import annotations

import os
import resource
import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import timedelta
from typing import Any

import psycopg

from bench.beside import Beside, Plan, listening, plan_of
from bench.bulk import Processor, Watch
from bench.reviewed import Cost, Found, as_text
from bench.sized import Sized
from bench.web import BenchError

MARKS = ("<!-- figures of the reviews: begin -->", "<!-- figures of the reviews: end -->")
MISSED_TIMES = 101
#: Of so many clients that came the day before, one has lost her flags, as if they were to open now.
ANEW = 10
#: The five-minute sweep, and who is due; as ``VisitQuerySet.overdue`` and ``reviewing`` ask.
MISSED = (
    "SELECT id FROM training_visit WHERE status IN ('planned', 'checked_in')"
    " AND missed_after <= %s ORDER BY missed_after, id LIMIT 200"
)
CHANGED = "SELECT DISTINCT enrollment_id FROM training_changed WHERE clinic_id = %s LIMIT 500"
WAITING = "SELECT DISTINCT clinic_id FROM training_review WHERE next_at <= %s"


def _of_json(said: Mapping[str, Any]) -> Found:
    costs = {name: Cost(**said[name]) for name in ("first", "changed", "everybody")}
    plans = [(name, spent, indexes) for name, spent, indexes in said["plans"]]
    return Found(**{**said, **costs, "plans": plans})


# --- inside the process -----------------------------------------------------------------------


def fill(size: int) -> dict[str, Any]:
    """Make the clinics of so many clients, and fill them."""
    import django

    django.setup()
    from bench import many_clients

    watch = Watch()
    each = min(size, many_clients.CLIENTS)
    made = many_clients.make_clinics(size // each)
    with psycopg.connect(os.environ["DATABASE_OWNER_URL"]) as owner:
        processor = Processor(owner.info.backend_pid)
        rows = many_clients.fill(owner, made, each=each)
        used = processor.read()
    return {
        "clients": rows["clients_client"],
        "visits": rows["training_visit"],
        "sets": rows["training_setentry"],
        "filled": watch.read(),
        "filled_processor": used,
    }


def review() -> dict[str, Any]:
    """Review what was filled, and say what it cost."""
    import django

    django.setup()
    from bench.in_sight import see_every_clinic
    from bench.many_clients import NOW
    from bonefit.clinics.models import Clinic
    from sessions import reviewing

    see_every_clinic()
    found = Found(clients=0)
    _missed(NOW, found)
    clinics = list(Clinic.objects.order_by("pk"))
    with listening() as beside:
        for clinic in clinics:
            _timed(found.first, lambda one=clinic: reviewing.review_all(one, NOW), None)
            beside.sent.clear()
        found.flagged, found.alarmed = _open_flags()
        for clinic in clinics:
            _timed(found.everybody, lambda one=clinic: reviewing.review_all(one, NOW), beside)
        _came_yesterday(NOW)
        found.plans = _plans(clinics[0].pk, NOW)
        later = NOW + timedelta(minutes=5)
        for pk in reviewing.due_clinics(later):
            _timed(found.changed, lambda one=pk: reviewing.review_due(one, later)[0], beside)
        reviewing.review_all(clinics[0], NOW)
        found.plans += beside.plans()
    found.preview = _preview(clinics[0], NOW)
    found.peak = 1024 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    found.load = os.getloadavg()[1]
    sizes = ("clients", "visits", "sets", "filled", "filled_processor")
    return {name: value for name, value in asdict(found).items() if name not in sizes}


def _timed(cost: Cost, step: Callable[[], Any], beside: Beside | None) -> None:
    processor = Processor.here()
    begun = time.perf_counter()
    done = step()
    spent = time.perf_counter() - begun
    cost.seconds += spent
    cost.processor += processor.read()
    if beside is not None:
        bare = beside.again()
        cost.bare += bare
        cost.bare_processor += processor.read()
        cost.ratios.append(spent / bare)
    cost.seen += done.seen
    cost.opened += done.opened
    cost.resolved += done.resolved
    if done.failed:
        raise BenchError(f"{done.failed} enrollments could not be reviewed.")


def _open_flags() -> tuple[int, int]:
    """How many clients have a flag that is open, and how many one that is red or amber."""
    from sessions.models import Flag

    flags = Flag.objects.filter(resolved_at=None).order_by()
    alarming = flags.filter(severity__in=("red", "amber"))
    return tuple(one.values("enrollment").distinct().count() for one in (flags, alarming))


def _plans(clinic: int, now: Any) -> list[Plan]:
    """How what is due is found: missed visits, changed facts, days that have come."""
    asked = (
        ("missed candidates, nothing due", MISSED, now),
        ("changed, of a clinic", CHANGED, clinic),
        ("a day has come", WAITING, now),
    )
    return [
        (name, spent, sorted(names))
        for name, sql, param in asked
        for spent, names in [plan_of(sql, [param])]
    ]


def _missed(now: Any, found: Found) -> None:
    """The five-minute sweep when nothing is due, and the query that finds it so, in turns."""
    from django.db import connection

    from sessions import unrecorded

    def bare() -> None:
        with connection.cursor() as cursor:
            cursor.execute(MISSED, [now])
            cursor.fetchall()

    def sweep() -> None:
        unrecorded.flag_missed(now)

    taken: dict[Callable[[], None], list[float]] = {sweep: [], bare: []}
    bare()
    processor = Processor.here()
    for _ in range(MISSED_TIMES):
        for step, seconds in taken.items():
            begun = time.perf_counter()
            step()
            seconds.append(time.perf_counter() - begun)
    found.missed_processor = processor.read() / MISSED_TIMES
    found.missed, found.missed_bare = map(statistics.median, taken.values())
    found.missed_least = min(taken[sweep])


def _came_yesterday(now: Any) -> None:
    """Everybody who came the day before has changed facts, as the triggers would have noted; and
    of some the flags are gone, so that this review has some to open.
    """
    with psycopg.connect(os.environ["DATABASE_OWNER_URL"], autocommit=True) as owner:
        owner.execute("DELETE FROM training_changed")
        owner.execute(
            "INSERT INTO training_changed (clinic_id, enrollment_id, at)"
            " SELECT v.clinic_id, v.enrollment_id, %s FROM training_slot s"
            " JOIN training_visit v ON v.slot_id = s.id AND v.status = 'attended'"
            " WHERE s.starts_at >= %s::date - 1 AND s.starts_at < %s::date",
            [now, now, now],
        )
        owner.execute(
            "DELETE FROM training_flag f USING training_changed c"
            " WHERE c.enrollment_id = f.enrollment_id AND f.enrollment_id %% %s = 0",
            [ANEW],
        )
        owner.execute("ANALYZE training_changed, training_flag, training_review")


def _preview(clinic: Any, now: Any) -> float:
    """Seconds for a preview of one clinic, three thresholds of two families changed."""
    from bench.previews import CHANGES, previewed

    return previewed(clinic, now, CHANGES["three at once"]).seconds


SIZED = Sized(
    module="bench.flags",
    about="Measure the reviews of flags.",
    marks=MARKS,
    steps={"fill": fill, "review": lambda _size: review()},
    of_json=_of_json,
    as_text=as_text,
)

if __name__ == "__main__":
    SIZED.main()
