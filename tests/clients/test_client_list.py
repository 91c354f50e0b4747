"""The client list: where everybody stands, found by name, in a fixed number of queries."""

from datetime import date

import pytest
from django.test import Client as Browser

from bonefit.clinics.models import Clinic, Membership
from programs.actions import decide as plain_decide
from sessions.models import Flag
from sessions.moving import end_enrollment
from tests.cast import NOW, assign, enroll

URL = "/c/north/clients/"
#: What the page asks of the database beside the fixed overhead of a request (pinned elsewhere).
QUERIES = 12


@pytest.fixture
def ana(cast):
    browser = Browser()
    browser.force_login(cast.ana.user)
    return browser


def names(answer):
    return [row.client.name for row in answer.context["rows"]]


def rows(answer):
    return {row.client.name: row for row in answer.context["rows"]}


def test_each_client_stands_with_week_phase_next_visit_and_flags(ana, cast):
    enroll(cast.ana, "Joan P.")
    Flag.objects.create(
        clinic=cast.north,
        enrollment=cast.enrollment,
        kind="missed",
        rule="F00.1",
        evidence_key="x",
        opened_at=NOW,
    )
    found = rows(ana.get(URL))

    cal = found["Cal P."]
    assert (cal.progress.week, cal.progress.weeks, cal.progress.actual.name) == (1, 35, "Learn")
    assert cal.next_at == cast.visits[1].starts_at
    assert cal.open_flags == 1
    joan = found["Joan P."]
    assert (joan.enrollment, joan.progress, joan.next_at, joan.open_flags) == (None, None, None, 0)
    assert "Olga R." not in found


def test_the_phase_is_the_one_that_a_therapist_decided(ana, cast):
    decision = plain_decide(
        enrollment=cast.enrollment, kind="promote", phase="BUILD", by=cast.ana, reason="ready"
    )
    assert rows(ana.get(URL))["Cal P."].progress.actual.name == "Build"

    plain_decide(
        enrollment=cast.enrollment, kind="revoke", revokes=decision, by=cast.ana, reason="too soon"
    )
    assert rows(ana.get(URL))["Cal P."].progress.actual.name == "Learn"


def test_a_name_is_searched_in_any_case_and_never_stands_in_the_address(ana):
    answer = ana.post(URL, {"q": "cAl", "show": "all"})
    assert names(answer) == ["Cal P."]
    assert 'method="post"' in ana.get(URL).content.decode()


def test_a_search_for_signs_finds_only_names_with_those_signs(ana):
    for typed in ("%", "_", "'; --", "\\"):
        answer = ana.post(URL, {"q": typed})
        assert names(answer) == []
        assert "Nobody found" in answer.content.decode()


def test_the_list_can_be_narrowed_by_where_people_stand(ana, cast):
    enroll(cast.ana, "Joan P.")
    end_enrollment(
        enrollment=cast.cam_enrollment,
        status="withdrawn",
        reason="moved away",
        on=date(2026, 3, 5),
        by=cast.ana,
    )
    assert names(ana.post(URL, {"show": "training"})) == ["Cal P."]
    assert names(ana.post(URL, {"show": "waiting"})) == ["Joan P."]
    assert names(ana.post(URL, {"show": "ended"})) == ["Cam Q."]
    assert names(ana.post(URL, {"show": "nonsense"})) == ["Cal P.", "Cam Q.", "Joan P."]


def test_htmx_gets_the_rows_alone(ana):
    answer = ana.post(URL, {"q": "cal"}, HTTP_HX_REQUEST="true")
    assert answer.content.decode().lstrip().startswith('<div id="rows">')


def test_an_empty_clinic_offers_what_comes_first(cast):
    browser = Browser()
    browser.force_login(cast.otto.user)
    quay = Clinic.objects.create(
        organisation=cast.harbor.organisation, name="Quay", slug="quay", timezone="Europe/Berlin"
    )
    Membership.objects.create(clinic=quay, user=cast.otto.user, roles=cast.otto.roles)
    page = browser.get("/c/quay/clients/").content.decode()
    assert "No clients yet" in page
    assert 'href="/c/quay/clients/enroll/"' in page


def test_an_admin_sees_the_list_and_is_offered_nothing_she_may_not_do(cast):
    browser = Browser()
    browser.force_login(cast.ada.user)
    page = browser.get(URL).content.decode()
    assert "Cal P." in page
    assert "Enroll a client" not in page
    assert "Assign a program" not in page


def test_one_row_costs_as_many_queries_as_thirty(ana, cast, django_assert_num_queries):
    with django_assert_num_queries(QUERIES):
        assert len(names(ana.post(URL, {"q": "Cal"}))) == 1

    for number in range(28):
        assign(enroll(cast.ana, f"Client {number:02}"), cast.ana)

    with django_assert_num_queries(QUERIES):
        assert len(names(ana.post(URL, {}))) == 30
