"""An organisation's own admins: who gets in, with what right, and that it opens nothing else."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.http import Http404, HttpResponse
from django.test import Client as Browser
from django.test import RequestFactory

from bonefit.clinics import access, actions, rows
from bonefit.clinics.access import Can, OrganiserRequest, requires_organisation
from bonefit.clinics.models import Organisation, OrganisationMembership, User
from programs.models import Enrollment
from tests.cast import Cast

PAGE = "/o/northside/reports/adherence/?from=2026-01-01"


@pytest.fixture
def greta(cast: Cast) -> OrganisationMembership:
    """She administers the organisation of Northside and Harbor, and works in neither."""
    actions.move_clinic(clinic=cast.harbor, organisation=cast.north.organisation)
    return actions.add_organiser(
        organisation=cast.north.organisation, email="greta@example.org", name="Greta G."
    )


@requires_organisation(Can.RUN_REPORTS)
def clinics_of(request: OrganiserRequest) -> HttpResponse:
    """A page of the organisation: it names the clinics."""
    return HttpResponse(", ".join(clinic.name for clinic in request.organiser.clinics))


@requires_organisation(Can.SEE_CLIENTS)
def clients_of(request: OrganiserRequest) -> HttpResponse:
    """A page that nobody of an organisation may open."""
    return HttpResponse("clients")


def ask(user: Any, organisation: str = "northside", view: Any = clinics_of) -> HttpResponse:
    request = RequestFactory().get(PAGE)
    request.user = user
    with rows.nothing():
        return view(request, organisation=organisation)


def test_its_admin_gets_in_and_the_page_knows_its_clinics(
    cast: Cast, greta: OrganisationMembership
) -> None:
    assert ask(greta.user).content == b"Harbor, Northside"


def test_nobody_logged_in_is_led_through_the_log_in_and_back(cast: Cast) -> None:
    answer = ask(AnonymousUser())
    assert answer.status_code == 302
    assert answer["Location"].endswith("/o/northside/reports/adherence/%3Ffrom%3D2026-01-01")


@pytest.mark.parametrize("name", ["ana", "ada", "dee", "cal", "con", "otto", "olga", "lea"])
def test_a_member_of_its_clinics_is_a_stranger_to_the_organisation(
    cast: Cast, greta: OrganisationMembership, name: str
) -> None:
    with pytest.raises(Http404):
        ask(getattr(cast, name).user)


def test_every_stranger_gets_the_same_answer(cast: Cast, greta: OrganisationMembership) -> None:
    harbors = Organisation.objects.get(name="Harbor")
    for user, organisation in (
        (cast.nobody, "northside"),
        (greta.user, "nowhere"),
        (greta.user, harbors.slug),
    ):
        with pytest.raises(Http404):
            ask(user, organisation)


def test_who_administers_it_no_longer_is_a_stranger_and_may_come_back(
    cast: Cast, greta: OrganisationMembership
) -> None:
    OrganisationMembership.objects.update(is_active=False)
    with pytest.raises(Http404):
        ask(greta.user)
    left = OrganisationMembership.objects.get()
    assert left.clinics == ()
    assert not Enrollment.objects.visible_to_organiser(left).exists()

    again = actions.add_organiser(
        organisation=cast.north.organisation, email="Greta@Example.org", name="Greta G."
    )
    assert (again.pk, ask(greta.user).status_code) == (greta.pk, 200)


def test_an_organisation_without_a_clinic_has_nothing_to_report(cast: Cast) -> None:
    empty = actions.open_organisation(name="Empty")
    her = actions.add_organiser(organisation=empty, email="eva@example.org", name="Eva E.")
    with pytest.raises(Http404):
        ask(her.user, "empty")


def test_she_may_run_reports_and_keep_them_and_has_no_other_right(
    cast: Cast, greta: OrganisationMembership
) -> None:
    assert greta.can == access.ORGANISATION_GRANTS == {Can.RUN_REPORTS, Can.KEEP_REPORTS}
    with pytest.raises(PermissionDenied):
        ask(greta.user, view=clients_of)


def test_no_page_of_its_clinics_opens_to_her(
    cast: Cast, greta: OrganisationMembership, client: Browser
) -> None:
    client.force_login(greta.user)
    for path in (
        *("", "reports/", "reports/adherence/", "reports/adherence.csv", "reports/safety/"),
        *("clients/", f"clients/{cast.cal_client.pk}/", "settings/", "week/", "flags/", "my/"),
    ):
        for clinic in ("north", "harbor"):
            assert client.get(f"/c/{clinic}/{path}").status_code == 404, path


def test_who_also_works_in_one_of_its_clinics_is_both(cast: Cast) -> None:
    both = actions.add_organiser(
        organisation=cast.north.organisation, email="ana@example.org", name="Ana T."
    )
    assert both.user == cast.ana.user
    assert ask(both.user).content == b"Northside"
    assert Can.SEE_CLIENTS in cast.ana.can
    assert Can.SEE_CLIENTS not in both.can


def test_a_person_administers_an_organisation_once(
    cast: Cast, greta: OrganisationMembership
) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        OrganisationMembership.objects.create(user=greta.user, organisation=greta.organisation)


@pytest.mark.parametrize(
    ("name", "slugs"),
    [
        ("Bone & Muscle Group", ["bone-muscle-group", "bone-muscle-group-2"]),
        ("骨", ["organisation", "organisation-2"]),
        ("x" * 60, ["x" * 50, "x" * 48 + "-2"]),
    ],
)
def test_an_organisation_s_address_is_its_name_and_is_there_once(
    db: None, name: str, slugs: list[str]
) -> None:
    made = [actions.open_organisation(name=name[:120]).slug for _ in slugs]
    assert made == slugs
    assert User.objects.count() == 0
