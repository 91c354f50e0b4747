"""A stop and an adverse event on the pages: two taps, the clinic's plan, a report, its review."""

from __future__ import annotations

import re
import uuid
from typing import Any

import pytest
from django.test import Client as Browser
from django.urls import reverse

from bonefit.clients.models import Lock
from bonefit.clinics.models import Clinic, Membership
from programs.models import Exercise
from sessions import actions, alarms, sync
from sessions.models import AdverseEvent, Operation, SetEntry, Visit
from tests.cast import NOW, Cast
from tests.doors import filled

pytestmark = pytest.mark.django_db
PLAN = "Stay with her.\nCall 000."


@pytest.fixture
def ana(cast: Cast) -> Browser:
    return logged_in(cast.ana)


def logged_in(member: Membership) -> Browser:
    browser = Browser()
    browser.force_login(member.user)
    return browser


def address(visit: Visit, name: str = "visit", **more: Any) -> str:
    return reverse(f"sessions:{name}", kwargs={"clinic": "north", "uid": visit.uid, **more})


def page_of(browser: Browser, visit: Visit) -> str:
    return browser.get(address(visit)).content.decode()


def client_page(cast: Cast) -> str:
    return f"/c/north/clients/{cast.cal_client.pk}/"


# --- stop -----------------------------------------------------------------------------------------


def test_a_stop_needs_no_reason_and_shows_whom_to_call_and_the_plan(cast: Cast, ana: Browser):
    Clinic.objects.filter(pk=cast.north.pk).update(emergency_plan=PLAN)
    assert "Stop now" in page_of(ana, cast.visit)
    page = ana.post(address(cast.visit, "stop"), follow=True).content.decode()

    lock = Lock.objects.get()
    assert (lock.why, lock.evidence["why"]) == ("stop", "stopped on the floor")
    for words in (
        "Locked: stopped on the floor.",
        alarms.WHO_RELEASES,
        cast.cal_client.emergency_contact,
        cast.north.phone,
        "Stay with her.<br>Call 000.",
        "A report is due",
    ):
        assert words in page, words
    assert "Stop now" not in page


def test_a_reason_is_kept_and_a_second_stop_is_harmless(cast: Cast, ana: Browser):
    for browser in (ana, logged_in(cast.tess)):
        answer = browser.post(address(cast.visit, "stop"), {"why": "chest"})
        assert answer.status_code == 302
    assert Lock.objects.get().evidence["why"] == "stopped on the floor, chest pain or pressure"
    outcomes = Operation.objects.filter(kind="stop").values_list("outcome", flat=True)
    assert list(outcomes) == ["applied", "applied"]


def test_what_was_lifted_after_the_stop_is_recorded_and_marked(cast: Cast, ana: Browser):
    ana.post(address(cast.visit, "stop"))
    entry = cast.log(cast.visit, "hinge", 1, by=cast.tess)
    assert entry.outside_clearance
    assert "Outside clearance" in page_of(ana, cast.visit)


def test_without_a_plan_the_page_and_the_tablet_say_where_it_is_written(cast: Cast, ana: Browser):
    ana.post(address(cast.visit, "stop"))
    assert alarms.NO_PLAN in page_of(ana, cast.visit)

    clinic = ana.get("/c/north/floor/day/").json()["clinic"]
    assert (clinic["emergency_plan"], clinic["phone"]) == (alarms.NO_PLAN, cast.north.phone)
    Clinic.objects.filter(pk=cast.north.pk).update(emergency_plan=PLAN)
    assert ana.get("/c/north/floor/day/").json()["clinic"]["emergency_plan"] == PLAN


def test_the_clients_page_says_who_releases_also_to_who_may_not(cast: Cast, ana: Browser):
    ana.post(address(cast.visit, "stop"))
    admin = logged_in(cast.ada).get(client_page(cast)).content.decode()
    assert alarms.WHO_RELEASES in admin
    assert "Record a release" not in admin
    assert "Record a release" in ana.get(client_page(cast)).content.decode()


# --- the plan in the settings ---------------------------------------------------------------------

SETTINGS = "/c/north/settings/"


def test_an_admin_writes_the_plan_and_the_telephone(cast: Cast):
    ada = logged_in(cast.ada)
    assert "No plan is written yet" in ada.get(SETTINGS).content.decode()

    typed = {"emergency_plan": "Stay with her.\r\nCall 000.", "phone": "07 5550 0199"}
    saved = ada.post(f"{SETTINGS}emergency/", typed, follow=True)
    assert saved.redirect_chain == [(SETTINGS, 302)]
    clinic = Clinic.objects.get(pk=cast.north.pk)
    assert clinic.emergency_plan.split() == PLAN.split()
    assert clinic.phone == "07 5550 0199"
    page = saved.content.decode()
    assert "No plan is written yet" not in page
    assert "Call 000.</textarea>" in page
    assert "Saved." in page


def test_a_plan_too_long_is_explained_beside_its_field_and_kept(cast: Cast):
    long = "Call 000. " * 401
    refused = logged_in(cast.ada).post(
        f"{SETTINGS}emergency/", {"emergency_plan": long, "phone": "1" * 41}
    )
    page = refused.content.decode()
    assert refused.status_code == 422
    assert "At most 4000 characters" in page
    assert "At most 40 characters." in page
    assert long.strip() in page
    assert Clinic.objects.get(pk=cast.north.pk).emergency_plan == ""


def test_two_admins_do_not_write_over_each_other(cast: Cast):
    ada = logged_in(cast.ada)
    seen = re.search(r'name="seen" value="(\w+)"', ada.get(SETTINGS).content.decode())
    assert seen is not None
    Clinic.objects.filter(pk=cast.north.pk).update(emergency_plan=PLAN)

    refused = ada.post(f"{SETTINGS}emergency/", {"emergency_plan": "Mine.", "seen": seen[1]})
    assert refused.status_code == 422
    assert "Somebody saved another plan" in refused.content.decode()
    assert "Mine.</textarea>" in refused.content.decode()
    assert Clinic.objects.get(pk=cast.north.pk).emergency_plan == PLAN


# --- the report -----------------------------------------------------------------------------------


def test_a_report_is_typed_on_its_page_and_read_on_the_visit_and_the_client(
    cast: Cast, ana: Browser
):
    form = ana.get(address(cast.visit, "report")).content.decode()
    said = {
        "what": "bar",
        "severity": "moderate",
        "described": "It slipped.",
        "site": "foot",
        "lift": "hinge",
        "set_number": "3",
        "serious": "no",
        "related": "definite",
        "action": "Ice.",
        "outcome": "Walked home.",
        "onset_at": "2026-03-05T09:20",
    }
    answer = ana.post(address(cast.visit, "report"), filled(form, **said))
    assert answer.status_code == 302

    event = AdverseEvent.objects.get()
    assert (event.what, event.site, event.set_number) == ("bar", "foot", 3)
    for page in (page_of(ana, cast.visit), ana.get(client_page(cast)).content.decode()):
        for words in (
            "Uncontrolled drop of the bar, moderate",
            "Deadlift, set 3, ankle or foot",
            "Began 5 March 2026, 09:20. Reported by Ana T., 5 March 2026, 12:00.",
            "No session missed since.",
            "Not serious, related to training: definite.",
            "It slipped.",
            "Ice.",
            "Walked home.",
        ):
            assert words in page, words


def test_a_form_sent_twice_is_one_report(cast: Cast, ana: Browser):
    form = filled(
        ana.get(address(cast.visit, "report")).content.decode(), what="fall", severity="mild"
    )
    for _ in range(2):
        assert ana.post(address(cast.visit, "report"), form).status_code == 302
    assert AdverseEvent.objects.count() == 1


def test_a_report_that_lacks_an_answer_comes_back_with_what_was_typed(cast: Cast, ana: Browser):
    typed = {
        "what": "fall",
        "set_number": "many",
        "described": "Over the mat.",
        "onset_at": "2026-03-09T09:20",
        "serious": "yes",
    }
    refused = ana.post(address(cast.visit, "report"), typed)
    page = refused.content.decode()

    assert refused.status_code == 422
    for words in (
        "Say how severe it is: mild, moderate or severe.",
        "The number of a set, 1 to 20.",
        "This time is still to come. Check the day and the time.",
        "3 answers need another look",
        "Over the mat.</textarea>",
        'value="many"',
        'value="2026-03-09T09:20"',
    ):
        assert words in page, words
    assert re.search(r'name="what" value="fall"[^>]* checked', page)
    assert re.search(r'name="serious" value="yes"[^>]* checked', page)
    assert (AdverseEvent.objects.count(), Lock.objects.count()) == (0, 0)


def test_a_correction_is_filled_in_and_the_earlier_version_stays_readable(cast: Cast, ana: Browser):
    told = {"what": "fall", "severity": "mild", "described": "Over the mat.", "set_number": "2"}
    op = sync.Op(uuid.uuid4(), "report", cast.visit.uid, made_at=NOW, payload=told)
    sync.apply([op], by=cast.tess)
    correct = f"{address(cast.visit, 'report')}?of={op.uid}"
    assert f"?of={op.uid}" in page_of(ana, cast.visit)

    form = ana.get(correct).content.decode()
    assert "Correct a report" in form
    assert "Over the mat.</textarea>" in form
    assert ana.post(correct, filled(form, severity="severe")).status_code == 302

    page = page_of(ana, cast.visit)
    assert "A fall, severe" in page
    assert "What it said before" in page
    assert re.search(r"A fall, mild\.\s*Over the mat\.", page)
    newest = AdverseEvent.objects.get(replaces__uid=op.uid)
    assert (newest.set_number, newest.onset_at) == (2, NOW)


@pytest.mark.parametrize("of", ["nonsense", str(uuid.UUID(int=1))])
def test_a_report_that_is_not_there_cannot_be_corrected(cast: Cast, ana: Browser, of: str):
    assert ana.get(f"{address(cast.visit, 'report')}?of={of}").status_code == 404


@pytest.mark.parametrize("who", ["ana", "tess"])
def test_a_therapist_reviews_it_with_one_button(cast: Cast, ana: Browser, who: str):
    ana.post(address(cast.visit, "report"), {"what": "fall", "severity": "mild"})
    event = AdverseEvent.objects.get()
    reviewer = getattr(cast, who)
    url = address(cast.visit, "report-review", event=event.uid)
    assert url in page_of(ana, cast.visit)

    assert logged_in(reviewer).post(url).status_code == 302
    event.refresh_from_db()
    assert (event.reviewed_by, event.reviewed_at is not None) == (reviewer, True)
    page = page_of(ana, cast.visit)
    assert re.search(rf"Reviewed</span>\s*<span[^>]*>{reviewer.user.name}", page)
    assert url not in page
    assert "reviewed or corrected already" in ana.post(url, follow=True).content.decode()


def test_the_history_tells_the_check_the_stop_and_the_report_in_words(cast: Cast, ana: Browser):
    ana.post(address(cast.visit, "check-in"), {"now": "0", "away": "none", "dizzy": "no"})
    ana.post(address(cast.visit, "check-in"), {"now": "0", "medicine": "yes"})
    ana.post(address(cast.visit, "stop"), {"why": "chest"})
    said = {"what": "chest", "severity": "severe", "serious": "yes", "related": "unlikely"}
    ana.post(address(cast.visit, "report"), {**said, "set_number": "2"})

    history = ana.get(address(cast.visit, "visit-history")).content.decode()
    for words in (
        "pain now 0, no fall, illness or hospital, not dizzy",
        "pain now 0, something new",
        '<p class="why-said">“chest pain or pressure”</p>',
        "chest pain or pressure, severe, set 2, serious, related to training: unlikely",
    ):
        assert words in history, words


def test_an_admin_reads_the_reports_and_changes_none(cast: Cast, ana: Browser):
    ana.post(address(cast.visit, "report"), {"what": "fall", "severity": "mild"})
    page = logged_in(cast.ada).get(client_page(cast)).content.decode()
    assert "A fall, mild" in page
    assert "Correct<" not in page
    assert "/review/" not in page


# --- impact ---------------------------------------------------------------------------------------


def test_landings_say_how_high_and_whether_they_were_tolerated(cast: Cast, ana: Browser):
    said = {"landings": "5", "level": "0", "drop_cm": "20", "tolerated": "no"}
    entry = cast.log(cast.visit, "impact", 1, **said)
    assert (entry.landings, entry.drop_cm, entry.tolerated) == (5, 20, False)
    assert not entry.outside_clearance

    words = "5 landings, level 0, from 20 cm, not tolerated"
    assert words in ana.get(f"{address(cast.visit)}?lift=impact").content.decode()
    history = ana.get(address(cast.visit, "visit-history")).content.decode()
    assert "5 landings, level 0, from 20 cm, not tolerated" in history

    cast.log(cast.visit, "hinge", 1)
    following = cast.visits[1]
    shown = ana.get(f"{address(following)}?lift=impact").content.decode()
    assert "1 × 5 landings at level 0, not tolerated" in shown
    assert "Level 0 of 5, not tolerated. A higher level only by decision." in shown


def test_above_the_cleared_level_nothing_is_prescribed_and_what_was_done_is_kept(
    cast: Cast, ana: Browser
):
    actions.decide(
        enrollment=cast.enrollment,
        kind="change_rung",
        lift="impact",
        exercise=Exercise.objects.get(slug="stomp"),
        by=cast.ana,
        reason="Ready",
        now=cast.visit.starts_at,
    )
    page = ana.get(f"{address(cast.visit)}?lift=impact").content.decode()
    assert "Cleared for level 0 only. Nothing is prescribed." in page
    assert "Done as prescribed" not in page

    entry = cast.log(cast.visit, "impact", 1, level="2", drop_cm="30", tolerated="yes")
    assert (entry.prescribed_level, entry.prescribed_landings) == (None, None)
    assert (entry.landing_level, entry.outside_clearance) == (2, True)
    flags = ana.get("/c/north/flags/").content.decode()
    assert "landed at level 2, cleared for level 0" in flags
    page = ana.get(f"{address(cast.visit)}?lift=impact").content.decode()
    assert "5 landings, level 2, from 30 cm, tolerated" in page
    assert "Outside clearance" in page
    assert SetEntry.objects.count() == 1
