"""Two tablets, one set: both entries are kept, asked about once, and settled by one tap."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.on_board import (
    TICK,
    Counted,
    all_sent,
    kept,
    lane,
    lanes_on_the_server,
    opened,
)
from tests.servers import Site

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("board")]


def disputed(board: Page, other: Page) -> None:
    """Sam says three reps of a set of which Mira, without a network, says five."""
    board.context.set_offline(True)
    lane(board, "Ana R.").locator(TICK).click()
    theirs = lane(other, "Ana R.")
    theirs.locator('[data-act="other"]').click()
    theirs.locator('[data-act="record"][data-count="3"]').click()
    expect(other.locator("[data-toast]")).to_contain_text("recorded")
    all_sent(other)
    board.context.set_offline(False)
    expect(lane(board, "Ana R.")).to_contain_text("two entries differ")


@pytest.mark.parametrize(("choice", "reps"), [(0, 3), (1, 5)])
def test_two_entries_of_one_set_are_asked_about_once_on_either_tablet(
    board: Page, fresh_demo_site: Site, enter: Callable[..., Page], choice: int, reps: int
):
    other = opened(enter(fresh_demo_site, "Sam"))
    disputed(board, other)
    assert kept(board) == []
    found = [one for one in lanes_on_the_server(board)["Ana R."]["sets"] if one["disputed"]]
    assert [one["reps"] for one in found] == [3]  # until then the more cautious counts

    other.reload()
    solver = (board, other)[choice]
    mine = lane(solver, "Ana R.")
    expect(mine.locator('[data-act="choose"]')).to_have_count(2)
    counted = Counted(solver)
    mine.locator(f'[data-act="choose"][data-choice="{choice}"]').click()
    expect(mine).not_to_contain_text("two entries differ")
    assert counted.taps == 1
    all_sent(solver)
    for page in (board, other):
        page.reload()
        expect(lane(page, "Ana R.")).to_be_visible()
        expect(lane(page, "Ana R.")).not_to_contain_text("two entries differ")
    made = next(
        one for one in lanes_on_the_server(board)["Ana R."]["sets"] if one["uid"] == found[0]["uid"]
    )
    assert (made["reps"], made["disputed"]) == (reps, False)
