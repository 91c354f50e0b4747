"""The desk sees what did not arrive, whom to call, and what is still to go."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext

from bonefit.clients.models import Client
from sessions.models import Notice
from sessions.notices import send_again, set_seen, to_see_to
from sessions.notices.desk import CannotSend
from sessions.outbox import send_due
from tests.cast import NOW, Cast, enroll
from tests.notices.smtp import Postbox
from tests.notices.test_mails import CLINICAL
from tests.notices.test_outbox import message

PAGE = "/c/north/messages/"


@pytest.fixture
def desk(cast: Cast) -> Browser:
    browser = Browser()
    browser.force_login(cast.dee.user)
    return browser


def failed(client: Client, error: str = "SMTPRecipientsRefused", **more: object) -> Notice:
    return message(client, error=error, failed_at=NOW, **more)  # type: ignore[arg-type]


def text(browser: Browser) -> str:
    page = browser.get(PAGE)
    assert page.status_code == 200
    return page.content.decode()


@pytest.mark.parametrize(
    ("error", "why"),
    [
        ("no address", "There is no e-mail address."),
        ("too late", "It could not be sent in time."),
        ("SMTPRecipientsRefused", "does not take mail for this address"),
        ("SMTPDataError", "The mail server did not take this message."),
        ("ConnectionRefusedError", "The mail server could not be reached"),
    ],
)
def test_what_did_not_arrive_says_who_what_why_and_whom_to_call(
    cast: Cast, desk: Browser, error: str, why: str
):
    Client.objects.filter(pk=cast.cal_client.pk).update(phone="07 5550 0111")
    failed(cast.cal_client, error)
    page = text(desk)
    assert "Did not arrive, 1" in page
    for words in ("Cal P.", "Change: You have a new appointment: Saturday 7 March, 12:00", why):
        assert words in page
    assert 'href="tel:0755500111">Call 07 5550 0111<' in page
    main = page.partition("<main")[2].partition("</main")[0]
    assert CLINICAL.findall(main.replace("sessions", "")) == []


def test_what_waits_is_counted_and_named(cast: Cast, desk: Browser):
    message(cast.cal_client, tries=2)
    page = text(desk)
    assert "Still to go out, 1" in page
    assert "change, from 5 March, 12:00" in page
    assert "tried 2 times" in page


def test_an_empty_page_says_so(cast: Cast, desk: Browser):
    page = text(desk)
    assert "Nobody to call" in page
    assert "Everything has been sent." in page


def test_seen_to_takes_it_off_the_list(cast: Cast, desk: Browser):
    notice = failed(cast.cal_client)
    assert to_see_to(cast.dee) == 1
    answer = desk.post(f"{PAGE}{notice.pk}/seen/", follow=True)
    assert "Seen to." in answer.content.decode()
    assert to_see_to(cast.dee) == 0
    notice.refresh_from_db()
    assert (notice.seen_by, notice.failed_at) == (cast.dee, NOW)
    # A colleague's tap on the same line changes nothing.
    set_seen(notice=notice, by=cast.ana, now=NOW)
    notice.refresh_from_db()
    assert notice.seen_by == cast.dee


def test_sent_again_it_goes_to_the_address_that_was_mended(cast: Cast, desk: Browser, box: Postbox):
    notice = failed(cast.cal_client, tries=26)
    Client.objects.filter(pk=cast.cal_client.pk).update(email="right@example.org")
    answer = desk.post(f"{PAGE}{notice.pk}/again/", follow=True)
    assert "It goes out again" in answer.content.decode()
    assert to_see_to(cast.dee) == 0
    assert send_due(NOW + timedelta(minutes=1)) == 1
    assert box.received[0].to == "right@example.org"


def test_without_an_address_it_is_not_sent_again_and_the_page_says_why(cast: Cast, desk: Browser):
    notice = failed(cast.cal_client, "no address")
    Client.objects.filter(pk=cast.cal_client.pk).update(email="")
    assert "Send again" not in text(desk)
    answer = desk.post(f"{PAGE}{notice.pk}/again/")
    assert answer.status_code == 422
    assert "There is no e-mail address to send it to" in answer.content.decode()


def test_what_is_over_is_not_sent_again(cast: Cast):
    notice = failed(cast.cal_client, "too late", expires_at=NOW)
    with pytest.raises(CannotSend, match="too late"):
        send_again(notice=notice, by=cast.dee, now=NOW)


def test_what_has_gone_out_meanwhile_stays_as_it_is(cast: Cast):
    notice = message(cast.cal_client)
    send_again(notice=notice, by=cast.dee, now=NOW)
    Notice.objects.filter(pk=notice.pk).update(sent_at=NOW)
    send_again(notice=notice, by=cast.dee, now=NOW)
    notice.refresh_from_db()
    assert notice.sent_at == NOW


@pytest.mark.parametrize("who", ["cal", "con", "otto", "lea"])
def test_only_who_books_may(cast: Cast, who: str):
    notice = failed(cast.cal_client)
    for act in (set_seen, send_again):
        with pytest.raises(PermissionDenied):
            act(notice=notice, by=getattr(cast, who), now=NOW)
    assert to_see_to(cast.dee) == 1


def test_another_clinic_s_are_not_there(cast: Cast, desk: Browser):
    notice = failed(cast.olga_client)
    assert "Olga" not in text(desk)
    assert to_see_to(cast.dee) == 0
    for act in ("seen", "again"):
        assert desk.post(f"{PAGE}{notice.pk}/{act}/").status_code == 404


def test_many_come_in_pages(cast: Cast, desk: Browser):
    for number in range(55):
        failed(cast.cal_client, key=f"{number}")
    assert "Did not arrive, 55" in text(desk)
    assert "Page 1 of 2" in text(desk)
    assert desk.get(f"{PAGE}?page=2").content.decode().count("Seen to<") == 5


@pytest.mark.parametrize("count", [3, 40])
def test_the_page_asks_a_fixed_number_of_questions(cast: Cast, desk: Browser, count: int):
    for number in range(count):
        person = enroll(cast.ana, f"Person {number}", email=f"p{number}@example.org")
        failed(person, key=f"failed {number}")
        message(person, key=f"waiting {number}")
    with CaptureQueriesContext(connection) as asked:
        desk.get(PAGE)
    assert len(asked) <= 10, [query["sql"] for query in asked]
    assert len(asked) == 8, [query["sql"] for query in asked]
