"""Logging a set through the only writer."""

import pytest
from django.core.exceptions import PermissionDenied

from sessions import sync
from sessions.models import Operation, SetEntry, Visit
from tests.cast import log_op


def test_a_set_is_stored_as_done_and_as_prescribed(cast):
    entry = cast.log(cast.visit, "hinge", 1, load="42,5", reps=4, rpe="15", technique="clean")

    assert (str(entry.load), entry.entered_load, entry.reps, entry.rpe, entry.clean) == (
        "42.5000",
        "42,5",
        4,
        15,
        True,
    )
    assert (entry.prescribed_load, entry.prescribed_reps, entry.pain) == (40, 5, None)
    assert entry.supervisor == cast.ana
    assert cast.visit.status == Visit.Status.CHECKED_IN


def test_the_same_operation_twice_is_one_set(cast):
    op = log_op(cast.visit)
    first, second = sync.apply([op], by=cast.ana), sync.apply([op], by=cast.ana)

    assert [r.again for r in first + second] == [False, True]
    assert SetEntry.objects.count() == Operation.objects.count() == 1


def test_a_client_never_logs(cast):
    with pytest.raises(PermissionDenied):
        sync.apply([log_op(cast.visit)], by=cast.cal)
    assert not SetEntry.objects.exists()
