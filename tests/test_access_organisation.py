"""Whoever administers an organisation: its reports open to her, and not one address of a clinic."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone

from bonefit.clinics.access import Can
from bonefit.clinics.actions import add_organiser, move_clinic, write_report_settings
from bonefit.clinics.models import OrganisationMembership
from sessions.models import ReportExport, SavedAcross
from sessions.reports import exporting
from sessions.reports.keeping_across import save_across
from sessions.reports.readers import OrganisationReader
from sessions.reports.registry import KINDS
from tests.cast import NOW
from tests.doors import PEOPLE, World, knock
from tests.test_access_routes import (
    EVERYWHERE,
    PATTERNS,
    address,
    answer,
    argument_names,
    arguments,
    body,
)
from tests.test_access_routes import ROWS as KNOWN

#: Greta administers the organisation of Northside, Hugo that of Harbor; they work nowhere.
TABLE = """
route                        method greta  hugo members nobody anonymous
organisation:reports         GET      200   404     404    404     login
organisation:figures         GET      200   404     404    404     login
organisation:figures-csv     GET      200   404     404    404     login
organisation:figures-xlsx    GET      200   404     404    404     login
organisation:figures-pdf     GET      200   404     404    404     login
organisation:figures-table   GET      200   404     404    404     login
organisation:figures-picture GET      200   404     404    404     login
organisation:report-list     GET      200   404     404    404     login
organisation:report-save     GET      200   404     404    404     login
organisation:report-save     POST     302   404     404    404     login
organisation:report-saved    GET      302   404     404    404     login
organisation:report-remove   POST     302   404     404    404     login
organisation:report-stop     POST     302   404     404    404     login
organisation:report-exports  GET      200   404     404    404     login
organisation:report-export   GET      200   404     404    404     login
organisation:report-export-file GET   200   404     404    404     login
"""
_, *ROWS = [line.split() for line in TABLE.splitlines() if line]
OF_CLINICS = [row for row in KNOWN if PATTERNS[row[0]][0].startswith("c/")]
ACROSS = [kind for kind in KINDS if kind.across]
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
KEPT = {"organisation:report-save": {"name": "Board", "report": "dose", "query": ""}}


@pytest.fixture
def greta(world: World) -> Browser:
    return browser(
        add_organiser(
            organisation=world.cast.north.organisation, email="greta@example.org", name="Greta G."
        )
    )


@pytest.fixture
def hugo(world: World) -> Browser:
    return browser(
        add_organiser(
            organisation=world.cast.harbor.organisation, email="hugo@example.org", name="Hugo H."
        )
    )


def browser(organiser: OrganisationMembership) -> Browser:
    made = Browser()
    made.force_login(organiser.user)
    return made


def named(route: str, greta: Browser) -> dict[str, Any]:
    """What the route names: Northside’s organisation, the first report, a table of it."""
    said: dict[str, Any] = {"organisation": "northside", "report": ACROSS[0].slug}
    if "key" in argument_names(route):
        said["key"] = "funnel"  # a picture and a table have it
    if "pk" in argument_names(route):
        owner = OrganisationMembership.objects.get(user__email="greta@example.org")
        asked = {"name": "Hers", "report": "dose", "query": "", "shared": True, "monthly": True}
        said["pk"] = save_across(**asked, by=owner, now=NOW).pk
    if "uid" in argument_names(route):
        said["uid"] = a_file(OrganisationMembership.objects.get(user__email="greta@example.org"))
    return {name: said[name] for name in argument_names(route)}


def a_file(organiser: OrganisationMembership) -> uuid.UUID:
    """A long file across the clinics that is ready for her."""
    now = timezone.now()
    made = exporting.record(
        exporting.Wanted("dose", "", ReportExport.Form.CSV, now),
        by=OrganisationReader(organiser),
        status=ReportExport.Status.WAITING,
    )
    made.file.save(f"exports/{made.uid}.csv", ContentFile(b"rows"), save=False)
    made.status, made.size, made.rows = ReportExport.Status.DONE, 4, 1
    made.expires_at = now + exporting.KEPT
    made.save()
    return made.uid


def written(route: str, method: str) -> list[str]:
    """What is written: a file before its first byte leaves, and what she keeps or takes off."""
    if method == "POST":
        return [SavedAcross._meta.db_table]
    files = ("csv", "xlsx", "pdf")
    return [ReportExport._meta.db_table] if route.rpartition("-")[2] in files else []


def test_every_address_of_an_organisation_is_in_the_table_and_asks_for_reports() -> None:
    inside = {name: found for name, found in EVERYWHERE.items() if name not in PATTERNS}
    assert set(inside) == {route for route, *_ in ROWS}
    assert {getattr(pattern.callback, "permission", None) for _, pattern in inside.values()} == {
        Can.RUN_REPORTS,
        Can.KEEP_REPORTS,
    }


@pytest.mark.parametrize(("route", "method", "her", "his", "members", "nobody", "out"), ROWS)
def test_only_its_own_admin_gets_in(
    world: World,
    greta: Browser,
    hugo: Browser,
    route: str,
    method: str,
    her: str,
    his: str,
    members: str,
    nobody: str,
    out: str,
) -> None:
    url = reverse(route, kwargs=named(route, greta))
    url += "?report=dose" if (route, method) == ("organisation:report-save", "GET") else ""
    sent = KEPT.get(route) if method == "POST" else None
    theirs = dict.fromkeys(PEOPLE, members) | {"nobody": nobody, "anonymous": out}
    for who, expected in theirs.items():
        response, wrote = knock(world.browsers[who], method, url, sent)
        assert (answer(response), wrote) == (expected, []), who
    response, wrote = knock(hugo, method, url, sent)
    assert (answer(response), wrote) == (his, [])

    response, wrote = knock(greta, method, url, sent)

    assert answer(response) == her
    assert wrote == written(route, method)
    for other in set(METHODS) - {one[1] for one in ROWS if one[0] == route}:
        assert knock(greta, other, url)[0].status_code == 405, other


@pytest.mark.parametrize(("route", "method"), OF_CLINICS, ids=[" ".join(row) for row in OF_CLINICS])
def test_no_address_of_a_clinic_opens_to_her(
    world: World, greta: Browser, route: str, method: str
) -> None:
    url = address(route, arguments(route, world.north))
    response, wrote = knock(greta, method, url, body(world, route, method))
    assert (response.status_code, wrote) == (404, [])


@pytest.mark.parametrize("kind", ACROSS, ids=[kind.slug for kind in ACROSS])
def test_no_report_of_an_organisation_names_a_client(
    world: World, greta: Browser, kind: Any
) -> None:
    move_clinic(clinic=world.cast.harbor, organisation=world.cast.north.organisation)
    names = ("Cal P.", "Cam Q.", "Olga R.", "Lou L.", "Bea O.", "Sid K.", "Fay N.", "Vic V.")
    page = f"/o/northside/reports/{kind.slug}"
    asked = [f"{page}/", f"{page}.csv", *(f"{page}/?by={by}" for by in kind.bys)]
    for url in asked:
        text = b"".join(greta.get(url)).decode()
        for name in names:
            assert name not in text, (url, name)
        assert "/c/north/" not in text, "no way into a clinic"


def test_a_question_about_another_organisation_or_one_client_is_refused(
    world: World, greta: Browser
) -> None:
    page = f"/o/northside/reports/{ACROSS[0].slug}"
    for query in (
        f"clinic={world.harbor.clinic.pk}",
        f"therapist={world.cast.otto.pk}",
        f"program={world.harbor.program.pk}",
        f"enrollment={world.north.enrollment.pk}",
        f"enrollment={world.harbor.enrollment.pk}",
    ):
        for url in (f"{page}/?{query}", f"{page}.csv?{query}", f"{page}.xlsx?{query}"):
            assert greta.get(url).status_code == 422, url


def test_rows_by_client_are_not_to_be_had_across_clinics(world: World, greta: Browser) -> None:
    """It falls back to what there is, and says so."""
    page = greta.get("/o/northside/reports/adherence/?by=client")
    assert page.status_code == 200
    assert "This report has no rows of clients" in page.text
    assert world.cast.cal_client.name not in page.text


# --- in a clinic ----------------------------------------------------------------------------------
OF_ONE = [kind for kind in KINDS if kind.research is None]


@pytest.mark.parametrize("kind", OF_ONE, ids=[kind.slug for kind in OF_ONE])
def test_nobody_else_gets_a_figure_by_any_address_of_a_report(world: World, kind: Any) -> None:
    cast, page = world.cast, f"/c/north/reports/{kind.slug}"
    expected = {
        **dict.fromkeys(("dee", "cal", "cam", "con"), "403"),
        **dict.fromkeys(("otto", "olga", "lea", "nobody"), "404"),
        "anonymous": "login",
    }
    write_report_settings(
        clinic=cast.north, headline="A3", therapists_see="clinic", by=cast.ada, now=NOW
    )
    guessed = ("", f"?enrollment={cast.enrollment.pk}", f"?therapist={cast.ana.pk}")
    for end in ("/", ".csv", ".xlsx", ".pdf", "/rows/", "/table/groups/", "/picture/trend/"):
        for query in guessed:
            for who, code in expected.items():
                response, wrote = knock(world.browsers[who], "GET", f"{page}{end}{query}")
                assert (answer(response), wrote) == (code, []), (who, end, query)


@pytest.mark.parametrize("kind", OF_ONE, ids=[kind.slug for kind in OF_ONE])
def test_a_therapist_reads_her_own_clients_and_no_colleague_s_by_any_address(
    world: World, kind: Any
) -> None:
    ana, cast = world.browsers["ana"], world.cast
    page = f"/c/north/reports/{kind.slug}"
    assert "Cam Q." not in ana.get(f"{page}/").text
    for query in (
        f"enrollment={cast.cam_enrollment.pk}",
        f"therapist={cast.tess.pk}",
        f"enrollment={world.harbor.enrollment.pk}",
        f"therapist={cast.otto.pk}",
        f"clinic={world.harbor.clinic.pk}",
        f"program={world.harbor.program.pk}",
    ):
        for url in (f"{page}/?{query}", f"{page}.csv?{query}", f"{page}.pdf?{query}"):
            found = ana.get(url)
            assert found.status_code == 422, url
            assert "Cam Q." not in found.text
            assert "Olga R." not in found.text

    write_report_settings(
        clinic=cast.north, headline="A3", therapists_see="clinic", by=cast.ada, now=NOW
    )

    for query in (f"enrollment={cast.cam_enrollment.pk}", f"therapist={cast.tess.pk}"):
        assert ana.get(f"{page}/?{query}").status_code == 200
    assert ana.get(f"{page}/?therapist={cast.otto.pk}").status_code == 422
