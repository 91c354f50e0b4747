"""A room of the clinic gets another name, and its classes go with it."""

from __future__ import annotations

import pytest

from sessions.clashes import Clash
from sessions.models import Room
from sessions.planning import plan_visits
from sessions.rooms import change_room
from tests.cast import NOW
from tests.classes_of_week import MONDAY, as_, season, weekly


def test_a_room_is_renamed_from_now_on_and_calendars_follow_without_a_message(cast):
    monday = weekly(season(cast.ana), MONDAY, as_(cast.ana, most=6), by=cast.ana)
    room = Room.objects.get(clinic=cast.north, name="Room 1")
    change_room(room=room, name="Studio", places=8, racks=3, by=cast.ana, now=NOW)

    assert cast.visit.slot.room == "Room 1"
    coming = [visit for visit in cast.visits if visit.starts_at > NOW]
    assert {visit.slot.room for visit in coming} == {"Studio"}
    assert {(visit.sequence, visit.told_sequence, visit.told) for visit in coming} == {(1, 1, None)}
    monday.refresh_from_db()
    assert monday.room == "Studio"
    assert {place.room for place in cast.enrollment.places.all()} == {"Studio"}
    assert plan_visits(now=NOW) == 0
    with pytest.raises(Clash, match="a room called studio already"):
        change_room(
            room=Room.objects.create(clinic=cast.north, name="Room 4"),
            name="studio",
            places=None,
            racks=None,
            by=cast.ana,
            now=NOW,
        )
