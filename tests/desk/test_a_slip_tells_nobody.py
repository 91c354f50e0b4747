"""What the desk takes back within three minutes was never told: booked, cancelled or moved."""

from __future__ import annotations

from datetime import time, timedelta

import pytest

from sessions.models import Notice, SeatChange, Visit
from sessions.notices.changes import tell_changes
from tests.cast import NOW
from tests.desk.at import SATURDAY, a_class, at_the_desk, missed, next_visit

LATER = NOW + timedelta(minutes=4)


@pytest.fixture
def dee(cast):
    # What was planned before is known to him: only what happens from here on is news.
    tell_changes(LATER)
    Notice.objects.all().delete()
    return at_the_desk(cast)


def booked(cast, dee):
    owed, slot = missed(cast), a_class(cast, SATURDAY, time(9))
    address = f"/c/north/bookings/{cast.cal_client.pk}/make-up/{owed.uid}/"
    dee.post(address, {"slot": slot.pk, "back": "client"})
    return Visit.objects.get(slot=slot)


def cancelled(cast, dee):
    visit = next_visit(cast.enrollment)
    dee.post(f"/c/north/seats/{visit.uid}/cancel/", {"cause": "client"})
    return visit


def moved(cast, dee):
    visit = next_visit(cast.enrollment)
    slot = a_class(cast, SATURDAY, time(9))
    dee.post(f"/c/north/seats/{visit.uid}/move/", {"slot": slot.pk})
    return visit


@pytest.mark.parametrize("act", [booked, cancelled, moved])
def test_what_stands_for_three_minutes_is_told_and_so_is_its_undo_after_that(cast, dee, act):
    visit = act(cast, dee)
    change = SeatChange.objects.filter(visit=visit).latest("pk")
    told = tell_changes(NOW + timedelta(minutes=4))
    assert told == 1
    assert Notice.objects.filter(client=cast.cal_client).count() == 1

    Notice.objects.all().delete()
    dee.post(f"/c/north/seats/{visit.uid}/undo/{change.pk}/")
    assert tell_changes(NOW + timedelta(minutes=8)) == 1  # this one had been told


@pytest.mark.parametrize("act", [booked, cancelled, moved])
def test_undone_in_time_nobody_is_told(cast, dee, act):
    visit = act(cast, dee)
    change = SeatChange.objects.filter(visit=visit).latest("pk")

    dee.post(f"/c/north/seats/{visit.uid}/undo/{change.pk}/")

    tell_changes(LATER)
    assert not Notice.objects.filter(client=cast.cal_client).exists()
