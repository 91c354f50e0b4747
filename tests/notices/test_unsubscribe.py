"""Reminders are turned off by the link in each of them, without a log-in, and on again there."""

from __future__ import annotations

import logging
import re

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client as Browser

from bonefit.clients.models import Client
from bonefit.clinics.models import Membership
from bonefit.logs import WithoutSecrets
from sessions.mails import mail_of, reminders_token
from sessions.models import Notice
from sessions.notices import remind, set_reminders
from tests.cast import NOW, Cast
from tests.notices.reading import grade, text_of_html

ONE_CLICK = {"List-Unsubscribe": "One-Click"}


@pytest.fixture
def link(cast: Cast) -> str:
    return f"/reminders/{reminders_token(cast.cam_client)}/"


@pytest.fixture
def strict() -> Browser:
    """A browser of nobody, which minds the CSRF token like a real one."""
    return Browser(enforce_csrf_checks=True)


def off(cast: Cast) -> bool:
    return Client.objects.get(pk=cast.cam_client.pk).reminders_off_at is not None


def button(page: str) -> dict[str, str]:
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)
    value = re.search(r'name="reminders" value="(\w+)"', page)
    assert token
    assert value
    return {"csrfmiddlewaretoken": token[1], "reminders": value[1]}


def test_the_link_in_a_reminder_leads_there(cast: Cast, link: str):
    remind(NOW)
    notice = Notice.objects.select_related("client", "clinic").get()
    assert f"http://testserver{link}" in str(mail_of(notice, now=NOW).body)


def test_looking_changes_nothing_and_a_tap_does(cast: Cast, link: str, strict: Browser):
    page = strict.get(link)
    assert (page.status_code, off(cast)) == (200, False)
    assert "no-store" in page["Cache-Control"]
    body = page.content.decode()
    assert "Stop the reminders?" in body
    assert "Cam Q." not in body  # whole: three letters stand in a random token by chance

    done = strict.post(link, button(body), follow=True)
    assert off(cast)
    assert "Your reminders are off" in done.content.decode()
    assert remind(NOW) == 0

    # And on again on the same page.
    again = strict.post(link, button(done.content.decode()), follow=True)
    assert not off(cast)
    assert "Stop the reminders?" in again.content.decode()
    assert remind(NOW) == 1


def test_bookings_are_kept(cast: Cast, link: str, strict: Browser):
    before = list(cast.cam_enrollment.visits.values_list("pk", "status", "sequence"))
    strict.post(link, ONE_CLICK)
    assert list(cast.cam_enrollment.visits.values_list("pk", "status", "sequence")) == before


@pytest.mark.parametrize("form", ["urlencoded", "multipart"])
def test_the_button_of_a_mail_program_is_one_post_without_a_cookie(
    cast: Cast, link: str, strict: Browser, form: str
):
    if form == "urlencoded":
        done = strict.post(
            link,
            "List-Unsubscribe=One-Click",
            content_type="application/x-www-form-urlencoded",
        )
    else:
        done = strict.post(link, ONE_CLICK)
    assert (done.status_code, off(cast)) == (200, True)
    assert done.headers.get("Location") is None
    # Twice is harmless.
    assert strict.post(link, ONE_CLICK).status_code == 200


def test_any_other_post_needs_the_page_s_own_token(cast: Cast, link: str, strict: Browser):
    assert strict.post(link, {"reminders": "off"}).status_code == 403
    assert strict.post(link, {"List-Unsubscribe": "yes"}).status_code == 403
    assert not off(cast)


def test_a_post_that_says_nothing_is_asked_again(cast: Cast, link: str, strict: Browser):
    sent = button(strict.get(link).content.decode()) | {"reminders": "maybe"}
    answer = strict.post(link, sent)
    assert answer.status_code == 422
    assert "Nothing was changed" in answer.content.decode()
    assert not off(cast)


def test_a_link_that_we_did_not_make_is_not_there(cast: Cast, link: str, client: Browser):
    token = reminders_token(cast.cam_client)
    pk, _, signature = token.partition(":")
    for wrong in (f"{int(pk) + 1}:{signature}", f"{pk}:", pk, "x", f"{token}x"):
        for answer in (
            client.get(f"/reminders/{wrong}/"),
            client.post(f"/reminders/{wrong}/", ONE_CLICK),
        ):
            assert answer.status_code == 404
            assert "Cam Q." not in answer.content.decode()
    assert not off(cast)


def test_the_page_is_plain_to_read(cast: Cast, link: str, client: Browser):
    for state in ("on", "off"):
        main = client.get(link).content.decode().partition("<main")[2].partition("</main")[0]
        words = text_of_html("<main" + main)
        assert grade(words) <= 8, (state, words)
        client.post(link, {"reminders": "off"})


def test_the_secret_of_a_link_is_in_no_log(cast: Cast, link: str):
    record = logging.LogRecord("x", logging.INFO, "", 1, "Not found: %s", (link,), None)
    WithoutSecrets().filter(record)
    assert record.getMessage() == "Not found: /reminders/…"


# --- the action -----------------------------------------------------------------------------------
def test_she_herself_and_who_books_for_her_may_do_it(cast: Cast):
    client = cast.cam_client
    assert set_reminders(client=client, wanted=False, by=cast.cam, now=NOW)
    assert not set_reminders(client=client, wanted=False, by=cast.cam, now=NOW)
    assert (client.reminders_off_at, off(cast)) == (NOW, True)
    assert set_reminders(client=client, wanted=True, by=cast.dee, now=NOW)
    assert (client.reminders_off_at, off(cast)) == (None, False)


@pytest.mark.parametrize("who", ["cal", "con", "otto", "lea"])
def test_nobody_else_may(cast: Cast, who: str):
    by: Membership = getattr(cast, who)
    with pytest.raises(PermissionDenied):
        set_reminders(client=cast.cam_client, wanted=False, by=by, now=NOW)
    assert not off(cast)
