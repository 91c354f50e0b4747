"""The calendars of a supervisor and of a room: classes with their free places, and no names."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.conf import settings
from django.db.models import F
from django.test import Client as Browser
from pytest_django import DjangoAssertNumQueries

from bonefit.clinics.models import Membership
from sessions import calendars
from sessions.models import CalendarFeed, Room, Slot, Supervision
from tests.cast import NOW, Cast, assign, enroll
from tests.portal import rfc5545
from tests.portal.pages import logged_in, text_of
from tests.portal.test_calendar_feed import HEALTH, path_of

MINE = "/c/north/calendar/"
QUERIES = 8


@pytest.fixture
def room(cast: Cast) -> Room:
    return Room.objects.get_or_create(clinic=cast.north, name="Room 1")[0]


@pytest.fixture
def anas(cast: Cast) -> CalendarFeed:
    return calendars.open_feed(member=cast.ana, now=NOW)


@pytest.fixture
def rooms(room: Room) -> CalendarFeed:
    return calendars.open_feed(room=room, now=NOW)


def data_of(feed: CalendarFeed) -> bytes:
    response = Browser().get(path_of(feed))
    assert response.status_code == 200
    return response.content


def events(feed: CalendarFeed) -> list[rfc5545.Event]:
    data = data_of(feed)
    assert rfc5545.problems(data) == []
    return rfc5545.events_of(data)


def slot_at(cast: Cast, start: datetime) -> Slot:
    return Slot.objects.get(clinic=cast.north, starts_at=start)


MONDAY = datetime(2026, 3, 8, 23, tzinfo=UTC)


# --- what stands in it ----------------------------------------------------------------------------
def test_a_supervisor_has_one_event_a_class_of_hers(cast: Cast, anas: CalendarFeed) -> None:
    hers = Slot.objects.filter(supervisions__member=cast.ana).order_by("starts_at")

    found = events(anas)

    assert [event.starts_at for event in found] == [slot.starts_at for slot in hers]
    first = found[0]
    assert first.summary == "Appointment, Northside"
    assert first.location == "Northside, Room 1"
    assert re.fullmatch(r"\d+ of \d+ places taken", first.description)


def test_a_room_has_the_classes_of_everybody(cast: Cast, rooms: CalendarFeed) -> None:
    assert len(events(rooms)) == Slot.objects.filter(clinic=cast.north, room="Room 1").count()
    assert len(events(rooms)) > len(events(calendars.open_feed(member=cast.ana, now=NOW)))


def test_it_says_how_many_places_are_taken(cast: Cast, anas: CalendarFeed) -> None:
    someone = enroll(cast.ana, "Bea O.")
    assign(someone, cast.ana)

    monday = next(event for event in events(anas) if event.starts_at == MONDAY)

    assert monday.description == "2 of 6 places taken"


def test_no_name_and_no_word_about_health_is_in_it(
    cast: Cast, anas: CalendarFeed, rooms: CalendarFeed
) -> None:
    for feed in (anas, rooms):
        text = data_of(feed).decode().replace("\r\n ", "")
        assert HEALTH.findall(text) == []
        for name in ("Cal P", "Cam Q", "Ana", "Tess"):
            assert name not in re.sub(r"X-WR-\w+", "", text)


def test_a_class_has_the_same_uid_whenever_and_whereever_it_is_asked_for(
    cast: Cast, anas: CalendarFeed, rooms: CalendarFeed
) -> None:
    first = {event.starts_at: event.uid for event in events(anas)}
    Slot.objects.filter(starts_at=MONDAY).update(
        starts_at=F("starts_at") + timedelta(hours=1),
        ends_at=F("ends_at") + timedelta(hours=1),
        sequence=1,
        changed_at=NOW,
    )

    later = {event.uid: event for event in events(anas)}

    assert set(first.values()) == set(later)
    moved = later[first[MONDAY]]
    assert (moved.starts_at, moved.sequence) == (MONDAY + timedelta(hours=1), 1)
    assert set(later) <= {event.uid for event in events(rooms)}


def test_a_class_that_is_called_off_is_struck_out_for_thirty_days(
    cast: Cast, anas: CalendarFeed
) -> None:
    Slot.objects.filter(starts_at=MONDAY).update(
        called_off_at=NOW, called_off_by=cast.ana, called_off_why="Storm", sequence=1,
        changed_at=NOW,
    )  # fmt: skip

    struck = next(event for event in events(anas) if event.starts_at == MONDAY)

    assert (struck.status, struck.sequence) == ("CANCELLED", 1)
    assert "Storm" not in data_of(anas).decode()
    with time_machine.travel(MONDAY + timedelta(days=29)):
        assert MONDAY in {event.starts_at for event in events(anas)}
    with time_machine.travel(MONDAY + timedelta(days=31)):
        starts = {event.starts_at for event in events(anas)}
    assert MONDAY not in starts
    assert MONDAY + timedelta(days=3) in starts


def test_a_class_that_she_no_longer_supervises_is_struck_out(
    cast: Cast, anas: CalendarFeed
) -> None:
    Supervision.objects.filter(slot__starts_at=MONDAY, member=cast.ana).update(during=None)

    struck = next(event for event in events(anas) if event.starts_at == MONDAY)

    assert struck.status == "CANCELLED"


def test_a_class_that_she_was_only_named_for_is_hers(cast: Cast, anas: CalendarFeed) -> None:
    Supervision.objects.filter(slot__starts_at=MONDAY, member=cast.ana).update(
        during=None, named_at=MONDAY
    )

    assert {event.status for event in events(anas)} == {"CONFIRMED"}


def test_what_has_not_changed_is_not_sent_again(cast: Cast, anas: CalendarFeed) -> None:
    first = Browser().get(path_of(anas))
    again = Browser().get(path_of(anas), headers={"if-none-match": first["ETag"]})
    assert again.status_code == 304

    assign(enroll(cast.ana, "Bea O."), cast.ana)

    assert Browser().get(path_of(anas), headers={"if-none-match": first["ETag"]}).status_code == 200


def test_it_asks_the_database_as_often_for_many_classes_as_for_one(
    cast: Cast, anas: CalendarFeed, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    data_of(anas)
    with django_assert_num_queries(QUERIES):
        few = len(events_in(anas))
    for hour in range(5, 9):
        assign(enroll(cast.ana, f"Bea {hour}."), cast.ana, at=datetime(2026, 3, 5, hour).time())  # noqa: DTZ001 - a wall clock
    with django_assert_num_queries(QUERIES):
        assert len(events_in(anas)) > 4 * few


def events_in(feed: CalendarFeed) -> list[rfc5545.Event]:
    return rfc5545.events_of(data_of(feed))


# --- who has one ----------------------------------------------------------------------------------
@pytest.mark.parametrize("what", ["left", "closed", "no therapist any more"])
def test_a_supervisor_s_address_closes_with_her_work(
    cast: Cast, anas: CalendarFeed, what: str
) -> None:
    if what == "closed":
        cast.ana.user.is_active = False
        cast.ana.user.save()
    elif what == "left":
        Membership.objects.filter(pk=cast.ana.pk).update(is_active=False)
    else:
        Membership.objects.filter(pk=cast.ana.pk).update(roles=["desk"])

    assert Browser().get(path_of(anas)).status_code == 404


def address_on(page: Any) -> str:
    found = re.search(r'id="address" type="text" readonly value="([^"]+)"', page.text)
    return found[1].removeprefix(settings.SITE_URL) if found else ""


@pytest.mark.parametrize("whose", ["hers", "the room's"])
def test_a_link_is_made_renewed_and_turned_off(cast: Cast, room: Room, whose: str) -> None:
    url = MINE if whose == "hers" else f"{MINE}rooms/{room.pk}/"
    ana = logged_in(cast.ana)
    assert address_on(ana.get(url)) == ""
    assert not CalendarFeed.objects.exists()

    first = address_on(ana.post(url, {"link": "make"}, follow=True))
    assert Browser().get(first).status_code == 200
    assert address_on(ana.post(url, {"link": "make"}, follow=True)) == first

    second = address_on(ana.post(url, {"link": "renew"}, follow=True))
    assert second != first
    assert Browser().get(first).status_code == 404
    assert Browser().get(second).status_code == 200

    page = ana.post(url, {"link": "revoke"}, follow=True)
    assert "The link is turned off." in text_of(page.text)
    assert Browser().get(second).status_code == 404


def test_an_answer_that_is_no_button_changes_nothing(cast: Cast, anas: CalendarFeed) -> None:
    answer = logged_in(cast.ana).post(MINE, {"link": "eat"})

    assert answer.status_code == 422
    assert "Nothing was changed" in text_of(answer.text)
    assert Browser().get(path_of(anas)).status_code == 200


def test_each_supervisor_has_her_own(cast: Cast, anas: CalendarFeed) -> None:
    tess = logged_in(cast.tess)

    tess.post(MINE, {"link": "revoke"})

    assert Browser().get(path_of(anas)).status_code == 200
    assert calendars.token_of(anas) not in tess.get(MINE).text


def test_a_calendar_is_of_exactly_one() -> None:
    with pytest.raises(ValueError, match="of one client, one supervisor or one room"):
        calendars.live_feed()


# --- guessing -------------------------------------------------------------------------------------
def test_who_guesses_many_times_is_told_to_wait(cast: Cast, anas: CalendarFeed) -> None:
    browser = Browser()
    with time_machine.travel(NOW + timedelta(minutes=1), tick=False):
        answers = [browser.get(f"/calendar/guess-{n}.ics").status_code for n in range(25)]
        refused = browser.get(path_of(anas))

    assert answers[:20] == [404] * 20
    assert set(answers[20:]) == {429}
    assert (refused.status_code, refused["Retry-After"]) == (429, "60")


def test_who_reads_a_calendar_is_never_told_to_wait(cast: Cast, anas: CalendarFeed) -> None:
    assert {Browser().get(path_of(anas)).status_code for _ in range(30)} == {200}
