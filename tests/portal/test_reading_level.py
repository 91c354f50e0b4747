"""Every page of a client can be read by who has been to school for eight years."""

from __future__ import annotations

from datetime import timedelta

import pytest

from sessions import booking, waiting
from sessions.models import Slot, Visit, Waiting
from tests.cast import NOW, Cast
from tests.portal.pages import MY, came, cannot_come, logged_in, make_up
from tests.portal.reading import grade, sentences_of, syllables

HIGHEST = 8


@pytest.fixture(scope="module")
def pages(module_cast: Cast) -> dict[str, str]:
    """The HTML of every page that a client or her companion sees."""
    cast = module_cast
    cal, con, cam = (logged_in(member) for member in (cast.cal, cast.con, cast.cam))
    for visit in cast.visits[:2]:
        came(cast, visit)
    missed = booking.cancel(visit=cast.visits[3], cause="client", why="", by=cast.cal, now=NOW)
    booking.cancel(visit=cast.visits[4], cause="clinic", why="", by=cast.ana, now=NOW)
    tess = Slot.objects.filter(supervisions__member=cast.tess, starts_at__gt=NOW)
    slot = tess.latest("starts_at")
    asked = waiting.wait(enrollment=cast.enrollment, slot=slot, by=cast.ana, now=NOW, makes_up=None)
    offered = Waiting.objects.create(
        clinic=cast.north,
        slot=tess.earliest("starts_at"),
        enrollment=cast.enrollment,
        client=cast.cal_client,
        asked_at=NOW,
        asked_by=cast.ana,
        offered_at=NOW,
        offer_ends_at=NOW + timedelta(hours=4),
    )
    of = f"{MY}of/{cast.cal_client.pk}/"
    late = Visit.objects.filter(client=cast.cam_client).earliest("during")
    opened = {
        "her page": cal.get(MY),
        "a newcomer’s page": cam.get(MY),
        "what she lifted": cal.get(f"{MY}growth/"),
        "what a newcomer lifted": cam.get(f"{MY}growth/"),
        "why": cal.get(f"{MY}why/"),
        "can’t come": cal.get(cannot_come(cast.visits[5])),
        "can’t come, late": cam.get(cannot_come(late)),
        "can’t come any more": cal.get(cannot_come(cast.visits[0])),
        "a make-up": cal.get(make_up(missed)),
        "an offer": cal.get(f"{MY}offers/{offered.pk}/"),
        "on the list": cal.get(f"{MY}offers/{asked.pk}/"),
        "her calendar": cal.get(f"{MY}calendar/"),
        "a companion’s view": con.get(of),
        "what he lifted": con.get(f"{of}growth/"),
        "who has looked": con.get(f"{of}looked/"),
        "a copy": cal.get(f"{MY}copy/"),
        "something wrong": cal.get(f"{MY}correction/"),
        "something wrong in his": con.get(f"{of}correction/"),
    }
    # By now somebody has looked at her record: the companion.
    opened |= {
        "who has looked at hers": cal.get(f"{MY}looked/"),
    }
    opened["the link of her calendar"] = cal.post(f"{MY}calendar/", follow=True)
    opened["a new link"] = cal.get(f"{MY}calendar/renew/")
    opened["the link turned off"] = cal.get(f"{MY}calendar/stop/")
    assert {
        name: page.status_code for name, page in opened.items() if page.status_code != 200
    } == {}
    return {name: page.text for name, page in opened.items()}


def test_every_page_is_at_grade_eight_or_below(pages: dict[str, str]) -> None:
    grades = {name: round(grade(html), 1) for name, html in pages.items()}

    assert {name: found for name, found in grades.items() if found > HIGHEST} == {}


def test_no_sentence_is_longer_than_twenty_eight_words(pages: dict[str, str]) -> None:
    long = {
        " ".join(words)
        for html in pages.values()
        for words in sentences_of(html)
        if len(words) > 28
    }

    assert long == set()


def test_the_pages_are_read_whole(pages: dict[str, str]) -> None:
    assert len(pages) == 22
    assert sum(len(sentence) for sentence in sentences_of(pages["why"])) > 500


@pytest.mark.parametrize(
    ("word", "beats"),
    [
        ("come", 1),
        ("session", 2),
        ("lifted", 2),
        ("table", 2),
        ("therapist", 3),
        ("medicine", 3),
        ("diary", 3),
        ("day", 1),
    ],
)
def test_syllables_are_counted_as_they_are_spoken(word: str, beats: int) -> None:
    assert syllables(word) == beats


def test_hard_words_in_long_sentences_have_a_high_grade() -> None:
    hard = "<main><p>Individualised progressive resistance interventions necessitate continuous professional observation.</p></main>"  # noqa: E501
    easy = "<main><p>You lift and we look on. Then you sit and rest.</p></main>"

    assert grade(hard) > 20
    assert grade(easy) < 2
