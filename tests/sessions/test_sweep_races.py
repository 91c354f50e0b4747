"""Any number of sweepers at once flag every overdue visit exactly once."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection

from sessions import reviewing, unrecorded
from sessions.models import Changed, Flag, Visit
from tests.cast import NOW, Cast
from tests.sessions.overdue import Trigger, as_owner, overdue_visits, trigger  # noqa: F401
from tests.sessions.test_sweep_stalls import stall_the_deadlift

SWEEPERS = 6
OVERDUE = 300


def race(sweep: Callable[[], int]) -> list[int]:
    """Six sweepers, each on a connection of its own, start together; what each of them did."""
    start = threading.Barrier(SWEEPERS)
    done: list[int] = []
    failed: list[BaseException] = []

    def run() -> None:
        try:
            connection.ensure_connection()  # to come in takes longer than some sweeps
            start.wait()
            done.append(sweep())
        except BaseException as error:
            failed.append(error)
            raise
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(SWEEPERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    return done


@pytest.mark.django_db(transaction=True)
def test_six_racing_sweepers_over_300_overdue_visits_give_exactly_300_flags(
    cast: Cast,
    trigger: Trigger,  # noqa: F811
):
    overdue_visits(cast.enrollment, 150)
    overdue_visits(cast.olga_enrollment, OVERDUE - 150 - 1)  # and Cal's of this morning
    assert Visit.objects.overdue(NOW).count() == OVERDUE

    # Each flag takes 2 ms, so that they are at work at the same time.
    with trigger("PERFORM pg_sleep(0.002);"):
        flagged = race(lambda: unrecorded.flag_missed(NOW, batch=25))

    assert sum(flagged) == OVERDUE
    assert sum(count > 0 for count in flagged) > 1, "only one sweeper did anything: no race"
    subjects = list(Flag.objects.values_list("subject", flat=True))
    assert len(subjects) == len(set(subjects)) == OVERDUE
    assert Visit.objects.filter(status=Visit.Status.UNRECORDED).count() == OVERDUE
    assert Visit.objects.overdue(NOW).count() == 0


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("wait", [True, False])
def test_racing_reviews_open_one_flag_for_one_stalled_lift(cast: Cast, wait: bool):
    last = stall_the_deadlift(cast)
    now = last.ends_at + timedelta(hours=1)

    opened = race(lambda: reviewing.review(cast.north, [cast.enrollment.pk], now, wait=wait).opened)

    assert len(opened) == SWEEPERS
    assert Flag.objects.filter(kind=Flag.Kind.STALLED, resolved_at=None).count() == 1
    assert not Changed.objects.filter(enrollment=cast.enrollment).exists()
