"""Somebody is booked into a class: found by name, as a make-up or an extra, or told why not."""

from __future__ import annotations

from datetime import time

import pytest

from bonefit.clients.models import Lock
from sessions.models import SeatChange, Visit, Waiting
from tests.cast import assign, enroll
from tests.desk.at import SATURDAY, WEDNESDAY, a_class, at_the_desk, missed, next_visit, words


@pytest.fixture
def dee(cast):
    return at_the_desk(cast)


@pytest.fixture
def saturday(cast):
    return a_class(cast, SATURDAY, time(9))


def book(browser, slot, **said):
    return browser.post(f"/c/north/classes/{slot.pk}/book/", said)


def test_a_name_is_searched_without_standing_in_an_address(cast, dee, saturday):
    answer = book(dee, saturday, q="cal")
    assert "Cal P." in words(answer)
    assert "Cam Q." not in words(answer)
    assert f"?client={cast.cal_client.pk}" in answer.content.decode()


def test_who_is_in_no_program_or_in_the_class_already_cannot_be_chosen(cast, dee):
    enroll(cast.ana, "Cara N.")
    answer = book(dee, next_visit(cast.enrollment).slot, q="ca")
    assert "Cal P. In this class already" in words(answer)
    assert "Cara N. In no program now" in words(answer)


def test_nobody_found_is_said(cast, dee, saturday):
    assert "Nobody found" in words(book(dee, saturday, q="zz"))


def test_she_is_booked_as_the_make_up_of_a_missed_session(cast, dee, saturday):
    owed = missed(cast)
    page = dee.get(f"/c/north/classes/{saturday.pk}/book/?client={cast.cal_client.pk}")
    assert "Make-up of Thursday 5 March" in words(page)

    answer = book(dee, saturday, client=cast.cal_client.pk, **{"as": str(owed.uid)})

    assert answer.status_code == 302
    visit = Visit.objects.get(slot=saturday)
    assert (visit.purpose, visit.makes_up) == ("make_up", owed)
    assert "Cal P. is booked for Saturday 14 March, 9:00." in words(dee.get(answer["Location"]))


def test_she_is_booked_for_an_extra_session(cast, dee, saturday):
    book(dee, saturday, client=cast.cal_client.pk, **{"as": "extra"})
    assert Visit.objects.get(slot=saturday).purpose == "extra"


def test_an_undone_booking_frees_the_place_and_gives_the_credit_back(cast, dee, saturday):
    owed = missed(cast)
    book(dee, saturday, client=cast.cal_client.pk, **{"as": str(owed.uid)})
    visit = Visit.objects.get(slot=saturday)
    change = SeatChange.objects.get(visit=visit)

    dee.post(f"/c/north/seats/{visit.uid}/undo/{change.pk}/")

    visit.refresh_from_db()
    assert visit.status in Visit.FREED
    bookings = words(dee.get(f"/c/north/bookings/{cast.cal_client.pk}/"))
    assert "To make up Thursday 5 March, 9:00 until Thursday 19 March" in bookings


def test_why_she_cannot_come_is_said_before_anybody_tries(cast, dee):
    near = a_class(cast, WEDNESDAY)
    page = words(dee.get(f"/c/north/classes/{near.pk}/book/?client={cast.cal_client.pk}"))
    assert "Less than 48 hours from the session on" in page
    assert "Book Cal P. Somebody else" not in page


def test_a_class_too_near_is_refused_however_it_is_sent(cast, dee):
    near = a_class(cast, WEDNESDAY)
    answer = book(dee, near, client=cast.cal_client.pk, **{"as": "extra"})
    assert answer.status_code == 422
    assert "Bones and muscles need that rest" in words(answer)
    assert not near.visits.exists()


def test_where_it_is_full_she_waits(cast, dee):
    full = a_class(cast, SATURDAY, time(9), most=0)
    page = words(dee.get(f"/c/north/classes/{full.pk}/book/?client={cast.cal_client.pk}"))
    assert "There is no place: at most 0 were set." in page
    assert "Put Cal P. on the waiting list" in page

    book(dee, full, client=cast.cal_client.pk, wait="1", **{"as": "extra"})

    assert Waiting.objects.get(slot=full).client == cast.cal_client


def test_waiting_twice_is_waiting_once_and_it_is_said(cast, dee):
    full = a_class(cast, SATURDAY, time(9), most=0)
    for _ in range(2):
        answer = book(dee, full, client=cast.cal_client.pk, wait="1", **{"as": "extra"})
    assert answer.status_code == 422
    assert "waits for this class already" in words(answer)
    assert Waiting.objects.filter(slot=full).count() == 1


def test_a_lock_is_told_to_the_desk_as_whom_to_ask(cast, dee, saturday):
    Lock.objects.create(
        clinic=cast.north,
        client=cast.cal_client,
        why=Lock.Why.FRACTURE,
        fact="visit",
        evidence={"why": "a fracture since last time"},
        opened_by=cast.ana,
    )
    address = f"/c/north/classes/{saturday.pk}/book/?client={cast.cal_client.pk}"
    assert "Ask the therapist first" in words(dee.get(address))
    assert "a fracture since last time" in words(at_the_desk(cast, "ana").get(address))

    answer = book(dee, saturday, client=cast.cal_client.pk, **{"as": "extra"})
    assert answer.status_code == 422
    assert "fracture" not in words(answer).lower()
    assert not saturday.visits.exists()


def test_a_credit_that_another_desk_used_meanwhile_is_said_in_words(cast, dee, saturday):
    owed = missed(cast)
    book(dee, saturday, client=cast.cal_client.pk, **{"as": str(owed.uid)})
    other = a_class(cast, SATURDAY, time(15))
    answer = book(dee, other, client=cast.cal_client.pk, **{"as": str(owed.uid)})
    assert answer.status_code == 422
    assert "made up for in the meantime" in words(answer)


def test_a_client_of_another_clinic_is_not_there(cast, dee, saturday):
    assert book(dee, saturday, client=cast.olga_client.pk).status_code == 404
    assert "Olga" not in words(book(dee, saturday, q="olga"))


def test_the_search_finds_by_a_part_of_the_name_and_says_when_there_are_more(cast, dee, saturday):
    for number in range(14):
        assign(enroll(cast.ana, f"Zoe Z{number}."), cast.ana)
    said = words(book(dee, saturday, q="oe z"))
    assert "The first 12 are shown." in said


@pytest.mark.parametrize("who", ["dee", "ana", "ada"])
def test_to_book_somebody_takes_few_queries(cast, who, saturday, django_assert_max_num_queries):
    browser = at_the_desk(cast, who)
    missed(cast)
    address = f"/c/north/classes/{saturday.pk}/book/?client={cast.cal_client.pk}"
    browser.get(address)
    with django_assert_max_num_queries(14):
        assert "Make-up of Thursday 5 March" in words(browser.get(address))
