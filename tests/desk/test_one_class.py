"""The page of one class: who comes, who waits, how many there is room for, and nothing clinical."""

from __future__ import annotations

from datetime import time, timedelta

import pytest
import time_machine
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from bonefit.clients.models import Lock
from sessions import booking, waiting
from sessions.models import Room, Visit
from tests.cast import NOW, assign, enroll
from tests.desk.at import SATURDAY, a_class, at_the_desk, missed, next_visit, words

AT_MOST = 12


@pytest.fixture
def dee(cast):
    return at_the_desk(cast)


def page_of(browser, slot):
    return browser.get(f"/c/north/classes/{slot.pk}/")


def test_it_says_when_where_with_whom_and_how_many_there_is_room_for(cast, dee):
    Room.objects.update_or_create(
        clinic=cast.north, name="Room 1", defaults={"places": 4, "racks": 3}
    )
    said = words(page_of(dee, next_visit(cast.enrollment).slot))

    assert "Monday 9 March, 9:00 to 9:30" in said
    assert "Room 1, with Ana T." in said
    assert "1 of 4 places: the room holds 4" in said


def test_each_seat_says_what_it_is_and_what_became_of_it(cast, dee):
    slot, owed = a_class(cast, SATURDAY, time(9)), missed(cast)
    booking.book(
        enrollment=cast.enrollment,
        slot=slot,
        purpose="make_up",
        makes_up=owed,
        by=cast.dee,
        now=NOW,
    )
    booking.book(
        enrollment=assign(enroll(cast.ana, "Zoe Z."), cast.ana, weekdays=(1,)),
        slot=slot,
        purpose="extra",
        by=cast.dee,
        now=NOW,
    )

    said = words(page_of(dee, slot))

    assert "Cal P. Make-up of Thursday 5 March, coming" in said
    assert "Zoe Z. Extra, coming" in said
    assert "Cal P. Regular, coming" in words(page_of(dee, next_visit(cast.enrollment).slot))


def test_who_gave_a_seat_up_is_named_with_the_reason_and_can_have_it_back(cast, dee):
    visit = next_visit(cast.enrollment)
    booking.cancel(visit=visit, cause="client", why="Away", by=cast.dee, now=NOW)

    said = words(page_of(dee, visit.slot))

    assert "Who does not come Cal P. Cancelled in time: Away Give back" in said
    assert "Nobody is booked" in said


def test_who_waits_stands_in_order_with_the_end_of_an_offer(cast, dee):
    slot = a_class(cast, most=0)
    for enrollment in (cast.enrollment, cast.cam_enrollment):
        waiting.wait(enrollment=enrollment, slot=slot, by=cast.dee, now=NOW)
    row = slot.waiting.get(client=cast.cam_client)
    row.offered_at, row.offer_ends_at = NOW, NOW + timedelta(hours=4)
    row.save()

    said = words(page_of(dee, slot))

    assert said.index("1 Cal P.") < said.index("2 Cam Q.")
    assert "Offered until Thursday 5 March, 16:00" in said
    assert "Accept for her , Cam Q." in said


def test_a_past_class_is_read_only_and_says_so(cast, dee):
    page = page_of(dee, cast.visit.slot)
    assert "This class has begun or is over." in words(page)
    for act in ("Book somebody", "Call it off", "Change the class", "/cancel/", "/move/"):
        assert act not in page.content.decode()


def test_the_desk_is_told_whom_to_ask_and_a_therapist_why(cast, dee):
    Lock.objects.create(
        clinic=cast.north,
        client=cast.cal_client,
        why=Lock.Why.PAIN,
        fact="visit",
        evidence={"why": "pain 8 of 10 in the lower back"},
        opened_by=cast.ana,
    )
    slot = next_visit(cast.enrollment).slot

    at_desk, at_the_therapists = page_of(dee, slot), page_of(at_the_desk(cast, "ana"), slot)

    assert "Ask the therapist first" in words(at_desk)
    assert "pain" not in words(at_desk)
    assert "Locked: pain 8 of 10 in the lower back" in words(at_the_therapists)
    assert f"/c/north/clients/{cast.cal_client.pk}/" in at_the_therapists.content.decode()


def test_nothing_clinical_stands_on_it(cast, dee):
    cast.log(cast.visit)
    said = words(page_of(dee, cast.visit.slot)).lower()
    for word in ("kg", "deadlift", "hinge", "rpe", "osteopor", "t-score", "phase"):
        assert word not in said


def test_another_clinics_class_is_not_there(cast, dee):
    olgas = next_visit(cast.olga_enrollment).slot
    assert page_of(dee, olgas).status_code == 404


def everybody_comes(cast, slot, count):
    """So many more seats in a class, and as many who wait for it."""
    for number in range(count):
        enrollment = assign(enroll(cast.ana, f"Zoe Z{number}."), cast.ana)
        Visit.objects.filter(enrollment=enrollment).delete()
        Visit.objects.create(
            clinic=cast.north,
            enrollment=enrollment,
            client=enrollment.client,
            slot=slot,
            during=DateTimeTZRange(slot.starts_at, slot.ends_at),
            missed_after=slot.ends_at,
        )


@pytest.mark.parametrize("who", ["dee", "ana", "ada"])
def test_eighty_seats_take_as_many_queries_as_eight(cast, who, django_assert_max_num_queries):
    slot, browser = a_class(cast), at_the_desk(cast, who)
    page_of(browser, slot)
    everybody_comes(cast, slot, 8)
    with django_assert_max_num_queries(AT_MOST) as few:
        assert page_of(browser, slot).status_code == 200
    everybody_comes(cast, slot, 72)
    with django_assert_max_num_queries(AT_MOST) as many:
        assert words(page_of(browser, slot)).count("Zoe Z") >= 80
    assert len(many) == len(few)


def test_a_slip_can_be_undone_from_the_page_for_ten_minutes(cast, dee):
    visit = next_visit(cast.enrollment)
    sent = dee.post(f"/c/north/seats/{visit.uid}/cancel/", {"cause": "client"})
    assert "Undo" in words(dee.get(sent["Location"]))

    with time_machine.travel(NOW + timedelta(minutes=11)):
        assert "Undo" not in words(dee.get(sent["Location"]))
