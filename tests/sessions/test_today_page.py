"""Today: the classes, who is in them, and what needs the therapist."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
import time_machine

from sessions import actions, flag_work, unrecorded
from sessions.closures import leave
from sessions.models import Room
from sessions.timetable import call_off
from tests.cast import NOW, TODAY, assign, enroll
from tests.sessions.flagged import raise_flag


@pytest.fixture
def ana(cast, client):
    client.force_login(cast.ana.user)
    return client


def test_the_day_shows_its_class_and_who_was_in_it(cast, ana):
    page = ana.get("/c/north/today/").content.decode()

    assert "Thursday 5 March" in page
    assert "Cal P." in page
    assert "Cam Q." not in page
    assert "09:00" in page


def test_another_day_is_an_address_and_nonsense_is_today(cast, ana):
    assert "Cam Q." in ana.get("/c/north/today/?day=2026-03-06").content.decode()
    assert "Thursday 5 March" in ana.get("/c/north/today/?day=2026-02-31").content.decode()


def test_a_class_to_come_says_how_many_of_its_places_are_taken(cast, ana):
    friday = "/c/north/today/?day=2026-03-06"
    assert "1 of 6</h2>" in ana.get(friday).content.decode()
    Room.objects.filter(clinic=cast.north, name="Room 1").update(places=4)
    assert "1 of 4</h2>" in ana.get(friday).content.decode()
    day = date(2026, 3, 6)
    leave(member=cast.tess, starts_on=day, ends_on=day, by=cast.ada, now=NOW)
    assert "1 booked, nobody supervises" in ana.get(friday).content.decode()
    call_off(slot=cast.cam_enrollment.visits.earliest("during").slot, why="x", by=cast.ada, now=NOW)
    assert "called off</h2>" in ana.get(friday).content.decode()


def test_a_day_without_classes_says_so(cast, ana):
    assert "No classes this day" in ana.get("/c/north/today/?day=2031-01-05").content.decode()


def test_needs_you_is_about_ones_own_clients(cast, ana, client):
    unrecorded.flag_missed(NOW)
    html = ana.get("/c/north/today/").content.decode()
    assert "<strong>Cal P.</strong> Thursday 5 March, 09:00 has nothing in it" in html

    client.force_login(cast.tess.user)
    assert "Nothing. All your clients" in client.get("/c/north/today/").content.decode()


def test_good_news_stands_apart_and_what_is_put_off_is_not_there(cast, ana):
    raise_flag(cast.enrollment, "clean_weeks", "good", headline="had clean weeks")
    later = raise_flag(cast.enrollment, "lapsed", headline="is gone")
    flag_work.put_off(
        flag=later, by=cast.ana, until=TODAY + timedelta(days=3), why="Holiday", now=NOW
    )

    html = ana.get("/c/north/today/").content.decode()

    assert "Good news</h2>" in html
    assert "<strong>Cal P.</strong> had clean weeks" in html
    assert "is gone" not in html
    assert "Nothing. All your clients" in html


def test_a_visit_with_sets_and_no_name_waits_to_be_completed(cast, ana):
    cast.log(cast.visit)
    tomorrow = "/c/north/today/"

    with time_machine.travel(NOW + timedelta(days=1)):
        assert "To complete" in ana.get(tomorrow).content.decode()
        actions.complete_visit(visit=cast.visit, by=cast.ana)
        assert "To complete" not in ana.get(tomorrow).content.decode()


QUERIES = 13


def test_thirty_people_take_as_many_queries_as_one(cast, ana, django_assert_num_queries):
    with django_assert_num_queries(QUERIES):
        ana.get("/c/north/today/")
    for number in range(29):
        assign(enroll(cast.ana, f"Zoe Z{number}."), cast.ana)
    with django_assert_num_queries(QUERIES):
        page = ana.get("/c/north/today/")
    assert page.content.decode().count("Zoe Z") >= 29


def test_what_every_request_costs_before_it_begins(cast, ana, django_assert_num_queries):
    """Session, user, membership with its clinic: the overhead that the budgets leave out (≤ 6)."""
    with django_assert_num_queries(3):
        assert ana.get("/c/north/settings/").status_code == 403
