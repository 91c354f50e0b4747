"""The week: its classes with how full each is, who supervises, and what is wrong, in words."""

from __future__ import annotations

from datetime import date, time

import pytest

from bonefit.clinics.actions import add_member
from sessions.closures import close, leave
from sessions.models import Notice, Room, Slot, Waiting
from sessions.timetable import call_off
from tests.cast import NOW, assign, enroll
from tests.classes_of_week import MONDAY, WEDNESDAY, as_, season, weekly

WEEK = "/c/north/week/?day=2026-03-11"
SUN_15 = date(2026, 3, 15)


@pytest.fixture
def dee(cast, client):
    client.force_login(cast.dee.user)
    return client


def page(browser, url=WEEK):
    answer = browser.get(url)
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


def test_each_class_says_its_time_room_supervisors_and_how_full_it_is(cast, dee):
    Room.objects.filter(name="Room 1").update(places=5)
    text = page(dee)

    assert "9 to 15 March" in text
    assert '>09:00</time></strong> <span class="hush">to 09:30</span>' in text
    assert '<span class="week-room">Room 1</span>' in text
    assert '<span class="week-seats">1 of 5</span>' in text
    assert "Ana T." in text
    assert "4 classes" in text


def test_full_waiting_and_changed_are_said_in_words(cast, dee):
    slot = cast.visits[1].slot
    Slot.objects.filter(pk=slot.pk).update(capacity=1, detached=True)
    Waiting.objects.create(
        clinic=cast.north,
        slot=slot,
        enrollment=cast.cam_enrollment,
        client=cast.cam_client,
        asked_by=cast.dee,
    )
    text = page(dee)
    assert '1 of 1 <span class="hush">full</span>, 1 waiting' in text
    assert "Changed for this day" in text


def test_called_off_closed_and_short_are_said_in_words(cast, dee):
    call_off(slot=cast.visits[1].slot, why="Flood", by=cast.ana, now=NOW)
    close(name="Show Day", starts_on=SUN_15, ends_on=SUN_15, by=cast.ada, now=NOW)
    leave(
        member=cast.tess,
        starts_on=date(2026, 3, 10),
        ends_on=date(2026, 3, 10),
        why="Course",
        by=cast.ada,
        now=NOW,
    )
    text = page(dee)
    assert "Called off" in text
    assert "Flood" in text
    assert "Closed</span> Show Day" in text
    assert "Nobody supervises" in text
    assert "Tess T. on leave" in text
    assert "Course" not in text


def test_a_room_or_a_supervisor_is_picked_out(cast, dee):
    weekly(season(cast.ana), WEDNESDAY, as_(cast.tess, room="Room 2"), by=cast.ana)

    assert page(dee, f"{WEEK}&room=Room+2").count('class="week-class') == 1
    assert page(dee, f"{WEEK}&with={cast.ana.pk}").count('class="week-class') == 2
    assert "No such class this week" in page(dee, f"{WEEK}&room=Room+2&with={cast.ana.pk}")
    kept = page(dee, f"{WEEK}&room=Room+2")
    assert "?day=2026-03-16&amp;room=Room%202" in kept


@pytest.mark.parametrize(
    "nonsense", ["?day=2026-02-31", "?with=x", "?with=²", "?with=9" + "9" * 30]
)
def test_nonsense_in_the_address_is_the_whole_of_this_week(cast, dee, nonsense):
    assert "2 to 8 March" in page(dee, f"/c/north/week/{nonsense}")


def test_an_empty_clinic_is_told_what_to_do(cast, client):
    empty = "/c/north/week/?day=2031-01-05"
    client.force_login(cast.ana.user)
    assert "Open the timetable" in page(client, empty)
    client.force_login(cast.dee.user)
    text = page(client, empty)
    assert "No classes this week" in text
    assert "timetable/" not in text


def test_the_desk_sees_nothing_clinical_and_no_pages_that_are_not_hers(cast, dee):
    text = page(dee)
    assert "Cal P." not in text
    assert "week/rooms/" not in text


def test_messages_that_did_not_arrive_are_counted_where_they_are_found(cast, dee):
    assert "that did not arrive" not in page(dee)
    Notice.objects.create(
        clinic=cast.north,
        client=cast.cal_client,
        kind="reminder",
        key="a",
        to="cal@example.org",
        due_at=NOW,
        failed_at=NOW,
    )
    text = page(dee)
    assert 'href="/c/north/messages/"' in text
    assert '1<span class="vh"> that did not arrive</span>' in text


def test_a_fragment_is_the_week_alone(cast, dee):
    answer = dee.get(WEEK, headers={"HX-Request": "true"})
    assert answer.content.decode().lstrip().startswith('<div id="week">')


@pytest.mark.parametrize("who", ["dee", "ana", "both"])
def test_eighty_places_take_as_many_queries_as_eight_and_at_most_twelve(
    cast, client, who, django_assert_num_queries, django_assert_max_num_queries
):
    both = add_member(
        clinic=cast.north, email="both@example.org", name="Bo", roles=["admin", "therapist"]
    )
    member = both if who == "both" else getattr(cast, who)
    client.force_login(member.user)
    for number in range(3):
        assign(enroll(cast.ana, f"Zoe {number}"), cast.ana, weekdays=(MONDAY,))
    client.get(WEEK)
    with django_assert_max_num_queries(12) as counted:
        client.get(WEEK)
    autumn = season(cast.ana)
    for number in range(12):
        wanted = as_(cast.tess, at=time(10 + number // 2, 30 * (number % 2)), room="Room 2")
        weekly(autumn, WEDNESDAY, wanted, by=cast.ana)
    for number in range(36):
        assign(enroll(cast.ana, f"Zed {number}"), cast.ana)
    with django_assert_num_queries(len(counted)):
        assert "16 classes" in page(client)
