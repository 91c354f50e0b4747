"""An adverse event is counted with the enrollment in which it began, and with no other of hers."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

import pytest

from programs.models import Enrollment
from sessions.models import AdverseEvent
from sessions.reports.registry import kind_of
from sessions.reports.scope import Filters, Scope
from tests.cast import Cast
from tests.reports.floor import ATTENDED, moment, someone, visit
from tests.reports.test_safety import event

pytestmark = pytest.mark.django_db
START, LAST = date(2025, 3, 3), date(2025, 6, 30)
DAY = timedelta(days=1)


@pytest.fixture
def two(cast: Cast) -> tuple[Enrollment, Enrollment]:
    """Ruth trained with Ana in March, left, and came back to Tess in May."""
    first = someone(cast.ana, "Ruth K.", START, ended_on=START + 27 * DAY)
    again = someone(cast.ana, "", START + 60 * DAY, therapist=cast.tess, client=first.client)
    for one in (first, again):
        visit(one, one.starts_on, ATTENDED)
    return first, again


def counted(cast: Cast, *mine: Enrollment) -> tuple[object, str]:
    """Events in the report of safety, and the line of CERT, of these enrollments alone."""
    rows = Enrollment.objects.filter(pk__in=[one.pk for one in mine])
    scope = Scope((cast.north,), rows, Filters(START, LAST), moment(LAST))
    safety, cert = kind_of("safety"), kind_of("cert")
    assert safety
    assert cert
    rates = next(table for table in safety.answer(scope).tables if table.key == "rates")
    [line] = [row for table in cert.answer(scope).tables for row in table.rows if row.key == "11"]
    return next(iter(rates.rows)).cells[1], str(line.cells[2]).partition(" ")[0]


def at(day: date) -> datetime:
    return moment(day, time(2))


@pytest.mark.parametrize("in_session", [True, False])
def test_what_happened_with_tess_is_no_event_of_anas(
    cast: Cast, two: tuple[Enrollment, Enrollment], in_session: bool
):
    first, again = two
    where = again.visits.get() if in_session else None
    event(again, at(again.starts_on), visit=where)

    assert counted(cast, first) == (0, "0")
    assert counted(cast, again) == (1, "1")
    assert counted(cast, first, again) == (1, "1")


def test_what_happened_between_the_two_is_told_of_both_and_counted_once(
    cast: Cast, two: tuple[Enrollment, Enrollment]
):
    first, again = two
    event(first, at(START + 40 * DAY))

    assert counted(cast, first) == counted(cast, again) == (1, "1")
    assert counted(cast, first, again) == (1, "1")
    assert AdverseEvent.objects.count() == 1
