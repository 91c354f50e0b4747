"""What counts enrollments, events or decisions is of five people or more, for an organisation."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from bonefit.clinics.models import Membership, OrganisationMembership
from programs.models import Decision, Enrollment
from sessions.reports import cert
from sessions.reports.attendance_report import KIND
from sessions.reports.pictures import Funnel
from sessions.reports.scope import By, Filters
from sessions.reports.small_counts import FEW
from sessions.reports.table import Cell, Report, Row, Table
from sessions.reports.whose import scope_of_organisation
from tests.cast import NOW, Cast
from tests.reports.floor import ATTENDED, someone, visit
from tests.reports.test_safety import event

pytestmark = pytest.mark.django_db
FIRST, LAST = date(2025, 9, 1), date(2026, 2, 28)


def again_and_again(by: Membership, name: str, times: int, sessions: int) -> None:
    """Somebody who starts so many times, and comes so often each time."""
    one, day = None, FIRST
    for _ in range(times):
        more = {"client": one.client} if one else {}
        one = someone(by, name, day, ended_on=day + timedelta(days=20), **more)
        for number in range(sessions):
            visit(one, day + timedelta(days=2 + number), ATTENDED)
        day += timedelta(days=25)


def answered(greta: OrganisationMembership, by: By = By.THERAPIST) -> Report:
    report = KIND.answer(scope_of_organisation(greta, Filters(FIRST, LAST, by=by), as_at=NOW))
    assert not report.nothing
    return report


def table(report: Report, key: str) -> Table:
    return next(one for one in report.tables if one.key == key)


def said(found: Table, row: Row) -> dict[str, Cell]:
    return dict(zip((column.key for column in found.columns), row.cells, strict=True))


def test_a_step_that_four_people_reached_in_five_enrollments_is_blank(
    cast: Cast, greta: OrganisationMembership
):
    for number in range(6):
        again_and_again(cast.ana, f"Ruth {number}", 1, 0)
    again_and_again(cast.ana, "Vera", 2, 1)
    for number in range(3):
        again_and_again(cast.ana, f"Rosa {number}", 1, 1)
    report = answered(greta)

    rows = {row.key: row.cells for row in table(report, "funnel").rows}
    assert rows["enrolled"][1] == 11
    assert str(rows["came"][0]).endswith(FEW)
    assert rows["came"][1:] == (None, None)
    picture = report.pictures["funnel"]
    assert isinstance(picture, Funnel)
    assert dict(picture.steps) == {
        "Enrolled": 11, "Eight weeks": 0, "35 sessions": 0, "70 sessions": 0,
    }  # fmt: skip


def test_a_mean_of_one_person_is_blank_however_often_she_started(
    cast: Cast, greta: OrganisationMembership
):
    """Of six people with Ana one alone was ever expected, in six enrollments."""
    for number in range(5):
        again_and_again(cast.ana, f"Ruth {number}", 1, 0)
    again_and_again(cast.ana, "Vera", 6, 1)
    for number in range(7):
        again_and_again(cast.ada, f"Rosa {number}", 1, 1)
    for number in range(8):
        again_and_again(cast.tess, f"Rita {number}", 1, 1)
    found = table(answered(greta), "groups")

    rows = {row.key: said(found, row) for row in found.rows}
    hers, another, third = (rows[str(one.pk)] for one in (cast.ana, cast.ada, cast.tess))
    assert hers["clients"] == 6
    assert hers["measured"] is hers["mean"] is hers["median"] is None
    # Else hers would follow from the total.
    assert another["measured"] is another["mean"] is None
    assert another["clients"] == 7
    assert (third["measured"], third["mean"]) == (8, 100)


def test_cert_counts_events_and_decisions_by_whose_they_are(
    cast: Cast, greta: OrganisationMembership
):
    """Six events and six decisions of one person; six people were dizzy, and to all seven something
    else happened.
    """
    for number in range(7):
        one = someone(cast.ana, f"Ruth {number}", FIRST)
        visit(one, FIRST, ATTENDED)
        event(one, NOW - timedelta(days=60), what="other")
        if number:
            event(one, NOW - timedelta(days=50), what="dizzy")
    vera = Enrollment.objects.get(client__name="Ruth 0")
    for number in range(6):
        event(vera, NOW - timedelta(days=30 + number), what="back", serious=True)
        Decision.objects.create(
            clinic=cast.north,
            enrollment=vera,
            at=NOW - timedelta(days=30 + number),
            by=cast.ana,
            kind=Decision.Kind.HOLD,
            lift="hinge",
            reason="Sore",
        )
    asked = Filters(FIRST, LAST, clinic=cast.north.pk)
    report = cert.KIND.answer(scope_of_organisation(greta, asked, as_at=NOW))

    said: dict[str, Any] = {row.key: row.cells[2] for row in report.tables[0].rows}
    assert said["11"].startswith("19 reported of 7 people")
    assert "fewer than 5 of them serious" in said["11"]
    assert "sudden back or rib pain fewer than 5" in said["11"]
    assert "something else 7" in said["11"]
    # Else 19 less the others would say the few.
    assert f"dizzy or faint {cert.ANOTHER}" in said["11"]
    assert "fewer than 5" in said["14b"]
