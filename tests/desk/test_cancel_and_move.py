"""One seat: cancelled with its meaning said first, moved, given back, undone; each only itself."""

from __future__ import annotations

from datetime import time, timedelta

import pytest
import time_machine

from sessions import booking
from sessions.models import SeatChange, Visit
from tests.cast import NOW, assign, enroll
from tests.desk.at import SATURDAY, WEDNESDAY, a_class, at_the_desk, missed, next_visit, words


@pytest.fixture
def dee(cast):
    return at_the_desk(cast)


@pytest.fixture
def monday(cast):
    return next_visit(cast.enrollment)


def act(browser, visit, what, **said):
    return browser.post(f"/c/north/seats/{visit.uid}/{what}/", said)


# --- cancel ---------------------------------------------------------------------------------------
def test_what_cancelling_means_is_said_before_it_is_done(cast, dee, monday):
    said = words(dee.get(f"/c/north/seats/{monday.uid}/cancel/"))

    assert "Cal P. cannot come In time: 24 hours’ notice or more." in said
    assert "It can be made up until 23 March 2026." in said
    assert "The clinic cannot It does not count as missed." in said


def test_late_is_called_late(cast, dee, monday):
    with time_machine.travel(monday.starts_at - timedelta(hours=5)):
        said = words(dee.get(f"/c/north/seats/{monday.uid}/cancel/"))
    assert "Late: less than 24 hours’ notice. It counts as missed." in said


@pytest.mark.parametrize(
    ("cause", "why", "status"),
    [
        ("client", "", "cancelled_client"),
        ("clinic", "Room is painted", "clinic_cancelled"),
        ("excused", "", "excused"),
    ],
)
def test_each_cause_is_kept_with_who_and_when(cast, dee, monday, cause, why, status):
    answer = act(dee, monday, "cancel", cause=cause, why=why)

    assert answer.status_code == 302
    monday.refresh_from_db()
    assert (monday.status, monday.said_by) == (status, cast.dee)
    assert monday.said_at - NOW < timedelta(minutes=1)
    change = SeatChange.objects.get(visit=monday)
    assert (change.kind, change.by) == ("cancelled", cast.dee)


def test_one_cancelled_seat_leaves_the_class_and_the_series_as_they_were(cast, dee, monday):
    other = assign(enroll(cast.ana, "Zoe Z."), cast.ana)
    act(dee, monday, "cancel", cause="client")

    statuses = set(cast.enrollment.visits.exclude(pk=monday.pk).values_list("status", flat=True))
    assert statuses == {"planned"}
    assert other.visits.filter(slot=monday.slot, status="planned").exists()


def test_without_a_cause_it_is_asked_for_and_the_words_are_kept(cast, dee, monday):
    answer = act(dee, monday, "cancel", why="She called")
    assert answer.status_code == 422
    assert "Choose one." in words(answer)
    assert 'value="She called"' in answer.content.decode()


def test_a_cancel_of_the_clinic_asks_why(cast, dee, monday):
    answer = act(dee, monday, "cancel", cause="clinic")
    assert answer.status_code == 422
    assert "Say why the clinic cancels it." in words(answer)


def test_the_second_tap_changes_nothing(cast, dee, monday):
    act(dee, monday, "cancel", cause="client")
    answer = dee.post(
        f"/c/north/seats/{monday.uid}/cancel/", {"cause": "clinic", "why": "x"}, follow=True
    )
    assert "It was cancelled before: cancelled in time." in words(answer)
    assert SeatChange.objects.filter(visit=monday).count() == 1


def test_what_is_over_is_not_cancelled_and_it_is_said(cast, dee):
    answer = act(dee, cast.visit, "cancel", cause="client")
    assert answer.status_code == 422
    assert "has begun or is over" in words(answer)


def test_she_goes_back_to_where_she_came_from(cast, dee, monday):
    to_class = act(dee, monday, "cancel", cause="client")
    assert to_class["Location"].startswith(f"/c/north/classes/{monday.slot_id}/?done=")
    friday = next_visit(cast.cam_enrollment)
    to_client = act(dee, friday, "cancel", cause="client", back="client")
    assert to_client["Location"].startswith(f"/c/north/bookings/{cast.cam_client.pk}/?done=")


# --- give back, undo ------------------------------------------------------------------------------
def test_a_seat_that_was_given_up_is_given_back(cast, dee, monday):
    act(dee, monday, "cancel", cause="client")
    act(dee, monday, "restore")
    monday.refresh_from_db()
    assert monday.status == "planned"


def test_a_seat_that_somebody_took_is_not_given_back_and_it_is_said(cast, dee, monday):
    act(dee, monday, "cancel", cause="client")
    monday.slot.capacity = 0
    monday.slot.save(update_fields=["capacity"])

    answer = dee.post(f"/c/north/seats/{monday.uid}/restore/", follow=True)

    assert "at most 0 were set" in words(answer)
    monday.refresh_from_db()
    assert monday.status == "cancelled_client"


@pytest.mark.parametrize("what", ["cancel", "move"])
def test_undo_restores_exactly_what_was_before(cast, dee, monday, what):
    there = Visit.objects.filter(pk=monday.pk).values("status", "slot", "during", "place_on").get()
    said = {"cause": "client"} if what == "cancel" else {"slot": a_class(cast, WEDNESDAY).pk}
    if what == "move":
        next_visit(cast.enrollment, 1).delete()  # Thursday would be too near
    act(dee, monday, what, **said)
    change = SeatChange.objects.get(visit=monday)

    answer = dee.post(f"/c/north/seats/{monday.uid}/undo/{change.pk}/", follow=True)

    assert "Undone." in words(answer)
    now = Visit.objects.filter(pk=monday.pk).values("status", "slot", "during", "place_on").get()
    assert now == there


def test_an_undo_after_ten_minutes_or_of_another_persons_act_is_refused_in_words(cast, dee, monday):
    act(dee, monday, "cancel", cause="client")
    change = SeatChange.objects.get(visit=monday)
    address = f"/c/north/seats/{monday.uid}/undo/{change.pk}/"

    assert "Change the seat instead" in words(at_the_desk(cast, "ana").post(address, follow=True))
    with time_machine.travel(NOW + timedelta(minutes=11)):
        assert "Change the seat instead" in words(dee.post(address, follow=True))
    monday.refresh_from_db()
    assert monday.status == "cancelled_client"


def test_what_was_changed_again_since_is_not_undone(cast, dee, monday):
    act(dee, monday, "cancel", cause="client")
    change = SeatChange.objects.get(visit=monday)
    booking.restore(visit=monday, by=cast.ana, now=NOW)

    answer = dee.post(f"/c/north/seats/{monday.uid}/undo/{change.pk}/", follow=True)

    assert "changed again since" in words(answer)
    monday.refresh_from_db()
    assert monday.status == "planned"


# --- move -----------------------------------------------------------------------------------------
def test_free_places_leave_the_rest_and_one_tap_moves_the_seat_there(cast, dee, monday):
    good, near = a_class(cast, SATURDAY, time(9)), a_class(cast, WEDNESDAY)
    page = dee.get(f"/c/north/seats/{monday.uid}/move/").content.decode()
    assert f'name="slot" value="{good.pk}"' in page
    assert f'name="slot" value="{near.pk}"' not in page  # Thursday's session is the day after

    act(dee, monday, "move", slot=good.pk, why="Train strike")

    monday.refresh_from_db()
    assert monday.slot == good
    assert SeatChange.objects.get(visit=monday).why == "Train strike"


def test_a_move_to_a_place_that_is_taken_by_now_says_so_and_keeps_the_words(cast, dee, monday):
    full = a_class(cast, SATURDAY, time(9), most=0)
    answer = act(dee, monday, "move", slot=full.pk, why="Train strike")
    assert answer.status_code == 422
    assert "at most 0 were set" in words(answer)
    assert 'value="Train strike"' in answer.content.decode()


def test_the_second_tap_of_a_move_changes_nothing(cast, dee, monday):
    good = a_class(cast, SATURDAY, time(9))
    for _ in range(2):
        assert act(dee, monday, "move", slot=good.pk).status_code == 302
    assert SeatChange.objects.filter(visit=monday).count() == 1


@pytest.mark.parametrize("slot", ["", "x", "9" * 30, "²"])
def test_a_class_that_is_not_there_is_said_in_words(cast, dee, monday, slot):
    answer = act(dee, monday, "move", slot=slot)
    assert answer.status_code == 422
    assert "not there any more" in words(answer)


def test_this_and_all_that_follow_are_moved_together(cast, dee, monday):
    answer = act(
        dee,
        monday,
        "following",
        weekday=0,
        at="11:00",
        minutes=30,
        room="Room 1",
        supervisor=cast.ana.pk,
        why="Bus",
    )
    assert answer.status_code == 302, words(answer)
    starts = {
        visit.starts_at.astimezone(cast.north.tz).time()
        for visit in cast.enrollment.visits.filter(during__startswith__gt=NOW)
        if visit.starts_at.astimezone(cast.north.tz).weekday() == 0
    }
    assert starts == {time(11)}


def test_a_series_that_would_be_too_close_is_refused_in_words(cast, dee, monday):
    answer = act(
        dee,
        monday,
        "following",
        weekday=2,
        at="9:00",
        minutes=30,
        room="Room 1",
        supervisor=cast.ana.pk,
        why="Bus",
    )
    assert answer.status_code == 422
    assert "note-stop" in answer.content.decode()
    assert 'value="Bus"' in answer.content.decode()


# --- the seat's own page --------------------------------------------------------------------------
def test_a_seat_says_what_became_of_it_who_did_it_and_why(cast, dee, monday):
    act(dee, monday, "cancel", cause="client", why="Away")
    act(dee, monday, "restore")

    said = words(dee.get(f"/c/north/seats/{monday.uid}/"))

    assert "Coming Regular session." in said
    given_back, cancelled = said.index("Given back"), said.index("Cancelled in time : Away")
    assert given_back < cancelled
    assert "Dee D., Thursday 5 March 2026, 12:00" in said


def test_a_seat_of_the_past_offers_nothing_to_do(cast, dee):
    missed(cast)
    page = dee.get(f"/c/north/seats/{cast.visit.uid}/")
    assert "Nothing of it can be changed here any more." in words(page)
    assert "Did not come" in words(page)
