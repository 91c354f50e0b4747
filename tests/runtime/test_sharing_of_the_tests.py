"""What takes longest begins first, and one worker does what belongs together."""

from __future__ import annotations

import pytest

from tests.sharing import in_order, shared_by, takes


@pytest.mark.parametrize(
    ("test", "part"),
    [
        ("tests/e2e/test_board.py::test_one[chromium]@board", "board"),
        ("tests/test_login.py::test_an_address[ana@example.org]", "tests/test_login.py"),
        ("tests/queue/test_the_sweep.py::test_it[1]", "tests/queue/"),
        ("tests/people/test_cover.py::test_it", "tests/people/test_cover.py"),
    ],
)
def test_a_group_a_folder_and_a_file_stay_together(test: str, part: str):
    assert shared_by(test) == part


def test_the_longest_go_first_and_none_of_them_waits_behind_another():
    parts = {"e": 1, "a": 90, "c": 50, "b": 70, "d": 10, "f": 2}
    # Two workers are given two each; whoever is done first takes the next.
    assert in_order(parts, 2) == ["a", "b", "f", "e", "c", "d"]
    assert in_order(parts, 6) == ["a", "b", "c", "d", "f", "e"]
    assert in_order(parts, 9) == ["a", "b", "c", "d", "f", "e"]
    assert sorted(in_order(parts, 4)) == sorted(parts)


def test_what_a_test_takes_is_known_by_what_it_asks_for(request: pytest.FixtureRequest):
    assert takes(request.node) == 1


def test_rows_take_longer(request: pytest.FixtureRequest, db: None):
    assert takes(request.node) == 2
