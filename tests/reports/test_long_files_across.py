"""A long download across clinics: one file for who asked, a row in each clinic that is in it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
import time_machine
from django.core.files.storage import storages
from django.test import Client as Browser

from bonefit.clinics.actions import add_organiser, move_clinic, open_organisation
from bonefit.clinics.models import OrganisationMembership
from sessions import tasks
from sessions.models import ReportExport
from sessions.reports import exporting, long
from tests.cast import NOW, Cast
from tests.reports.floor import ATTENDED, someone, visit
from tests.reports.long_exports import DAYS, Status, taken

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("at_noon", "sent", "few_are_long")]

REPORTS = "/o/northside/reports/"
CSV = f"{REPORTS}adherence.csv?{DAYS}&by=clinic"
START = date(2026, 1, 5)


@pytest.fixture
def few_are_long(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(long, "LONG", 4)
    yield
    for one in Path(storages["private"].location).glob("exports/*/*.*"):
        one.unlink()


@pytest.fixture
def greta(cast: Cast) -> OrganisationMembership:
    """Six people in Northside and three in Harbor, which are one organisation's."""
    move_clinic(clinic=cast.harbor, organisation=cast.north.organisation)
    for by, count in ((cast.ana, 6), (cast.otto, 3)):
        for number in range(count):
            one = someone(by, f"Ruth Secret{number}", START)
            visit(one, START + timedelta(days=1), ATTENDED)
    return add_organiser(
        organisation=cast.north.organisation, email="greta@example.org", name="Greta G."
    )


def browser(organiser: OrganisationMembership) -> Browser:
    made = Browser()
    made.force_login(organiser.user)
    return made


def asked(who: Browser) -> ReportExport:
    answer = who.get(CSV)
    assert answer.status_code == 302
    made = ReportExport.objects.order_by("pk").first()
    assert made is not None
    assert answer.headers["Location"] == f"{REPORTS}files/{made.uid}/"
    return made


def test_a_worker_writes_one_file_and_each_clinic_can_say_that_it_is_in_it(
    cast: Cast, greta: OrganisationMembership
):
    who = browser(greta)
    made = asked(who)
    assert "It waits its turn" in who.get(f"{REPORTS}files/{made.uid}/").text
    tasks.take_up_exports()  # which takes up one, and not one for each clinic
    tasks.write_export(made.pk)

    rows = list(ReportExport.objects.order_by("pk"))
    assert {one.clinic for one in rows} == {cast.north, cast.harbor}
    assert [one.status for one in rows] == [Status.DONE, Status.PART]
    assert {(one.rows, one.named, one.organiser) for one in rows} == {(2, False, greta)}
    page = who.get(f"{REPORTS}files/{made.uid}/")
    assert f"{REPORTS}files/{made.uid}/file/" in page.text
    answer = who.get(f"{REPORTS}files/{made.uid}/file/")
    text = b"".join(answer.streaming_content).decode()  # type: ignore[attr-defined]
    assert "Secret" not in text
    assert "Northside" in text
    ada = Browser()
    ada.force_login(cast.ada.user)
    said = {True: "Ready", False: "In a file across clinics"}[rows[0].clinic == cast.north]
    assert f"<td>{said}</td>" in ada.get("/c/north/reports/files/").text


def test_of_fewer_than_five_people_the_file_says_nothing(greta: OrganisationMembership):
    made = asked(browser(greta))
    tasks.write_export(made.pk)
    answer = browser(greta).get(f"{REPORTS}files/{made.uid}/file/")
    text = b"".join(answer.streaming_content).decode()  # type: ignore[attr-defined]
    assert "fewer than 5 people" in text, "Harbor has three"


def test_only_who_asked_gets_it_and_nobody_by_a_clinic_s_address(
    cast: Cast, greta: OrganisationMembership
):
    made = asked(browser(greta))
    tasks.write_export(made.pk)
    gus = add_organiser(
        organisation=cast.north.organisation, email="gus@example.org", name="Gus G."
    )
    ella = add_organiser(
        organisation=open_organisation(name="Elsewhere"), email="ella@example.org", name="Ella E."
    )
    ada = Browser()
    ada.force_login(cast.ada.user)
    for end in ("", "file/"):
        address = f"{REPORTS}files/{made.uid}/{end}"
        assert taken(browser(greta), address) == 200
        for other in (browser(gus), browser(ella), ada):
            assert other.get(address).status_code == 404
        assert ada.get(f"/c/north/reports/files/{made.uid}/{end}").status_code == 404


@pytest.mark.parametrize("which", ["north", "harbor"])
def test_when_a_clinic_leaves_its_figures_are_not_to_be_had_any_more(
    cast: Cast, greta: OrganisationMembership, which: str
):
    made = asked(browser(greta))
    tasks.write_export(made.pk)
    move_clinic(clinic=getattr(cast, which), organisation=open_organisation(name="Elsewhere"))
    assert taken(browser(greta), f"{REPORTS}files/{made.uid}/file/") == 404


@pytest.mark.parametrize("what", ["leaves", "comes"])
def test_a_clinic_that_left_or_came_meanwhile_is_in_no_file_that_it_was_not_told_of(
    cast: Cast, greta: OrganisationMembership, what: str
):
    elsewhere = open_organisation(name="Elsewhere")
    if what == "comes":
        move_clinic(clinic=cast.harbor, organisation=elsewhere)
    made = asked(browser(greta))
    there = elsewhere if what == "leaves" else cast.north.organisation
    move_clinic(clinic=cast.harbor, organisation=there)
    with pytest.raises(long.NotAllowed):
        tasks.write_export(made.pk)
    assert set(ReportExport.objects.values_list("status", flat=True)) == {Status.FAILED}


def test_who_administers_it_no_more_gets_nothing(greta: OrganisationMembership):
    made = asked(browser(greta))
    OrganisationMembership.objects.filter(pk=greta.pk).update(is_active=False)
    with pytest.raises(long.NotAllowed):
        tasks.write_export(made.pk)
    assert browser(greta).get(f"{REPORTS}files/{made.uid}/").status_code == 404


def test_after_three_days_the_link_is_over(greta: OrganisationMembership):
    made = asked(browser(greta))
    tasks.write_export(made.pk)
    with time_machine.travel(NOW + exporting.KEPT, tick=False):
        tasks.take_up_exports()
        who = browser(greta)
        assert who.get(f"{REPORTS}files/{made.uid}/file/").status_code == 404
        assert "the file is deleted" in who.get(f"{REPORTS}files/{made.uid}/").text
