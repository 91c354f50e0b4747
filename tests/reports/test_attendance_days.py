"""The days that a row of the adherence report names besides its figures."""

from datetime import timedelta

import pytest

from tests.reports.floor import ATTENDED, EXTRA, PLANNED, someone, visit
from tests.reports.test_attendance_vectors import MONDAY, rows

pytestmark = pytest.mark.django_db


def test_last_attended_and_next_booked_are_of_any_day(cast):
    jo = someone(cast.ana, "Jo P.", MONDAY)
    visit(jo, MONDAY, ATTENDED, EXTRA)
    visit(jo, MONDAY + timedelta(days=40), PLANNED)
    visit(jo, MONDAY + timedelta(days=47), PLANNED)

    day = MONDAY + timedelta(days=20)
    row = rows(cast.north, day, day)["Jo P."]

    assert (row["last"], row["next"]) == ("2025-03-03", "2025-04-12")
