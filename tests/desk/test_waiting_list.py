"""The waiting list of a class at the desk: offered out of turn, accepted for her, taken off."""

from __future__ import annotations

from datetime import time, timedelta

import pytest

from sessions import waiting
from sessions.models import Visit
from tests.cast import NOW, assign, enroll
from tests.desk.at import SATURDAY, a_class, at_the_desk, words


@pytest.fixture
def dee(cast):
    return at_the_desk(cast)


@pytest.fixture
def rows(cast):
    """Two who wait for a class that has a place by now: Zoe first, then Cal."""
    slot = a_class(cast, SATURDAY, time(9))
    zoe = assign(enroll(cast.ana, "Zoe Z.", email="zoe@example.org"), cast.ana, weekdays=(1,))
    return [
        waiting.wait(enrollment=one, slot=slot, by=cast.dee, now=NOW + timedelta(minutes=number))
        for number, one in enumerate((zoe, cast.enrollment))
    ]


def test_an_offer_out_of_turn_says_who_waited_longer_and_asks_first(cast, dee, rows):
    page = words(dee.get(f"/c/north/waiting/{rows[1].pk}/offer/"))
    assert "Offer the place to Cal P.?" in page
    assert "One client has waited longer: Zoe Z." in page
    rows[1].refresh_from_db()
    assert rows[1].offered_at is None

    assert dee.post(f"/c/north/waiting/{rows[1].pk}/offer/").status_code == 302

    rows[1].refresh_from_db()
    assert rows[1].offer_ends_at > NOW


def test_an_offer_without_a_free_place_is_refused_in_words(cast, dee, rows):
    slot = rows[0].slot
    slot.capacity = 0
    slot.save(update_fields=["capacity"])
    answer = dee.post(f"/c/north/waiting/{rows[0].pk}/offer/")
    assert answer.status_code == 422
    assert "at most 0 were set" in words(answer)


def test_the_desk_accepts_for_her(cast, dee, rows):
    waiting.offer_to(waiting=rows[0], by=cast.dee, now=NOW)
    answer = dee.post(f"/c/north/waiting/{rows[0].pk}/accept/")
    assert "Zoe Z. is booked for Saturday 14 March, 9:00." in words(dee.get(answer["Location"]))
    assert Visit.objects.get(slot=rows[0].slot).client.name == "Zoe Z."


def test_accepting_twice_books_once(cast, dee, rows):
    waiting.offer_to(waiting=rows[0], by=cast.dee, now=NOW)
    for _ in range(2):
        assert dee.post(f"/c/north/waiting/{rows[0].pk}/accept/").status_code == 302
    assert Visit.objects.filter(slot=rows[0].slot).count() == 1


def test_what_was_never_offered_cannot_be_accepted(cast, dee, rows):
    answer = dee.post(f"/c/north/waiting/{rows[0].pk}/accept/", follow=True)
    assert "This offer has ended" in words(answer)
    assert not Visit.objects.filter(slot=rows[0].slot).exists()


def test_taken_off_the_list_twice_is_said_and_does_nothing_more(cast, dee, rows):
    address = f"/c/north/waiting/{rows[1].pk}/remove/"
    assert "Cal P. is off the list." in words(dee.post(address, follow=True))
    assert "off the list already" in words(dee.post(address, follow=True))


def test_an_undone_acceptance_puts_her_back_on_the_list(cast, dee, rows):
    waiting.offer_to(waiting=rows[0], by=cast.dee, now=NOW)
    answer = dee.post(f"/c/north/waiting/{rows[0].pk}/accept/")
    visit = Visit.objects.get(slot=rows[0].slot)
    change = answer["Location"].rpartition("=")[2]

    dee.post(f"/c/north/seats/{visit.uid}/undo/{change}/")

    rows[0].refresh_from_db()
    assert (rows[0].closed_at, rows[0].outcome) == (None, "")
