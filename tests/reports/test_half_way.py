"""A mean that lies half way between two digits is rounded up, whichever row it stands in."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from sessions.reports.attendance_report import make
from sessions.reports.dose import Line, Spread, Sums
from sessions.reports.dose_report import CELLS
from sessions.reports.scope import By
from sessions.reports.table import rounded_middle
from tests.cast import Cast
from tests.reports.attendance_world import asked
from tests.reports.floor import ATTENDED, NO_SHOW, someone, visit
from tests.reports.test_attendance_agrees_with_a_second_one import cells_of

MONDAY = date(2025, 3, 3)


@pytest.mark.django_db
def test_a_mean_is_the_same_by_client_and_by_therapist(cast: Cast):
    """Three of sixteen came to one of three sessions: 100 ÷ 16 = 6.25 %."""
    for number in range(16):
        jo = someone(cast.ana, f"Jo {number:02}", MONDAY)
        for day in range(3):
            came = number < 3 and day == 0
            visit(jo, MONDAY + timedelta(days=day), ATTENDED if came else NO_SHOW)

    said = {}
    for by in (By.CLIENT, By.THERAPIST):
        report = make(asked([cast.north], MONDAY, MONDAY + timedelta(days=6), by=by))
        said[by] = next(one.value for one in report.beside if one.sentence.startswith("mean"))
        note = report.tables[0].notes[0]
        assert "Mean of the clients' own percentages 6.3 %" in note

    assert said == {By.CLIENT: "6.3", By.THERAPIST: "6.3"}
    assert cells_of(report.tables[0])["total"]["mean"] == "6.3"


@pytest.mark.parametrize(
    ("value", "places", "shown"),
    [
        (Decimal("6.2499999999999999"), 1, "6.3"),
        (12.349999999999998, 1, "12.4"),
        (Decimal("3.1249999999999999"), 2, "3.13"),
        (Decimal("6.2499"), 1, "6.2"),
        (Decimal("83.35"), 1, "83.4"),
    ],
)
def test_a_hair_below_the_middle_is_the_middle(value: Decimal | float, places: int, shown: str):
    assert str(rounded_middle(value, places)) == shown


def test_the_mean_of_a_dose_is_rounded_alike():
    spread = Spread(32, Decimal("3.1249999999999999"), Decimal("3.1249999999999999"))
    line = Line("line", "1", "", 32, Sums(), spread, spread, spread)

    assert [str(CELLS[key](line)) for key in ("d1_mean", "d1_median")] == ["3.13", "3.13"]
