"""A make-up in two taps: the free places that are offered are real ones, and one tap takes one.

Cal comes on Mondays and Thursdays, Cam on Tuesdays and Fridays. In place of Monday 9 March only
Tuesday the 10th leaves Cal 48 hours to each of his other sessions.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.test import Client as Browser
from pytest_django import DjangoAssertNumQueries

from sessions import booking
from sessions.models import Slot, Visit, Waiting
from tests.cast import NOW, Cast, assign, enroll
from tests.portal.pages import MY, logged_in, make_up, page, text_of, with_rules

QUERIES = 13


@pytest.fixture
def missed(cast: Cast) -> Visit:
    """Cal can't come on Monday 9 March."""
    return booking.cancel(visit=cast.visits[1], cause="client", why="", by=cast.cal, now=NOW)


@pytest.fixture
def tuesday(cast: Cast) -> Slot:
    """Cam's class on Tuesday 10 March, 9:00."""
    return Slot.objects.get(clinic=cast.north, starts_at=datetime(2026, 3, 9, 23, tzinfo=UTC))


def test_only_places_that_leave_her_enough_rest_are_offered(
    cast: Cast, cal: Browser, missed: Visit
) -> None:
    text = page(cal, make_up(missed))

    assert "In place of Monday 9 March. You can choose until Monday 23 March." in text
    assert text.count("Take it") == 1
    assert "Tuesday 10 March 9:00 to 9:30 in the morning with Tess T., Room 1" in text


def test_two_taps_from_her_page_and_the_place_is_hers(
    cast: Cast, cal: Browser, missed: Visit, tuesday: Slot
) -> None:
    assert f'href="{make_up(missed)}"' in cal.get(MY).text  # the first tap

    answer = cal.post(make_up(missed), {"take": tuesday.pk}, follow=True)  # the second

    made = Visit.objects.get(slot=tuesday, client=cast.cal_client)
    assert (made.purpose, made.makes_up, made.status) == ("make_up", missed, "planned")
    text = text_of(answer.text)
    assert "The place is yours: Tuesday 10 March, 9:00 to 9:30 in the morning." in text
    assert "is in 5 days Tuesday 10 March" in text
    assert "Sessions you can make up for" not in text


def test_in_the_coming_weeks_it_says_that_it_stands_for_another_day(
    cast: Cast, cal: Browser, missed: Visit, tuesday: Slot
) -> None:
    monday, thursday = cast.visits[1], cast.visits[2]
    booking.restore(visit=monday, by=cast.cal, now=NOW)
    booking.cancel(visit=thursday, cause="client", why="", by=cast.cal, now=NOW)
    friday = Slot.objects.get(clinic=cast.north, starts_at=datetime(2026, 3, 12, 23, tzinfo=UTC))

    cal.post(make_up(thursday), {"take": friday.pk})

    assert "Friday 13 March 9:00 am, in place of another day" in page(cal)


def test_twice_is_one_place(cast: Cast, cal: Browser, missed: Visit, tuesday: Slot) -> None:
    cal.post(make_up(missed), {"take": tuesday.pk})

    answer = cal.post(make_up(missed), {"take": tuesday.pk}, follow=True)

    assert Visit.objects.filter(makes_up=missed).count() == 1
    assert "There is nothing to make up for there any more." in text_of(answer.text)


def test_who_is_too_late_for_a_place_is_told_and_sees_what_is_left(
    cast: Cast, cal: Browser, missed: Visit, tuesday: Slot
) -> None:
    assert "Take it" in page(cal, make_up(missed))
    Slot.objects.filter(pk=tuesday.pk).update(capacity=1)  # Cam has it

    answer = cal.post(make_up(missed), {"take": tuesday.pk})

    assert answer.status_code == 422
    text = text_of(answer.text)
    assert "This class is full now. Please choose another time." in text
    assert "Take it" not in text
    assert not Visit.objects.filter(makes_up=missed).exists()


@pytest.mark.parametrize("tapped", ["", "0", "x", "99999999"])
def test_what_is_no_place_is_asked_for_again(
    cast: Cast, cal: Browser, missed: Visit, tapped: str
) -> None:
    answer = cal.post(make_up(missed), {"take": tapped})

    assert answer.status_code == 422
    assert "Please tap one of the times." in text_of(answer.text)


def test_a_class_of_another_clinic_is_no_place(cast: Cast, cal: Browser, missed: Visit) -> None:
    slot = Slot.objects.filter(clinic=cast.harbor, starts_at__gt=NOW).earliest("starts_at")

    assert cal.post(make_up(missed), {"take": slot.pk}).status_code == 422
    assert not Visit.objects.filter(slot=slot, client=cast.cal_client).exists()


def test_a_place_that_would_leave_too_little_rest_is_refused_in_words(
    cast: Cast, cal: Browser, missed: Visit
) -> None:
    friday = Slot.objects.get(clinic=cast.north, starts_at=datetime(2026, 3, 12, 23, tzinfo=UTC))

    answer = cal.post(make_up(missed), {"take": friday.pk})

    assert answer.status_code == 422
    assert "Less than 48 hours from your session on Thursday 12 March" in text_of(answer.text)


def test_for_a_full_class_she_can_wait(
    cast: Cast, cal: Browser, missed: Visit, tuesday: Slot
) -> None:
    Slot.objects.filter(pk=tuesday.pk).update(capacity=1)
    text = page(cal, make_up(missed))
    assert "No place is free until Monday 23 March" in text
    assert "Wait for a place that is taken now" in text

    answer = cal.post(make_up(missed), {"wait": tuesday.pk}, follow=True)

    waiting = Waiting.objects.get(client=cast.cal_client)
    assert (waiting.slot, waiting.makes_up, waiting.offered_at) == (tuesday, missed, None)
    text = text_of(answer.text)
    assert "You are on the list for Tuesday 10 March" in text
    assert "You wait for a place Tuesday 10 March, 9:00 to 9:30 in the morning" in text
    assert "Wait for a place" not in page(cal, make_up(missed))


def test_after_fourteen_days_there_is_nothing_to_make_up_for(cast: Cast, missed: Visit) -> None:
    with time_machine.travel(missed.starts_at + timedelta(days=14)):
        assert "Sessions you can make up for" in page(logged_in(cast.cal))
    with time_machine.travel(missed.starts_at + timedelta(days=15)):
        cal = logged_in(cast.cal)
        assert "Sessions you can make up for" not in page(cal)
        assert cal.get(make_up(missed))["Location"] == MY


def test_the_days_are_the_clinic_s_own(cast: Cast, cal: Browser, missed: Visit) -> None:
    with_rules(cast.ada, makeup_days=7)

    assert "You can choose until Monday 16 March." in page(cal, make_up(missed))


def test_a_make_up_that_she_cancels_gives_its_day_back_and_no_longer_ones(
    cast: Cast, cal: Browser, missed: Visit, tuesday: Slot
) -> None:
    cal.post(make_up(missed), {"take": tuesday.pk})
    made = Visit.objects.get(makes_up=missed)
    url = f"{MY}visits/{made.uid}/cannot-come/"
    text = page(cal, url)
    assert "It stood for Monday 9 March. You can choose another day until Monday 23 March." in text

    assert cal.post(url)["Location"] == make_up(missed)
    assert "You can choose until Monday 23 March." in page(cal, make_up(missed))


def test_nobody_makes_up_for_another(cast: Cast, missed: Visit, tuesday: Slot) -> None:
    for member, status in ((cast.cam, 404), (cast.con, 403), (cast.ana, 403), (cast.olga, 404)):
        browser = logged_in(member)
        assert browser.get(make_up(missed)).status_code == status
        assert browser.post(make_up(missed), {"take": tuesday.pk}).status_code == status
    assert not Visit.objects.filter(makes_up=missed).exists()


def test_the_page_asks_the_database_as_often_for_many_places_as_for_one(
    cast: Cast, cal: Browser, missed: Visit, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    page(cal, make_up(missed))
    with django_assert_num_queries(QUERIES):
        page(cal, make_up(missed))

    for number in range(4):
        someone = enroll(cast.tess, f"Bea {number}.")
        assign(someone, cast.tess, weekdays=(1, 4), at=datetime(2026, 3, 5, 5 + number).time())  # noqa: DTZ001 - a wall clock
    with django_assert_num_queries(QUERIES):
        text = page(cal, make_up(missed))
    assert text.count("Take it") > 3
