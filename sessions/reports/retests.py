"""Scans and tests that came due within the dates, and whether they were done: one query.

When something is due is said by ``programs.checks_due``; here it is asked of every day at once.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, timedelta
from functools import cache, partial
from typing import NamedTuple

from bonefit.clinics.months import months_after
from programs.checks_due import EARLY, HALF_A_MONTH, Check, CheckDue, DueRules, scan_due
from sessions.measured_days import SCANS

from .in_force import rules
from .scope import Scope


class _Numbers(NamedTuple):
    """A clinic's own numbers (``DueRules``)."""

    baseline_by_weeks: int
    scan_baseline_months: int
    scan_after_months: int
    scan_overdue_months: int
    test_every_months: int


_STANDS = """m.amount IS NOT NULL AND m.taken_on <= c.today
            AND NOT EXISTS (SELECT FROM clients_measurement r WHERE r.replaces_id = m.id)"""

#: Everybody asked about, with the days of her scans and rounds of tests, and her clinic's numbers.
MEASURED = f"""
, {rules(*_Numbers._fields)}
SELECT c.enrollment_id, c.clinic_id, c.client_id, p.name, c.starts_on, c.ended_on, c.today,
    scans.days, tests.days, {", ".join(f"rules.{key}" for key in _Numbers._fields)}
FROM chosen c
JOIN clients_client p ON p.id = c.client_id
JOIN rules ON rules.clinic_id = c.clinic_id
CROSS JOIN LATERAL (
    SELECT array_agg(DISTINCT m.taken_on ORDER BY m.taken_on) AS days FROM clients_measurement m
    WHERE m.client_id = c.client_id AND m.measure = ANY(%(scans)s) AND {_STANDS}
) scans
CROSS JOIN LATERAL (
    SELECT array_agg(DISTINCT b.taken_on ORDER BY b.taken_on) AS days FROM clients_battery b
    WHERE b.client_id = c.client_id AND b.taken_on <= c.today AND EXISTS (
        SELECT FROM clients_measurement m
        WHERE m.battery_id = b.id AND m.measure <> ALL(%(scans)s) AND {_STANDS})
) tests
ORDER BY p.name, c.enrollment_id
"""


class CameDue(NamedTuple):
    """Something that was due on a day, and the day on which it was done; None where it was not."""

    enrollment: int
    clinic: int
    client: int
    name: str
    due: CheckDue
    done_on: date | None

    @property
    def in_time(self) -> bool:
        """Whether it was done before it was overdue."""
        return self.done_on is not None and not self.due.overdue(self.done_on)


def came_due(scope: Scope) -> list[CameDue]:
    """What came due within the dates, until today, while each was in training; one query."""
    found: list[CameDue] = []
    in_force: dict[int, _Numbers] = {}
    first, until = scope.filters.first, scope.filters.last
    # Many begin on the same day, and what is due from then on is worked out once.
    rounds = cache(lambda clinic, start: [*rounds_due(start, in_force[clinic], until=until)])
    scan = cache(lambda clinic, start, before: scan_due(start, before, in_force[clinic]))
    for row in scope.ask(MEASURED, scans=SCANS):
        enrollment, clinic, client, name, start, ended, today, scans, tests, *numbers = row
        if clinic not in in_force:
            in_force[clinic] = _Numbers(*map(int, numbers))
        last = min(until, today, ended or date.max)
        oldest = months_after(start, -in_force[clinic].scan_baseline_months)
        taken = [day for day in scans or () if day >= oldest]
        every = (
            *scans_due(taken, partial(scan, clinic, start), until=last),
            *tests_due(rounds(clinic, start), tests or (), until=last),
        )
        found += [
            CameDue(enrollment, clinic, client, name, due, done)
            for due, done in every
            if first <= due.on
        ]
    return found


def scans_due(
    taken: Sequence[date], after: Callable[[tuple[date, ...]], CheckDue], *, until: date
) -> Iterator[tuple[CheckDue, date | None]]:
    """Each scan that is due up to a day, and the one that was done for it.

    A scan before its due day is the one for it, and the next is due so long after it was taken.
    ``taken``: the days of those that count, in order; ``after``: what is due after one, or first.
    """
    before: tuple[date, ...] = ()
    for day in (*taken, None):
        due = after(before)
        if due.on > until:
            return
        yield due, day
        before = () if day is None else (day,)


class Round(NamedTuple):
    """A round of tests, and the days from ``begins`` to before ``ends`` that answer it."""

    due: CheckDue
    begins: date
    ends: date


def rounds_due(start: date, in_force: DueRules, *, until: date) -> Iterator[Round]:
    """Each round of tests that is due up to a day, counted from the start; the first is a baseline.

    One is answered from a little before its day until a little before that of the next.
    """
    every = in_force.test_every_months
    early = min(EARLY, HALF_A_MONTH * every)
    overdue = start + timedelta(weeks=in_force.baseline_by_weeks)
    times, due = 0, CheckDue(Check.TESTS, overdue - timedelta(days=1), overdue, first=True)
    begins = months_after(start, -every)
    while due.on <= until:
        times += 1
        on = months_after(start, every * times)
        yield Round(due, begins, on - early)
        begins, due = on - early, CheckDue(Check.TESTS, on, on + timedelta(days=1), first=False)


def tests_due(
    rounds: Iterable[Round], tests: Sequence[date], *, until: date
) -> Iterator[tuple[CheckDue, date | None]]:
    """Each of the rounds due up to a day, and the first of ``tests``, in order, that answers it."""
    for due, begins, ends in rounds:
        if due.on > until:
            return
        at = bisect_left(tests, begins)
        yield due, tests[at] if at < len(tests) and tests[at] < ends else None


def counted(found: Iterable[CameDue]) -> tuple[int, int, int]:
    """How many came due, were done in time, and were done late."""
    every = list(found)
    in_time = sum(one.in_time for one in every)
    return len(every), in_time, sum(one.done_on is not None for one in every) - in_time
