"""The portal: the next session first, in plain words, and nothing of anyone else."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.test import Client as Browser
from django.utils.html import strip_tags
from pytest_django import DjangoAssertNumQueries

from bonefit.clinics.access import Role
from bonefit.clinics.actions import add_member
from programs.models import Enrollment
from sessions import actions, moving
from sessions.models import Visit
from sessions.planning import plan_visits
from sessions.unrecorded import flag_missed
from tests.cast import NOW, TODAY, Cast, enroll, with_login

MY = "/c/north/my/"
QUERIES = 12


def page(browser: Browser, url: str = MY) -> str:
    """What a person reads: the page without its tags, on one line."""
    response = browser.get(url)
    assert response.status_code == 200
    main = response.text[response.text.index("<main") :]
    return " ".join(strip_tags(re.sub(r"<(br|li|p|h\d|dt|dd|s|span)\b", r" <\1", main)).split())


@pytest.fixture
def cal(cast: Cast, client: Browser) -> Browser:
    client.force_login(cast.cal.user)
    return client


def came(cast: Cast, visit: Visit, **said: object) -> None:
    """Cal lifted the deadlift and Ana completed the visit."""
    after = visit.ends_at
    cast.log_all(visit, now=after, **said)
    actions.complete_visit(visit=visit, by=cast.ana, now=after)


def test_the_next_session_comes_first_in_words(cast: Cast, cal: Browser) -> None:
    text = page(cal)

    assert text.startswith(
        "Your first session is in 4 days Monday 9 March "
        "9:00 to 9:30 in the morning with Ana T. Northside, Room 1"
    )


def test_the_coming_four_weeks_follow_and_not_more(cast: Cast, cal: Browser) -> None:
    plan_visits(now=NOW + timedelta(weeks=3), clinic=cast.north)

    text = page(cal)

    weeks = text[text.index("Coming weeks") :]
    days = re.findall(r"((?:Mon|Thurs)day \d+ \w+) 9:00 am", weeks)
    assert days == [
        "Thursday 12 March",
        "Monday 16 March",
        "Thursday 19 March",
        "Monday 23 March",
        "Thursday 26 March",
        "Monday 30 March",
        "Thursday 2 April",
    ]


@pytest.mark.parametrize(
    ("at", "said"),
    [
        (datetime(2026, 3, 8, 13, 59, tzinfo=UTC), "Your first session is tomorrow"),
        (datetime(2026, 3, 8, 14, 1, tzinfo=UTC), "Your first session is today"),
        (datetime(2026, 3, 8, 23, 10, tzinfo=UTC), "Your session is on now"),
        (datetime(2026, 3, 8, 23, 30, tzinfo=UTC), "Your first session is in 3 days"),
    ],
)
def test_today_and_tomorrow_are_the_clinic_s(
    cast: Cast, cal: Browser, at: datetime, said: str
) -> None:
    with time_machine.travel(at):
        assert page(cal).startswith(said)


def test_what_she_did_last_time_is_told_in_plain_words(cast: Cast, cal: Browser) -> None:
    visit = cast.visit
    for number, reps in enumerate((5, 5, 5, 4, 4), start=1):
        cast.log(visit, "hinge", number, reps=reps)
    cast.log_all(visit, "squat", sets=1)
    cast.log_all(visit, "impact", sets=5, landings=10)
    actions.complete_visit(visit=visit, by=cast.ana)

    text = page(cal)

    assert text.startswith("Your next session is in 4 days")
    told = text[text.index("Last time") : text.index("You have been")]
    assert told.split(" ", 5)[:5] == ["Last", "time,", "on", "Thursday", "5"]
    assert "Deadlift 3 sets of 5 with 40 kg, then 2 sets of 4 with 40 kg" in told
    assert "Back squat 1 set of 5 with 30 kg" in told
    assert "Heel raise, lowered softly 5 sets of 10 landings" in told
    assert told.index("Deadlift") < told.index("Back squat") < told.index("Heel raise")


def test_a_load_that_waits_to_be_confirmed_is_not_told(cast: Cast, cal: Browser) -> None:
    cast.log(cast.visit, "hinge", 1)
    slip = cast.log(cast.visit, "hinge", 2, load="240")
    assert slip.to_confirm
    actions.complete_visit(visit=cast.visit, by=cast.ana)

    text = page(cal)

    assert "Deadlift 1 set of 5 with 40 kg" in text
    assert "240" not in text


def test_effort_pain_and_technique_stay_with_the_staff(cast: Cast, cal: Browser) -> None:
    came(cast, cast.visit, rpe=19, pain=7, clean=False)

    text = page(cal).lower()

    told = text[text.index("last time") : text.index("you have been")]
    assert "5 sets of 5 with 40 kg" in told
    for word in ("19", "7", "pain", "rpe", "effort", "clean", "technique", "stalled", "flag"):
        assert word not in told


def test_pounds_are_told_where_the_clinic_lifts_pounds(cast: Cast, cal: Browser) -> None:
    cast.log(cast.visit, "hinge", 1)
    actions.complete_visit(visit=cast.visit, by=cast.ana)
    cast.north.unit = "lb"
    cast.north.save()

    assert "Deadlift 1 set of 5 with 88.18 lb" in page(cal)


def test_sessions_so_far_are_counted_of_her_own_program_version(cast: Cast, cal: Browser) -> None:
    for visit in cast.visits[:3]:
        came(cast, visit)
    extra = cast.visits[2]
    extra.purpose = Visit.Purpose.EXTRA
    extra.save()

    with time_machine.travel(extra.ends_at + timedelta(hours=1)):
        response = cal.get(MY)

    assert "You have been to 2 of 70 sessions" in response.text
    assert "You also came 1 extra time." in response.text
    tally = re.search(r'<span class="tallies" aria-hidden="true">(.*?)</span>\s*<p>', response.text)
    assert tally
    assert tally[1].count('<i class="d">') == 2
    assert tally[1].count("<i ") == 70


def test_a_visit_that_nobody_recorded_shows_as_nothing(cast: Cast, cal: Browser) -> None:
    before = page(cal)
    flag_missed(NOW + timedelta(days=1))
    assert cast.visit.status == Visit.Status.UNRECORDED

    assert page(cal) == before
    assert "unrecorded" not in before.lower()


def test_a_session_that_was_called_off_says_so_where_it_would_have_been(
    cast: Cast, cal: Browser
) -> None:
    monday, thursday = cast.visits[1:3]
    actions.say(visit=monday, status="clinic_cancelled", by=cast.ana)
    actions.say(visit=thursday, status="excused", by=cast.ana, why="Knee surgery")

    text = page(cal)

    assert text.startswith("Your first session is in 11 days Monday 16 March")
    assert "Monday 9 March The clinic had to cancel this one." in text
    assert "Thursday 12 March You are not coming to this one." in text
    assert "Knee" not in text


def test_without_an_enrollment_she_is_told_that_it_will_come(cast: Cast, client: Browser) -> None:
    newcomer = with_login(enroll(cast.ana, "Nel N."), "nel@example.org")
    client.force_login(newcomer.user)

    text = page(client)

    assert text.startswith("No sessions are planned yet")
    assert "Call the clinic: 07 5550 0100" in text
    assert "Last time" not in text


def test_a_log_in_that_belongs_to_no_client_yet_breaks_nothing(cast: Cast, client: Browser) -> None:
    member = add_member(
        clinic=cast.north, email="new@example.org", name="New N.", roles=[Role.CLIENT]
    )
    client.force_login(member.user)

    assert page(client).startswith("No sessions are planned yet")
    assert client.get(f"{MY}calendar/").status_code == 404


def test_an_active_client_without_a_booking_is_told_so(cast: Cast, cal: Browser) -> None:
    Visit.objects.filter(enrollment=cast.enrollment).update(status=Visit.Status.RELEASED)

    text = page(cal)

    assert text.startswith("No session is booked for you now")
    assert "Coming weeks" not in text
    assert "lie ahead" not in text


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (Enrollment.Status.FINISHED, "You have finished your program"),
        (Enrollment.Status.WITHDRAWN, "Your program has ended"),
    ],
)
def test_after_the_program_she_keeps_what_she_did(
    cast: Cast, cal: Browser, status: str, said: str
) -> None:
    came(cast, cast.visit)
    actions.say(visit=cast.visits[3], status="holiday_closed", by=cast.ana)
    moving.end_enrollment(
        enrollment=cast.enrollment, status=status, reason="Moved away", on=TODAY, by=cast.ana
    )

    text = page(cal)

    assert cal.get(MY).text.count('<i class="d">') == cal.get(MY).text.count("<i class=") == 1
    assert text.startswith(said)
    assert "You have been to 1 of 70 sessions" in text
    assert "Deadlift 5 sets of 5 with 40 kg" in text
    assert "Moved away" not in text
    assert "Coming weeks" not in text


def test_nothing_is_promised_about_bones(cast: Cast, cal: Browser) -> None:
    came(cast, cast.visit)

    text = page(cal).lower()

    assert "somebody trained always stands beside you" in text
    for word in ("bone", "density", "fracture", "osteo", "stronger", "improve", "result"):
        assert word not in text


# --- who may see it -------------------------------------------------------------------------------
def test_each_client_sees_her_own_sessions_and_nothing_of_anyone_else(
    cast: Cast, client: Browser
) -> None:
    came(cast, cast.visit)
    client.force_login(cast.cam.user)

    text = page(client)

    assert "Friday 6 March" in text
    assert "with Tess T." in text
    for of_cal in ("Cal P.", "Ana T.", "Monday", "Thursday", "Deadlift 5 sets"):
        assert of_cal not in text


def test_a_therapist_who_trains_here_too_sees_herself_only(cast: Cast, client: Browser) -> None:
    add_member(clinic=cast.north, email="cam@example.org", name="Cam Q.", roles=[Role.THERAPIST])
    client.force_login(cast.cam.user)

    text = page(client)

    assert text.startswith("Your first session is tomorrow Friday 6 March")
    assert "Monday" not in text


@pytest.mark.parametrize("path", ["", "calendar/", "calendar/renew/", "calendar/stop/"])
def test_only_clients_of_this_clinic_come_in(cast: Cast, path: str) -> None:
    def status(user: object) -> int:
        browser = Browser()
        browser.force_login(user)  # type: ignore[arg-type]
        return browser.get(MY + path).status_code

    assert status(cast.cal.user) == 200
    assert status(cast.ana.user) == 403
    assert status(cast.ada.user) == 403
    for stranger in (cast.otto.user, cast.olga.user, cast.lea.user, cast.nobody):
        assert status(stranger) == 404
    assert Browser().get(MY + path)["Location"] == f"/login/code/?next={MY}{path}"


def test_the_page_asks_the_database_as_often_for_many_visits_as_for_one(
    cast: Cast, cal: Browser, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    came(cast, cast.visit)
    Visit.objects.filter(pk__in=[visit.pk for visit in cast.visits[2:]]).update(
        status=Visit.Status.RELEASED
    )
    with django_assert_num_queries(QUERIES):
        cal.get(MY)

    Visit.objects.filter(status=Visit.Status.RELEASED).update(status=Visit.Status.PLANNED)
    for visit in cast.visits[1:5]:
        for lift in ("hinge", "squat", "press"):
            cast.log_all(visit, lift, now=visit.ends_at)
        actions.complete_visit(visit=visit, by=cast.ana, now=visit.ends_at)
    with time_machine.travel(cast.visits[4].ends_at), django_assert_num_queries(QUERIES):
        cal.get(MY)


def test_the_page_is_kept_by_no_cache(cast: Cast, cal: Browser) -> None:
    assert "no-store" in cal.get(MY)["Cache-Control"]


def test_the_clock_changes_and_nine_stays_nine(cast: Cast, client: Browser) -> None:
    """Olga trains in New York, which puts its clocks forward on Sunday 8 March 2026."""
    client.force_login(cast.olga.user)

    text = page(client, "/c/harbor/my/")

    assert text.startswith(
        "Your first session is in 5 days Monday 9 March 9:00 to 9:30 in the morning with Otto T."
    )
    first = Visit.objects.filter(client=cast.olga_client).earliest("during")
    assert first.starts_at == datetime(2026, 3, 9, 13, tzinfo=UTC)  # 14:00 UTC before the change
    assert date(2026, 3, 9) == first.starts_at.date()
