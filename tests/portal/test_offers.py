"""A place that comes free is offered on her page, and she says yes or no there."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.test import Client as Browser

from sessions import booking, waiting
from sessions.models import Slot, Visit, Waiting
from tests.cast import NOW, Cast
from tests.portal.pages import MY, logged_in, page, text_of


@pytest.fixture
def offered(cast: Cast) -> Waiting:
    """Cal waits for Cam's class on Tuesday 10 March, and Cam cancels."""
    missed = booking.cancel(visit=cast.visits[1], cause="client", why="", by=cast.cal, now=NOW)
    tuesday = Slot.objects.get(clinic=cast.north, starts_at=datetime(2026, 3, 9, 23, tzinfo=UTC))
    tuesday.capacity = 1
    tuesday.save()
    asked = waiting.wait(
        enrollment=cast.enrollment, slot=tuesday, by=cast.cal, now=NOW, makes_up=missed
    )
    cams = Visit.objects.get(slot=tuesday)
    booking.cancel(visit=cams, cause="client", why="", by=cast.cam, now=NOW)
    assert waiting.offer_free_places(NOW) == 1
    asked.refresh_from_db()
    return asked


def path(asked: Waiting) -> str:
    return f"{MY}offers/{asked.pk}/"


def test_the_page_says_what_is_offered_and_until_when(
    cast: Cast, cal: Browser, offered: Waiting
) -> None:
    assert (
        "A place is free for you Tuesday 10 March, 9:00 to 9:30 in the morning "
        "It is kept for you until 4:00 pm today."
    ) in page(cal)
    assert "After that it goes to the next person." in page(cal, path(offered))


def test_yes_takes_the_place(cast: Cast, cal: Browser, offered: Waiting) -> None:
    answer = cal.post(path(offered), {"answer": "take"}, follow=True)

    assert "The place is yours: Tuesday 10 March, 9:00 to 9:30" in text_of(answer.text)
    made = Visit.objects.get(slot=offered.slot, client=cast.cal_client)
    assert (made.purpose, made.makes_up) == ("make_up", offered.makes_up)
    assert "You have this place" in page(cal, path(offered))
    assert "A place is free" not in page(cal)


def test_no_gives_it_to_the_next(cast: Cast, cal: Browser, offered: Waiting) -> None:
    answer = cal.post(path(offered), {"answer": "decline"}, follow=True)

    assert "goes to the next person" in text_of(answer.text)
    offered.refresh_from_db()
    assert offered.outcome == Waiting.Outcome.DECLINED
    assert "This place is no longer on offer" in page(cal, path(offered))


def test_an_answer_that_comes_too_late_takes_nothing(
    cast: Cast, cal: Browser, offered: Waiting
) -> None:
    with time_machine.travel(NOW + timedelta(hours=5)):
        answer = cal.post(path(offered), {"answer": "take"})

    assert answer.status_code == 422
    text = text_of(answer.text)
    assert "This offer has ended." in text
    assert "This place is no longer on offer" in text
    assert not Visit.objects.filter(slot=offered.slot, client=cast.cal_client).exists()


def test_no_answer_is_asked_for_again(cast: Cast, cal: Browser, offered: Waiting) -> None:
    answer = cal.post(path(offered), {"answer": "perhaps"})

    assert answer.status_code == 422
    assert "Please tap yes or no." in text_of(answer.text)
    offered.refresh_from_db()
    assert offered.closed_at is None


def test_who_only_waits_can_leave_the_list(cast: Cast, cal: Browser, offered: Waiting) -> None:
    Waiting.objects.filter(pk=offered.pk).update(offered_at=None, offer_ends_at=None)
    assert "You wait for a place" in page(cal)

    answer = cal.post(path(offered), {"answer": "decline"}, follow=True)

    assert "You are off the list for Tuesday 10 March" in text_of(answer.text)
    offered.refresh_from_db()
    assert offered.outcome == Waiting.Outcome.REMOVED


def test_looking_at_an_offer_answers_nothing(cast: Cast, cal: Browser, offered: Waiting) -> None:
    page(cal, path(offered))

    offered.refresh_from_db()
    assert offered.closed_at is None


def test_the_offer_of_another_is_not_there(cast: Cast, offered: Waiting) -> None:
    for member, status in ((cast.cam, 404), (cast.con, 403), (cast.ana, 403), (cast.olga, 404)):
        browser = logged_in(member)
        assert browser.get(path(offered)).status_code == status
        assert browser.post(path(offered), {"answer": "take"}).status_code == status
    offered.refresh_from_db()
    assert offered.closed_at is None
