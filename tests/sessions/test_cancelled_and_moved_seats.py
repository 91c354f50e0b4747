"""One seat is cancelled, given back, moved; the class and everybody else in it stay."""

from __future__ import annotations

from datetime import date, time, timedelta

import pytest
from django.core.exceptions import PermissionDenied

from bonefit.clinics.models import Membership
from sessions import actions, booking
from sessions.booking import NoSeat
from sessions.models import Slot, Visit
from tests.cast import NOW, Cast
from tests.sessions.timetabled import (
    MONDAY_AFTER,
    SATURDAY,
    SUNDAY_LATER,
    class_at,
    history,
    lock,
    rules,
    somebody,
)

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


def extra(cast: Cast, slot: Slot, *, by: Membership | None = None, **more) -> Visit:
    usual = {"enrollment": cast.enrollment, "purpose": "extra", "now": NOW}
    return booking.book(slot=slot, by=by or cast.dee, **{**usual, **more})


# --- cancelled -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "status"),
    [(timedelta(hours=24), "cancelled_client"), (timedelta(hours=23, minutes=59), "late_cancel")],
)
def test_notice_of_twenty_four_hours_is_enough(cast: Cast, before: timedelta, status: str):
    visit = cast.visits[1]
    now = visit.starts_at - before
    booking.cancel(visit=visit, cause="client", why="A cold", by=cast.cal, now=now)

    visit.refresh_from_db()
    assert (visit.status, visit.said_by, visit.said_at) == (status, cast.cal, now)
    assert (visit.said_why, visit.sequence) == ("A cold", 1)
    assert history(visit) == [("cancelled", "Cal P.", "A cold")]
    assert visit.told["on"] is True


def test_a_cancelled_seat_leaves_the_class_and_everybody_else_in_it(cast: Cast):
    visit = cast.visits[1]
    zoe = somebody(cast, "Zoe Z.", weekdays=(0,), at=time(9))
    booking.cancel(visit=visit, cause="client", why="", by=cast.cal, now=NOW)

    slot = Slot.objects.get(pk=visit.slot_id)
    assert (slot.called_off_at, slot.sequence) == (None, 0)
    assert zoe.visits.get(slot=slot).status == "planned"
    assert cast.visits[2].status == "planned"


def test_the_clinic_and_an_excuse_are_said_by_staff(cast: Cast):
    clinic, excused = cast.visits[1], cast.visits[2]
    booking.cancel(visit=clinic, cause="clinic", why="Tess is ill", by=cast.dee, now=NOW)
    with pytest.raises(NoSeat, match="Write down why"):
        booking.cancel(visit=excused, cause="excused", why=" ", by=cast.dee, now=NOW)
    booking.cancel(visit=excused, cause="excused", why="In hospital", by=cast.dee, now=NOW)

    assert [visit.status for visit in cast.visits[1:3]] == ["clinic_cancelled", "excused"]
    for cause in ("clinic", "excused"):
        with pytest.raises(PermissionDenied):
            booking.cancel(visit=cast.visits[3], cause=cause, why="x", by=cast.cal, now=NOW)
    with pytest.raises(ValueError, match="A cause is one of"):
        booking.cancel(visit=cast.visits[3], cause="weather", why="x", by=cast.dee, now=NOW)


def test_what_has_begun_or_is_cancelled_already_is_not_cancelled(cast: Cast):
    past, coming = cast.visits[:2]
    for now in (NOW, past.starts_at):
        with pytest.raises(NoSeat, match="Please call us"):
            booking.cancel(visit=past, cause="client", why="", by=cast.cal, now=now)
        with pytest.raises(NoSeat, match="What became of it is said on its own page"):
            booking.cancel(visit=past, cause="clinic", why="", by=cast.dee, now=now)
    booking.cancel(visit=coming, cause="client", why="", by=cast.cal, now=NOW)
    with pytest.raises(NoSeat, match="cancelled already"):
        booking.cancel(visit=coming, cause="clinic", why="", by=cast.dee, now=NOW)


@pytest.mark.parametrize("who", ["cam", "con", "lea", "otto"])
def test_nobody_else_cancels_her_seat(cast: Cast, who: str):
    with pytest.raises(PermissionDenied):
        booking.cancel(visit=cast.visits[1], cause="client", why="", by=getattr(cast, who), now=NOW)


# --- given back ----------------------------------------------------------------------------------


def test_a_seat_that_was_cancelled_by_mistake_is_hers_again(cast: Cast):
    visit = cast.visits[1]
    booking.cancel(visit=visit, cause="client", why="A slip", by=cast.cal, now=NOW)
    booking.restore(visit=visit, by=cast.cal, now=NOW + HOUR)

    visit.refresh_from_db()
    assert (visit.status, visit.said_at, visit.said_by, visit.said_why) == (
        "planned",
        None,
        None,
        "",
    )
    assert visit.sequence == 2
    assert [kind for kind, _, _ in history(visit)] == ["cancelled", "restored"]


def test_a_seat_is_not_given_back_where_the_room_the_rest_or_the_make_up_is_gone(cast: Cast):
    first, second, third = cast.visits[1:4]
    for visit in (first, second, third):
        booking.cancel(visit=visit, cause="client", why="", by=cast.cal, now=NOW)
    Slot.objects.filter(pk=first.slot_id).update(capacity=0)
    extra(cast, class_at(cast, date(2026, 3, 13)))
    tuesday = class_at(cast, date(2026, 3, 17))
    made_up = extra(cast, tuesday, purpose="make_up", makes_up=third)

    words = []
    for visit in (first, second, third):
        with pytest.raises(NoSeat) as said:
            booking.restore(visit=visit, by=cast.dee, now=NOW)
        words.append(str(said.value))
    assert words[0] == "There is no place: at most 0 were set."
    assert words[1].startswith("Less than 48 hours from the session on Friday 13 March")
    assert words[2] == "It is made up on Tuesday 17 March, 9:00. Cancel that one first."
    booking.cancel(visit=made_up, cause="clinic", why="", by=cast.dee, now=NOW)
    assert booking.restore(visit=third, by=cast.dee, now=NOW).status == "planned"


def test_a_client_takes_back_only_her_own_word(cast: Cast):
    by_clinic, by_desk = cast.visits[1:3]
    booking.cancel(visit=by_clinic, cause="clinic", why="", by=cast.dee, now=NOW)
    booking.cancel(visit=by_desk, cause="client", why="Called", by=cast.dee, now=NOW)

    for visit in (by_clinic, by_desk):
        with pytest.raises(NoSeat, match="Please call us"):
            booking.restore(visit=visit, by=cast.cal, now=NOW)
    with pytest.raises(NoSeat, match="not cancelled"):
        booking.restore(visit=cast.visits[3], by=cast.cal, now=NOW)
    with pytest.raises(PermissionDenied):
        booking.restore(visit=by_desk, by=cast.cam, now=NOW)


# --- moved ---------------------------------------------------------------------------------------


def test_a_moved_seat_is_the_same_visit_and_the_same_occurrence(cast: Cast):
    visit = cast.visits[1]
    before = (visit.uid, visit.place_id, visit.place_on)
    Visit.objects.filter(pk=visit.pk).update(prescription={"targets": []})
    slot = class_at(cast, date(2026, 3, 10), minutes=45)
    booking.move(visit=visit, slot=slot, by=cast.dee, why="Dentist", now=NOW)

    visit.refresh_from_db()
    assert (visit.uid, visit.place_id, visit.place_on) == before
    assert (visit.slot, visit.ends_at) == (slot, slot.ends_at)
    assert visit.missed_after == slot.ends_at + HOUR
    assert (visit.prescription, visit.sequence) == (None, 1)
    assert history(visit) == [("moved", "Dee D.", "Dentist")]
    assert visit.told["room"] == "Room 1"


def test_a_seat_that_only_changes_the_room_keeps_what_was_prescribed(cast: Cast):
    visit = cast.visits[1]
    Visit.objects.filter(pk=visit.pk).update(prescription={"targets": []})
    booking.move(visit=visit, slot=class_at(cast, MONDAY_AFTER), by=cast.dee, why="", now=NOW)

    visit.refresh_from_db()
    assert (visit.prescription, visit.sequence) == ({"targets": []}, 1)


def test_a_move_is_refused_like_a_booking_but_for_its_own_time(cast: Cast):
    visit = cast.visits[1]  # Monday
    near, full = class_at(cast, date(2026, 3, 11)), class_at(cast, date(2026, 3, 7), capacity=0)

    for slot, words in (
        (near, "Less than 48 hours from the session on Thursday 12 March"),
        (full, "There is no place"),
        (visit.slot, "in this class already"),
        (cast.visits[2].slot, "This client has a place in this class already"),
    ):
        with pytest.raises(NoSeat, match=words):
            booking.move(visit=visit, slot=slot, by=cast.dee, why="", now=NOW)
    booking.cancel(visit=visit, cause="client", why="", by=cast.dee, now=NOW)
    with pytest.raises(NoSeat, match="Give it back first"):
        booking.move(visit=visit, slot=near, by=cast.dee, why="", now=NOW)
    with pytest.raises(NoSeat, match="has begun"):
        booking.move(visit=cast.visit, slot=near, by=cast.dee, why="", now=NOW)


def test_a_lock_does_not_keep_a_seat_where_it_is(cast: Cast):
    """Nothing is booked: she has that seat already, and is not checked in with it."""
    lock(cast, cast.cal_client)
    slot = class_at(cast, date(2026, 3, 10))

    moved = booking.move(visit=cast.visits[1], slot=slot, by=cast.dee, why="", now=NOW)
    assert moved.slot == slot


def test_a_make_up_does_not_move_behind_its_last_day(cast: Cast):
    missed = cast.visit
    actions.say(visit=missed, status="no_show", by=cast.ana, now=NOW)
    made_up = extra(cast, class_at(cast, SATURDAY), purpose="make_up", makes_up=missed)
    rules(cast, rest_hours=20)

    with pytest.raises(NoSeat, match="until Thursday 19 March"):
        booking.move(visit=made_up, slot=class_at(cast, SUNDAY_LATER), by=cast.dee, why="", now=NOW)


def test_a_client_calls_the_desk_to_move_a_seat(cast: Cast):
    with pytest.raises(PermissionDenied):
        booking.move(
            visit=cast.visits[1],
            slot=class_at(cast, date(2026, 3, 10)),
            by=cast.cal,
            why="",
            now=NOW,
        )
