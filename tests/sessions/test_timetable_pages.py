"""The pages of the timetable: what is right is done, what is wrong is said beside its field."""

from __future__ import annotations

import re
from datetime import date, time

import pytest

from sessions.models import Closure, Leave, Room, Season, Slot, StandingPlace, WeeklySlot
from tests.cast import assign, enroll
from tests.classes_of_week import MONDAY, TUESDAY, WEDNESDAY, as_, season, weekly

WEEK = "/c/north/week"


@pytest.fixture
def ana(cast, client):
    client.force_login(cast.ana.user)
    return client


def wrong(answer, field):
    """What is said beside a field of a form that came back; everything typed is kept."""
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "Everything you typed is kept" in page
    beside = re.search(rf'id="id_{field}_error">(.*?)</div>', page, re.S)
    assert beside, f"nothing is said beside {field}"
    return " ".join(re.sub(r"<[^>]+>", " ", beside[1]).split())


def of_class(cast, **more):
    return {
        "at": "9:00",
        "minutes": "30",
        "room": "Room 2",
        "supervisors": [str(cast.tess.pk)],
        "most": "",
        **more,
    }


# --- seasons and weekly classes -------------------------------------------------------------------


def test_from_nothing_to_a_week_with_classes(cast, ana):
    assert "No timetable yet" in ana.get(f"{WEEK}/timetable/").content.decode()
    said = {"name": "Autumn", "starts_on": "2 March 2026", "ends_on": "28 June 2026"}
    assert ana.post(f"{WEEK}/timetable/add/", said).status_code == 302
    autumn = Season.objects.get()
    assert "No classes yet" in ana.get(f"{WEEK}/timetable/").content.decode()

    said = of_class(cast, weekday="2", starts_on="")
    assert ana.post(f"{WEEK}/timetable/{autumn.pk}/classes/add/", said).status_code == 302
    page = ana.get(f"{WEEK}/timetable/").content.decode()
    assert "Wednesday" in page
    assert "Tess T." in page
    assert Slot.objects.filter(weekly__season=autumn).count() == 4


@pytest.mark.parametrize(
    ("said", "field", "words"),
    [
        ({"at": "25:00"}, "at", "There is no such time"),
        ({"at": ""}, "at", "Write a time"),
        ({"minutes": "35"}, "minutes", "Select a valid choice"),
        ({"weekday": ""}, "weekday", "Choose a weekday"),
        ({"room": " "}, "room", "Write the room"),
        ({"most": "0"}, "most", "Write a number from 1 to 60"),
        ({"most": "a few"}, "most", "Write a number from 1 to 60"),
        ({"supervisors": ["999999999"]}, "supervisors", "Select a valid choice"),
        ({"starts_on": "31 April 2026"}, "starts_on", "April 2026 has 30 days"),
        ({"starts_on": "1 May 2030"}, "starts_on", "outside the season"),
        ({"at": "9:15"}, "supervisors", "Tess T. supervises Room 2 on Mondays from 09:00 to 09:30"),
        ({"supervisors": []}, "at", "Room 2 has a class on Mondays from 09:00 to 09:30 already"),
    ],
)
def test_a_weekly_class_that_cannot_be_is_said_beside_its_field(cast, ana, said, field, words):
    autumn = season(cast.ana)
    weekly(autumn, MONDAY, as_(cast.tess, room="Room 2"), by=cast.ana)
    typed = of_class(cast, weekday="0", starts_on="") | said

    answer = ana.post(f"{WEEK}/timetable/{autumn.pk}/classes/add/", typed)
    assert words in wrong(answer, field)
    assert WeeklySlot.objects.count() == 1
    if typed["room"].strip():
        assert 'value="Room 2"' in answer.content.decode()


@pytest.mark.parametrize(
    ("said", "field", "words"),
    [
        ({"ends_on": "1 March 2026"}, "ends_on", "before the first"),
        ({"starts_on": "spring"}, "starts_on", "Write day, month and year"),
        ({"name": ""}, "name", "Write a name"),
    ],
)
def test_a_season_that_cannot_be_is_said_beside_its_field(cast, ana, said, field, words):
    typed = {"name": "Autumn", "starts_on": "2 March 2026", "ends_on": "28 June 2026"} | said
    assert words in wrong(ana.post(f"{WEEK}/timetable/add/", typed), field)
    assert not Season.objects.exists()


def test_what_a_copy_would_meet_is_listed(cast, ana):
    autumn = season(cast.ana)
    for weekday in (MONDAY, WEDNESDAY):
        weekly(autumn, weekday, as_(room="Room 2"), by=cast.ana)
    typed = {"name": "Copy", "starts_on": "1 June 2026", "ends_on": "28 June 2026"}

    answer = ana.post(f"{WEEK}/timetable/{autumn.pk}/copy/", typed)
    assert "Room 2 has a class on Mondays" in wrong(answer, "starts_on")
    page = answer.content.decode()
    assert "What it would meet" in page
    assert "on Wednesdays from 09:00 to 09:30 already" in page
    typed = {"name": "Copy", "starts_on": "4 January 2027", "ends_on": "28 March 2027"}
    assert ana.post(f"{WEEK}/timetable/{autumn.pk}/copy/", typed).status_code == 302
    assert Season.objects.get(name="Copy").weekly_slots.count() == 2


def test_a_weekly_class_is_changed_from_a_day_on_and_ended(cast, ana):
    row = weekly(season(cast.ana), WEDNESDAY, as_(cast.tess, room="Room 2"), by=cast.ana)
    url = f"{WEEK}/timetable/classes/{row.pk}/"
    said = of_class(cast, first="16 March 2026", weekday="2", at="10.30", why="Later sunrise")
    assert ana.post(url, said).status_code == 302
    new = WeeklySlot.objects.get(starts_on=date(2026, 3, 18))
    assert (new.at, new.weekday) == (time(10, 30), WEDNESDAY)

    end = f"{WEEK}/timetable/classes/{new.pk}/end/"
    assert "is over" in wrong(
        ana.post(end, {"last_day": "4 March 2026", "why": "Too few"}), "last_day"
    )
    assert "Write why" in wrong(ana.post(end, {"last_day": "25 March 2026"}), "why")
    assert ana.post(end, {"last_day": "25 March 2026", "why": "Too few"}).status_code == 302
    assert Slot.objects.filter(weekly=new, called_off_at=None).count() == 2


# --- one class ------------------------------------------------------------------------------------


def change(ana, cast, slot, **said):
    typed = of_class(
        cast, day="9 March 2026", room="Room 1", supervisors=[str(cast.ana.pk)], why="Painting"
    )
    return ana.post(f"{WEEK}/classes/{slot.pk}/change/", typed | said)


def test_a_double_booked_supervisor_is_said_in_words_beside_the_field(cast, ana):
    other = Slot.objects.create(
        clinic=cast.north,
        room="Room 2",
        starts_at=cast.visits[1].starts_at,
        ends_at=cast.visits[1].ends_at,
    )
    answer = change(ana, cast, other, room="Room 2", at="9:15")

    said = "Ana T. supervises Room 1 from 09:00 to 09:30 that day, Monday 9 March."
    assert wrong(answer, "supervisors") == said
    assert 'value="9:15"' in answer.content.decode()


def test_what_only_the_database_saw_is_said_in_words_too(cast, ana, monkeypatch):
    """Somebody else planned her a moment after the form had looked."""
    other = Slot.objects.create(
        clinic=cast.north,
        room="Room 2",
        starts_at=cast.visits[1].starts_at,
        ends_at=cast.visits[1].ends_at,
    )
    monkeypatch.setattr("sessions.timetable.supervisor_elsewhere", lambda *_, **__: "")
    answer = change(ana, cast, other, room="Room 2", at="9:15")
    assert "planned for another class at that time a moment ago" in wrong(answer, "supervisors")
    assert not other.supervisions.exists()


def test_one_class_or_all_that_follow(cast, ana):
    row = weekly(season(cast.ana), MONDAY, as_(cast.ana), by=cast.ana)
    slot = Slot.objects.get(weekly=row, weekly_on=date(2026, 3, 9))
    assert change(ana, cast, slot, scope="alone", at="10:00").status_code == 302
    assert WeeklySlot.objects.count() == 1

    second = Slot.objects.get(weekly=row, weekly_on=date(2026, 3, 16))
    answer = change(ana, cast, second, scope="following", at="8:00", day="24 March 2026")
    assert "Choose a day of the week of Monday 16 March" in wrong(answer, "day")
    answer = change(ana, cast, second, scope="following", at="9:00", day="17 March 2026")
    assert "also comes at 09:00 on Thursday" not in wrong(answer, "at")
    answer = change(ana, cast, second, scope="following", at="8:00", day="17 March 2026")
    assert answer.status_code == 302
    assert StandingPlace.objects.get(enrollment=cast.enrollment, weekday=TUESDAY).at == time(8)


def test_a_class_without_a_timetable_is_changed_alone(cast, ana):
    slot = cast.visits[1].slot
    assert 'name="scope"' not in ana.get(f"{WEEK}/classes/{slot.pk}/change/").content.decode()
    assert change(ana, cast, slot, at="10:00").status_code == 302
    assert "has begun" in change(ana, cast, cast.visit.slot, at="14:00").content.decode()


# --- rooms, closed days, leave --------------------------------------------------------------------


def test_rooms_are_added_and_changed(cast, ana):
    assert ana.post(f"{WEEK}/rooms/", {"name": "Studio", "places": "8", "racks": "4"}).status_code
    studio = Room.objects.get(name="Studio")
    assert (studio.places, studio.racks) == (8, 4)
    assert "already" in wrong(ana.post(f"{WEEK}/rooms/", {"name": "studio"}), "name")
    assert "1 to 60" in wrong(ana.post(f"{WEEK}/rooms/", {"name": "X", "places": "-2"}), "places")
    url = f"{WEEK}/rooms/{studio.pk}/"
    assert ana.post(url, {"name": "Hall", "places": "", "racks": "2"}).status_code == 302
    studio.refresh_from_db()
    assert (studio.name, studio.places, studio.racks) == ("Hall", None, 2)


def test_closing_days_with_people_in_them_is_confirmed_first(cast, ana):
    typed = {"name": "Show Day", "starts_on": "9 March 2026", "room": ""}
    answer = ana.post(f"{WEEK}/closures/", typed)
    assert "1 person is booked on these days" in wrong(answer, "sure")
    assert not Closure.objects.exists()
    assert cast.visits[1].status == "planned"

    assert ana.post(f"{WEEK}/closures/", {**typed, "sure": "on"}).status_code == 302
    assert cast.visits[1].status == "holiday_closed"
    closure = Closure.objects.get()
    assert closure.ends_on == date(2026, 3, 9)
    assert "Show Day" in ana.get(f"{WEEK}/closures/").content.decode()
    assert ana.post(f"{WEEK}/closures/{closure.pk}/").status_code == 302
    assert cast.visits[1].status == "planned"
    again = ana.post(f"{WEEK}/closures/{closure.pk}/", follow=True)
    assert "taken back already" in again.content.decode()


def test_leave_shows_what_falls_short_and_is_taken_back(cast, ana):
    typed = {"member": str(cast.ana.pk), "starts_on": "9 March 2026", "ends_on": "13 March 2026"}
    backwards = {**typed, "ends_on": "8 March 2026"}
    assert "before the first" in wrong(ana.post(f"{WEEK}/leave/", backwards), "ends_on")
    assert "Every class is supervised" in ana.get(f"{WEEK}/leave/").content.decode()
    assert ana.post(f"{WEEK}/leave/", typed).status_code == 302
    page = ana.get(f"{WEEK}/leave/").content.decode()
    assert page.count("Nobody supervises it.") == 2
    assert "Ana T. on leave" in page
    assert "on leave from" in wrong(ana.post(f"{WEEK}/leave/", typed), "starts_on")
    hers = Leave.objects.get()
    assert ana.post(f"{WEEK}/leave/{hers.pk}/").status_code == 302
    assert "Every class is supervised" in ana.get(f"{WEEK}/leave/").content.decode()


@pytest.mark.parametrize("many", [0, 12])
def test_the_timetable_takes_as_many_queries_for_many_classes(
    cast, ana, many, django_assert_num_queries
):
    autumn = season(cast.ana)
    for number in range(1 + many):
        wanted = as_(cast.tess, at=time(7 + number), room="Room 2")
        weekly(autumn, WEDNESDAY, wanted, by=cast.ana)
    assign(enroll(cast.ana, "Zoe Z."), cast.ana)
    with django_assert_num_queries(8):
        ana.get(f"{WEEK}/timetable/")
