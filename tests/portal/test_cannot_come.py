"""I can't come: it says first what that means, one tap does it, and the free places follow."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.test import Client as Browser

from sessions import booking
from sessions.models import SeatChange, Visit
from tests.cast import NOW, Cast
from tests.portal.pages import MY, cannot_come, logged_in, make_up, page, text_of, with_rules


def test_the_page_leads_to_it_for_the_next_and_for_every_coming_session(
    cast: Cast, cal: Browser
) -> None:
    html = cal.get(MY).text

    for visit in cast.visits[1:8]:
        assert f'href="{cannot_come(visit)}"' in html
    assert f'href="{cannot_come(cast.visit)}"' not in html


def test_in_time_it_says_so_and_until_when_it_can_be_made_up(cast: Cast, cal: Browser) -> None:
    text = page(cal, cannot_come(cast.visits[1]))

    assert text.startswith("You can’t come? Monday 9 March, 9:00 to 9:30 in the morning")
    assert "You are in time." in text
    assert "That is so until 9:00 am on Sunday 8 March." in text
    assert "You can choose another day until Monday 23 March." in text


def test_later_than_the_clinic_s_notice_it_says_that_it_is_late(cast: Cast, cal: Browser) -> None:
    visit = cast.visits[1]
    with time_machine.travel(visit.starts_at - timedelta(hours=23, minutes=59)):
        text = page(cal, cannot_come(visit))

    assert "It is late. The clinic asks for 24 hours, so it counts as cancelled late." in text
    assert "You can make up for it." in text


@pytest.mark.parametrize(
    ("before", "status"),
    [
        (timedelta(hours=24), Visit.Status.CANCELLED_CLIENT),
        (timedelta(hours=24) - timedelta(seconds=1), Visit.Status.LATE_CANCEL),
    ],
)
def test_what_was_said_is_what_is_done(
    cast: Cast, cal: Browser, before: timedelta, status: str
) -> None:
    visit = cast.visits[1]
    with time_machine.travel(visit.starts_at - before, tick=False):
        said = page(cal, cannot_come(visit))
        response = cal.post(cannot_come(visit))

    assert response["Location"] == make_up(visit)
    visit.refresh_from_db()
    assert visit.status == status
    assert ("You are in time." in said) == (status == Visit.Status.CANCELLED_CLIENT)
    assert (visit.said_by, visit.sequence) == (cast.cal, 1)
    assert SeatChange.objects.get(visit=visit, kind="cancelled").by == cast.cal


def test_two_taps_from_the_page_and_the_free_places_are_there(cast: Cast, cal: Browser) -> None:
    assert f'href="{cannot_come(cast.visits[1])}"' in cal.get(MY).text  # the first tap leads there

    answer = cal.post(cannot_come(cast.visits[1]), follow=True)  # the second does it

    text = text_of(answer.text)
    assert "Thank you for telling us. You are not coming on Monday 9 March" in text
    assert "Choose another day" in text
    assert "Take it" in text


def test_looking_at_the_page_cancels_nothing(cast: Cast, cal: Browser) -> None:
    page(cal, cannot_come(cast.visits[1]))

    assert Visit.objects.get(pk=cast.visits[1].pk).status == Visit.Status.PLANNED


def test_the_class_and_everybody_else_in_it_stay_as_they_are(cast: Cast, cal: Browser) -> None:
    others = list(Visit.objects.exclude(pk=cast.visits[1].pk).values_list("pk", "status"))

    cal.post(cannot_come(cast.visits[1]))

    assert list(Visit.objects.exclude(pk=cast.visits[1].pk).values_list("pk", "status")) == others


@pytest.mark.parametrize("which", ["over", "on", "cancelled", "called off"])
def test_what_cannot_be_cancelled_says_why_and_whom_to_call(
    cast: Cast, cal: Browser, which: str
) -> None:
    visit, now = cast.visits[1], NOW
    if which == "over":
        visit = cast.visit
    elif which == "on":
        now = visit.starts_at + timedelta(minutes=1)
    else:
        cause = "client" if which == "cancelled" else "clinic"
        booking.cancel(visit=visit, cause=cause, why="", by=cast.ana, now=NOW)
    status = Visit.objects.get(pk=visit.pk).status

    with time_machine.travel(now):
        assert "This session cannot be changed here" in page(cal, cannot_come(visit))
        answer = cal.post(cannot_come(visit))

    assert answer.status_code == 422
    assert "Call the clinic: 07 5550 0100" in text_of(answer.text)
    assert Visit.objects.get(pk=visit.pk).status == status


def test_nobody_cancels_for_another(cast: Cast) -> None:
    visit = cast.visits[1]
    for member, status in ((cast.cam, 404), (cast.con, 403), (cast.ana, 403), (cast.olga, 404)):
        browser = logged_in(member)
        assert browser.get(cannot_come(visit)).status_code == status
        assert browser.post(cannot_come(visit)).status_code == status
    assert Visit.objects.get(pk=visit.pk).status == Visit.Status.PLANNED


def test_she_can_come_after_all_while_her_place_is_free(cast: Cast, cal: Browser) -> None:
    visit = cast.visits[1]
    cal.post(cannot_come(visit))
    assert "I can come after all on Monday 9 March" in page(cal)

    answer = cal.post(f"{MY}visits/{visit.uid}/come/", follow=True)

    assert "Good. You are coming on Monday 9 March, 9:00 to 9:30" in text_of(answer.text)
    visit.refresh_from_db()
    assert (visit.status, visit.sequence) == (Visit.Status.PLANNED, 2)


@pytest.mark.parametrize("cause", ["clinic", "client"])
def test_what_the_clinic_has_written_down_cannot_be_taken_back_by_her(
    cast: Cast, cal: Browser, cause: str
) -> None:
    """Also where she rang and the desk cancelled for her."""
    visit = cast.visits[1]
    status = booking.cancel(visit=visit, cause=cause, why="", by=cast.dee, now=NOW).status

    answer = cal.post(f"{MY}visits/{visit.uid}/come/", follow=True)

    assert "Please call the clinic." in text_of(answer.text)
    assert "I can come after all" not in page(cal)
    assert Visit.objects.get(pk=visit.pk).status == status


def test_an_extra_session_leaves_nothing_to_make_up_for(cast: Cast, cal: Browser) -> None:
    visit = cast.visits[1]
    Visit.objects.filter(pk=visit.pk).update(purpose=Visit.Purpose.EXTRA)
    assert "It was an extra session, so there is nothing to make up for." in page(
        cal, cannot_come(visit)
    )

    assert cal.post(cannot_come(visit))["Location"] == MY


def test_where_the_clinic_gives_no_make_ups_none_is_promised(cast: Cast, cal: Browser) -> None:
    with_rules(cast.ada, makeup_days=0)

    text = page(cal, cannot_come(cast.visits[1]))

    assert "It cannot be made up for." in text
    assert "choose another day" not in text


def test_the_notice_is_the_clinic_s_own(cast: Cast, cal: Browser) -> None:
    with_rules(cast.ada, late_cancel_hours=120)
    visit = cast.visits[1]
    assert visit.starts_at - NOW < timedelta(hours=120)

    assert "The clinic asks for 120 hours" in page(cal, cannot_come(visit))


def test_over_a_change_of_the_clocks_the_hours_are_real_ones(cast: Cast) -> None:
    """In New York Sunday 8 March has 23 hours; Olga comes on Monday the 9th at nine."""
    with_rules(cast.otto, late_cancel_hours=48)
    visit = Visit.objects.filter(client=cast.olga_client).earliest("during")
    assert visit.starts_at == datetime(2026, 3, 9, 13, tzinfo=UTC)

    text = page(logged_in(cast.olga), f"/c/harbor/my/visits/{visit.uid}/cannot-come/")

    assert "That is so until 8:00 am on Saturday 7 March." in text
