"""An organisation's admin keeps questions across its clinics, and finds what was taken."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client as Browser

from bonefit.clinics.actions import add_organiser, move_clinic, open_organisation
from bonefit.clinics.models import OrganisationMembership
from sessions.models import ReportExport, SavedAcross
from sessions.reports.keeping_across import files_across, save_across, saved_across
from tests.cast import NOW, Cast

pytestmark = pytest.mark.django_db

LIST, SAVE = "/o/northside/reports/all/", "/o/northside/reports/saved/"
QUERY = "from=2026-02-01&to=2026-02-28&by=clinic"
ASKED = {"report": "dose", "query": QUERY, "name": "Board, dose"}


@pytest.fixture
def greta(cast: Cast) -> OrganisationMembership:
    move_clinic(clinic=cast.harbor, organisation=cast.north.organisation)
    return add_organiser(
        organisation=cast.north.organisation, email="greta@example.org", name="Greta G."
    )


@pytest.fixture
def gus(cast: Cast, greta: OrganisationMembership) -> OrganisationMembership:
    return add_organiser(
        organisation=cast.north.organisation, email="gus@example.org", name="Gus G."
    )


def browser(organiser: OrganisationMembership) -> Browser:
    made = Browser()
    made.force_login(organiser.user)
    return made


def kept(by: OrganisationMembership, **more: Any) -> SavedAcross:
    values = {"name": "Board, dose", "report": "dose", "query": QUERY, "shared": False}
    values |= {"monthly": False, **more}
    return save_across(**values, by=by, now=NOW)


def test_each_report_leads_to_the_list_and_offers_to_save_its_question(
    greta: OrganisationMembership,
) -> None:
    page = browser(greta).get(f"/o/northside/reports/dose/?{QUERY}").text
    assert f'href="{LIST}"' in page
    assert f'action="{SAVE}"' in page
    form = browser(greta).post(SAVE, {"report": "dose", "query": QUERY})
    assert form.status_code == 200
    assert "by=clinic" in form.text
    assert "Send me a link by e-mail on the first of each month" in form.text
    assert not SavedAcross.objects.exists()


def test_what_was_typed_is_saved_stands_in_the_list_and_opens_with_its_filters(
    greta: OrganisationMembership,
) -> None:
    answer = browser(greta).post(SAVE, {**ASKED, "shared": "on"})
    assert (answer.status_code, answer.headers["Location"]) == (302, LIST)
    one = SavedAcross.objects.get()
    assert (one.owner, one.name, one.report, one.query, one.shared) == (
        *(greta, "Board, dose", "dose", QUERY),
        True,
    )
    assert f'<a href="{SAVE}{one.pk}/">Board, dose</a>' in browser(greta).get(LIST).text
    parts = urlsplit(browser(greta).get(f"{SAVE}{one.pk}/").headers["Location"])
    assert parts.path == "/o/northside/reports/dose/"
    assert parse_qs(parts.query) == parse_qs(QUERY)
    assert browser(greta).get(f"{parts.path}?{parts.query}").status_code == 200


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"name": ""}, "Write a name"),
        ({"name": "Board, dose"}, "You have a saved report of that name"),
        ({"name": "Another", "report": "research"}, "Not saved yet"),
    ],
)
def test_a_mistake_is_said_beside_its_field_and_what_was_typed_is_kept(
    greta: OrganisationMembership, wrong: dict[str, str], said: str
) -> None:
    kept(greta)
    answer = browser(greta).post(SAVE, {**ASKED, **wrong})
    assert answer.status_code == 422
    assert said in answer.text
    assert "by=clinic" in answer.text
    assert SavedAcross.objects.count() == 1


def test_the_other_admin_finds_what_is_shared_and_takes_nothing_of_hers_off_the_list(
    greta: OrganisationMembership, gus: OrganisationMembership
) -> None:
    hers, shared = kept(greta), kept(greta, name="For all", shared=True)
    assert [*saved_across(gus)] == [shared]
    assert browser(gus).get(f"{SAVE}{hers.pk}/").status_code == 404
    assert browser(gus).get(f"{SAVE}{shared.pk}/").status_code == 302
    assert browser(gus).post(f"{SAVE}{shared.pk}/remove/").status_code == 404
    assert browser(greta).post(f"{SAVE}{shared.pk}/remove/").status_code == 302
    assert [*saved_across(greta)] == [hers]
    assert browser(greta).post(f"{SAVE}{shared.pk}/remove/").status_code == 404


def test_nobody_of_another_organisation_and_no_leaver_finds_it(
    greta: OrganisationMembership,
) -> None:
    shared = kept(greta, shared=True)
    elsewhere = add_organiser(
        organisation=open_organisation(name="Elsewhere"), email="ella@example.org", name="Ella E."
    )
    assert not saved_across(elsewhere).exists()
    assert browser(elsewhere).get(f"{SAVE}{shared.pk}/").status_code == 404
    greta.is_active = False
    greta.save(update_fields=["is_active"])
    assert not saved_across(greta).exists()
    assert browser(greta).get(f"{SAVE}{shared.pk}/").status_code == 404


def test_a_file_of_two_clinics_is_one_row_for_her_and_one_in_each_of_theirs(
    cast: Cast, greta: OrganisationMembership, gus: OrganisationMembership
) -> None:
    file = f"/o/northside/reports/adherence.csv?{QUERY}"
    assert browser(greta).get(file).status_code == 200
    ada = Browser()
    ada.force_login(cast.ada.user)
    assert ada.get("/c/north/reports/adherence.csv").status_code == 200

    assert ReportExport.objects.filter(user=greta.user).count() == 2
    (one,) = files_across(greta)
    assert (one.user, one.report, one.member) == (greta.user, "adherence", None)
    page = browser(greta).get("/o/northside/reports/files/").text
    assert page.count("Greta G.</td>") == 1
    assert "Ada A." not in page, "what a clinic's own members took is the clinic's"
    assert 'href="/o/northside/reports/adherence/?from=2026-02-01' in page
    assert "Adherence, CSV" in browser(greta).get(LIST).text
    assert "Adherence, CSV" not in browser(gus).get(LIST).text
    assert "Greta G.</td>" in browser(gus).get("/o/northside/reports/files/").text


def test_an_empty_list_says_where_to_save(greta: OrganisationMembership) -> None:
    page = browser(greta).get(LIST).text
    assert "Below each report you can save its question" in page
    assert "No file yet" in browser(greta).get("/o/northside/reports/files/").text
