"""The question in an address: what is offered, what is refused, and the same question again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any
from urllib.parse import parse_qsl

import pytest
from django.core.exceptions import PermissionDenied

from bonefit.clinics import actions as clinics
from bonefit.clinics.models import Clinic, Membership, OrganisationMembership
from programs.catalogue import FIRST_PROGRAM
from programs.models import Enrollment, Program
from sessions.reports.asking import NAMES, AskingForm
from sessions.reports.kinds import ReportKind
from sessions.reports.registry import kind_of
from sessions.reports.scope import By, Filters
from sessions.reports.table import Report
from tests.cast import NOW, TODAY, Cast
from tests.reports.floor import someone

JANUARY = date(2026, 1, 12)
#: Six months that end with the day of the cast.
HALF_YEAR = date(2025, 9, 6)


def kind(*bys: By) -> ReportKind:
    """A report whose rows may be these; what it counts is no matter here."""
    return ReportKind(
        "any", "Any", "How many?", (), (), lambda scope: Report(None, (), ()), bys=bys
    )


ADHERENCE = kind(By.CLIENT, By.THERAPIST, By.PROGRAM, By.PHASE, By.COHORT, By.CLINIC)


def form(member: Membership, about: ReportKind = ADHERENCE, **said: Any) -> AskingForm:
    fresh = Membership.objects.select_related("clinic", "user").get(pk=member.pk)
    return AskingForm.of_member(named(said), member=fresh, kind=about, today=TODAY)


def named(said: dict[str, Any]) -> dict[str, str]:
    """``from_`` is called ``from`` in an address."""
    return {name.rstrip("_"): str(value) for name, value in said.items()}


def right(asked: AskingForm) -> AskingForm:
    assert asked.is_valid(), asked.errors
    return asked


def offered(asked: AskingForm, name: str) -> list[str]:
    """The words of the choices, without the blank one."""
    return [label for value, label in asked.fields[name].choices if value]


@pytest.fixture
def organiser(cast: Cast) -> OrganisationMembership:
    clinics.move_clinic(clinic=cast.harbor, organisation=cast.north.organisation)
    return clinics.add_organiser(
        organisation=cast.north.organisation, email="greta@example.org", name="Greta G."
    )


def across(organiser: OrganisationMembership, **said: Any) -> AskingForm:
    return AskingForm.of_organisation(named(said), organiser=organiser, kind=ADHERENCE, now=NOW)


# --- blanks ---------------------------------------------------------------------------------------


def test_blanks_are_the_last_six_months_the_usual_rows_and_everybody(cast: Cast) -> None:
    asked = right(form(cast.ada))
    assert asked.filters() == Filters(HALF_YEAR, TODAY, By.CLIENT)
    assert asked.query() == "from=2025-09-06&to=2026-03-05&by=client"
    assert asked.describe() == [
        ("From", "6 September 2025"),
        ("To", "5 March 2026"),
        ("Rows", "Clients"),
        ("Therapist", "All therapists"),
        ("Program", "All programs"),
        ("Phase", "All phases"),
        ("Started in", "Any month"),
        ("Status", "Whatever it is"),
    ]


def test_a_report_without_a_choice_of_rows_does_not_offer_one(cast: Cast) -> None:
    asked = right(form(cast.ada, kind(), by="clinic"))
    assert "by" not in asked.fields
    assert asked.query() == "from=2025-09-06&to=2026-03-05"
    assert "Rows" not in dict(asked.describe())
    assert right(form(cast.ada, kind(By.COHORT, By.CLIENT))).filters().by == By.COHORT


def test_everything_that_is_asked_comes_back_from_its_own_address(cast: Cast) -> None:
    hirit = Program.objects.get(clinic=cast.north, slug=FIRST_PROGRAM)
    said = {
        "from_": "1 Jan 2026",
        "to": "2026-02-28",
        "by": "cohort",
        "therapist": cast.tess.pk,
        "program": hirit.pk,
        "phase": "LOAD",
        "cohort": "2026-03",
        "status": "active",
        "enrollment": cast.cam_enrollment.pk,
    }
    asked = right(form(cast.ada, **said))
    assert asked.filters() == Filters(
        first=date(2026, 1, 1),
        last=date(2026, 2, 28),
        by=By.COHORT,
        therapist=cast.tess.pk,
        program=hirit,
        cohort=date(2026, 3, 1),
        phase="LOAD",
        status="active",
        enrollment=cast.cam_enrollment.pk,
    )
    again = right(form(cast.ada, **dict(parse_qsl(asked.query()))))
    assert (again.filters(), again.query()) == (asked.filters(), asked.query())
    assert asked.describe() == [
        ("From", "1 January 2026"),
        ("To", "28 February 2026"),
        ("Rows", "Months of start"),
        ("Therapist", "Tess T."),
        ("Program", hirit.name),
        ("Phase", "Lift heavy"),
        ("Started in", "March 2026"),
        ("Status", "Active"),
        ("Client", "Cam Q."),
    ]


# --- what is offered ------------------------------------------------------------------------------


def test_an_admin_is_offered_her_clinic_and_nothing_of_another(cast: Cast) -> None:
    someone(cast.ana, "Ruth K.", JANUARY)
    someone(cast.otto, "Olive S.", date(2025, 7, 1))
    someone(cast.ana, "Lila L.", JANUARY, therapist=cast.lea)
    asked = form(cast.ada)
    assert offered(asked, "therapist") == ["Ana T.", "Tess T.", "Lea T. (left)"]
    assert offered(asked, "cohort") == ["March 2026", "January 2026"]
    assert offered(asked, "by")[-1] == "Months of start", "one clinic is not compared with itself"
    main = Program.objects.filter(clinic=cast.north, kind=Program.Kind.MAIN)
    assert sorted(offered(asked, "program")) == sorted(main.values_list("name", flat=True))
    phases = offered(asked, "phase")
    assert len(set(phases)) == len(phases)
    assert "Lift heavy" in phases
    assert not any("Balance" in word for word in phases), "a block is no program"


def test_a_therapist_is_offered_her_own_clients_until_the_clinic_says_otherwise(cast: Cast) -> None:
    someone(cast.tess, "Ruth K.", JANUARY, therapist=cast.tess)
    asked = right(form(cast.ana))
    assert "therapist" not in {bound.name for bound in [*asked.first_fields, *asked.more_fields]}
    assert offered(asked, "therapist") == ["Ana T."]
    assert offered(asked, "cohort") == ["March 2026"]
    assert dict(asked.describe())["Therapist"] == "Ana T., own clients"

    Clinic.objects.filter(pk=cast.north.pk).update(therapists_see="clinic")

    asked = right(form(cast.ana))
    assert offered(asked, "therapist") == ["Ana T.", "Tess T."]
    assert offered(asked, "cohort") == ["March 2026", "January 2026"]
    assert dict(asked.describe())["Therapist"] == "All therapists"


@pytest.mark.parametrize("name", ["dee", "cal", "con", "lea"])
def test_who_runs_no_reports_is_not_even_asked(cast: Cast, name: str) -> None:
    with pytest.raises(PermissionDenied):
        form(getattr(cast, name))


def test_a_month_in_which_nobody_started_is_a_question_too(cast: Cast) -> None:
    asked = right(form(cast.ada, cohort="2026-01"))
    assert asked.filters().cohort == date(2026, 1, 1)
    assert offered(asked, "cohort") == ["March 2026", "January 2026"]


def test_one_client_is_shown_as_a_choice_that_can_be_taken_back(cast: Cast) -> None:
    assert "enrollment" not in {bound.name for bound in form(cast.ada).more_fields}
    asked = right(form(cast.ada, enrollment=cast.enrollment.pk))
    assert "enrollment" in {bound.name for bound in asked.more_fields}
    assert offered(asked, "enrollment") == ["Cal P."]
    assert asked.more_asked
    assert not right(form(cast.ada)).more_asked


# --- what is refused ------------------------------------------------------------------------------

WRONG: dict[str, Callable[[Cast], dict[str, Any]]] = {
    "by nothing known": lambda cast: {"by": "weekday"},
    "another clinic": lambda cast: {"clinic": cast.harbor.pk},
    "a therapist of another clinic": lambda cast: {"therapist": cast.otto.pk},
    "a client as therapist": lambda cast: {"therapist": cast.cal.pk},
    "a therapist in words": lambda cast: {"therapist": "ana"},
    "a huge therapist": lambda cast: {"therapist": "9" * 40},
    "a program of another clinic": lambda cast: {
        "program": Program.objects.get(clinic=cast.harbor, slug=FIRST_PROGRAM).pk
    },
    "an unknown program": lambda cast: {"program": "0"},
    "an unknown phase": lambda cast: {"phase": "PEAK"},
    "an unknown status": lambda cast: {"status": "tired"},
    "a client of another clinic": lambda cast: {"enrollment": cast.olga_enrollment.pk},
    "a client in words": lambda cast: {"enrollment": "cal"},
    "a client with a nought before": lambda cast: {"enrollment": f"0{cast.enrollment.pk}"},
    "a client with another script's digits": lambda cast: {"enrollment": "٣"},
    "a huge client": lambda cast: {"enrollment": "9" * 19},
    "no client": lambda cast: {"enrollment": "1\x00"},
    "a month in words": lambda cast: {"cohort": "March"},
    "a thirteenth month": lambda cast: {"cohort": "2026-13"},
    "a day for a month": lambda cast: {"cohort": "2026-03-01"},
    "a month of another age": lambda cast: {"cohort": "1026-03"},
    "a week for a month": lambda cast: {"cohort": "2026-W1"},
}


@pytest.mark.parametrize("said", WRONG.values(), ids=WRONG)
def test_what_cannot_be_asked_is_said_beside_its_field(cast: Cast, said: Any) -> None:
    wrong = said(cast)
    asked = form(cast.ada, **wrong)
    assert not asked.is_valid()
    assert set(asked.errors) == set(wrong)
    shown = {bound.name: bound for bound in [*asked.first_fields, *asked.more_fields]}
    for name, value in wrong.items():
        (error,) = asked.errors[name]
        assert error.endswith("."), error
        assert str(value) in str(shown[name].data), "it is kept beside the error"
        kept = dict(parse_qsl(next(asked.quick_ranges()).query))
        assert str(value) not in {kept.get(one) for one in NAMES}
        assert list(shown[name].subwidgets), "the field is drawn"


def test_a_colleague_s_client_and_a_colleague_are_no_choice_of_a_therapist_s(cast: Cast) -> None:
    for said in ({"therapist": cast.tess.pk}, {"enrollment": cast.cam_enrollment.pk}):
        asked = form(cast.ana, **said)
        assert set(asked.errors) == set(said)
        (name,) = said
        assert name in {bound.name for bound in asked.more_fields}
    assert right(form(cast.ana, enrollment=cast.enrollment.pk)).filters().enrollment
    assert right(form(cast.ana, therapist=cast.ana.pk)).filters().therapist == cast.ana.pk


@pytest.mark.parametrize(
    ("first", "last", "where"),
    [
        ("2026-03-05", "2026-03-04", "to"),
        ("soon", "", "from"),
        ("", "31 Feb 2026", "to"),
        ("1999-12-31", "", "from"),
        ("", "2100-01-01", "to"),
    ],
)
def test_days_that_make_no_range_are_said_beside_the_day(
    cast: Cast, first: str, last: str, where: str
) -> None:
    asked = form(cast.ada, from_=first, to=last, therapist=cast.ana.pk)
    assert not asked.is_valid()
    wrong = {"from": "first", "to": "last"}[where]
    assert set(asked.errors) == {wrong}
    assert asked[wrong].data == {"from": first, "to": last}[where]
    assert "therapist" in next(asked.quick_ranges()).query, "the rest is kept"


def test_one_day_and_ten_years_are_ranges(cast: Cast) -> None:
    one = right(form(cast.ada, from_="2026-03-05", to="2026-03-05")).filters()
    assert (one.first, one.last) == (TODAY, TODAY)
    ten = right(form(cast.ada, from_="2016-03-06", to="2026-03-05")).filters()
    assert ten.last - ten.first == timedelta(days=3651)


# --- quick ranges ---------------------------------------------------------------------------------


def test_quick_ranges_keep_the_other_filters_and_say_which_is_on(cast: Cast) -> None:
    asked = right(form(cast.ada, by="therapist", status="active"))
    ranges = {one.word: one for one in asked.quick_ranges()}
    kept = "&by=therapist&status=active"
    assert {word: one.query for word, one in ranges.items()} == {
        "This month": f"from=2026-03-01&to=2026-03-31{kept}",
        "Last month": f"from=2026-02-01&to=2026-02-28{kept}",
        "Last 6 months": f"from=2025-09-06&to=2026-03-05{kept}",
        "This year": f"from=2026-01-01&to=2026-12-31{kept}",
    }
    assert [word for word, one in ranges.items() if one.current] == ["Last 6 months"]
    for word, one in ranges.items():
        again = right(form(cast.ada, **dict(parse_qsl(one.query))))
        assert [each.word for each in again.quick_ranges() if each.current] == [word]


# --- an organisation ------------------------------------------------------------------------------


def test_an_organisation_chooses_among_its_clinics_and_reads_no_client_s_name(
    cast: Cast, organiser: OrganisationMembership
) -> None:
    asked = right(across(organiser))
    assert asked.filters().by == By.CLINIC, "clinics are compared unless something else is asked"
    assert offered(asked, "clinic") == ["Harbor", "Northside"]
    assert offered(asked, "therapist") == [
        "Ana T., Northside",
        "Otto T., Harbor",
        "Tess T., Northside",
    ]
    names = Program.objects.filter(clinic=cast.north, kind="main").values_list("name", flat=True)
    assert sorted(offered(asked, "program")) == sorted(names), "each stands there once"
    one = right(across(organiser, clinic=cast.harbor.pk))
    assert one.filters().clinic == cast.harbor.pk
    assert dict(one.describe())["Clinic"] == "Harbor"
    assert f"clinic={cast.harbor.pk}" in one.query()
    assert offered(one, "by")[0] == "Clinics"
    assert "Clients" not in offered(one, "by")
    alone = AskingForm.of_organisation({}, organiser=organiser, kind=kind(), now=NOW)
    assert right(alone).filters().by is By.CLINIC


def test_an_organisation_asks_about_nobody_by_herself(
    cast: Cast, organiser: OrganisationMembership
) -> None:
    asked = across(organiser, enrollment=cast.olga_enrollment.pk)
    assert set(asked.errors) == {"enrollment"}
    assert "Olga" not in asked.as_p()
    assert right(across(organiser, by="client")).filters().by is By.CLINIC


def test_another_organisation_s_clinic_and_people_are_no_choice(cast: Cast) -> None:
    alone = clinics.add_organiser(
        organisation=cast.north.organisation, email="greta@example.org", name="Greta G."
    )
    for said in (
        {"clinic": cast.harbor.pk},
        {"therapist": cast.otto.pk},
        {"enrollment": cast.olga_enrollment.pk},
        {"program": Program.objects.get(clinic=cast.harbor, slug=FIRST_PROGRAM).pk},
    ):
        assert set(across(alone, **said).errors) == set(said)


def test_today_is_the_newest_day_of_any_of_its_clinics(
    cast: Cast, organiser: OrganisationMembership
) -> None:
    # It is noon in Brisbane and the evening before in New York.
    assert right(across(organiser)).filters().last == TODAY
    Clinic.objects.filter(pk=cast.north.pk).update(timezone="America/New_York")
    del organiser.clinics
    assert right(across(organiser)).filters().last == TODAY - timedelta(days=1)


# --- what it costs --------------------------------------------------------------------------------


def test_a_question_costs_as_many_queries_with_many_clients_as_with_few(
    cast: Cast, django_assert_num_queries: Any
) -> None:
    member = Membership.objects.select_related("clinic", "user").get(pk=cast.ada.pk)
    said = named({"therapist": cast.tess.pk, "enrollment": cast.enrollment.pk, "phase": "LOAD"})

    def ask() -> None:
        asked = right(AskingForm.of_member(said, member=member, kind=ADHERENCE, today=TODAY))
        assert asked.as_p()
        assert asked.describe()
        assert asked.filters()

    with django_assert_num_queries(2):  # therapists, programs, phases, months, one client
        ask()
    for number in range(12):
        someone(cast.ana, f"Client {number}", JANUARY - timedelta(days=30 * number))
    with django_assert_num_queries(2):
        ask()
    with django_assert_num_queries(0):  # a picture or a file asks for no list that nobody reads
        right(AskingForm.of_member({}, member=member, kind=ADHERENCE, today=TODAY)).filters()
    assert Enrollment.objects.count() > 12


def test_retention_asks_for_as_long_as_its_curve_needs(cast: Cast) -> None:
    kind = kind_of("retention")
    assert kind is not None
    asked = AskingForm.of_member({}, member=cast.ada, kind=kind, today=TODAY)
    assert asked.is_valid()
    assert (asked.filters().first, asked.filters().last) == (date(2024, 3, 6), TODAY)
    ranges = [one.word for one in asked.quick_ranges() if one.current]
    assert ranges == ["Last 24 months"]
