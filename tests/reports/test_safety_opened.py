"""Adverse events month by month, and whom the rates of safety are divided by."""

from datetime import UTC, date, datetime
from decimal import Decimal

from sessions.reports.drawing import draw
from sessions.reports.safety import KIND
from tests.reports.floor import ATTENDED, someone, visit
from tests.reports.test_retention import table
from tests.reports.test_safety import DAYS, FIRST, event, month, noon, scope


def test_each_month_stands_with_its_bound_in_a_table_and_a_picture(cast):
    jo = someone(cast.ana, "Jo", FIRST)
    for number in range(25):
        visit(jo, date(2025, 3, 1) + number * DAYS, ATTENDED)
        visit(jo, date(2025, 5, 1) + number * DAYS, ATTENDED)
    visit(jo, date(2025, 4, 7), ATTENDED)
    event(jo, noon(date(2025, 3, 3)))
    report = KIND.make(scope(cast))
    rows = {row.key: row.cells for row in table(report, "by_month").rows}
    assert len(rows) == 8
    assert rows["2025-03"][1:4] == (1, 25, Decimal("40.00"))
    assert rows["2025-05"][1:] == (0, 25, Decimal("0.00"), Decimal("0.00"), Decimal("119.83"))
    assert rows["2025-01"][1:] == (0, 0, None, None, None)
    picture = report.pictures["events"]
    values = {spot.label: (spot.value, spot.high) for spot in picture.spots}
    assert values["May 2025"] == (0.0, 119.83)
    assert values["April 2025"] == (None, None)  # of one session the bound says nothing
    assert "May 2025 0.00 (0.00 to 119.83, 25 sessions)" in picture.words
    svg = str(draw(picture))
    assert "March 2025" in svg


def test_without_a_month_of_enough_sessions_there_is_no_picture(cast):
    visit(someone(cast.ana, "Jo", FIRST), date(2025, 3, 1), ATTENDED)
    assert KIND.make(scope(cast)).pictures == {}


def test_a_rate_opens_whom_it_is_divided_by_with_her_days_or_months(cast):
    jo = someone(cast.ana, "Jo", date(2025, 3, 1), ended_on=date(2025, 3, 10))
    visit(jo, date(2025, 3, 3), ATTENDED)
    for number in (3, 4):
        month(jo, number, answered=number == 3)
    asked = scope(cast)

    def opened(*figure):
        return [row.cells for row in KIND.behind(asked, *figure).rows]

    assert ("Jo", "Northside", 10) in opened("rates", "events", "years")
    assert opened("rates", "falls", "per_year") == [("Jo", "Northside", 1)]
    [(began, *who)] = opened("rates", "serious", "session_high")
    assert (began, who) == (datetime(2025, 3, 2, 23, tzinfo=UTC), ["Jo", "Northside"])
    [(first, who, _, _, answered)] = opened("months", "unanswered", "number")
    assert (first, who, answered) == (date(2025, 4, 1), "Jo", None)
