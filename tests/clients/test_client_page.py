"""A client's page: who she is, where she stands; edited, cleared anew, invited."""

from datetime import date, timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from django.core import mail
from django.test import Client as Browser
from django.utils.html import strip_tags

from bonefit.clients.actions import record_clearance
from bonefit.clients.log_ins import invite, send_login_again
from bonefit.clients.models import Client
from bonefit.clients.tasks import send_invitation
from sessions.actions import complete_visit, decide
from sessions.alarms import lock, release
from sessions.models import AdverseEvent
from sessions.moving import end_enrollment
from tests.cast import NOW, enroll


@pytest.fixture
def ana(cast):
    browser = Browser()
    browser.force_login(cast.ana.user)
    return browser


def url(client, more=""):
    return f"/c/north/clients/{client.pk}/{more}"


def page_of(browser, client):
    answer = browser.get(url(client))
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_page_shows_who_she_is_and_where_she_stands(ana, cast):
    page = page_of(ana, cast.cal_client)
    for words in (
        "Cal P.",
        "67 years, male",
        "Paul P., husband, 07 5550 0134",
        "Dr L. H., 20 February 2026",
        "Week 1 of 35, Learn",
        "HiRIT, LIFTMOR-style, 8 months, version 1",
        "Monday 09:00, Room 1, Ana T.",
        "Thursday 09:00, Room 1, Ana T.",
        "Mon 9 March, 09:00",
    ):
        assert words in page


def test_the_plan_says_each_target_and_why(ana, cast):
    cast.promote()
    cast.log_all(cast.visit, rpe="8", technique="clean", pain="0")
    complete_visit(visit=cast.visit, by=cast.ana)
    lines = {line.lift: line for line in ana.get(url(cast.cal_client)).context["view"].lifts}
    # 40 kg × 5 at RPE 8, under the band of 16 to 17: up by the usual step.
    assert lines["hinge"].target.load == Decimal("42.5")
    assert "Up 2.5 kg: all 25 reps, clean, RPE 8." in page_of(ana, cast.cal_client)
    assert lines["impact"].target.load is None


def test_an_admin_reads_the_page_and_is_offered_no_decision(cast):
    browser = Browser()
    browser.force_login(cast.ada.user)
    page = page_of(browser, cast.cal_client)
    assert "Next time" in page
    for words in ("Change the phase", "Set the load", "Take back", "End the program", "/edit/"):
        assert words not in page


def test_somebody_without_a_program_is_offered_one(ana, cast):
    joan = enroll(cast.ana, "Joan P.")
    page = page_of(ana, joan)
    assert "No program yet" in page
    assert f'href="{url(joan, "assign/")}"' in page


def test_an_ended_program_stays_readable_and_offers_no_decision(ana, cast):
    end_enrollment(
        enrollment=cast.enrollment,
        status="withdrawn",
        reason="Moved to Cairns",
        on=date(2026, 3, 5),
        by=cast.ana,
    )
    page = page_of(ana, cast.cal_client)
    assert "Moved to Cairns" in page
    assert "Withdrawn" in page
    assert "End the program" not in page
    assert "Assign a program again" in page


#: Beside the session, the person and her clinics: the client, her enrollments, locks, program,
#: decisions, sets, visits, reports, and the number beside a door.
QUERIES = 15


def reported(cast, **more):
    return AdverseEvent.objects.create(
        clinic=cast.north,
        client=cast.cal_client,
        uid=uuid4(),
        what=AdverseEvent.What.OTHER,
        severity=AdverseEvent.Severity.MILD,
        reported_by=cast.ana,
        reported_at=NOW,
        **more,
    )


# The admin's navigation counts the flags, and the entries that wait for her.
@pytest.mark.parametrize(("who", "further"), [("ana", 0), ("ada", 1)])
def test_the_page_asks_as_much_of_a_long_history_as_of_a_short_one(
    cast, who, further, django_assert_num_queries
):
    browser = Browser()
    browser.force_login(getattr(cast, who).user)
    page_of(browser, cast.cal_client)  # programs and rules are read once a process
    with django_assert_num_queries(QUERIES + further):
        page_of(browser, cast.cal_client)

    cast.log_all(cast.visit, sets=3)
    cast.log_all(cast.visit, lift="squat", sets=3)
    for number in range(10):
        decide(
            enrollment=cast.enrollment, kind="hold", lift="hinge", by=cast.ana, reason=str(number)
        )
        record_clearance(
            client=cast.cal_client,
            by=cast.ana,
            cleared_by=f"Dr {number}",
            cleared_on=date(2026, 3, 1),
            impact_level=3,
        )
        lock(cast.visit, f"pain {number}", by=cast.ana, now=NOW)
        release(cast.cal_client, clinician="Dr New", finding="Nothing.", by=cast.ana, now=NOW)
        reported(cast, onset_at=NOW - timedelta(days=number))
    lock(cast.visit, "pain 9 of 10", by=cast.ana, now=NOW)
    Client.objects.filter(pk=cast.cal_client.pk).update(invited_at=NOW - timedelta(days=1))
    for number in range(2):
        later = NOW + timedelta(hours=number)
        send_login_again(client=Client.objects.get(pk=cast.cal_client.pk), by=cast.ana, now=later)

    with django_assert_num_queries(QUERIES + further):
        page = page_of(browser, cast.cal_client)
    for words in ("Earlier clearances", "Dr 3", "Earlier locks", "Locked: pain 9", "Log-in link"):
        assert words in page


def test_the_page_leads_to_the_other_pages_and_says_how_her_intake_stands(ana, cast):
    Client.objects.filter(pk=cast.cal_client.pk).update(may_start_until=date(2027, 2, 20))
    page = page_of(ana, cast.cal_client)
    assert "she may be booked and checked in until 20 February 2027." in page
    for more in ("intake/", "outcomes/", "papers/"):
        assert f'href="{url(cast.cal_client, more)}"' in page


def test_an_intake_without_an_end_names_no_day(ana, cast):
    Client.objects.filter(pk=cast.cal_client.pk).update(may_start_until=date.max)
    page = page_of(ana, cast.cal_client)
    assert "she may be booked and checked in." in page
    assert "9999" not in strip_tags(page)  # chance may put it into the number of a visit


# --- editing -------------------------------------------------------------------------------------


def typed(client, **changes):
    return {
        "name": client.name,
        "born_on": "2 4 1958",
        "sex": client.sex,
        "email": client.email,
        "phone": client.phone,
        "emergency_contact": client.emergency_contact,
        "notes": client.notes,
        **changes,
    }


def test_editing_writes_only_what_was_changed(ana, cast):
    stale = Client.objects.get(pk=cast.cal_client.pk)
    Client.objects.filter(pk=stale.pk).update(invited_at=NOW)
    answer = ana.post(url(stale, "edit/"), typed(stale, phone="07 1"))
    assert answer.url == url(stale)
    now = Client.objects.get(pk=stale.pk)
    assert (now.phone, now.name, now.invited_at) == ("07 1", "Cal P.", NOW)


def test_an_edit_that_cannot_stand_changes_nothing_and_keeps_what_was_typed(ana, cast):
    answer = ana.post(
        url(cast.cal_client, "edit/"), typed(cast.cal_client, born_on="31 02 1958", phone="07 9")
    )
    assert answer.status_code == 422
    assert "February 1958 had 28 days" in answer.content.decode()
    assert 'value="07 9"' in answer.content.decode()
    assert Client.objects.get(pk=cast.cal_client.pk).phone == ""


def test_an_edit_that_changes_nothing_says_so_and_sees_no_second_person(ana, cast):
    answer = ana.post(url(cast.cal_client, "edit/"), typed(cast.cal_client), follow=True)
    assert "Nothing was changed." in answer.content.decode()


# --- clearances ----------------------------------------------------------------------------------


def test_a_new_clearance_takes_the_place_of_the_one_before_which_stays_readable(ana, cast):
    answer = ana.post(
        url(cast.cal_client, "clearance/"),
        {"cleared_by": "Dr New", "cleared_on": "1 March 2026", "impact_level": "2"},
    )
    assert answer.status_code == 302
    page = page_of(ana, cast.cal_client)
    assert "Dr New, 1 March 2026" in page
    assert "Earlier clearances" in page
    assert "Dr L. H., 20 February 2026" in page


def test_a_clearance_of_tomorrow_is_refused(ana, cast):
    answer = ana.post(
        url(cast.cal_client, "clearance/"),
        {"cleared_by": "Dr New", "cleared_on": "6 March 2026", "impact_level": "2"},
    )
    assert answer.status_code == 422
    assert cast.cal_client.clearances.count() == 1


# --- inviting ------------------------------------------------------------------------------------


def test_an_invitation_shows_whether_it_went_out_and_can_be_sent_again(
    ana, cast, django_capture_on_commit_callbacks
):
    joan = enroll(cast.ana, "Joan P.", email="joan@example.org")
    assert "Invite to log in" in page_of(ana, joan)

    ana.post(url(joan, "invite/"))
    page = page_of(ana, joan)
    assert "Invitation not sent yet" in page
    assert "Send the invitation again" in page
    assert "With joan@example.org" in page

    send_invitation(joan.pk)
    assert "Invitation sent 5 March 2026" in page_of(ana, joan)
    assert "Send a log-in link" in page_of(ana, joan)
    (message,) = mail.outbox
    assert message.to == ["joan@example.org"]

    send_invitation(joan.pk)
    assert len(mail.outbox) == 1
    ana.post(url(joan, "invite/"))
    send_invitation(joan.pk)
    assert len(mail.outbox) == 2


def test_the_mail_says_where_to_log_in_and_no_word_of_health(cast):
    joan = enroll(cast.ana, "Joan O'Brien", email="joan@example.org")
    invite(client=joan, by=cast.ana)
    send_invitation(joan.pk)
    text = mail.outbox[0].subject + mail.outbox[0].body
    assert "Hello Joan O'Brien," in text
    assert "http://testserver/login/" in text
    for word in ("bone", "osteo", "lift", "load", "exercise", "train", "clearance", "HiRIT"):
        assert word not in text.lower().replace("bonefit", "")


def test_without_an_address_nobody_is_invited(ana, cast):
    joan = enroll(cast.ana, "Joan P.")
    answer = ana.post(url(joan, "invite/"), follow=True)
    assert "There is no e-mail address to invite." in answer.content.decode()
    assert Client.objects.get(pk=joan.pk).membership is None


def test_an_invitation_is_never_made_by_following_a_link(ana, cast):
    assert ana.get(url(cast.cal_client, "invite/")).status_code == 405


# --- who -----------------------------------------------------------------------------------------


def test_a_client_of_another_clinic_is_404(ana, cast):
    for more in ("", "edit/", "clearance/", "assign/", "end/", "plan/phase/"):
        assert ana.get(url(cast.olga_client, more)).status_code == 404


def test_a_client_sees_no_client_page_not_even_her_own(cast):
    for who in (cast.cal, cast.cam):
        browser = Browser()
        browser.force_login(who.user)
        assert browser.get(url(cast.cal_client)).status_code == 403
