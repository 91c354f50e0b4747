"""A place is booked; what is refused is said in words."""

from __future__ import annotations

from datetime import date, time, timedelta

import pytest
from django.core.exceptions import PermissionDenied

from bonefit.clinics.models import Membership
from sessions import actions, booking, moving
from sessions.booking import NoSeat
from sessions.models import Closure, Leave, Pause, Room, Slot, Supervision, Visit, Waiting
from tests.cast import NOW, TODAY, Cast
from tests.sessions.timetabled import (
    FRIDAY,
    MONDAY_AFTER,
    SATURDAY,
    SUNDAY_LATER,
    class_at,
    history,
    lock,
    rules,
    somebody,
    una,
)

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


def extra(cast: Cast, slot: Slot, *, by: Membership | None = None, **more) -> Visit:
    usual = {"enrollment": cast.enrollment, "purpose": "extra", "now": NOW}
    return booking.book(slot=slot, by=by or cast.dee, **{**usual, **more})


def refused(cast: Cast, slot: Slot, **more) -> str:
    """The words with which a booking is refused; nothing is written."""
    before = Visit.objects.count()
    with pytest.raises(NoSeat) as words:
        extra(cast, slot, **more)
    assert Visit.objects.count() == before
    return str(words.value)


# --- booked --------------------------------------------------------------------------------------


def test_the_desk_books_an_extra_session_that_the_client_is_told_of(cast: Cast):
    slot = class_at(cast, SATURDAY)
    visit = extra(cast, slot, why="Asked at the desk")

    visit.refresh_from_db()
    assert (visit.status, visit.purpose, visit.slot) == ("planned", "extra", slot)
    assert (visit.starts_at, visit.ends_at) == (slot.starts_at, slot.ends_at)
    assert visit.missed_after == slot.ends_at + HOUR
    assert (visit.sequence, visit.told_sequence, visit.changed_at) == (1, 0, NOW)
    assert history(visit) == [("booked", "Dee D.", "Asked at the desk")]


def test_silence_after_a_booked_session_waits_as_long_as_the_clinic_says(cast: Cast):
    rules(cast, missed_grace_minutes=15)
    slot = class_at(cast, SATURDAY)

    assert extra(cast, slot).missed_after == slot.ends_at + timedelta(minutes=15)


def test_a_missed_session_is_made_up_by_the_client_herself(cast: Cast):
    missed = cast.visit
    actions.say(visit=missed, status="no_show", by=cast.ana, now=NOW)
    slot = class_at(cast, SATURDAY)
    visit = booking.book(
        enrollment=cast.enrollment,
        slot=slot,
        purpose="make_up",
        makes_up=missed,
        by=cast.cal,
        now=NOW,
    )

    assert (visit.purpose, visit.makes_up) == ("make_up", missed)
    assert history(visit) == [("booked", "Cal P.", "")]


def test_a_session_is_made_up_once(cast: Cast):
    missed = cast.visit
    actions.say(visit=missed, status="no_show", by=cast.ana, now=NOW)
    made_up = extra(cast, class_at(cast, SATURDAY), purpose="make_up", makes_up=missed)
    later = class_at(cast, date(2026, 3, 14))

    assert refused(cast, later, purpose="make_up", makes_up=missed) == (
        "This session can no longer be made up."
    )
    booking.cancel(visit=made_up, cause="client", why="", by=cast.dee, now=NOW)
    assert extra(cast, later, purpose="make_up", makes_up=missed).makes_up == missed


def test_a_make_up_lies_within_the_days_of_the_clinic(cast: Cast):
    missed = cast.visit
    actions.say(visit=missed, status="no_show", by=cast.ana, now=NOW)
    rules(cast, rest_hours=24)
    last, late = class_at(cast, date(2026, 3, 18)), class_at(cast, date(2026, 3, 20))

    assert refused(cast, late, purpose="make_up", makes_up=missed) == (
        "This session can be made up until Thursday 19 March."
    )
    assert extra(cast, last, purpose="make_up", makes_up=missed)


def test_the_session_that_was_missed_does_not_make_up_itself(cast: Cast):
    coming = cast.visits[1]
    booking.cancel(visit=coming, cause="client", why="", by=cast.cal, now=NOW)

    words = refused(cast, coming.slot, purpose="make_up", makes_up=coming)
    assert words == "This is the session that was missed itself."


def test_somebody_elses_session_is_not_made_up(cast: Cast):
    missed = cast.visit
    actions.say(visit=missed, status="no_show", by=cast.ana, now=NOW)
    slot = class_at(cast, SUNDAY_LATER)

    words = refused(cast, slot, enrollment=cast.cam_enrollment, purpose="make_up", makes_up=missed)
    assert words == "That session belongs to another program."


@pytest.mark.parametrize("purpose", ["extra", "regular"])
def test_only_a_make_up_names_what_it_makes_up(cast: Cast, purpose: str):
    slot = class_at(cast, SATURDAY)

    with pytest.raises(ValueError, match="A make-up names"):
        extra(cast, slot, purpose=purpose, makes_up=cast.visit)
    with pytest.raises(ValueError, match="A make-up names"):
        extra(cast, slot, purpose="make_up")


def test_who_has_a_place_waits_for_it_no_more(cast: Cast):
    slot = class_at(cast, SATURDAY)
    waiting = Waiting.objects.create(
        clinic=cast.north,
        slot=slot,
        enrollment=cast.enrollment,
        client=cast.cal_client,
        asked_at=NOW,
        asked_by=cast.dee,
    )
    visit = extra(cast, slot)

    waiting.refresh_from_db()
    assert (waiting.outcome, waiting.visit, waiting.closed_at) == ("taken", visit, NOW)
    assert waiting.closed_by == cast.dee


# --- refused -------------------------------------------------------------------------------------


def test_a_full_class_is_refused_with_what_bounds_it(cast: Cast):
    slot = class_at(cast, SATURDAY, capacity=1)
    extra(cast, slot)
    zoe = somebody(cast, "Zoe Z.")

    assert refused(cast, slot, enrollment=zoe) == "The class is full: at most 1 were set."


@pytest.mark.parametrize(
    ("room", "words"),
    [
        ({"places": 1}, "The class is full: the room holds 1."),
        ({"racks": 1}, "The class is full: 1 rack, 1 clients each."),
        ({}, "The class is full: 1 supervisor, 1 clients each."),
    ],
)
def test_room_racks_and_supervisors_bound_a_class(cast: Cast, room: dict[str, int], words: str):
    more = {} if room else {"group_warn_above": 1}
    rules(cast, people_per_rack=1, **more)
    Room.objects.update_or_create(clinic=cast.north, name="Room 2", defaults=room)
    slot = class_at(cast, SATURDAY)
    extra(cast, slot)

    assert refused(cast, slot, enrollment=somebody(cast, "Zoe Z.")) == words


def test_a_seat_that_was_freed_is_there_for_the_next(cast: Cast):
    slot = class_at(cast, SATURDAY, capacity=1)
    booking.cancel(visit=extra(cast, slot), cause="client", why="", by=cast.dee, now=NOW)

    assert extra(cast, slot, enrollment=somebody(cast, "Zoe Z."))


def test_staff_may_go_beyond_the_places_with_a_reason_that_is_kept(cast: Cast):
    slot = class_at(cast, SATURDAY, capacity=1)
    extra(cast, slot)
    zoe = somebody(cast, "Zoe Z.")

    assert refused(cast, slot, enrollment=zoe, over=True) == (
        "Write down why the class may have one more."
    )
    visit = extra(cast, slot, enrollment=zoe, over=True, why="Tess agreed")
    assert history(visit) == [("booked", "Dee D.", "Tess agreed")]


def test_no_reason_goes_beyond_rest_a_lock_or_an_empty_floor(cast: Cast):
    over = {"over": True, "why": "Tess agreed"}
    near = class_at(cast, FRIDAY)
    alone = class_at(cast, SATURDAY)
    Supervision.objects.filter(slot=alone).delete()

    assert "Less than 48 hours" in refused(cast, near, **over)
    assert refused(cast, alone, **over) == "Nobody is planned to supervise it."
    lock(cast, cast.cal_client)
    assert "Locked" in refused(cast, class_at(cast, SUNDAY_LATER), by=cast.ana, **over)


def test_a_supervisor_on_leave_supervises_nobody(cast: Cast):
    slot = class_at(cast, SATURDAY)
    leave = Leave.objects.create(
        clinic=cast.north,
        member=una(cast),
        starts_on=SATURDAY,
        ends_on=SATURDAY,
        added_by=cast.ada,
    )
    assert refused(cast, slot) == "Nobody is planned to supervise it."

    leave.removed_at, leave.removed_by = NOW, cast.ada
    leave.save()
    assert extra(cast, slot)


def test_somebody_who_was_only_named_on_the_floor_or_has_left_adds_no_place(cast: Cast):
    slot = class_at(cast, SATURDAY)
    Supervision.objects.filter(slot=slot).update(during=None)
    assert refused(cast, slot) == "Nobody is planned to supervise it."

    later = class_at(cast, SUNDAY_LATER)
    Membership.objects.filter(pk=una(cast).pk).update(is_active=False)
    assert refused(cast, later) == "Nobody is planned to supervise it."


@pytest.mark.parametrize("room", ["", "Room 2"])
def test_a_closed_day_has_no_places(cast: Cast, room: str):
    slot, elsewhere = class_at(cast, SATURDAY), class_at(cast, SATURDAY, room="Room 9", by=cast.ana)
    Closure.objects.create(
        clinic=cast.north,
        name="Show Day",
        room=room,
        starts_on=SATURDAY,
        ends_on=SATURDAY,
        added_by=cast.ada,
    )
    assert refused(cast, slot) == "Closed: Show Day."
    if room:
        assert extra(cast, elsewhere)


def test_a_class_that_is_called_off_or_has_begun_has_no_places(cast: Cast):
    slot = class_at(cast, SATURDAY)
    Slot.objects.filter(pk=slot.pk).update(called_off_at=NOW, called_off_by=cast.ana)

    assert refused(cast, slot) == "The class is called off."
    begun = class_at(cast, TODAY, time(12))
    assert refused(cast, begun) == "The class has begun."


def test_forty_seven_hours_are_too_few_and_forty_eight_are_enough(cast: Cast):
    early, exact = class_at(cast, SATURDAY, time(8)), class_at(cast, SATURDAY, time(9))

    assert refused(cast, early) == (
        "Less than 48 hours from the session on Thursday 5 March, 9:00. "
        "Bones and muscles need that rest."
    )
    assert extra(cast, exact)


def test_a_session_that_nobody_came_to_asks_for_no_rest(cast: Cast):
    slot = class_at(cast, FRIDAY, time(10))
    assert "Less than 48 hours from the session on Thursday" in refused(cast, slot)

    actions.say(visit=cast.visit, status="no_show", by=cast.ana, now=NOW)
    assert extra(cast, slot)


def test_the_rest_is_a_setting(cast: Cast):
    rules(cast, rest_hours=20)

    assert extra(cast, class_at(cast, FRIDAY))


def test_who_is_locked_is_told_to_call_and_only_clinicians_read_why(cast: Cast):
    missed = cast.visit
    actions.say(visit=missed, status="no_show", by=cast.ana, now=NOW)
    lock(cast, cast.cal_client)
    slot = class_at(cast, SATURDAY)
    make_up = {"purpose": "make_up", "makes_up": missed}

    said = {
        who: refused(cast, slot, by=getattr(cast, who), **make_up) for who in ("cal", "dee", "ana")
    }
    assert said["cal"] == "Please call us first: your therapist wants to speak with you."
    assert said["dee"].startswith("This client is locked. Any therapist")
    assert said["ana"].startswith("Locked: pain 7 of 10 in the lower back. Any therapist")


def test_a_program_that_has_ended_or_not_begun_books_nothing(cast: Cast):
    later = somebody(cast, "Zoe Z.", starts_on=MONDAY_AFTER)
    slot = class_at(cast, SATURDAY)

    assert refused(cast, slot, enrollment=later) == (
        "The program of this client begins on Monday 9 March."
    )
    moving.end_enrollment(
        enrollment=later, status="withdrawn", reason="Moved", on=TODAY, by=cast.ana, now=NOW
    )
    assert refused(cast, slot, enrollment=later) == "This client’s program has ended."


def test_nobody_is_booked_into_her_pause(cast: Cast):
    Pause.objects.create(
        clinic=cast.north,
        enrollment=cast.enrollment,
        starts_on=FRIDAY,
        ends_on=SATURDAY,
        why="On holiday",
        added_by=cast.dee,
    )
    slot = class_at(cast, SATURDAY)
    assert refused(cast, slot) == "This client is on a pause until Sunday 8 March."

    Pause.objects.update(resumed_on=SATURDAY, resumed_at=NOW, resumed_by=cast.dee)
    assert extra(cast, slot)


def test_one_client_is_in_one_class_once_and_in_one_place_at_a_time(cast: Cast):
    coming = cast.visits[1]
    beside = class_at(cast, MONDAY_AFTER, time(9, 15))

    assert refused(cast, coming.slot) == "This client has a place in this class already."
    assert refused(cast, beside) == (
        "This client has another session at that time: Monday 9 March, 9:00."
    )


def test_the_class_of_another_clinic_is_not_there(cast: Cast):
    theirs = cast.olga_enrollment.visits.earliest("during").slot

    assert refused(cast, theirs) == "There is no such class any more."
    with pytest.raises(PermissionDenied):
        extra(cast, class_at(cast, SATURDAY), by=cast.otto)


def test_a_client_books_only_for_herself_and_only_what_she_may_make_up(cast: Cast):
    slot = class_at(cast, SATURDAY)
    missed = cast.visit
    actions.say(visit=missed, status="no_show", by=cast.ana, now=NOW)

    for by, more in (
        (cast.cal, {}),
        (cast.cam, {"purpose": "make_up", "makes_up": missed}),
        (cast.con, {"purpose": "make_up", "makes_up": missed}),
        (cast.lea, {}),
        (cast.cal, {"purpose": "make_up", "makes_up": missed, "over": True, "why": "x"}),
    ):
        with pytest.raises(PermissionDenied):
            extra(cast, slot, by=by, **more)


def test_a_client_is_told_what_she_can_do_and_not_who_is_away(cast: Cast):
    missed = cast.visit
    actions.say(visit=missed, status="no_show", by=cast.ana, now=NOW)
    full, alone = class_at(cast, SATURDAY, capacity=0), class_at(cast, SATURDAY, time(10))
    Supervision.objects.filter(slot=alone).delete()

    for slot in (full, alone):
        assert refused(cast, slot, by=cast.cal, purpose="make_up", makes_up=missed) == (
            "This class is full now. Please choose another time."
        )
