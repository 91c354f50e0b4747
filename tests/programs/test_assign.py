"""A client starts a program: two days not in a row, and no load that nobody saw lifted."""

from datetime import date
from decimal import Decimal

import pytest
from django.test import Client as Browser
from django.utils import timezone

from bonefit.clients.intake import refresh
from programs.models import Decision, Enrollment
from sessions.models import StandingPlace, Visit
from tests.cast import TODAY, assign, enroll

#: Nothing is chosen on the page but the lightest rungs; this is what a person adds.
TYPED = {
    "starts_on": "9 March 2026",
    "place1-weekday": "0",
    "place1-at": "9:30",
    "place1-room": "Room 2",
    "place2-weekday": "3",
    "place2-at": "14.00",
    "place2-room": "Room 2",
    "hinge-rung": "dowel-hip-hinge",
    "squat-rung": "sit-to-stand",
    "press-rung": "wall-slide",
    "impact-rung": "heel-raise",
}
WATCHED = {
    "squat-rung": "back-squat",
    "squat-load": "30",
    "squat-reps": "5",
    "squat-rpe": "12",
    "squat-clean_set": "yes",
}

#: One wrong answer, and the words that explain it.
WRONG = [
    ({"squat-clean_set": ""}, "A load counts only from a set that was seen to be clean."),
    ({"squat-clean_set": "no"}, "A set that was not clean gives no load."),
    ({"squat-reps": ""}, "How many were watched at this load?"),
    ({"squat-reps": "0"}, "Reps are 1 to 30."),
    ({"squat-reps": "500"}, "Reps are 1 to 30."),
    ({"squat-rpe": "21"}, "RPE is 6 to 20."),
    ({"squat-rpe": "5"}, "RPE is 6 to 20."),
    ({"squat-load": "31.7"}, "This equipment cannot make 31.7 kg. The nearest: 31 kg or 32 kg."),
    ({"squat-load": "5"}, "This equipment cannot make 5 kg. The nearest: 10 kg."),
    ({"squat-load": "9999"}, "A load is at most 300 kg here. Check it."),
    ({"squat-load": "-30"}, "Write the load as a number in kg, for example 57.5."),
    ({"squat-load": "heavy"}, "Write the load as a number in kg, for example 57.5."),
    ({"squat-load": "0"}, "A load is more than 0 kg. Leave it blank if there is none yet."),
    ({"squat-rung": "sit-to-stand"}, "Sit to stand from a high box takes no load here."),
    ({"squat-rung": "deadlift"}, "Select a valid choice."),
    ({"impact-rung": "stomp"}, "Stomp or low step-down is level 2, and the clearance is for"),
    ({"place2-weekday": "0"}, "Each place needs a weekday of its own."),
    (
        {"place2-weekday": "1"},
        "Monday and Tuesday are consecutive: bones and muscles need a day between.",
    ),
    (
        {"place2-weekday": "6"},
        "Sunday and Monday are consecutive: bones and muscles need a day between.",
    ),
    (
        {"place2-weekday": "2", "place2-at": "9:00"},
        "Monday 09:30 and Wednesday 09:00 are less than 48 hours apart.",
    ),
    (
        {"place1-weekday": "6", "place1-at": "18:00", "place2-weekday": "1", "place2-at": "14:00"},
        "Sunday 18:00 and Tuesday 14:00 are less than 48 hours apart.",
    ),
    (
        {"place1-at": "9:15", "place1-room": "Room 2"},
        "Ana T. supervises Room 1 from 09:00 to 09:30 on Mondays.",
    ),
    ({"place1-weekday": ""}, "Choose a weekday."),
    ({"place1-at": "25:00"}, "There is no such time."),
    ({"place1-at": "soon"}, "Write a time, for example 9:30."),
    ({"place1-room": " "}, "Write the room."),
    ({"starts_on": "31 02 2026"}, "February 2026 has 28 days. Check the day."),
    ({"starts_on": "1 January 2026"}, "2 February 2026 is the earliest."),
    ({"starts_on": "9 March 2027"}, "4 September 2026 is the latest. Check the year."),
    ({"starts_on": ""}, "Write the first day."),
    ({"therapist": "0"}, "Select a valid choice."),
]


@pytest.fixture
def ana(cast):
    browser = Browser()
    browser.force_login(cast.ana.user)
    return browser


@pytest.fixture
def joan(cast):
    return enroll(cast.ana, "Joan P.")


def url(client):
    return f"/c/north/clients/{client.pk}/assign/"


def typed(cast, **changes):
    people = {
        "therapist": cast.ana.pk,
        "place1-supervisor": cast.ana.pk,
        "place2-supervisor": cast.tess.pk,
    }
    return {**people, **TYPED, **changes}


def refused(answer, words, client):
    page = answer.content.decode()
    assert (answer.status_code, page.count(words)) == (422, 1), words
    assert not client.enrollments.exists()
    return page


def test_a_program_begins_with_its_places_and_its_visits(ana, cast, joan):
    answer = ana.post(url(joan), typed(cast))

    assert answer.url == f"/c/north/clients/{joan.pk}/"
    enrollment = joan.enrollments.get()
    assert (enrollment.starts_on, enrollment.therapist) == (date(2026, 3, 9), cast.ana)
    assert enrollment.tracks.get().version.program.slug == "hirit-liftmor"
    places = [
        (place.weekday, f"{place.at:%H:%M}", place.minutes, place.room, place.supervisor)
        for place in StandingPlace.objects.filter(enrollment=enrollment)
    ]
    assert places == [(0, "09:30", 30, "Room 2", cast.ana), (3, "14:00", 30, "Room 2", cast.tess)]
    days = [
        visit.starts_at.astimezone(cast.north.tz).strftime("%d %H:%M")
        for visit in Visit.objects.filter(enrollment=enrollment).order_by("during")
    ]
    assert days[:4] == ["09 09:30", "12 14:00", "16 09:30", "19 14:00"]


def test_the_lightest_exercise_is_chosen_and_no_load_is_invented(ana, cast, joan):
    page = ana.get(url(joan)).content.decode()
    for lightest in ("dowel-hip-hinge", "sit-to-stand", "wall-slide", "heel-raise"):
        assert page.split(f'value="{lightest}"')[1].split(">")[0].count("checked") == 1
    assert page.count(" checked") == 4

    ana.post(url(joan), typed(cast))
    starts = {one.lift: one for one in Decision.objects.filter(enrollment__client=joan)}
    assert {start.load for start in starts.values()} == {None}
    assert {start.kind for start in starts.values()} == {"start"}
    assert starts["impact"].exercise.slug == "heel-raise"


def test_a_load_comes_from_the_set_that_was_watched_and_the_set_is_kept(ana, cast, joan):
    assert ana.post(url(joan), typed(cast, **WATCHED)).status_code == 302
    start = Decision.objects.get(enrollment__client=joan, lift="squat")
    assert (start.exercise.slug, start.load) == ("back-squat", Decimal(30))
    assert start.observed == {"load": "30", "reps": "5", "rpe": "12", "clean": "yes"}


def test_a_load_is_typed_with_a_point_or_a_comma(ana, cast):
    for load in ("32.5", "32,5", " 32.50 "):
        client = enroll(cast.ana, f"Client {load}")
        ana.post(url(client), typed(cast, **{**WATCHED, "squat-load": load}))
        start = Decision.objects.get(enrollment__client=client, lift="squat")
        assert start.load == Decimal("32.5")


def test_a_bar_load_left_blank_is_no_load_yet(ana, cast, joan):
    ana.post(url(joan), typed(cast, **{"squat-rung": "back-squat"}))
    start = Decision.objects.get(enrollment__client=joan, lift="squat")
    assert (start.exercise.slug, start.load, start.observed) == ("back-squat", None, {})


def test_what_cannot_stand_is_explained_and_nothing_is_lost(ana, cast, joan):
    for changes, words in WRONG:
        said = typed(cast, **{**WATCHED, **changes})
        page = refused(ana.post(url(joan), said), words, joan)
        for name in ("starts_on", "place1-at", "place2-room", "squat-load"):
            if said[name].strip():
                assert f'value="{said[name].strip()}"' in page, (changes, name)
    assert not StandingPlace.objects.filter(enrollment__client=joan).exists()


def test_people_who_do_not_supervise_here_cannot_be_chosen(ana, cast, joan):
    for stranger in (cast.ada, cast.lea, cast.otto, cast.cal):
        answer = ana.post(url(joan), typed(cast, therapist=stranger.pk))
        assert answer.status_code == 422


def test_who_is_in_a_program_already_starts_no_second_one(ana, cast):
    words = "Cal P. is in a program already. End it before another one starts."
    assert words in ana.get(url(cast.cal_client)).content.decode()
    answer = ana.post(url(cast.cal_client), typed(cast))
    assert (answer.status_code, cast.cal_client.enrollments.count()) == (422, 1)
    assert words in answer.content.decode()


def test_nobody_starts_without_a_clearance(ana, cast, joan):
    joan.clearances.all().delete()
    refresh([joan], now=timezone.now())
    words = "Intake of Joan P.: clearance. Complete it first, then prescribe."
    refused(ana.post(url(joan), typed(cast)), words, joan)
    assert words in ana.get(url(joan)).content.decode()


def fill(cast, number):
    """So many further clients on Mondays at 9:00 with Ana; Cal is there already."""
    for one in range(number):
        assign(enroll(cast.ana, f"Client {one}"), cast.ana, weekdays=(0, 3))


def test_a_group_of_more_than_six_is_pointed_out_and_one_of_more_than_eight_refused(
    ana, cast, joan
):
    said = typed(cast, **{"place1-at": "9:00", "place1-room": "Room 1"})
    fill(cast, 5)
    answer = ana.post(url(joan), said, follow=True)
    assert "Monday 09:00 with Ana T. now has 7 clients." in answer.content.decode()
    assert joan.enrollments.count() == 1

    fill(cast, 1)
    zoe = enroll(cast.ana, "Zoe")
    refused(ana.post(url(zoe), said), "Monday 09:00 with Ana T. is full: 8 clients", zoe)
    # With somebody else beside the bar, or at another time, there is room.
    assert ana.post(url(zoe), {**said, "place1-supervisor": cast.tess.pk}).status_code == 302


def test_six_in_a_group_are_not_many(ana, cast, joan):
    fill(cast, 4)
    answer = ana.post(url(joan), typed(cast, **{"place1-at": "9:00"}), follow=True)
    assert "is many" not in answer.content.decode()


def test_a_start_typed_in_late_plans_the_days_that_are_over_too(ana, cast, joan):
    ana.post(url(joan), typed(cast, starts_on="2 March 2026"))
    first = Visit.objects.filter(client=joan).order_by("during").first()
    assert first.starts_at.astimezone(cast.north.tz).date() == date(2026, 3, 2)
    assert Decision.objects.filter(enrollment__client=joan).first().at.date() < TODAY


def test_a_version_of_another_clinic_cannot_be_asked_for(ana, cast, joan):
    theirs = cast.olga_enrollment.tracks.get().version
    ana.post(url(joan), typed(cast, version=theirs.pk))
    assert Enrollment.objects.get(client=joan).tracks.get().version.clinic == cast.north


def test_htmx_gets_the_form_alone_with_422(ana, cast, joan):
    answer = ana.post(url(joan), typed(cast, starts_on=""), HTTP_HX_REQUEST="true")
    assert answer.status_code == 422
    assert answer.content.decode().lstrip().startswith("<form")


def test_only_therapists_of_the_clinic_assign(cast, joan):
    for who, status in ((cast.ada, 403), (cast.cal, 403), (cast.otto, 404)):
        browser = Browser()
        browser.force_login(who.user)
        assert browser.get(url(joan)).status_code == status
        assert browser.post(url(joan), typed(cast)).status_code == status
    assert not joan.enrollments.exists()
