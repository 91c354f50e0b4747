"""Who withdrew before her first day was enrolled on none, and is in no figure of any report."""

from datetime import date, timedelta

import pytest

from programs.models import Enrollment
from sessions.reports.attendance_report import make
from sessions.reports.dose import Dose
from sessions.reports.registry import KINDS, kind_of
from sessions.reports.scope import By
from tests.cast import Cast
from tests.reports.attendance_world import asked
from tests.reports.floor import ATTENDED, another_version, someone, twice_a_week
from tests.reports.test_attendance_agrees_with_a_second_one import cells_of
from tests.reports.test_attendance_vectors import rows

pytestmark = pytest.mark.django_db
MONDAY = date(2025, 3, 3)
LAST = MONDAY + timedelta(days=48)


@pytest.fixture(autouse=True)
def wanda(cast: Cast) -> None:
    """Jo came for seven weeks. Wanda was to start in the third, and withdrew three days before."""
    twice_a_week(someone(cast.ana, "Jo P.", MONDAY), [ATTENDED] * 14)
    first_day = MONDAY + timedelta(days=14)
    someone(cast.ana, "Wanda P.", first_day, ended_on=first_day - timedelta(days=3))


def test_nobody_is_divided_by_the_sessions_of_a_program_that_she_never_began(cast: Cast):
    tables = {t.key: cells_of(t) for t in make(asked([cast.north], MONDAY, LAST)).tables}

    assert [row["name"] for row in tables["clients"].values()] == ["Jo P.", "1 client"]
    total = tables["clients"]["total"]
    assert (total["a5"], total["ever"], total["sessions"]) == ("20.0", "14", "70")
    assert tables["funnel"]["enrolled"]["reached"] == "1"


def test_no_row_counts_her(cast: Cast):
    assert rows(cast.north, MONDAY, LAST, by=By.THERAPIST)["Ana T."]["clients"] == "1"
    assert Dose(asked([cast.north], MONDAY, LAST)).total.people == 1


def test_cert_describes_no_version_that_nobody_began(cast: Cast):
    before = _described(cast)
    jo = Enrollment.objects.get(client__name="Jo P.")
    newer = another_version(jo.tracks.get().version)
    first_day = MONDAY + timedelta(days=14)
    ended_on = first_day - timedelta(days=3)
    someone(cast.ana, "Vera P.", first_day, ended_on=ended_on, version=newer)

    assert _described(cast) == before


def _described(cast: Cast) -> str:
    cert = kind_of("cert")
    assert cert
    lead = cert.answer(asked([cast.north], MONDAY, LAST)).lead
    assert lead
    return lead.sentence


#: Places are those of the whole clinic, whoever is asked about.
OF_PEOPLE = [kind for kind in KINDS if kind.slug != "operations"]


@pytest.mark.parametrize("kind", OF_PEOPLE, ids=lambda kind: kind.slug)
def test_a_question_about_her_alone_has_no_figure(cast: Cast, kind):
    scope = asked([cast.north], MONDAY, LAST)
    hers = scope.enrollments.filter(client__name="Wanda P.").get()

    assert kind.answer(scope.only([hers.pk])).lead is None
