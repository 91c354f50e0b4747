"""A class on one tablet: a set as prescribed is one tap, and everything else is near."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.engine_offers import offered_by_the_engine
from tests.e2e.on_board import (
    BOARD,
    TICK,
    Counted,
    a_while_later,
    all_sent,
    lane,
    lanes_on_the_server,
    sets_on_the_server,
    waits,
)

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("board")]


def test_a_set_as_prescribed_is_one_tap_and_no_sign_is_typed(board: Page):
    ana = lane(board, "Ana R.")
    expect(ana).to_contain_text("set 4 of 5")
    counted = Counted(board)
    ana.locator(TICK).click()

    expect(ana).to_contain_text("last: tap the RPE")
    assert (counted.taps, counted.keys) == (1, 0)
    all_sent(board)
    board.reload()
    expect(lane(board, "Ana R.")).to_contain_text("last: tap the RPE")


def test_undo_takes_the_set_back_with_one_tap(board: Page):
    before = sets_on_the_server(board)
    lane(board, "Ana R.").locator(TICK).click()
    board.locator('[data-act="undo"]').click()
    expect(board.locator("[data-toast]")).to_contain_text("Taken back")

    expect(lane(board, "Ana R.")).to_contain_text("set 4 of 5")
    all_sent(board)
    assert sets_on_the_server(board) == before


def test_what_was_just_done_is_said_for_a_while_and_not_longer(board: Page):
    lane(board, "Ana R.").locator(TICK).click()
    expect(board.locator("[data-toast]")).to_contain_text("recorded")
    expect(board.locator('[data-act="undo"]')).to_be_visible()

    a_while_later(board)
    expect(board.locator("[data-toast]")).to_be_empty()


def test_other_reps_take_two_taps_and_another_load_three(board: Page):
    counted = Counted(board)
    joan = lane(board, "Joan P.")
    joan.locator('[data-act="other"]').click()
    joan.locator('[data-act="record"][data-count="4"]').click()
    expect(joan).to_contain_text("Lower for the rest: 4 of 5 reps on set 2.")
    expect(joan.locator('[data-act="all"]')).to_have_count(0)

    assert counted.taps == 2
    ana = lane(board, "Ana R.")
    ana.locator('[data-act="other"]').click()
    ana.locator('[data-act="step"]').first.click()
    ana.locator('[data-act="record"][data-count="5"]').click()
    expect(ana).to_contain_text("Same as the last set, which was lower.")
    assert (counted.taps, counted.keys) == (2 + 3, 0)
    all_sent(board)


def test_seven_facts_stand_in_the_lane_before_each_set_and_none_needs_a_tap(board: Page):
    ana = lane(board, "Ana R.")
    day = lanes_on_the_server(board)["Ana R."]
    squat = next(one for one in day["lifts"] if one["lift"] == "squat")
    for fact in ("Back squat", "set 4 of 5", f"{squat['load']} kg", f"× {squat['asked']}"):
        expect(ana).to_contain_text(fact)
    expect(ana.locator(".iron")).to_have_attribute("aria-label", re.compile("kg bar, each side"))
    expect(ana).to_contain_text(f"Last time {squat['last']}")
    expect(ana).to_contain_text("Held")
    expect(ana).to_contain_text(squat["why"])
    for one in lanes_on_the_server(board).values():
        assert all(len(lift["why"]) <= 90 for lift in one["lifts"])


def test_done_carries_the_initials_and_the_name_so_that_no_lane_is_taken_for_another(board: Page):
    for one in board.locator(".lane").all():
        name = one.get_attribute("aria-label")
        for tick in one.locator('.done, .felt [data-act="done"]').all():
            expect(tick.locator(".chip")).to_have_text(one.locator(".lane-tab").inner_text())
            assert name in (tick.get_attribute("aria-label") or tick.inner_text())


def test_the_second_tap_of_a_double_tap_records_nothing(board: Page):
    before = sets_on_the_server(board)
    lane(board, "Joan P.").locator(".done").dblclick()
    expect(lane(board, "Joan P.")).to_contain_text("set 3 of 5")
    all_sent(board)
    assert sum(sets_on_the_server(board).values()) == sum(before.values()) + 1


def test_all_that_is_left_of_a_lift_is_one_tap_until_a_set_was_missed(board: Page):
    mei = lane(board, "Mei L.")
    counted = Counted(board)
    mei.locator('[data-act="all"]').click()
    expect(board.locator("[data-toast]")).to_contain_text("5 sets recorded")
    assert counted.taps == 1
    board.locator('[data-act="undo"]').click()
    expect(mei).to_contain_text("set 1 of 5")

    mei.locator('[data-act="other"]').click()
    mei.locator('[data-act="record"][data-count="3"]').click()
    expect(mei).to_contain_text("Lower for the rest: 3 of 5 reps on set 1.")
    expect(mei.locator('[data-act="all"]')).to_have_count(0)


def test_an_earlier_set_is_corrected_in_three_taps_and_shows_what_it_said_before(board: Page):
    before = sets_on_the_server(board)
    ana = lane(board, "Ana R.")
    counted = Counted(board)
    ana.locator('[data-act="sets"]').click()
    ana.locator('[data-act="edit"]').first.click()
    ana.locator('[data-act="record"][data-count="3"]').click()

    expect(board.locator("[data-toast]")).to_contain_text("set 1 corrected")
    assert counted.taps == 3
    all_sent(board)
    assert sets_on_the_server(board) == before
    ana.locator('[data-act="sets"]').click()
    expect(ana.locator('[data-act="edit"]').first).to_contain_text("× 3")
    expect(ana.locator(".lane-before").first).to_contain_text("× 5")


@pytest.mark.parametrize(
    ("name", "value", "words"), [("rpe", "17", "@ 17"), ("pain", "2", "pain 2")]
)
def test_effort_and_pain_of_an_earlier_set_take_three_taps_too(
    board: Page, name: str, value: str, words: str
):
    ana = lane(board, "Ana R.")
    counted = Counted(board)
    ana.locator('[data-act="sets"]').click()
    ana.locator('[data-act="edit"]').first.click()
    ana.locator(f'[data-act="pick"][data-name="{name}"][data-value="{value}"]').click()
    assert counted.taps == 3
    expect(board.locator("[data-toast]")).to_contain_text("set 1 corrected")
    ana.locator('[data-act="close"]').click()
    ana.locator('[data-act="sets"]').click()
    expect(ana.locator('[data-act="edit"]').first).to_contain_text(words)
    all_sent(board)


def test_pain_in_the_back_asks_its_kind_beside_the_question_and_then_locks(board: Page):
    ana = lane(board, "Ana R.")
    ana.locator('[data-act="other"]').click()
    pick = '[data-act="pick"][data-name="{}"][data-value="{}"]'.format
    ana.locator(pick("pain", "3")).click()
    ana.locator(pick("pain_site", "lower_back")).click()
    ana.locator('[data-act="record"][data-count="5"]').click()
    expect(ana.locator(".is-wrong")).to_contain_text("is it known, or new or changed?")
    assert waits(board) == 0

    ana.locator(pick("pain_kind", "new")).click()
    ana.locator('[data-act="record"][data-count="5"]').click()
    expect(ana).to_contain_text("Locked")
    all_sent(board)
    expect(lane(board, "Ana R.")).to_contain_text("Locked")
    assert lanes_on_the_server(board)["Ana R."]["stopped"]["code"] == "locked"


def test_the_rest_starts_with_the_tick_outlives_the_page_and_no_edit_touches_it(board: Page):
    ana = lane(board, "Ana R.")
    expect(ana.locator(".clock")).to_have_count(0)
    lane(board, "Joan P.").locator(TICK).click()
    joan = lane(board, "Joan P.")
    expect(joan).to_contain_text("Resting")
    board.wait_for_timeout(2500)
    joan.locator('[data-act="sets"]').click()
    joan.locator('[data-act="edit"]').first.click()
    joan.locator('[data-act="record"][data-count="4"]').click()
    expect(board.locator("[data-toast]")).to_contain_text("corrected")
    again = board.context.new_page()
    board.close()
    again.goto(BOARD)
    expect(lane(again, "Joan P.").locator(".clock")).to_be_visible()
    minutes, seconds = lane(again, "Joan P.").locator(".clock").inner_text().split(":")
    assert int(minutes) * 60 + int(seconds) >= 2
    expect(lane(again, "Ana R.").locator(".clock")).to_have_count(0)


def test_no_sound_is_made_unless_somebody_asks_for_it(board: Page):
    board.locator('[data-sheet="people"]').click()
    sound = board.locator('[data-act="sound"]')
    expect(sound).to_have_attribute("aria-pressed", "false")
    sound.click()
    expect(sound).to_have_attribute("aria-pressed", "true")
    board.reload()
    board.locator('[data-sheet="people"]').click()
    expect(board.locator('[data-act="sound"]')).to_have_attribute("aria-pressed", "true")


OFFERS = """async (cases) => {
  const model = await import('/static/js/board/model.js');
  return cases.map(({ lift, sets, limits }) => {
    const { load, stopped } = model.offer(lift, sets, limits);
    return [load, stopped];
  });
}"""


def test_the_tablet_offers_what_the_engine_offers(board: Page):
    cases, expected = offered_by_the_engine(400)
    assert board.evaluate(OFFERS, cases) == expected
