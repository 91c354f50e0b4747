"""Weekly places that end, and planned leave: its days, its reason, back earlier than planned."""

from __future__ import annotations

from datetime import date

import pytest

from sessions.models import Pause, StandingPlace, Visit
from tests.cast import NOW
from tests.desk.at import at_the_desk, words


@pytest.fixture
def dee(cast):
    return at_the_desk(cast)


def address(cast, part):
    return f"/c/north/bookings/{cast.cal_client.pk}/{part}"


def plan_leave(browser, cast, **said):
    usual = {"starts_on": "9 March 2026", "ends_on": "20 March 2026", "why": "On holiday"}
    return browser.post(address(cast, "pause/"), {**usual, **said})


def test_planned_leave_excuses_the_visits_and_keeps_the_places(cast, dee):
    assert plan_leave(dee, cast).status_code == 302
    days = [date(2026, 3, 9), date(2026, 3, 12), date(2026, 3, 16), date(2026, 3, 19)]
    excused = cast.enrollment.visits.filter(status=Visit.Status.EXCUSED).order_by("during")
    assert [v.starts_at.astimezone(cast.north.tz).date() for v in excused] == days
    assert not cast.enrollment.places.exclude(ends_on=None).exists()
    assert "Away 9 March to 20 March 2026 On holiday" in words(dee.get(address(cast, "")))


@pytest.mark.parametrize(
    ("said", "wrong"),
    [
        ({"starts_on": "31 February 2026"}, "February 2026 has 28 days"),
        ({"starts_on": ""}, "Write the first day away."),
        ({"starts_on": "1 March 2026"}, "This day is over."),
        ({"ends_on": "8 March 2026"}, "This is before the first day, 9 March 2026."),
        ({"why": ""}, "Say why, in a few words."),
    ],
)
def test_wrong_leave_is_said_beside_the_field_and_what_was_typed_stays(cast, dee, said, wrong):
    answer = plan_leave(dee, cast, **said)
    assert answer.status_code == 422
    assert wrong in words(answer)
    for typed in ({"ends_on": "20 March 2026"} | said).values():
        assert not typed or f'value="{typed}"' in answer.content.decode()
    assert not Pause.objects.exists()


def test_leave_twice_over_the_same_days_is_refused_in_words(cast, dee):
    plan_leave(dee, cast)
    answer = plan_leave(dee, cast)
    assert answer.status_code == 422
    assert Pause.objects.count() == 1


def test_she_is_back_earlier_and_has_her_places_again(cast, dee):
    plan_leave(dee, cast)
    row = Pause.objects.get()
    answer = dee.post(
        address(cast, f"pause/{row.pk}/resume/"), {"on": "16 March 2026"}, follow=True
    )
    assert "Cal P. is back from 16 March 2026 on." in words(answer)
    assert cast.enrollment.visits.filter(status=Visit.Status.EXCUSED).count() == 2


def test_a_day_back_outside_the_leave_is_refused_beside_the_field(cast, dee):
    plan_leave(dee, cast)
    row = Pause.objects.get()
    answer = dee.post(address(cast, f"pause/{row.pk}/resume/"), {"on": "21 March 2026"})
    assert answer.status_code == 422
    assert "The last day that can be is 20 March 2026." in words(answer)


def test_a_weekly_place_ends_and_its_visits_are_given_up(cast, dee):
    place = cast.enrollment.places.get(weekday=StandingPlace.Weekday.MONDAY)
    part = f"places/{place.pk}/end/"
    assert "end Monday 9:00?" in words(dee.get(address(cast, part)))

    answer = dee.post(address(cast, part), {"on": "10 March 2026", "why": "Works on Mondays"})

    assert answer.status_code == 302
    place.refresh_from_db()
    assert place.ends_on == date(2026, 3, 10)
    coming = cast.enrollment.visits.filter(status="planned", during__startswith__gt=NOW)
    days = {visit.starts_at.astimezone(cast.north.tz).date() for visit in coming}
    assert [day for day in days if day.weekday() == 0] == [date(2026, 3, 9)]


def test_a_place_of_somebody_else_is_not_there(cast, dee):
    other = cast.cam_enrollment.places.first()
    assert dee.get(address(cast, f"places/{other.pk}/end/")).status_code == 404
