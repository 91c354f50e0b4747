"""Every figure opens the rows behind it, and they are as many as it says."""

from datetime import UTC, datetime, timedelta
from random import Random

import pytest

from sessions.models import Visit
from sessions.reports.attendance_behind import behind
from sessions.reports.attendance_report import make
from sessions.reports.scope import By
from tests.cast import TODAY
from tests.reports.attendance_world import FIRST, asked, invent
from tests.reports.behind_rules import RULES
from tests.reports.floor import ATTENDED, NO_SHOW, make_up, moment, someone, visit
from tests.reports.test_attendance_agrees_with_a_second_one import cells_of

#: What a percentage opens: the sessions of this column.
OPENED = {
    "a1": "attended",
    "a2": "offered",
    "a3": "counted",
    "a4": "counted",
    "a4_raw": "counted",
    "a1_made_up": "credited",
    "a2_made_up": "credited",
    "a5": "ever",
    "a6_4": "due_4",
    "a6_8": "due_8",
}
#: What opens rows whose numbers make the figure: see behind_rules.
NO_COUNTS = {name for name, rule in RULES["adherence"].items() if name not in OPENED and rule} | {
    "share"
}


def opened(scope, table, row, column):
    """How many rows stand behind a figure."""
    found = behind(scope, table, row, column)
    assert found is not None, (table, row, column)
    keys = [each.key for each in found.rows]
    assert len(set(keys)) == len(keys)
    assert all(len(each.cells) == len(found.columns) for each in found.rows)
    return len(keys)


@pytest.mark.parametrize("by", list(By))
@pytest.mark.parametrize("phase", ["", "LOAD"])
def test_there_are_as_many_rows_as_the_figure_says(cast, by, phase):
    chance = Random(f"behind {by} {phase}")
    invent(cast.north, [cast.ana, cast.tess], chance, people=5)
    scope = asked(
        [cast.north], FIRST + timedelta(days=10), FIRST + timedelta(days=90), by=by, phase=phase
    )

    for table in make(scope).tables:
        for key, cells in cells_of(table).items():
            for column in sorted(table.opens - NO_COUNTS):
                value = cells.get(OPENED.get(column, column), "")
                if not value:
                    continue
                if (column, key) == ("longest", "total"):
                    continue
                count = opened(scope, table.key, key, column)
                assert count == int(value), (table.key, key, column)


def test_a_share_of_what_was_missed_opens_what_was_missed(cast):
    jo = someone(cast.ana, "Jo P.", FIRST)
    for number, state in enumerate([ATTENDED, NO_SHOW, "excused", "clinic_cancelled"]):
        visit(jo, FIRST + timedelta(days=number), state)
    scope = asked([cast.north], FIRST, FIRST + timedelta(days=9))

    row = str(jo.pk)
    assert opened(scope, "clients", row, "kpi") == 2
    assert opened(scope, "clients", row, "kpi_all") == 3


def test_a_row_says_who_said_so_and_why(cast):
    jo = someone(cast.ana, "Jo P.", FIRST)
    gone = visit(jo, FIRST, NO_SHOW)
    gone.said_by, gone.said_why = cast.tess, "Rang twice."
    gone.said_at = datetime(2025, 9, 1, 2, tzinfo=UTC)
    gone.save()
    make_up(gone, after=3)
    visit(jo, FIRST + timedelta(days=7), ATTENDED, by=cast.ana)
    scope = asked([cast.north], FIRST, FIRST + timedelta(days=9))

    found = behind(scope, "clients", str(jo.pk), "counted")

    missed, came = (list(row.cells) for row in found.rows)
    assert missed == [
        FIRST, "09:00", "Jo P.", "No-show", "Regular", FIRST + timedelta(days=3), "Tess T.",
        gone.said_at, "Rang twice.",
    ]  # fmt: skip
    assert came[:5] == [FIRST + timedelta(days=7), "09:00", "Jo P.", "Attended", "Regular"]
    assert came[6] == "Ana T."
    assert all(f"/{cast.north.slug}/" in row.href for row in found.rows)


def test_who_may_not_read_names_reads_numbers(cast):
    jo = someone(cast.ana, "Jo P.", FIRST)
    visit(jo, FIRST, ATTENDED)
    scope = asked([cast.north], FIRST, FIRST + timedelta(days=9))
    object.__setattr__(scope, "named", False)

    (row,) = behind(scope, "clients", str(jo.pk), "attended").rows
    (client,) = make(scope).tables[0].rows

    assert row.cells[2] == client.cells[0] == f"Client {jo.client_id}"


@pytest.mark.parametrize(
    ("table", "row", "column"),
    [
        ("phases", "LOAD", "prescribed"),
        ("months", "total", "prescribed"),
        ("months", "2025-10", "a3_so_far"),
        ("clients", "total", "week"),
        ("clients", "total", "nothing"),
        ("nothing", "1", "attended"),
        ("weeks", "0", "attended"),
        ("weeks", "1; DROP TABLE", "attended"),
        ("months", "2025-13", "attended"),
        ("months", "2025-9", "attended"),
    ],
)
def test_what_no_figure_has_opens_nothing(cast, table, row, column):
    scope = asked([cast.north], FIRST, FIRST + timedelta(days=9))

    assert behind(scope, table, row, column) is None


@pytest.mark.parametrize("row", ["0", "-1", "x' OR true --", "99999999999999999999"])
def test_a_guessed_row_is_empty(cast, row):
    scope = asked([cast.north], TODAY - timedelta(days=30), TODAY)

    assert opened(scope, "clients", row, "planned") == 0


def test_nobody_of_another_clinic_is_behind_a_figure(cast):
    olga = someone(cast.otto, "Jo P.", FIRST)
    visit(olga, FIRST, ATTENDED)
    scope = asked([cast.north], FIRST, FIRST + timedelta(days=9))

    assert opened(scope, "clients", str(olga.pk), "attended") == 0
    assert Visit.objects.filter(enrollment=olga, during__startswith__lt=moment(TODAY)).exists()
