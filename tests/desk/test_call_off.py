"""A class as a whole: called off by a confirmed act of its own, and held after all."""

from __future__ import annotations

import pytest

from sessions.models import Visit
from tests.desk.at import WEDNESDAY, a_class, at_the_desk, next_visit, words


@pytest.fixture
def dee(cast):
    return at_the_desk(cast)


@pytest.fixture
def monday(cast):
    return next_visit(cast.enrollment).slot


def address(slot, part=""):
    return f"/c/north/classes/{slot.pk}/{part}"


# --- called off -----------------------------------------------------------------------------------
def test_it_says_how_many_people_are_told_before_it_is_done(cast, dee, monday):
    said = words(dee.get(address(monday, "call-off/")))
    assert "1 person is told that the class will not be" in said
    assert "Call it off and tell 1 person" in said
    monday.refresh_from_db()
    assert monday.called_off_at is None


def test_a_called_off_class_frees_every_seat_and_says_who_and_why(cast, dee, monday):
    dee.post(address(monday, "call-off/"), {"why": "Ana is ill"})

    visit = next_visit(cast.enrollment)
    assert visit.status == Visit.Status.CLINIC_CANCELLED
    said = words(dee.get(address(monday)))
    assert "This class is called off Ana is ill." in said
    assert "Dee D., 5 March, 12:00" in said
    assert "Book somebody" not in said


def test_calling_off_without_a_reason_is_asked_for(cast, dee, monday):
    answer = dee.post(address(monday, "call-off/"), {"why": ""})
    assert answer.status_code == 422
    assert "Say why, in a few words." in words(answer)


def test_the_second_tap_calls_nothing_off(cast, dee, monday):
    for _ in range(2):
        answer = dee.post(address(monday, "call-off/"), {"why": "Ana is ill"}, follow=True)
    assert "It was called off before." in words(answer)


def test_it_is_held_after_all_and_the_seats_are_taken_again(cast, dee, monday):
    dee.post(address(monday, "call-off/"), {"why": "Ana is ill"})
    said = words(dee.post(address(monday, "hold/"), follow=True))
    assert "The class is held after all." in said
    assert next_visit(cast.enrollment).status == Visit.Status.PLANNED


def test_a_past_class_is_not_called_off(cast, dee):
    answer = dee.post(address(cast.visit.slot, "call-off/"), {"why": "x"})
    assert answer.status_code == 422
    assert "is over" in words(answer)


def test_who_runs_the_timetable_is_led_to_change_the_class_and_the_front_desk_is_not(
    cast, dee, monday
):
    led = "Change the class"
    assert led in words(at_the_desk(cast, "ana").get(address(monday)))
    assert led not in words(dee.get(address(monday)))


def test_an_empty_class_tells_nobody(cast, dee):
    assert "so nobody is told" in words(dee.get(address(a_class(cast, WEDNESDAY), "call-off/")))
