"""A table on paper: as wide as the page, and what does not fit stands below it with the names."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from sessions.reports import pdf
from sessions.reports.about import About
from sessions.reports.registry import kind_of
from sessions.reports.table import Column, Kind, Row, Table
from tests.cast import Cast

pytestmark = pytest.mark.django_db


def about(cast: Cast) -> About:
    kind = kind_of("dose")
    assert kind is not None
    moment = datetime(2026, 3, 5, 2, 0, tzinfo=UTC)
    return About(kind, "Northside", "Ada A.", (), moment, (cast.north,))


def pieces(cast: Cast, many: int, **more: Any) -> list[dict[str, Any]]:
    columns = (
        Column("name", "Client", Kind.TEXT, "Whose."),
        *(Column(f"c{number}", f"C{number}", Kind.COUNT, "How many.") for number in range(many)),
    )
    rows = tuple(Row(name, (name, *range(many))) for name in ("Ana", "Joan"))
    return [*pdf._pieces(Table("t", "Clients", columns, rows, **more), about(cast))]


@pytest.mark.parametrize("many", [0, 1, 13, 14, 27, 40])
def test_every_column_stands_once_and_each_piece_begins_with_the_names(
    cast: Cast, many: int
) -> None:
    found = pieces(cast, many)
    assert [name for one in found for name in one["head"][1:]] == [f"C{n}" for n in range(many)]
    for one in found:
        assert one["head"][0] == "Client"
        assert [row[0] for row in one["rows"]] == ["Ana", "Joan"]
        assert {len(row) for row in one["rows"]} == {len(one["head"])} == {len(one["wide"])}
        assert len(one["head"]) <= pdf.MOST_COLUMNS + 1


def test_pieces_are_of_about_one_width_and_say_that_they_go_on(cast: Cast) -> None:
    found = pieces(cast, 27, notes=("Said once.",))
    assert [len(one["head"]) - 1 for one in found] == [9, 9, 9]
    assert [one["title"] for one in found] == ["Clients", *["Clients, further columns"] * 2]
    assert [one["notes"] for one in found] == [[], [], ["Said once."]]


def test_a_blank_of_the_total_is_a_blank_and_one_of_a_row_says_none(cast: Cast) -> None:
    columns = (Column("n", "Client", Kind.TEXT, ""), Column("d", "Next", Kind.DAY, ""))
    rows = (Row("a", ("Ana", None)), Row("j", ("Joan", date(2026, 3, 9))))
    (one,) = pdf._pieces(
        Table("t", "Clients", columns, rows, total=Row("total", ("All", None))), about(cast)
    )
    assert one["rows"] == [["Ana", "none"], ["Joan", "9 Mar"]]
    assert one["total"] == ["All", ""]


def test_a_column_of_words_is_wider_than_one_of_figures(cast: Cast) -> None:
    columns = (Column("n", "Item", Kind.TEXT, ""), Column("w", "What", Kind.TEXT, ""))
    rows = (Row("1", ("1", "Bars and plates, and what else is needed for it")),)
    (one,) = pdf._pieces(Table("t", "CERT", columns, rows), about(cast))
    assert one["wide"] == [1, 3]
