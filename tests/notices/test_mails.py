"""The words of a mail: plain, in the clinic's time, and none about health."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any

import pytest

from bonefit.clients.models import Client
from bonefit.clinics.models import Clinic
from sessions.mail_words import HEADINGS, NAMED, groups_of, in_a_line, speech
from sessions.mails import mail_of, message_id
from sessions.models import Notice
from tests.cast import NOW, Cast
from tests.notices.reading import grade, text_of_html

DAY = timedelta(days=1)
#: Nothing of it may stand in what is shown on a lock screen or read by a family.
CLINICAL = re.compile(
    r"bone|osteo|fractur|densit|dxa|scan|diagnos|disease|pain|load|kilo|\bkg\b|\blb\b|lift|squat|"
    r"deadlift|press\b|impact|exercis|train|program|strength|therap|session|visit",
    re.I,
)


def place(start: datetime, room: str = "Room 1") -> dict[str, str]:
    end = start + timedelta(minutes=30)
    return {"starts_at": start.isoformat(), "ends_at": end.isoformat(), "room": room}


def line(what: str, start: datetime = NOW + 2 * DAY) -> dict[str, Any]:
    gone = what in ("called_off", "closed", "not_coming")
    was = None if what in ("booked", "on_again") else place(start)
    now = None if gone else place(start + (DAY if what == "moved" else timedelta()))
    return {"what": what, "uid": f"{what}{start}", "was": was, "now": now}


def notice(client: Client, kind: str, facts: dict[str, Any], **more: Any) -> Notice:
    made = Notice(
        clinic=client.clinic,
        client=client,
        kind=kind,
        key=f"{kind}|one",
        to=client.email,
        facts=facts,
        due_at=NOW,
        **more,
    )
    made.save()
    return made


def reminder(client: Client, start: datetime = NOW + DAY) -> Notice:
    return notice(client, Notice.Kind.REMINDER, {"uid": "one", **place(start)})


def change(client: Client, *lines: dict[str, Any]) -> Notice:
    return notice(client, Notice.Kind.CHANGE, {"lines": list(lines)})


def an_offer(client: Client) -> Notice:
    return notice(
        client,
        Notice.Kind.OFFER,
        {"waiting": 1, **place(NOW + DAY)},
        expires_at=NOW + timedelta(hours=4),
    )


def all_kinds(client: Client) -> list[Notice]:
    made = [reminder(client), an_offer(client)]
    made.append(change(client, *(line(what, NOW + n * DAY) for n, what in enumerate(HEADINGS, 1))))
    return made


def bodies(one: Notice) -> tuple[str, str]:
    """The text, and the words of the HTML."""
    mail = mail_of(one, now=NOW)
    html = next(part for part, kind in mail.alternatives if kind == "text/html")
    return str(mail.body), text_of_html(str(html))


def test_a_reminder_says_when_and_where(cast: Cast):
    mail = mail_of(reminder(cast.cal_client), now=NOW)
    assert mail.subject == "Your appointment on Friday 6 March at 12:00 in the afternoon"
    text = str(mail.body)
    assert "Friday 6 March, 12:00 to 12:30 in the afternoon\nNorthside, Room 1" in text
    assert "Our telephone: 07 5550 0100" in text
    assert "Your page: http://testserver/c/north/my/" in text
    assert "All times are by the clock in Brisbane." in text
    assert mail.to == ["cal@example.org"]
    assert str(mail.from_email) == "Northside <bonefit@localhost>"


def test_an_offer_leads_to_the_page_where_it_is_answered(cast: Cast):
    text, _ = bodies(an_offer(cast.cal_client))
    assert "Answer here: http://testserver/c/north/my/offers/1/" in text
    assert "We keep it for you until Thursday 5 March at 4:00 in the afternoon." in text


@pytest.mark.parametrize(
    ("what", "subject"),
    [
        ("booked", "Your new appointment on Saturday 7 March at 9:00"),
        ("moved", "Your appointment is now on Sunday 8 March at 9:00"),
        ("room", "Another room for your appointment on Saturday 7 March at 9:00"),
        ("called_off", "Your appointment on Saturday 7 March at 9:00 is cancelled"),
        ("closed", "Your appointment on Saturday 7 March at 9:00 is cancelled"),
        ("not_coming", "Your appointment on Saturday 7 March at 9:00 is cancelled"),
        ("on_again", "Your appointment on Saturday 7 March at 9:00 is on again"),
    ],
)
def test_the_subject_says_what_has_changed(cast: Cast, what: str, subject: str):
    nine = NOW + 2 * DAY - timedelta(hours=3)
    one = change(cast.cal_client, line(what, nine))
    assert mail_of(one, now=NOW).subject == subject
    text, html = bodies(one)
    assert HEADINGS[what][0] in text
    assert HEADINGS[what][0] in html
    assert "9:00 to 9:30 in the morning" in text


def test_a_moved_appointment_says_the_old_time_too(cast: Cast):
    text, _ = bodies(change(cast.cal_client, line("moved", NOW + 2 * DAY)))
    assert (
        "- Sunday 8 March, 12:00 to 12:30 in the afternoon, Room 1 "
        "(before: Saturday 7 March at 12:00 in the afternoon)"
    ) in text


def test_several_changes_are_one_message_in_groups(cast: Cast):
    lines = [line("called_off", NOW + n * DAY) for n in range(1, 4)]
    one = change(cast.cal_client, *lines, line("booked", NOW + 9 * DAY))
    assert mail_of(one, now=NOW).subject == "Your appointments have changed"
    groups = groups_of(one.facts["lines"], speech(cast.north, NOW))
    assert [(group.heading, len(group.items)) for group in groups] == [
        ("We had to cancel this one. We are sorry.", 3),
        ("You have a new appointment", 1),
    ]


def test_a_long_series_is_named_in_part(cast: Cast):
    one = change(cast.cal_client, *(line("moved", NOW + n * DAY) for n in range(1, 31)))
    text, html = bodies(one)
    assert text.count("\n- ") == NAMED + 1
    assert f"and {30 - NAMED} more" in text
    assert f"and {30 - NAMED} more" in html
    assert f"and {30 - NAMED} more" in in_a_line(one, speech(cast.north, NOW))


@pytest.mark.parametrize(
    ("zone", "start", "said"),
    [
        ("Australia/Sydney", "2026-10-03T22:00:00+00:00", "Sunday 4 October at 9:00"),
        ("Australia/Sydney", "2026-04-04T23:00:00+00:00", "Sunday 5 April at 9:00"),
        ("America/New_York", "2026-03-08T13:00:00+00:00", "Sunday 8 March at 9:00"),
        ("Europe/Berlin", "2026-10-25T08:00:00+00:00", "Sunday 25 October at 9:00"),
        ("Europe/Berlin", "2028-02-29T08:00:00+00:00", "Tuesday 29 February 2028 at 9:00"),
    ],
)
def test_times_are_those_of_the_clinic(cast: Cast, zone: str, start: str, said: str):
    Clinic.objects.filter(pk=cast.north.pk).update(timezone=zone)
    client = Client.objects.get(pk=cast.cal_client.pk)
    mail = mail_of(reminder(client, datetime.fromisoformat(start)), now=NOW)
    assert mail.subject == f"Your appointment on {said}"
    named = {"America/New_York": "New York"}.get(zone, zone.partition("/")[2])
    assert f"All times are by the clock in {named}." in str(mail.body)


def test_nothing_in_a_mail_is_about_health_and_the_product_is_not_named(cast: Cast):
    for one in all_kinds(cast.cal_client):
        mail = mail_of(one, now=NOW)
        for words in (mail.subject, *bodies(one)):
            words = words.replace("bonefit@localhost", "")
            assert CLINICAL.findall(words) == [], (one.kind, words)
        headers = {name: value for name, value in mail.message().items() if name != "From"}
        assert "bonefit" not in str(headers).lower()


def test_it_is_read_with_eight_years_of_school(cast: Cast):
    for one in all_kinds(cast.cal_client):
        for words in bodies(one):
            assert grade(words) <= 8, (one.kind, grade(words), words)


def test_the_grade_of_a_text_can_be_too_high():
    hard = (
        "Notwithstanding considerable organisational difficulties, the administration endeavours "
        "to accommodate individual preferences regarding appointment availability."
    )
    assert grade(hard) > 15
    assert grade("The cat sat on the mat. It was warm.") < 2


def test_text_and_html_say_the_same(cast: Cast):
    for one in all_kinds(cast.cal_client):
        text, html = bodies(one)
        said = set(re.findall(r"[A-Za-z0-9:]{2,}", re.sub(r"https?:\S+", "", text)))
        missing = said - set(re.findall(r"[A-Za-z0-9:]{2,}", html))
        assert missing <= {"page:", "here:", "You", "can", "stop", "Stop"}, (one.kind, missing)


def test_html_is_whole_and_has_nothing_to_fetch(cast: Cast):
    for one in all_kinds(cast.cal_client):
        mail = mail_of(one, now=NOW)
        html = str(next(part for part, kind in mail.alternatives))
        assert html.strip().startswith("<!doctype html>")
        assert not re.search(r"<(img|link|script|style|iframe)\b|\sstyle=|\son\w+=", html)


def test_what_people_are_called_is_text(cast: Cast):
    Client.objects.filter(pk=cast.cal_client.pk).update(name="<b>Cal</b> & Co")
    Clinic.objects.filter(pk=cast.north.pk).update(name="North\nBcc: x@example.org <i>")
    one = reminder(Client.objects.get(pk=cast.cal_client.pk))
    mail = mail_of(one, now=NOW)
    html = str(next(part for part, kind in mail.alternatives))
    assert "&lt;b&gt;Cal&lt;/b&gt; &amp; Co" in html
    assert "<b>Cal</b> & Co" in str(mail.body)
    message = mail.message()
    assert message["Bcc"] is None
    assert mail.recipients() == ["cal@example.org"]


def test_only_a_reminder_can_be_stopped_by_its_header(cast: Cast):
    one, two, three = all_kinds(cast.cal_client)
    message = mail_of(one, now=NOW).message()
    address = re.fullmatch(r"<(http://testserver/reminders/\S+/)>", message["List-Unsubscribe"])
    assert address is not None
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert address[1] in bodies(one)[0]
    for other in (two, three):
        message = mail_of(other, now=NOW).message()
        assert message["List-Unsubscribe"] is None
        assert "reminders" not in bodies(other)[0]


def test_each_copy_of_a_message_has_the_same_id_and_no_other_has(cast: Cast):
    one, two, three = all_kinds(cast.cal_client)
    assert message_id(one) == mail_of(one, now=NOW + DAY).message()["Message-ID"]
    assert len({message_id(one), message_id(two), message_id(three)}) == 3
    assert re.fullmatch(r"<[0-9a-f]{32}@testserver>", message_id(one))


def test_who_has_no_log_in_is_sent_to_no_page(cast: Cast):
    Client.objects.filter(pk=cast.cal_client.pk).update(membership=None)
    client = Client.objects.get(pk=cast.cal_client.pk)
    for one in all_kinds(client):
        text, html = bodies(one)
        assert "/my/" not in text + html
        assert "our page" not in text + html
        assert "07 5550 0100" in text


def test_a_clinic_without_a_telephone_says_whom_to_ask(cast: Cast):
    Clinic.objects.filter(pk=cast.north.pk).update(phone="")
    text, html = bodies(reminder(Client.objects.get(pk=cast.cal_client.pk)))
    assert "Questions? Ask at our desk." in text
    assert "Questions? Ask at our desk." in html


def test_the_desk_reads_a_message_in_one_line(cast: Cast):
    said = speech(cast.north, NOW)
    assert (
        in_a_line(reminder(cast.cal_client), said)
        == "Friday 6 March, 12:00 to 12:30 in the afternoon, Room 1"
    )
    assert in_a_line(change(cast.cal_client, line("called_off")), said) == (
        "We had to cancel this one. We are sorry: Saturday 7 March, 12:00 to 12:30 in the afternoon"
    )
