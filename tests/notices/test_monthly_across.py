"""The link across clinics after each month: when it is over in all of them, to whom, once."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client as Browser

from bonefit.clinics import rows
from bonefit.clinics.actions import add_organiser, move_clinic, open_organisation
from bonefit.clinics.models import OrganisationMembership
from programs import plans
from sessions.models import OrganiserNotice, SavedAcross
from sessions.notices import tell_organisers
from sessions.organiser_outbox import oldest_unsent, send_due
from sessions.reports.keeping_across import remove_across, save_across, stop_mails_across
from sessions.tasks import tell_organisers as sweep
from tests.cast import NOW, Cast
from tests.notices.smtp import Postbox
from tests.notices.staff import DAY, HOUR, MINUTE
from tests.notices.writing import set_rules

pytestmark = pytest.mark.django_db

#: The first of April 2026, seven in the morning in Brisbane and in New York.
FIRST = datetime.fromisoformat("2026-04-01T07:00+10:00")
IN_NEW_YORK = datetime.fromisoformat("2026-04-01T07:00-04:00")
LIST = "/o/northside/reports/all/"
SAVED = "/o/northside/reports/saved/"


@pytest.fixture
def greta(cast: Cast) -> OrganisationMembership:
    return add_organiser(
        organisation=cast.north.organisation, email="greta@example.org", name="Greta G."
    )


@pytest.fixture
def both(cast: Cast, greta: OrganisationMembership) -> None:
    """A clinic in Brisbane and one in New York are the organisation's."""
    move_clinic(clinic=cast.harbor, organisation=cast.north.organisation)


def wants(by: OrganisationMembership, **more: Any) -> SavedAcross:
    values = {"name": "Board, dose", "report": "dose", "query": "by=clinic", "shared": False}
    return save_across(**{**values, "monthly": True, **more}, by=by, now=NOW)


def told() -> list[tuple[OrganisationMembership, dict[str, Any]]]:
    return [(row.organiser, row.facts) for row in OrganiserNotice.objects.order_by("pk")]


def browser(organiser: OrganisationMembership) -> Browser:
    made = Browser()
    made.force_login(organiser.user)
    return made


# --- when, and to whom ----------------------------------------------------------------------------


def test_one_link_comes_at_the_clinic_s_hour_on_the_first_and_once_a_month(
    greta: OrganisationMembership,
):
    saved = wants(greta)
    assert tell_organisers(FIRST - MINUTE) == 0
    assert [tell_organisers(at) for at in (FIRST, FIRST, FIRST + 5 * HOUR, FIRST + DAY)] == [
        *(1, 0, 0, 0)
    ]
    assert told() == [(greta, {"saved": saved.pk, "month": "2026-03"})]
    tell_organisers(datetime.fromisoformat("2026-05-01T07:00+10:00"))
    assert [facts["month"] for _, facts in told()] == ["2026-03", "2026-04"]


@pytest.mark.usefixtures("both")
def test_it_waits_until_the_first_morning_has_come_in_the_last_of_the_clinics(
    cast: Cast, greta: OrganisationMembership
):
    wants(greta)
    for early in (FIRST, IN_NEW_YORK - MINUTE):
        assert tell_organisers(early) == 0
    set_rules(cast.harbor, digest_hour=9)
    assert tell_organisers(IN_NEW_YORK) == 0, "the hour is a setting of the clinic"
    assert tell_organisers(IN_NEW_YORK + 2 * HOUR) == 1


def test_a_sweep_that_was_down_for_days_tells_it_late_and_one_for_weeks_not_at_all(
    greta: OrganisationMembership,
):
    wants(greta)
    assert tell_organisers(FIRST + timedelta(days=10)) == 0
    assert tell_organisers(FIRST + timedelta(days=10) - MINUTE) == 1


@pytest.mark.parametrize("why", ["removed", "stopped", "left", "log-in", "not monthly"])
def test_who_wants_none_or_has_left_is_told_nothing(greta: OrganisationMembership, why: str):
    saved = wants(greta, monthly=why != "not monthly")
    _undo(saved, greta, why)
    assert tell_organisers(FIRST) == 0


def test_a_shared_one_is_mailed_to_its_owner_alone(cast: Cast, greta: OrganisationMembership):
    add_organiser(organisation=cast.north.organisation, email="gus@example.org", name="Gus G.")
    wants(greta, shared=True)
    tell_organisers(FIRST)
    assert [organiser for organiser, _ in told()] == [greta]


def test_an_organisation_without_a_clinic_has_no_month(cast: Cast, greta: OrganisationMembership):
    wants(greta)
    move_clinic(clinic=cast.north, organisation=open_organisation(name="Elsewhere"))
    assert tell_organisers(FIRST) == 0


def _undo(saved: SavedAcross, greta: OrganisationMembership, why: str) -> None:
    if why == "removed":
        remove_across(saved=saved, by=greta, now=NOW)
    elif why == "stopped":
        assert stop_mails_across(saved=saved, by=greta, now=NOW)
    elif why == "left":
        OrganisationMembership.objects.filter(pk=greta.pk).update(is_active=False)
    elif why == "log-in":
        greta.user.is_active = False
        greta.user.save()


# --- the mail -------------------------------------------------------------------------------------


@pytest.mark.usefixtures("cast")
def test_the_mail_is_a_link_without_a_figure_and_without_a_name(
    greta: OrganisationMembership, box: Postbox
):
    saved = wants(greta, name="Board, dose and falls")
    tell_organisers(FIRST)
    assert oldest_unsent(FIRST) == FIRST
    assert (send_due(FIRST), send_due(FIRST + MINUTE)) == (1, 0)
    assert oldest_unsent(FIRST + MINUTE) is None
    (mail,) = box.received
    link = f"http://testserver{SAVED}{saved.pk}/?month=2026-03"
    assert (mail.to, mail.subject) == (
        *("greta@example.org", "Your report for the month at Northside"),
    )
    assert link in mail.text
    assert "You can stop these mails" in mail.text
    plain = mail.mail.get_body(("plain",))
    assert plain is not None
    words = plain.get_content().replace(link, "")
    assert not re.search(r"\d", words), words
    assert not re.search(r"\b(Cal|Cam|Board|dose|fall|falls|adherence)\b", mail.text, re.I)


@pytest.mark.parametrize("why", ["removed", "stopped", "left", "log-in"])
def test_what_is_wanted_no_more_when_it_would_go_does_not_go(
    greta: OrganisationMembership, box: Postbox, why: str
):
    saved = wants(greta)
    tell_organisers(FIRST)
    _undo(saved, greta, why)
    assert send_due(FIRST + MINUTE) == 0
    assert box.received == []
    assert not OrganiserNotice.objects.exists()


def test_a_sender_that_died_sends_it_again_under_the_same_number(
    greta: OrganisationMembership, box: Postbox
):
    wants(greta)
    tell_organisers(FIRST)
    send_due(FIRST)
    OrganiserNotice.objects.update(sent_at=None, claimed_at=FIRST)
    assert send_due(FIRST + 9 * MINUTE) == 0
    assert send_due(FIRST + 11 * MINUTE) == 1
    one, two = (mail.mail["Message-ID"] for mail in box.received)
    assert one == two


def test_the_sweep_writes_and_sends(greta: OrganisationMembership, box: Postbox, time_machine: Any):
    wants(greta)
    time_machine.move_to(FIRST, tick=False)
    sweep()
    sweep()
    assert [mail.to for mail in box.received] == ["greta@example.org"]


@pytest.mark.usefixtures("both")
def test_a_worker_that_has_just_begun_knows_no_clinic_s_hour_and_looks_it_up(
    greta: OrganisationMembership, box: Postbox, time_machine: Any
):
    wants(greta)
    plans.forget()
    time_machine.move_to(IN_NEW_YORK, tick=False)
    with rows.nothing():
        sweep()
    assert [mail.to for mail in box.received] == ["greta@example.org"]


def test_rules_that_somebody_did_not_see_are_not_remembered_as_none(cast: Cast):
    plans.forget()
    with rows.nothing(), pytest.raises(plans.RulesOutOfSight):
        plans.rules_at(cast.north, NOW)
    with rows.seeing(clinics=[cast.north.pk]):
        assert plans.rules_at(cast.north, NOW).number == cast.north.rules_number


# --- its page -------------------------------------------------------------------------------------


@pytest.mark.usefixtures("both")
def test_the_link_leads_to_the_report_of_the_month_that_is_over(greta: OrganisationMembership):
    saved = wants(greta, query="from=2026-01-01&to=2026-01-31&by=clinic")
    assert saved.query == "by=clinic"
    answer = browser(greta).get(f"{SAVED}{saved.pk}/?month=2026-02")
    assert answer.headers["Location"] == (
        "/o/northside/reports/dose/?from=2026-02-01&to=2026-02-28&by=clinic"
    )


@pytest.mark.usefixtures("both")
def test_without_a_month_it_is_the_last_one_that_is_over_everywhere(
    greta: OrganisationMembership, time_machine: Any
):
    saved = wants(greta)
    time_machine.move_to(FIRST, tick=False)  # still the last of March in New York
    location = browser(greta).get(f"{SAVED}{saved.pk}/?month=soon").headers["Location"]
    assert "from=2026-02-01&to=2026-02-28" in location
    time_machine.move_to(IN_NEW_YORK, tick=False)
    location = browser(greta).get(f"{SAVED}{saved.pk}/").headers["Location"]
    assert "from=2026-03-01&to=2026-03-31" in location


def test_it_is_asked_for_where_a_question_is_saved_and_stopped_on_the_list(
    cast: Cast, greta: OrganisationMembership
):
    who = browser(greta)
    typed = {"report": "dose", "query": "by=clinic", "name": "Board", "monthly": "on"}
    assert who.post(SAVED, typed).status_code == 302
    saved = SavedAcross.objects.get()
    assert saved.monthly
    page = who.get(LIST).text
    assert "by e-mail each month" in page
    gus = browser(
        add_organiser(organisation=cast.north.organisation, email="gus@example.org", name="Gus")
    )
    assert gus.post(f"{SAVED}{saved.pk}/stop/").status_code == 404
    assert f'action="{SAVED}{saved.pk}/stop/"' in page
    answer = who.post(f"{SAVED}{saved.pk}/stop/", follow=True)
    assert "No more e-mails about “Board”" in answer.text
    assert "by e-mail each month" not in answer.text
    assert f'action="{SAVED}{saved.pk}/stop/"' not in answer.text
    saved.refresh_from_db()
    assert (saved.monthly, saved.removed_at) == (False, None)
