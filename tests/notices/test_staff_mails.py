"""The mails to the staff: how many wait and where to look, no name and nothing of health."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.test import Client as Browser

from bonefit.clinics.access import Role
from bonefit.clinics.models import Membership
from sessions.models import Flag, StaffNotice
from sessions.notices import tell_staff
from sessions.posting import CLAIM, MailServerAway
from sessions.staff_mails import mail_of
from sessions.staff_outbox import send_due
from tests.cast import NOW, Cast
from tests.notices.smtp import Postbox
from tests.notices.staff import HOUR, MINUTE, MONDAY, SEVEN, flag, rows

pytestmark = pytest.mark.django_db

#: Whatever would say of whom or of what.
TELLTALE = re.compile(
    r"\b(Cal|Cam|Olga|broke|bone|locked|fall|pain|missed|stalled|lift|DXA|health|client)\b", re.I
)


def test_red_is_two_sentences_and_a_link(cast: Cast, box: Postbox):
    flag(cast.enrollment)
    flag(cast.enrollment)
    tell_staff(NOW)
    assert send_due(NOW) == 1
    mail = box.received[0]
    assert (mail.to, mail.subject) == ("ana@example.org", "2 red flags wait for you at Northside")
    assert "2 red flags wait for you at Northside." in mail.text
    assert "http://testserver/c/north/flags/" in mail.text
    assert send_due(NOW + MINUTE) == 0


def test_one_is_said_in_the_singular(cast: Cast, box: Postbox):
    flag(cast.enrollment)
    tell_staff(NOW)
    send_due(NOW)
    assert box.received[0].subject == "1 red flag waits for you at Northside"


def test_no_mail_says_of_whom_or_of_what(cast: Cast, box: Postbox):
    flag(cast.enrollment)
    flag(cast.enrollment, "amber")
    tell_staff(NOW)
    tell_staff(NOW + 5 * HOUR)
    tell_staff(SEVEN)
    tell_staff(MONDAY)
    send_due(MONDAY)
    kinds = {row.kind for row in StaffNotice.objects.filter(sent_at__isnull=False)}
    assert kinds == {"red", "unread", "morning", "weekly"}
    for mail in box.received:
        assert not TELLTALE.search(mail.subject + mail.text), mail.subject
    for row in StaffNotice.objects.all():
        assert not TELLTALE.search(str(row.facts))


def test_the_morning_names_the_colours(cast: Cast, box: Postbox):
    flag(cast.enrollment, "amber")
    flag(cast.enrollment, "amber")
    flag(cast.enrollment, "red", seen_at=NOW, seen_by=cast.ana)
    tell_staff(SEVEN)
    send_due(SEVEN)
    assert box.received[0].subject == "3 flags wait for you at Northside"
    assert "3 flags wait for you at Northside: 1 red and 2 amber." in box.received[0].text


def test_what_was_closed_before_it_went_is_not_sent(cast: Cast, box: Postbox):
    one, two = flag(cast.enrollment), flag(cast.enrollment)
    tell_staff(NOW)
    Flag.objects.filter(pk=one.pk).update(resolved_at=NOW, resolution="by_itself")
    Flag.objects.filter(pk=two.pk).update(resolved_at=NOW, resolution="by_itself")
    assert send_due(NOW + MINUTE) == 0
    assert rows() == []


def test_who_leaves_before_it_goes_is_not_written_to_and_the_admins_are(cast: Cast, box: Postbox):
    flag(cast.enrollment)
    tell_staff(NOW)
    cast.ana.is_active = False
    cast.ana.save()
    assert send_due(NOW) == 0
    tell_staff(NOW + MINUTE)
    send_due(NOW + MINUTE)
    assert [mail.to for mail in box.received] == ["ada@example.org"]
    assert "did not reach" not in box.received[0].text


@pytest.mark.parametrize(
    "kind", [kind for kind in StaffNotice.Kind if kind != StaffNotice.Kind.MONTHLY]
)
def test_the_link_leads_where_she_may_go(cast: Cast, kind: str):
    """An admin reads flags without answering them; whoever may not see them comes to her own."""
    facts = dict.fromkeys(
        ("red", "amber", "opened", "closed", "open", "young", "old", "by_hand", "not_useful"), 1
    )

    def link(member: Membership) -> str:
        notice = StaffNotice(clinic=cast.north, member=member, kind=kind, facts=facts, key="k")
        return re.findall(r"http://testserver(\S+)", str(mail_of(notice, NOW).body))[0]

    for member in (cast.ada, cast.ana):
        browser = Browser()
        browser.force_login(member.user)
        page = "clients/corrections" if kind == StaffNotice.Kind.ASKED else "flags"
        assert link(member) == f"/c/north/{page}/"
        assert browser.get(link(member)).status_code == 200
    assert link(Membership(clinic=cast.north, user=cast.ana.user, roles=[Role.DESK])) == "/c/north/"


def test_a_server_that_is_away_is_tried_again_and_the_message_is_the_same(cast: Cast, box: Postbox):
    flag(cast.enrollment)
    tell_staff(NOW)
    box.close()
    with pytest.raises(MailServerAway):
        send_due(NOW)
    box.open()
    assert send_due(NOW + 2 * MINUTE) == 1
    assert rows()[0].tries == 2


def test_a_claim_of_a_sender_that_died_is_free_after_ten_minutes(cast: Cast, box: Postbox):
    flag(cast.enrollment)
    tell_staff(NOW)
    StaffNotice.objects.update(claimed_at=NOW)
    assert send_due(NOW + CLAIM - timedelta(seconds=1)) == 0
    assert send_due(NOW + CLAIM) == 1
    StaffNotice.objects.update(sent_at=None, claimed_at=NOW)
    assert send_due(NOW + CLAIM) == 1
    assert box.received[0].id == box.received[1].id


def test_a_row_that_cannot_be_read_stops_no_other(cast: Cast, box: Postbox):
    flag(cast.enrollment)
    tell_staff(NOW)
    StaffNotice.objects.create(
        clinic=cast.north, member=cast.tess, kind="morning", key="bad", due_at=NOW - HOUR
    )
    assert send_due(NOW) == 1
    assert [mail.to for mail in box.received] == ["ana@example.org"]
