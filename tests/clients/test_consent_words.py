"""The pure parts of a consent: its text, its statements, a signature that was drawn."""

from __future__ import annotations

import json

import pytest

from bonefit.clients.consent_words import Block, blocks, read_statements
from bonefit.clients.signatures import path_of, read_strokes

STROKES = [[[0, 0], [10, 20], [600, 200]], [[5, 5], [6, 6], [7, 7]]]

NO_STROKES = [
    "{}",
    "[",
    "[[]]",
    '[[["a", 1]]]',
    "[[[1, 2.5]]]",
    "[[[true, 2]]]",
    "[[[1, -1]]]",
    "[[[601, 1]]]",
    "[[[1, 201]]]",
    "[" * 5000,
    json.dumps([[[1, 1]] * 4001]),
    json.dumps([[[1, 1]]] * 101),
    " " + "1" * 60_000,
]


@pytest.mark.parametrize("number", range(len(NO_STROKES)))
def test_strokes_that_are_none_are_refused(number: int) -> None:
    text = NO_STROKES[number]
    with pytest.raises(ValueError, match="Draw it again"):
        read_strokes(text)


def test_strokes_are_numbers_in_a_box() -> None:
    assert read_strokes(json.dumps(STROKES)) == STROKES
    assert read_strokes("") is None
    assert read_strokes("[]") is None
    assert path_of([[[3, 4]]]) == "M3 4L3 4"


def test_a_text_is_headings_lists_and_paragraphs() -> None:
    assert blocks("## One\r\ntwo\n\n- a\n- b\n- \nthree") == [
        Block("heading", ("One",)),
        Block("text", ("two",)),
        Block("list", ("a", "b")),
        Block("text", ("-",)),
        Block("text", ("three",)),
    ]


def test_statements_keep_their_keys_and_new_ones_get_their_own() -> None:
    before = [{"key": "film", "words": "You may film me.", "required": True}]
    assert read_statements("You may film me.\n\nFilm (optional)\nFilm", before) == [
        before[0],
        {"key": "film-2", "words": "Film", "required": False},
    ]
