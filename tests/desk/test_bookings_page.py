"""One client at the desk: found by name, everything that is booked, and a make-up in two taps."""

from __future__ import annotations

from datetime import time, timedelta

import pytest

from sessions import booking, waiting
from sessions.models import Visit, Waiting
from tests.cast import NOW, enroll
from tests.desk.at import (
    MONDAY,
    SATURDAY,
    WEDNESDAY,
    a_class,
    at_the_desk,
    missed,
    next_visit,
    words,
)

AT_MOST = 13
CLINICAL = ("kg", "deadlift", "hinge", "rpe", "osteopor", "t-score", "phase", "clearance")


@pytest.fixture
def dee(cast):
    return at_the_desk(cast)


def page_of(browser, client):
    return browser.get(f"/c/north/bookings/{client.pk}/")


# --- found ----------------------------------------------------------------------------------------
def test_the_front_desk_finds_a_client_without_her_name_in_an_address(cast, dee):
    answer = dee.post("/c/north/bookings/", {"q": "cal"})
    assert answer.status_code == 200
    assert "Cal P. Next: Monday 9 March, 9:00" in words(answer)
    assert "Cam Q." not in words(answer)
    assert f"/c/north/bookings/{cast.cal_client.pk}/" in answer.content.decode()


def test_nobody_of_another_clinic_is_found(cast, dee):
    assert "Olga" not in words(dee.get("/c/north/bookings/"))
    assert "Nobody found" in words(dee.post("/c/north/bookings/", {"q": "olga"}))


def test_the_week_leads_to_it(cast, dee):
    assert "/c/north/bookings/" in dee.get("/c/north/week/").content.decode()


# --- one client -----------------------------------------------------------------------------------
def test_it_shows_what_is_booked_and_the_weekly_places(cast, dee):
    said = words(page_of(dee, cast.cal_client))
    assert "Monday 9 March, 9:00 Room 1, regular, coming" in said
    assert "Weekly places Monday 9:00 Room 1, with Ana T." in said
    assert "No leave is planned." in said


def test_nothing_clinical_stands_on_it(cast, dee):
    cast.log(cast.visit)
    for part in ("", "history/", "contact/"):
        said = words(dee.get(f"/c/north/bookings/{cast.cal_client.pk}/{part}")).lower()
        assert [word for word in CLINICAL if word in said] == []


def test_a_client_without_a_program_says_what_comes_first(cast, dee):
    assert "A therapist assigns one" in words(page_of(dee, enroll(cast.ana, "Ned M.")))


def test_the_clients_page_leads_to_it_and_only_those_who_may_are_led_back(cast, dee):
    ana = at_the_desk(cast, "ana")
    address = f"/c/north/clients/{cast.cal_client.pk}/"
    assert f"/c/north/bookings/{cast.cal_client.pk}/" in ana.get(address).content.decode()
    assert address in page_of(ana, cast.cal_client).content.decode()
    assert address not in page_of(dee, cast.cal_client).content.decode()


def test_who_waits_is_shown_with_the_end_of_the_offer(cast, dee):
    slot = a_class(cast, SATURDAY, time(9))
    row = waiting.wait(enrollment=cast.enrollment, slot=slot, by=cast.dee, now=NOW)
    waiting.offer_to(waiting=row, by=cast.dee, now=NOW)
    said = words(page_of(dee, cast.cal_client))
    assert "Waits for Saturday 14 March, 9:00 Room 2, offered until" in said


@pytest.mark.parametrize("who", ["dee", "ana", "ada"])
def test_eighty_visits_take_as_many_queries_as_eight(cast, who, django_assert_max_num_queries):
    browser = at_the_desk(cast, who)
    missed(cast)
    page_of(browser, cast.cal_client)
    cast.enrollment.visits.filter(pk__gt=next_visit(cast.enrollment, 7).pk).delete()
    with django_assert_max_num_queries(AT_MOST) as few:
        page_of(browser, cast.cal_client)
    for number in range(72):
        day = MONDAY + timedelta(days=number // 12 * 2)
        slot = a_class(cast, day, time(10 + number % 12), room="Hall")
        Visit.objects.create(
            clinic=cast.north,
            enrollment=cast.enrollment,
            client=cast.cal_client,
            slot=slot,
            during=(slot.starts_at, slot.ends_at),
            missed_after=slot.ends_at,
            purpose="extra",
        )
    with django_assert_max_num_queries(AT_MOST) as many:
        assert "Hall, extra, coming" in words(page_of(browser, cast.cal_client))
    assert len(many) == len(few)


# --- a make-up in two taps ------------------------------------------------------------------------
def test_a_make_up_is_booked_with_two_taps(cast, dee):
    owed, good = missed(cast), a_class(cast, SATURDAY, time(9))
    near = a_class(cast, WEDNESDAY)
    start = page_of(dee, cast.cal_client).content.decode()
    first = f"/c/north/bookings/{cast.cal_client.pk}/make-up/{owed.uid}/"
    assert first in start

    offered = dee.get(first).content.decode()
    assert f'name="slot" value="{good.pk}"' in offered
    assert f'name="slot" value="{near.pk}"' not in offered
    answer = dee.post(first, {"slot": good.pk, "back": "client"})

    visit = Visit.objects.get(slot=good)
    assert (visit.purpose, visit.makes_up) == ("make_up", owed)
    page = dee.get(answer["Location"])
    assert "Cal P. is booked for Saturday 14 March, 9:00. Undo" in words(page)
    assert "Book a make-up" not in words(page)


def test_the_second_tap_twice_books_once_and_says_so(cast, dee):
    owed, good = missed(cast), a_class(cast, SATURDAY, time(9))
    address = f"/c/north/bookings/{cast.cal_client.pk}/make-up/{owed.uid}/"
    dee.post(address, {"slot": good.pk, "back": "client"})
    answer = dee.post(address, {"slot": good.pk, "back": "client"}, follow=True)
    assert "made up" in words(answer)
    assert Visit.objects.filter(slot=good).count() == 1


def test_a_place_that_another_desk_took_meanwhile_is_said_and_the_others_are_shown(cast, dee):
    owed = missed(cast)
    full = a_class(cast, SATURDAY, time(9), most=0)
    other = a_class(cast, SATURDAY, time(9), room="Room 3", with_=cast.ana)
    address = f"/c/north/bookings/{cast.cal_client.pk}/make-up/{owed.uid}/"
    answer = dee.post(address, {"slot": full.pk, "back": "client"})
    assert answer.status_code == 422
    assert "at most 0 were set" in words(answer)
    assert f'name="wait" value="{full.pk}"' in answer.content.decode()
    assert f'name="slot" value="{other.pk}"' in answer.content.decode()


def test_where_a_class_is_full_she_waits_for_it(cast, dee):
    owed, full = missed(cast), a_class(cast, SATURDAY, time(9), most=0)
    address = f"/c/north/bookings/{cast.cal_client.pk}/make-up/{owed.uid}/"
    assert f'name="wait" value="{full.pk}"' in dee.get(address).content.decode()
    dee.post(address, {"wait": full.pk, "back": "client"})
    assert Waiting.objects.get(slot=full).makes_up == owed


def test_what_is_not_owed_cannot_be_made_up(cast, dee):
    visit = next_visit(cast.enrollment)
    page = dee.get(f"/c/north/bookings/{cast.cal_client.pk}/make-up/{visit.uid}/")
    assert "Nothing to make up" in words(page)


def test_a_visit_of_somebody_else_is_not_there(cast, dee):
    other = next_visit(cast.cam_enrollment)
    address = f"/c/north/bookings/{cast.cal_client.pk}/make-up/{other.uid}/"
    assert dee.get(address).status_code == 404


# --- history --------------------------------------------------------------------------------------
def test_the_history_says_what_became_of_each_seat_and_who_did_it(cast, dee):
    visit = next_visit(cast.enrollment)
    booking.cancel(visit=visit, cause="clinic", why="Room is painted", by=cast.ana, now=NOW)
    said = words(dee.get(f"/c/north/bookings/{cast.cal_client.pk}/history/"))
    assert "Monday 9 March 2026, 9:00 Cancelled by the clinic : Room is painted Ana T." in said


@pytest.mark.parametrize("who", ["dee", "ana", "ada"])
def test_free_places_of_eighty_classes_take_as_many_queries_as_of_eight(
    cast, who, django_assert_max_num_queries
):
    browser, owed = at_the_desk(cast, who), missed(cast)
    visit = next_visit(cast.enrollment)
    pages = [
        f"/c/north/bookings/{cast.cal_client.pk}/make-up/{owed.uid}/",
        f"/c/north/seats/{visit.uid}/move/",
    ]
    for page in pages:
        browser.get(page)
    counts = []
    for number in range(80):
        a_class(
            cast,
            MONDAY + timedelta(days=number // 10),
            time(10 + number % 10, 5),
            room=f"Hall {number}",
        )
        if number in (7, 79):
            for page in pages:
                with django_assert_max_num_queries(AT_MOST) as asked:
                    assert browser.get(page).status_code == 200
                counts.append(len(asked))
    assert counts[:2] == counts[2:]
