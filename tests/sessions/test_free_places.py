"""The real free places of coming days, and why the others are none, in few queries."""

from __future__ import annotations

from datetime import date, time, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from programs.models import Decision
from sessions import actions, booking
from sessions.may_come import Speaker
from sessions.models import Closure, Leave, Room, Slot, Supervision, Waiting
from sessions.seats import FreePlace, free_places, room_in
from tests.cast import NOW, TODAY, Cast
from tests.sessions.timetabled import (
    FRIDAY,
    SATURDAY,
    SUNDAY_LATER,
    class_at,
    rules,
    somebody,
    una,
)

pytestmark = pytest.mark.django_db
LATER = date(2026, 3, 29)


def found(cast: Cast, **more) -> dict[str, str]:
    """Why not, by when and where."""
    usual = {"now": NOW, "first": TODAY, "last": LATER}
    places = free_places(cast.enrollment, **{**usual, **more})
    return {_when(cast, one): one.why_not for one in places}


def _when(cast: Cast, one: FreePlace) -> str:
    return f"{one.slot.starts_at.astimezone(cast.north.tz):%d %H:%M} {one.slot.room}"


def offered(cast: Cast, slot: Slot, *, minutes: int = 60) -> Waiting:
    zoe = somebody(cast, "Zoe Z.")
    return Waiting.objects.create(
        clinic=cast.north,
        slot=slot,
        enrollment=zoe,
        client=zoe.client,
        asked_at=NOW,
        asked_by=cast.dee,
        offered_at=NOW - timedelta(hours=2),
        offer_ends_at=NOW + timedelta(minutes=minutes),
    )


def test_each_class_is_free_or_says_why_not_soonest_first(cast: Cast):
    class_at(cast, TODAY, time(8))
    class_at(cast, SATURDAY, time(8))
    class_at(cast, SATURDAY)
    full = class_at(cast, SATURDAY, time(10), capacity=0)
    off = class_at(cast, SATURDAY, time(11))
    Slot.objects.filter(pk=off.pk).update(called_off_at=NOW, called_off_by=cast.ana)
    class_at(cast, SATURDAY, time(12), room="Room 3")
    Closure.objects.create(
        clinic=cast.north,
        name="Painting",
        room="Room 3",
        starts_on=FRIDAY,
        ends_on=SATURDAY,
        added_by=cast.ada,
    )
    said = found(cast, last=SATURDAY)

    near = "Less than 48 hours from the session on Thursday 5 March, 9:00. "
    rest = "Bones and muscles need that rest."
    assert full.capacity == 0
    assert said == {
        "06 09:00 Room 1": near + rest,
        "07 08:00 Room 2": near + rest,
        "07 09:00 Room 2": "",
        "07 10:00 Room 2": "There is no place: at most 0 were set.",
        "07 11:00 Room 2": "The class is called off.",
        "07 12:00 Room 3": "Closed: Painting.",
    }
    assert list(said) == sorted(said)


def test_a_make_up_is_looked_for_until_its_last_day_and_not_in_its_own_class(cast: Cast):
    missed = cast.visits[1]
    booking.cancel(visit=missed, cause="client", why="", by=cast.cal, now=NOW)
    rules(cast, makeup_days=13)  # until Sunday 22 March
    class_at(cast, SUNDAY_LATER)
    class_at(cast, date(2026, 3, 28))
    said = found(cast, makes_up=missed)

    assert said["22 09:00 Room 2"].startswith("Less than 48 hours")
    assert "28 09:00 Room 2" not in said
    assert said["09 09:00 Room 1"] == "This is the session that was missed itself."
    assert found(cast)["09 09:00 Room 1"] == ""


def test_words_for_a_client_speak_to_her(cast: Cast):
    said = found(cast, last=date(2026, 3, 9), who=Speaker.CLIENT)
    assert said["09 09:00 Room 1"] == "You have a place in this class already."


def test_an_offer_that_stands_holds_a_place_for_the_one_it_was_made_to(cast: Cast):
    slot = class_at(cast, SATURDAY, capacity=1)
    waiting = offered(cast, slot)
    room = room_in([slot], now=NOW)[slot.pk]

    assert (room.taken, room.offered, room.free) == (0, 1, 0)
    assert found(cast)["07 09:00 Room 2"] == "The class is full: at most 1 were set."
    hers = free_places(waiting.enrollment, now=NOW, first=SATURDAY, last=SATURDAY)
    assert [one.why_not for one in hers] == [""]
    later = room_in([slot], now=NOW + timedelta(hours=1))[slot.pk]
    assert (later.offered, later.free) == (0, 1)


def test_who_waits_without_an_offer_holds_nothing_and_is_counted(cast: Cast):
    slot = class_at(cast, SATURDAY, capacity=1)
    waiting = offered(cast, slot)
    Waiting.objects.filter(pk=waiting.pk).update(offered_at=None, offer_ends_at=None)
    room = room_in([slot], now=NOW)[slot.pk]

    assert (room.waiting, room.offered, room.free) == (1, 0, 1)


@pytest.mark.parametrize(
    ("places", "racks", "most", "supervisors", "count", "because"),
    [
        (9, 9, 9, 1, 6, "1 supervisor, 6 clients each"),
        (9, 9, 9, 2, 9, "the room holds 9"),
        (9, 4, None, 2, 8, "4 racks, 2 clients each"),
        (9, 4, 5, 2, 5, "at most 5 were set"),
        (None, None, None, 2, 12, "2 supervisors, 6 clients each"),
        (None, None, None, 0, 0, "Nobody is planned to supervise it."),
    ],
)
def test_the_smallest_of_room_racks_and_supervisors_counts(
    cast: Cast, places, racks, most, supervisors: int, count: int, because: str
):
    Room.objects.update_or_create(
        clinic=cast.north, name="Room 2", defaults={"places": places, "racks": racks}
    )
    slot = class_at(cast, SATURDAY, capacity=most)
    during = (slot.starts_at, slot.ends_at)
    if supervisors == 2:
        Supervision.objects.create(clinic=cast.north, slot=slot, member=cast.tess, during=during)
    if not supervisors:
        Supervision.objects.filter(slot=slot).delete()
    room = room_in([slot], now=NOW)[slot.pk]

    assert (room.places, room.free, room.because) == (count, count, because)
    assert room.supervisors == ("Una T.", "Tess T.")[:supervisors]


def test_leave_is_a_day_of_the_clinics_calendar(cast: Cast):
    """Half past midnight on Saturday in Brisbane is Friday in Greenwich."""
    slot = class_at(cast, SATURDAY, time(0, 30))
    Leave.objects.create(
        clinic=cast.north, member=una(cast), starts_on=FRIDAY, ends_on=FRIDAY, added_by=cast.ada
    )
    assert room_in([slot], now=NOW)[slot.pk].free == 6
    Leave.objects.update(starts_on=SATURDAY, ends_on=SATURDAY)
    assert room_in([slot], now=NOW)[slot.pk].free == 0


def test_a_newcomer_may_weigh_more_until_she_leaves_the_first_phase(cast: Cast):
    rules(cast, newcomer_weight=Decimal("1.5"), group_warn_above=3)
    slot = class_at(cast, SATURDAY)
    zoe = somebody(cast, "Zoe Z.")
    booking.book(enrollment=zoe, slot=slot, purpose="extra", by=cast.dee, now=NOW)
    room = room_in([slot], now=NOW)[slot.pk]

    assert (room.free, room.weight_free) == (1, Decimal("1.5"))
    assert found(cast)["07 09:00 Room 2"] == ""
    booking.book(enrollment=cast.enrollment, slot=slot, purpose="extra", by=cast.dee, now=NOW)
    lil = somebody(cast, "Lil L.")
    with pytest.raises(booking.NoSeat, match="The class is full: 1 supervisor, 3 clients each"):
        booking.book(enrollment=lil, slot=slot, purpose="extra", by=cast.dee, now=NOW)

    for enrollment in (zoe, cast.enrollment):
        actions.decide(
            enrollment=enrollment,
            kind=Decision.Kind.PROMOTE,
            phase="LOAD",
            by=cast.ana,
            reason="Criteria met.",
            now=NOW,
        )
    # Two count once each and leave one: too little for a newcomer, enough for who is none.
    assert room_in([slot], now=NOW)[slot.pk].free == 1
    with pytest.raises(booking.NoSeat, match="The class is full"):
        booking.book(enrollment=lil, slot=slot, purpose="extra", by=cast.dee, now=NOW)


@pytest.mark.parametrize("weight", [Decimal(1), Decimal("1.5")])
def test_the_number_of_queries_does_not_depend_on_how_many_classes_there_are(
    cast: Cast, weight: Decimal
):
    rules(cast, newcomer_weight=weight)
    missed = cast.visit
    actions.say(visit=missed, status="no_show", by=cast.ana, now=NOW)
    found(cast)  # rules and programs are read once a process
    counts = []
    for more, room, by in ((1, "Room 8", cast.tess), (40, "Room 9", None)):
        for number in range(more):
            day = SATURDAY + timedelta(days=number // 8)
            class_at(cast, day, time(10 + number % 8), room, by=by)
        with CaptureQueriesContext(connection) as asked:
            places = free_places(cast.enrollment, now=NOW, first=TODAY, last=LATER, makes_up=missed)
        counts.append(len(asked))
    assert len(places) > 40
    assert counts[0] == counts[1] <= 10


def test_nothing_is_asked_where_there_is_no_class(cast: Cast):
    assert found(cast, first=date(2027, 1, 1), last=date(2027, 1, 7)) == {}
    assert room_in([], now=NOW) == {}
