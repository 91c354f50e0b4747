"""Arrival: all here is one tap, nothing new is one tap, and what is new is asked in the lane."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.on_board import (
    TICK,
    Counted,
    all_sent,
    kept,
    lane,
    lanes_on_the_server,
    tab_of,
)

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("board")]


@pytest.fixture
def soon(board: Page) -> Page:
    """The class after this one, of which nobody is here yet."""
    board.locator(".tab[aria-current] ~ .tab").first.click()
    expect(board.locator('[data-act="here"]')).to_have_count(4)
    return board


def answer(of: Locator, name: str, value: str) -> None:
    of.locator(f'[data-act="pick"][data-name="{name}"][data-value="{value}"]').click()


def test_all_who_are_planned_are_here_with_one_tap(soon: Page):
    counted = Counted(soon)
    soon.locator('[data-act="all-here"]').click()
    expect(soon.locator("[data-count]")).to_contain_text("4 of 4 here")
    assert (counted.taps, counted.keys) == (1, 0)
    all_sent(soon)
    found = lanes_on_the_server(soon)
    assert {found[name]["status"] for name in ("Carl D.", "Dora E.", "Edie W.", "Luis A.")} == {
        "checked_in"
    }


def test_one_who_is_here_with_nothing_new_is_one_tap_and_can_lift_at_once(soon: Page):
    counted = Counted(soon)
    luis = lane(soon, "Luis A.")
    luis.locator('[data-act="here"]').click()
    expect(luis.locator(TICK)).to_have_count(1)
    assert counted.taps == 1
    all_sent(soon)
    assert lanes_on_the_server(soon)["Luis A."]["asked"] is True

    soon.locator('[data-act="undo"]').click()
    expect(luis.locator('[data-act="here"]')).to_be_visible()
    all_sent(soon)
    assert lanes_on_the_server(soon)["Luis A."]["status"] == "planned"


def test_at_most_six_questions_are_asked_and_a_blank_stays_a_blank(soon: Page):
    luis = lane(soon, "Luis A.")
    luis.locator('[data-act="ask"]').click()
    assert luis.locator(".question").count() == 6
    luis.locator('[data-act="arrived"]').click()
    expect(luis).to_contain_text("One answer is missing")
    answer(luis, "next_day", "2")
    answer(luis, "next_day_site", "knee")
    luis.locator('[data-act="arrived"]').click()
    expect(luis.locator(TICK)).to_have_count(1)
    all_sent(soon)
    assert lanes_on_the_server(soon)["Luis A."]["status"] == "checked_in"


@pytest.mark.parametrize(
    ("answers", "code", "words"),
    [
        ({"fracture": "yes"}, "locked", "a fracture"),
        ({"dizzy": "yes"}, "locked", "dizzy"),
        ({"now": "1", "now_site": "ribs", "now_kind": "new"}, "locked", "pain 1 of 10"),
        ({"next_day": "2", "next_day_site": "leg", "next_day_kind": "night"}, "locked", "pain 2"),
        ({"away": "fall"}, "rescreen", "a fall"),
        ({"medicine": "yes"}, "rescreen", "medicine"),
    ],
)
def test_a_yes_says_at_once_what_it_stops_and_who_ends_it_and_the_server_agrees(
    soon: Page, answers: dict[str, str], code: str, words: str
):
    soon.context.set_offline(True)
    luis = lane(soon, "Luis A.")
    luis.locator('[data-act="ask"]').click()
    for name, value in answers.items():
        answer(luis, name, value)
    expect(luis.locator(".lane-questions .note")).to_contain_text(words)
    expect(luis.locator(".lane-questions .note")).to_contain_text("Any therapist")
    luis.locator('[data-act="arrived"]').click()
    expect(luis).to_have_attribute("data-state", "stop")
    expect(luis.locator(TICK)).to_have_count(0)

    soon.context.set_offline(False)
    all_sent(soon)
    expect(lane(soon, "Luis A.")).to_have_attribute("data-state", "stop")
    found = lanes_on_the_server(soon)["Luis A."]
    assert found["stopped"]["code"] == code
    assert found["stopped"]["who"]


def test_pain_in_the_back_without_its_kind_is_asked_beside_the_question(soon: Page):
    luis = lane(soon, "Luis A.")
    luis.locator('[data-act="ask"]').click()
    answer(luis, "now", "4")
    answer(luis, "now_site", "lower_back")
    luis.locator('[data-act="arrived"]').click()
    wrong = luis.locator(".question.is-wrong")
    expect(wrong).to_contain_text("is it known, or new or changed?")
    expect(luis.locator('[data-name="now"][data-value="4"]')).to_have_attribute(
        "aria-pressed", "true"
    )
    assert kept(soon) == []


def test_a_no_show_is_one_tap_and_its_reason_one_more(board: Page):
    tab_of(board, "Wim Z.").click()
    wim = lane(board, "Wim Z.")
    expect(wim).to_contain_text("Cancelled late")
    wim.locator('[data-act="undo-say"]').click()
    counted = Counted(board)
    wim.locator('[data-act="no-show"]').click()
    expect(wim).to_contain_text("No-show")
    assert counted.taps == 1
    wim.locator('[data-act="why"][data-why="Transport"]').click()
    expect(wim).to_contain_text("No-show: Transport")
    all_sent(board)
    found = lanes_on_the_server(board)["Wim Z."]
    assert (found["status"], found["said_why"]) == ("no_show", "Transport")
