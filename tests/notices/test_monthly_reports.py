"""The link to a saved report after each month: when, to whom, once, and nothing else in it."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any

import pytest

from bonefit.clinics.models import Membership
from sessions.models import SavedReport, StaffNotice
from sessions.notices import tell_staff
from sessions.reports import keeping
from sessions.staff_outbox import send_due
from tests.cast import NOW, Cast
from tests.notices.smtp import Postbox
from tests.notices.staff import DAY, HOUR, MINUTE, rows
from tests.notices.writing import set_rules

pytestmark = pytest.mark.django_db

#: The first of April 2026, seven in the morning in Brisbane and in New York.
FIRST = datetime.fromisoformat("2026-04-01T07:00+10:00")
IN_NEW_YORK = datetime.fromisoformat("2026-04-01T07:00-04:00")
MONTHLY = StaffNotice.Kind.MONTHLY


def wants(by: Membership, **more: Any) -> SavedReport:
    values = {"name": "Board, dose", "report": "dose", "query": "by=therapist", **more}
    return keeping.save(**{"shared": False, "monthly": True, **values}, by=by, now=NOW)


def told() -> list[tuple[Membership, dict[str, Any]]]:
    return [(row.member, row.facts) for row in rows(MONTHLY)]


def test_one_link_comes_on_the_first_at_the_clinic_s_hour_and_once_a_month(cast: Cast):
    saved = wants(cast.ada)
    tell_staff(FIRST - MINUTE)
    assert told() == []
    for later in (FIRST, FIRST, FIRST + MINUTE, FIRST + 5 * HOUR, FIRST + DAY):
        tell_staff(later)
    assert told() == [(cast.ada, {"saved": saved.pk, "month": "2026-03"})]
    tell_staff(datetime.fromisoformat("2026-05-01T07:00+10:00"))
    assert [facts["month"] for _, facts in told()] == ["2026-03", "2026-04"]


def test_the_hour_is_a_setting_and_the_zone_the_clinic_s(cast: Cast):
    set_rules(cast.north, digest_hour=5)
    here, there = wants(cast.ada), wants(cast.otto)
    tell_staff(FIRST - 2 * HOUR - MINUTE)
    assert told() == []
    tell_staff(FIRST - 2 * HOUR)
    assert [facts["saved"] for _, facts in told()] == [here.pk]
    tell_staff(IN_NEW_YORK - MINUTE)
    assert len(told()) == 1
    tell_staff(IN_NEW_YORK)
    assert [facts["saved"] for _, facts in told()] == [here.pk, there.pk]


def test_each_saved_report_has_a_link_of_its_own_and_one_that_is_not_monthly_none(cast: Cast):
    one, two = wants(cast.ada), wants(cast.ada, name="Board, falls", report="safety")
    wants(cast.ada, name="Not by mail", monthly=False)
    wants(cast.tess, name="Shared", shared=True, monthly=False)
    tell_staff(FIRST)
    assert [facts["saved"] for _, facts in told()] == [one.pk, two.pk]


def test_a_sweep_that_was_down_for_days_tells_it_late_and_one_for_weeks_not_at_all(cast: Cast):
    wants(cast.ada)
    tell_staff(FIRST + timedelta(days=10))
    assert told() == []
    tell_staff(FIRST + timedelta(days=10) - MINUTE)
    assert len(told()) == 1


def test_a_removed_one_tells_nobody(cast: Cast):
    keeping.remove(saved=wants(cast.ada), by=cast.ada, now=NOW)
    tell_staff(FIRST)
    assert told() == []


def test_who_has_left_gets_none(cast: Cast):
    wants(cast.ana)
    Membership.objects.filter(pk=cast.ana.pk).update(is_active=False)
    tell_staff(FIRST)
    assert told() == []


def test_who_may_run_reports_no_more_gets_none(cast: Cast):
    wants(cast.ada)
    wants(cast.ana)
    Membership.objects.filter(pk=cast.ana.pk).update(roles=["desk"])
    tell_staff(FIRST)
    assert [member for member, _ in told()] == [cast.ada]


# --- the mail -------------------------------------------------------------------------------------


def test_the_mail_is_a_link_without_a_figure_and_without_a_name(cast: Cast, box: Postbox):
    saved = wants(cast.ada, name="Cal, dose and falls", query=f"enrollment={cast.enrollment.pk}")
    tell_staff(FIRST)
    assert send_due(FIRST) == 1
    assert send_due(FIRST + MINUTE) == 0
    mail = box.received[0]
    link = f"http://testserver/c/north/reports/saved/{saved.pk}/?month=2026-03"
    assert (mail.to, mail.subject) == ("ada@example.org", "Your report for the month at Northside")
    assert link in mail.text
    plain = mail.mail.get_body(("plain",))
    assert plain is not None
    words = plain.get_content().replace(link, "")
    assert not re.search(r"\d", words), words
    assert not re.search(r"\b(Cal|Cam|Olga|dose|fall|falls|adherence)\b", mail.text, re.I)


def test_the_link_leads_to_the_report_of_the_month_that_is_over(cast: Cast, client: Any):
    saved = wants(cast.ada)
    client.force_login(cast.ada.user)
    answer = client.get(f"/c/north/reports/saved/{saved.pk}/?month=2026-03", follow=True)
    assert answer.status_code == 200
    assert answer.redirect_chain[-1][0] == (
        "/c/north/reports/dose/?from=2026-03-01&to=2026-03-31&by=therapist"
    )


@pytest.mark.parametrize("gone", ["left", "desk", "removed"])
def test_what_is_wanted_no_more_when_it_would_go_does_not_go(cast: Cast, box: Postbox, gone: str):
    saved = wants(cast.ana)
    tell_staff(FIRST)
    assert len(told()) == 1
    mine = Membership.objects.filter(pk=cast.ana.pk)
    if gone == "left":
        mine.update(is_active=False)
    elif gone == "desk":
        mine.update(roles=["desk"])
    else:
        keeping.remove(saved=saved, by=cast.ana, now=NOW)
    send_due(FIRST + MINUTE)
    assert box.received == []


def test_it_is_stopped_on_the_list_by_its_owner_alone_and_the_question_stays(
    cast: Cast, client: Any, box: Postbox
):
    saved = wants(cast.ada, shared=True)
    tell_staff(FIRST)
    stop = f"/c/north/reports/saved/{saved.pk}/stop/"
    client.force_login(cast.ana.user)
    assert stop not in client.get("/c/north/reports/").text
    assert client.post(stop).status_code == 404
    client.force_login(cast.ada.user)
    assert f'action="{stop}"' in client.get("/c/north/reports/").text
    page = client.post(stop, follow=True).text
    assert "No more e-mails about “Board, dose”" in page
    assert f"/saved/{saved.pk}/" in page
    assert stop not in page
    send_due(FIRST + MINUTE)
    assert box.received == []
    tell_staff(datetime.fromisoformat("2026-05-01T07:00+10:00"))
    assert told() == []
