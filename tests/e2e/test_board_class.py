"""The class as a whole: who supervises, how many, a walk-in, its plates, the day's others."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import APIResponse, Page, Route, expect

from tests.e2e.on_board import (
    BOARD,
    Counted,
    all_sent,
    lane,
    lanes_on_the_server,
    tab_of,
    until,
    with_day,
)

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("board")]
#: Milliseconds; by itself the board reads the day once a minute.
READ_AT_ONCE = 40_000


def slot_on_the_server(page: Page, of: str = "Ana R.") -> dict[str, Any]:
    """The class that somebody is in, as the server has it."""
    for slot in page.request.get(f"{BOARD}day/").json()["slots"]:
        if of in {one["name"] for one in slot["lanes"]}:
            return dict(slot)
    raise AssertionError(f"{of} is in no class.")


def test_who_supervises_is_named_with_one_tap_and_a_second_one_with_two(board: Page):
    board.locator(".tab[aria-current] ~ .tab").first.click()
    start = board.locator("[data-start]")
    expect(start).to_contain_text("Who supervises?")
    counted = Counted(board)
    start.get_by_role("button", name="Mira K.").click()
    expect(board.locator("[data-count]")).to_contain_text("Mira K. supervises")
    expect(start).not_to_contain_text("Who supervises?")
    assert counted.taps == 1
    board.locator('[data-sheet="people"]').click()
    board.locator("[data-panel]").get_by_role("button", name="Sam D.").click()
    expect(board.locator("[data-count]")).to_contain_text("Mira K. and Sam D. supervise")
    assert (counted.taps, counted.keys) == (1 + 2, 0)
    all_sent(board)
    here = slot_on_the_server(board, "Luis A.")["supervisors"]
    assert [one["name"] for one in here if one["here"]] == ["Mira K.", "Sam D."]


def test_one_more_than_the_supervisors_may_look_after_is_refused_here_with_what_to_do(board: Page):
    def small(day: dict[str, Any]) -> None:
        for slot in day["slots"]:
            slot["ratio"] = {"warn": 1, "block": 2}
            slot["title"] = f"Small {slot['title']}"

    with_day(board, small)
    board.reload()
    # Until it has read the day, the board stands on the one that the tablet keeps.
    expect(board.locator("[data-title]")).to_contain_text("Small")
    board.locator(".tab[aria-current] ~ .tab").first.click()
    here, start = board.locator('[data-act="here"]'), board.locator("[data-start]")
    count = board.locator("[data-count]")
    expect(here).to_have_count(4)
    start.get_by_role("button", name="Mira K.").click()
    here.first.click()
    expect(count).to_contain_text("1 of 4 here")
    here.first.click()
    expect(start).to_contain_text("2 clients with 1 supervisor: more than 1")
    here.first.click()
    expect(start).to_contain_text(
        "3 clients with 1 supervisor: at most 2 are allowed. Name another supervisor"
    )
    all_sent(board)
    found = slot_on_the_server(board, "Luis A.")["lanes"]
    assert sum(one["status"] == "checked_in" for one in found) == 2
    start.get_by_role("button", name="Sam D.").click()
    expect(count).to_contain_text("Mira K. and Sam D. supervise")
    here.first.click()
    expect(count).to_contain_text("3 of 4 here")


def test_somebody_who_walks_in_is_in_the_class_by_two_taps(board: Page):
    counted = Counted(board)
    board.locator('[data-sheet="people"]').click()
    board.locator('[data-act="walk-in"]').filter(has_text="Gwen I.").click()
    expect(lane(board, "Gwen I.")).to_be_visible()
    assert (counted.taps, counted.keys) == (2, 0)
    assert "Gwen I." in {one["name"] for one in slot_on_the_server(board)["lanes"]}


def test_who_walked_in_stays_where_a_day_that_was_read_before_arrives_after(board: Page):
    held: list[tuple[Route, APIResponse]] = []
    board.route("**/floor/day/", lambda route: held.append((route, route.fetch())), times=1)
    board.reload()
    expect(lane(board, "Ana R.")).to_be_visible()  # as the tablet kept it
    until(board, lambda: len(held) == 1)
    board.locator('[data-sheet="people"]').click()
    board.locator('[data-act="walk-in"]').filter(has_text="Gwen I.").click()
    expect(lane(board, "Gwen I.")).to_be_visible()
    route, day_before = held[0]
    with board.expect_request("**/floor/day/", timeout=READ_AT_ONCE):
        route.fulfill(response=day_before)
    expect(lane(board, "Gwen I.")).to_be_visible()


def test_without_a_network_a_walk_in_is_told_what_to_do(board: Page):
    board.context.set_offline(True)
    board.locator('[data-sheet="people"]').click()
    expect(board.locator("[data-panel]")).to_contain_text("A walk-in needs a network")


def test_the_plates_of_the_class_are_what_is_still_to_come_in_the_servers_order(board: Page):
    slot = slot_on_the_server(board)
    names = {one["visit"]: one["name"] for one in slot["lanes"]}
    board.locator('[data-sheet="plates"]').click()
    lines = board.locator(".plates-line")
    left = {
        (one["visit"], lift["lift"])
        for one in slot["lanes"]
        for lift in one["lifts"]
        if sum(made["lift"] == lift["lift"] for made in one["sets"]) < lift["sets"]
    }
    expected = [names[one["visit"]] for one in slot["plan"] if (one["visit"], one["lift"]) in left]
    assert [line.locator("strong").inner_text() for line in lines.all()] == expected
    assert expected
    with board.expect_navigation():
        board.get_by_role("link", name="On one page, to print").click()
    expect(board.locator("h1")).to_be_visible()


def test_the_classes_of_the_day_are_tabs_and_back_leads_to_the_one_before(board: Page):
    assert board.locator(".tab").count() == 5
    title = board.locator("[data-title]").inner_text()
    tab_of(board, "Nora F.").click()
    expect(lane(board, "Nora F.")).to_be_visible()
    board.go_back()
    expect(board.locator("[data-title]")).to_have_text(title)
    expect(lane(board, "Ana R.")).to_be_visible()


def test_a_day_without_a_class_and_a_class_without_anybody_say_so(board: Page):
    with_day(board, lambda day: day.update(slots=[]))
    board.reload()
    expect(board.locator("[data-lanes]")).to_contain_text("No class today")
    board.unroute("**/floor/day/")

    with_day(board, lambda day: [slot.update(lanes=[]) for slot in day["slots"]])
    board.reload()
    expect(board.locator("[data-lanes]")).to_contain_text("Nobody is in this class")


def test_a_tablet_that_keeps_nothing_says_what_to_do(board: Page):
    board.evaluate("indexedDB.deleteDatabase('bonefit-floor')")
    board.context.set_offline(True)
    board.reload()
    expect(board.locator("[data-lanes]")).to_contain_text("Nothing is kept on this tablet")


def test_two_and_eight_lanes_are_drawn_and_six_are_seen_without_scrolling(board: Page):
    assert board.locator(".lane").count() == 6
    bottom = board.locator(".lane").last.evaluate("one => one.getBoundingClientRect().bottom")
    assert bottom <= 820

    def filled(day: dict[str, Any]) -> None:
        for slot in day["slots"]:
            lanes = slot["lanes"]
            slot["lanes"] = lanes + [
                {**one, "visit": one["visit"][:-1] + "x", "name": f"{one['name']} 2"}
                for one in lanes[:2]
            ]

    with_day(board, filled)
    board.reload()
    expect(board.locator(".lane")).to_have_count(8)
    board.unroute("**/floor/day/")
    with_day(board, lambda day: [slot.update(lanes=slot["lanes"][:2]) for slot in day["slots"]])
    board.reload()
    expect(board.locator(".lane")).to_have_count(2)
    assert "Vera S." in lanes_on_the_server(board)
