"""What is kept back is of five people or more together: nothing of fewer follows from a total."""

from __future__ import annotations

import pytest

from sessions.reports.small_cells import kept_back
from sessions.reports.small_counts import ANOTHER, FEW
from sessions.reports.small_rows import AND_ANOTHER
from sessions.reports.table import Cell, Column, Figure, Kind, Report, Row, Table

KEYS = ("started", "left", "elsewhere", "finished", "running")


def table(
    key: str, keys: tuple[str, ...], *rows: tuple[Cell, ...], total: tuple[Cell, ...] | None = None
) -> Table:
    """Rows of a name and counts."""
    columns = tuple(
        Column(one, one, Kind.COUNT if number else Kind.TEXT, ".")
        for number, one in enumerate(("name", *keys))
    )
    said = Row("total", ("All", *total)) if total else None
    return Table(key, "Table", columns, [Row(str(row[0]), row) for row in rows], total=said)


def kept(given: Table, *beside: Figure, people: dict[str, int] | None = None) -> Report:
    report = Report(None, beside, (given,))
    return kept_back(report, people=90, of_rows=lambda: {given.key: people or {}})


def cells(report: Report) -> list[tuple[Cell, ...]]:
    [found] = report.tables
    return [row.cells for row in (*found.rows, *([found.total] if found.total else []))]


def test_two_small_rows_that_are_of_four_people_together_take_another_with_them():
    given = table(
        "groups", ("clients", "attended"), ("A", 3, 40), ("B", 1, 9), ("C", 9, 50), ("D", 20, 300),
        total=(33, 399),
    )  # fmt: skip
    report = kept(given)

    assert cells(report) == [
        (f"A: {FEW}", None, None),
        (f"B: {FEW}", None, None),
        (f"C: {ANOTHER}", None, None),
        ("D", 20, 300),
        ("All", 33, 399),
    ]
    assert AND_ANOTHER in report.tables[0].notes


def test_two_small_rows_that_are_of_eight_people_stay_alone():
    given = table(
        "groups", ("clients", "attended"), ("A", 4, 40), ("B", 4, 9), ("C", 9, 50), total=(17, 99)
    )

    assert cells(kept(given))[2] == ("C", 9, 50)


def test_small_months_may_be_of_the_same_people_so_another_goes_with_them():
    given = table(
        "months", ("attended",), ("March", 5), ("April", 5), ("May", 60), ("June", 80), total=(150,)
    )

    assert [row[1] for row in cells(kept(given, people={"March": 3, "April": 3}))] == [
        None, None, None, 80, 150,
    ]  # fmt: skip


@pytest.mark.parametrize("more", [("C", 30, 8, 0, 0, 22), ("C", 30, 8, 0, 22, 0)])
def test_a_count_of_two_in_one_group_does_not_follow_from_the_total_of_its_column(
    more: tuple[Cell, ...],
):
    rows: list[tuple[Cell, ...]] = [("A", 10, 2, 0, 0, 8), ("B", 20, 7, 0, 0, 13), more]
    sums = tuple(sum(int(str(row[at])) for row in rows) for at in range(1, 6))

    found = cells(kept(table("groups", KEYS, *rows, total=sums)))

    assert found[0] == ("A", 10, None, 0, 0, None)
    for at in (2, 5):
        silent = [row for row, said in zip(rows, found, strict=False) if said[at] is None]
        assert len(silent) > 1 or found[-1][at] is None
        assert sum(int(str(row[at])) for row in silent) >= 5


def test_counts_that_are_few_together_take_another_with_them():
    given = table("groups", KEYS, ("A", 40, 2, 1, 9, 28), ("B", 50, 20, 6, 9, 15))

    assert cells(kept(given))[0] == ("A", 40, None, None, None, 28)


def test_what_a_total_keeps_back_no_sentence_beside_it_says():
    given = table("groups", KEYS, ("A", 12, 2, 0, 0, 10), total=(12, 2, 0, 0, 10))
    beside = [
        Figure(value, "", word, opens=("groups", "total", word))
        for value, word in (("12", "started"), ("2", "left"), ("10", "running"))
    ]

    report = kept(given, *beside)

    said = {figure.sentence: figure.value for figure in report.beside}
    assert said == {"started": "12", "left": "fewer than 5"}


def test_a_mean_of_three_people_is_not_said_beside_a_total_without_it():
    given = table("groups", ("clients", "mean", "measured"), ("A", 12, 80, 3), total=(12, 80, 3))
    mean = Figure("80.0", "%", "mean", opens=("groups", "total", "mean"))

    report = kept(given, mean)

    assert cells(report)[-1] == ("All", 12, None, None)
    assert report.beside == ()


def test_a_count_of_blank_rows_that_are_few_of_it_does_not_follow_from_the_total():
    """A and B are blank, of seven people together; two of these left."""
    given = table(
        "groups", KEYS, ("A", 3, 1, 0, 0, 2), ("B", 7, 1, 0, 0, 6), ("C", 30, 10, 0, 0, 20),
        ("D", 40, 15, 0, 0, 25), total=(80, 27, 0, 0, 53),
    )  # fmt: skip
    found = cells(kept(given))

    assert [row[2] for row in found] == [None, None, None, 15, 27]
    assert [row[5] for row in found] == [None, None, None, 25, 53]


def test_a_count_that_the_total_keeps_back_does_not_follow_from_its_rows():
    """Of all four finished, so those who run are kept back with them."""
    given = table(
        "groups", KEYS, ("A", 15, 6, 0, 1, 8), ("B", 9, 6, 0, 3, 0), total=(24, 12, 0, 4, 8)
    )
    found = cells(kept(given))

    keys = dict(zip(KEYS, found[-1][1:], strict=True))
    assert keys["finished"] is None
    for at, key in enumerate(KEYS, 1):
        if keys[key] is None:
            assert any(row[at] is None for row in found[:-1]), key
