"""A therapist who sees her own clients reads none of the whole clinic's figures of operations."""

from __future__ import annotations

import pytest
from django.test import Client as Browser

from bonefit.clinics.actions import write_report_settings
from bonefit.clinics.models import Membership
from sessions.models import Flag
from tests.cast import NOW, Cast
from tests.reports.floor import ATTENDED, NO_SHOW, someone
from tests.reports.test_operations import DAY, DAYS, a_class, sit

pytestmark = pytest.mark.django_db

PAGE = "/c/north/reports/operations"
ASKED = f"from={DAY}&to={DAY + 30 * DAYS}"


@pytest.fixture
def floor(cast: Cast) -> Cast:
    """A class of Ana's client and one of Tess's, and a flag about the clinic itself."""
    slot = a_class(cast.ana, DAY, at=9, planned=[cast.ana])
    sit(slot, cast.ana, ATTENDED, NO_SHOW)
    sit(a_class(cast.tess, DAY, at=11, planned=[cast.tess]), cast.tess, ATTENDED)
    Flag.objects.create(
        clinic=cast.north,
        kind=Flag.Kind.GROUP_TOO_BIG,
        severity=Flag.Severity.AMBER,
        subject=f"slot|{slot.pk}",
        slot=slot,
        opened_at=f"{DAY}T12:00Z",
    )
    someone(cast.tess, "Ruth K.", DAY, therapist=cast.tess)
    return cast


def page(member: Membership, end: str = "/", more: str = "") -> str:
    made = Browser()
    made.force_login(member.user)
    answer = made.get(f"{PAGE}{end}?{ASKED}{more}")
    return b"".join(answer).decode() if answer.status_code == 200 else str(answer.status_code)


def test_places_rooms_and_classes_are_left_out_and_a_sentence_says_so(floor: Cast) -> None:
    hers = page(floor.ana)
    for table in ("month", "room", "therapist"):
        assert f'id="t-{table}"' not in hers
        assert f'id="t-{table}"' in page(floor.ada)
    assert "Places, rooms and classes are those of the whole clinic" in hers
    assert "How sessions ended" in hers
    assert "of the sessions were no-shows" in hers


@pytest.mark.parametrize("table", ["month", "room", "therapist"])
def test_no_address_opens_the_classes_behind_them(floor: Cast, table: str) -> None:
    more = f"&table={table}&row=total&column=classes"
    assert page(floor.ana, "/rows/", more) == "404"
    assert "Tess" in page(floor.ada, "/rows/", more) or "Hall" in page(floor.ada, "/rows/", more)
    assert page(floor.ana, ".csv", f"&table={table}") == "404"


def test_a_flag_about_the_clinic_is_the_clinics(floor: Cast) -> None:
    said = str(Flag.Kind.GROUP_TOO_BIG.label)
    assert said in page(floor.ada, "/table/flags/")
    assert said not in page(floor.ana, "/table/flags/")


def test_where_the_clinic_says_so_she_reads_all_of_it(floor: Cast) -> None:
    write_report_settings(
        clinic=floor.north, headline="A3", therapists_see="clinic", by=floor.ada, now=NOW
    )
    assert 'id="t-room"' in page(floor.ana)
    assert "those of the whole clinic. In this clinic" not in page(floor.ana)
