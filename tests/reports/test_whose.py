"""Whose figures each reader gets: her own clients', the clinic's, the organisation's, or none."""

from __future__ import annotations

from datetime import date

import pytest
from django.core.exceptions import PermissionDenied
from django.http import Http404

from bonefit.clinics import actions as clinics
from bonefit.clinics.access import Role
from bonefit.clinics.models import Clinic, Membership, OrganisationMembership
from programs.catalogue import FIRST_PROGRAM
from programs.models import Enrollment, Program
from sessions.reports.scope import By, Filters, Scope
from sessions.reports.whose import scope_of_member, scope_of_organisation
from tests.cast import NOW, Cast
from tests.reports.floor import another_program, someone

FIRST, LAST = date(2026, 1, 1), date(2026, 3, 31)
JANUARY, FEBRUARY = date(2026, 1, 12), date(2026, 2, 9)


@pytest.fixture
def organiser(cast: Cast) -> OrganisationMembership:
    """Greta administers the organisation that owns Northside and Harbor; she works in neither."""
    clinics.move_clinic(clinic=cast.harbor, organisation=cast.north.organisation)
    return clinics.add_organiser(
        organisation=cast.north.organisation, email="greta@example.org", name="Greta G."
    )


def asked(**more: object) -> Filters:
    return Filters(FIRST, LAST, **more)


def of(member: Membership, **more: object) -> Scope:
    # As a request loads her: with the clinic's settings of now.
    fresh = Membership.objects.select_related("clinic").get(pk=member.pk)
    return scope_of_member(fresh, asked(**more), as_at=NOW)


def across(organiser: OrganisationMembership, **more: object) -> Scope:
    fresh = OrganisationMembership.objects.select_related("organisation").get(pk=organiser.pk)
    return scope_of_organisation(fresh, asked(**more), as_at=NOW)


def who(scope: Scope) -> set[str]:
    """The clients that a report of this scope counts, by the query that every report begins with.

    The enrollments themselves say the same: nobody is lost or added on the way into SQL.
    """
    chosen = {pk for (pk,) in scope.ask("SELECT enrollment_id FROM chosen")}
    assert chosen <= set(scope.enrollments.values_list("pk", flat=True))
    return set(Enrollment.objects.filter(pk__in=chosen).values_list("client__name", flat=True))


def show_the_clinic(cast: Cast, clinic: Clinic | None = None) -> None:
    clinics.write_report_settings(
        clinic=clinic or cast.north,
        headline="A3",
        therapists_see=Clinic.TherapistsSee.CLINIC,
        by=cast.otto if clinic == cast.harbor else cast.ada,
        now=NOW,
    )


# --- members of a clinic --------------------------------------------------------------------------


def test_an_admin_reads_the_clinic_and_no_other(cast: Cast) -> None:
    scope = of(cast.ada)
    assert who(scope) == {"Cal P.", "Cam Q."}
    assert scope.clinics == (cast.north,)
    assert scope.named


def test_a_therapist_reads_her_own_clients_until_the_clinic_says_otherwise(cast: Cast) -> None:
    assert who(of(cast.ana)) == {"Cal P."}
    assert who(of(cast.tess)) == {"Cam Q."}

    show_the_clinic(cast)

    assert who(of(cast.ana)) == who(of(cast.tess)) == {"Cal P.", "Cam Q."}
    # Harbor has said nothing: there a colleague's client is still not hers.
    someone(cast.otto, "Olive S.", JANUARY)
    olaf = clinics.add_member(
        clinic=cast.harbor, email="olaf@example.org", name="Olaf T.", roles=[Role.THERAPIST]
    )
    assert who(of(cast.otto)) == {"Olive S."}
    assert who(of(olaf)) == set()


def test_who_treats_and_administers_reads_the_clinic(cast: Cast) -> None:
    clinics.add_member(
        clinic=cast.north, email="ana@example.org", name="Ana T.", roles=[Role.ADMIN]
    )
    assert who(of(cast.ana)) == {"Cal P.", "Cam Q."}


@pytest.mark.parametrize("name", ["dee", "cal", "cam", "con", "olga", "lea"])
@pytest.mark.parametrize("setting", ["own", "clinic"])
def test_desk_client_companion_and_leaver_get_nothing(cast: Cast, name: str, setting: str) -> None:
    Clinic.objects.update(therapists_see=setting)
    member = getattr(cast, name)
    for more in ({}, {"enrollment": cast.enrollment.pk}, {"therapist": cast.ana.pk}):
        with pytest.raises(PermissionDenied):
            of(member, **more)


@pytest.mark.parametrize("name", ["ana", "ada"])
def test_ids_of_another_clinic_find_nobody(cast: Cast, name: str) -> None:
    show_the_clinic(cast)
    olive = someone(cast.otto, "Olive S.", JANUARY)
    theirs = Program.objects.get(clinic=cast.harbor, slug=FIRST_PROGRAM)
    for more in (
        {"enrollment": olive.pk},
        {"therapist": cast.otto.pk},
        {"clinic": cast.harbor.pk},
        {"program": theirs},
        {"enrollment": 10**15},
    ):
        assert who(of(getattr(cast, name), **more)) == set(), more
    assert who(of(getattr(cast, name))) == {"Cal P.", "Cam Q."}


def test_a_colleague_s_client_is_not_found_by_a_guessed_id(cast: Cast) -> None:
    guessed = {"enrollment": cast.cam_enrollment.pk}
    assert who(of(cast.ana, **guessed)) == set()
    assert who(of(cast.ana, therapist=cast.tess.pk)) == set()

    show_the_clinic(cast)

    assert who(of(cast.ana, **guessed)) == who(of(cast.ana, therapist=cast.tess.pk)) == {"Cam Q."}


# --- the filters ----------------------------------------------------------------------------------


@pytest.fixture
def past(cast: Cast) -> dict[str, Enrollment]:
    """Who started when and with whom; Ruth left in February, Amy follows another program."""
    other = another_program(cast.north, frequency=3, weeks=12)
    return {
        "ruth": someone(cast.ana, "Ruth K.", JANUARY, ended_on=date(2026, 2, 20)),
        "amy": someone(cast.tess, "Amy B.", FEBRUARY, therapist=cast.tess, version=other),
        "zoe": someone(cast.ana, "Zoe N.", FEBRUARY),
    }


def test_each_filter_takes_away_and_together_they_take_what_each_does(
    cast: Cast, past: dict[str, Enrollment]
) -> None:
    amys = past["amy"].tracks.get().version.program
    alone: list[tuple[dict[str, object], set[str]]] = [
        ({"therapist": cast.ana.pk}, {"Cal P.", "Ruth K.", "Zoe N."}),
        ({"cohort": FEBRUARY.replace(day=1)}, {"Amy B.", "Zoe N."}),
        ({"cohort": date(2026, 3, 1)}, {"Cal P.", "Cam Q."}),
        ({"status": "withdrawn"}, {"Ruth K."}),
        ({"status": "active"}, {"Cal P.", "Cam Q.", "Amy B.", "Zoe N."}),
        ({"program": amys}, {"Amy B."}),
        ({"clinic": cast.north.pk}, {"Cal P.", "Cam Q.", "Ruth K.", "Amy B.", "Zoe N."}),
        ({"enrollment": past["zoe"].pk}, {"Zoe N."}),
    ]
    for first, found in alone:
        assert who(of(cast.ada, **first)) == found, first
        for second, others in alone:
            if not set(first) & set(second):
                assert who(of(cast.ada, **first, **second)) == found & others, (first, second)


def test_a_program_is_who_followed_it_on_one_of_the_days(
    cast: Cast, past: dict[str, Enrollment]
) -> None:
    track = past["amy"].tracks.get()
    track.ends_on = date(2026, 2, 28)
    track.save(update_fields=["ends_on"])
    filters = Filters(date(2026, 3, 1), LAST, program=track.version.program)
    assert who(scope_of_member(cast.ada, filters, as_at=NOW)) == set()


# --- an organisation ------------------------------------------------------------------------------


def test_an_organisation_s_admin_reads_all_its_clinics_or_one_without_names(
    cast: Cast, organiser: OrganisationMembership
) -> None:
    someone(cast.otto, "Olive S.", JANUARY)
    scope = across(organiser)
    assert who(scope) == {"Cal P.", "Cam Q.", "Olive S."}
    assert {clinic.name for clinic in scope.clinics} == {"Northside", "Harbor"}
    assert not scope.named
    assert who(across(organiser, clinic=cast.harbor.pk)) == {"Olive S."}
    assert across(organiser, clinic=cast.harbor.pk).clinics == (cast.harbor,)
    assert who(across(organiser, therapist=cast.tess.pk)) == {"Cam Q."}


def test_a_program_of_the_organisation_is_the_same_one_in_each_clinic(
    cast: Cast, organiser: OrganisationMembership
) -> None:
    someone(cast.otto, "Olive S.", JANUARY)
    norths = cast.enrollment.tracks.get().version.program
    assert who(across(organiser, program=norths)) == {"Cal P.", "Cam Q.", "Olive S."}
    norths.name = "Ours alone"
    assert who(across(organiser, program=norths)) == set()


def test_a_clinic_of_another_organisation_is_not_found(
    cast: Cast, organiser: OrganisationMembership
) -> None:
    far = clinics.create_clinic(name="Far", slug="far", timezone="Europe/Berlin")
    for clinic in (far.pk, 10**15):
        with pytest.raises(Http404):
            across(organiser, clinic=clinic)
    strange = clinics.add_organiser(
        organisation=far.organisation, email="fritz@example.org", name="Fritz F."
    )
    assert not across(strange).enrollments.exists()
    assert who(across(strange)) == set()
    assert who(across(strange, therapist=cast.ana.pk)) == set()


def test_across_clinics_nobody_is_asked_for_by_herself(
    cast: Cast, organiser: OrganisationMembership
) -> None:
    assert across(organiser, by=By.CLIENT).filters.by is By.CLINIC
    assert across(organiser, by=By.COHORT).filters.by is By.COHORT
    with pytest.raises(Http404):
        across(organiser, enrollment=cast.enrollment.pk)


def test_who_administers_it_no_longer_gets_nothing(
    cast: Cast, organiser: OrganisationMembership
) -> None:
    organiser.is_active = False
    organiser.save(update_fields=["is_active"])
    with pytest.raises(PermissionDenied):
        across(organiser)


def test_the_headline_is_the_clinic_s_own_and_across_clinics_the_one_they_share(
    cast: Cast, organiser: OrganisationMembership
) -> None:
    assert of(cast.ada).headline == "A3"
    Clinic.objects.filter(pk=cast.north.pk).update(headline="A1")
    assert of(cast.ada).headline == "A1"
    assert across(organiser).headline == "A3"
    assert across(organiser, clinic=cast.north.pk).headline == "A1"
    Clinic.objects.update(headline="A2")
    assert across(organiser).headline == "A2"
