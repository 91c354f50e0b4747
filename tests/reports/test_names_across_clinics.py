"""Each clinic has its own row of a program: across clinics every row says of which it is."""

from datetime import date, timedelta

import pytest

from bonefit.clinics.models import Clinic
from sessions.reports.registry import kind_of
from sessions.reports.scope import By
from sessions.reports.table import Table
from tests.cast import Cast
from tests.reports.attendance_world import asked
from tests.reports.doses import asked as prescribed
from tests.reports.doses import sets, target
from tests.reports.floor import ATTENDED, someone, visit

pytestmark = pytest.mark.django_db
MONDAY = date(2025, 3, 3)
TABLES = [
    ("adherence", "groups"),
    ("dose", "lines"),
    ("retention", "groups"),
    ("fidelity", "groups"),
]


@pytest.fixture(autouse=True)
def alike(cast: Cast) -> None:
    """Both clinics follow a program of the same name, with a therapist of the same name."""
    cast.otto.user.name = cast.ana.user.name
    cast.otto.user.save(update_fields=["name"])
    for by in (cast.ana, cast.otto):
        came = visit(someone(by, "Jo P.", MONDAY), MONDAY, ATTENDED)
        prescribed(came, target("hinge", 1, 5, "40"))
        sets(came, "hinge", 5, load="40", rpe=16)


def table(clinics: list[Clinic], slug: str, key: str, by: By) -> Table:
    kind = kind_of(slug)
    assert kind
    scope = asked(clinics, MONDAY, MONDAY + timedelta(days=20), by=by)
    return next(one for one in kind.answer(scope).tables if one.key == key)


@pytest.mark.parametrize(("slug", "key"), TABLES)
@pytest.mark.parametrize("by", [By.PROGRAM, By.THERAPIST])
def test_two_rows_of_one_name_say_to_which_clinic_they_belong(
    cast: Cast, slug: str, key: str, by: By
):
    both = table([cast.north, cast.harbor], slug, key, by)
    alone = table([cast.harbor], slug, key, by)

    [name] = [row.cells[0] for row in alone.rows]
    assert cast.harbor.name not in str(name)
    assert {row.cells[0] for row in both.rows} == {
        f"{name}, {cast.harbor.name}",
        f"{name}, {cast.north.name}",
    }
