"""What browsers refuse by the content policy is counted, and nothing of anybody is kept with it."""

from __future__ import annotations

import json
import re
from datetime import timedelta

import pytest
import time_machine
from django.core.cache import cache
from django.test import Client as Browser

from bonefit.clinics import refusals
from bonefit.clinics.models import RefusedByBrowser, User
from tests.cast import NOW

pytestmark = pytest.mark.django_db
PAGE = "http://testserver/c/north/clients/7/?q=Cal"


@pytest.fixture(autouse=True)
def nobody_has_reported_yet() -> None:
    cache.clear()


def report(browser: Browser, **more: str) -> int:
    said = {"document-uri": PAGE, "effective-directive": "script-src-elem", "blocked-uri": "inline"}
    body = json.dumps({"csp-report": said | {key.replace("_", "-"): more[key] for key in more}})
    return browser.post("/refused/", body, content_type="application/csp-report").status_code


def kept() -> list[tuple[str, str, str, int]]:
    rows = RefusedByBrowser.objects.order_by("pk")
    return list(rows.values_list("view", "directive", "source", "times"))


def test_the_same_twice_is_one_row_that_says_when(client: Browser):
    with time_machine.travel(NOW, tick=False):
        assert report(client) == 204
    with time_machine.travel(NOW + timedelta(hours=1), tick=False):
        report(client)

    assert kept() == [("clients:client", "script-src-elem", "inline", 2)]
    row = RefusedByBrowser.objects.get()
    assert (row.first_at, row.last_at) == (NOW, NOW + timedelta(hours=1))


@pytest.mark.parametrize(
    ("blocked", "source"),
    [
        ("https://evil.example/steal.js?name=Cal", "https://evil.example"),
        ("eval", "eval"),
        ("data", "data"),
        ("", "other"),
        ("Cal P. weighs 61 kg", "other"),
        ("http://[", "other"),
    ],
)
def test_of_what_was_refused_at_most_the_host_is_kept(client: Browser, blocked: str, source: str):
    assert report(client, blocked_uri=blocked) == 204
    assert [row[2] for row in kept()] == [source]


def test_a_page_that_is_not_ours_is_another_page(client: Browser):
    report(client, document_uri="http://testserver/login/linked/secret")
    assert kept()[0][0] == "other"


@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b"{}", b'{"csp-report": 3}', b'{"csp-report": {"document-uri": "/"}}', b"\xff"],
)
def test_what_is_no_report_is_refused_and_kept_nowhere(client: Browser, body: bytes):
    answer = client.post("/refused/", body, content_type="application/csp-report")
    assert (answer.status_code, kept()) == (400, [])


def test_a_directive_that_is_none_is_refused(client: Browser):
    assert report(client, effective_directive="Cal P.") == 400
    assert report(client, effective_directive="<script>") == 400
    assert kept() == []


def test_a_large_one_is_not_read(client: Browser):
    assert report(client, script_sample="x" * refusals.MOST_BYTES) == 413
    assert kept() == []


def test_many_from_one_address_are_let_go(client: Browser):
    with time_machine.travel(NOW, tick=False):
        for _ in range(40):
            assert report(client) == 204
    assert kept()[0][3] == 30


def test_they_cannot_fill_the_table(client: Browser, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(refusals, "MOST_KINDS", 3)
    for number in range(6):
        report(client, blocked_uri=f"https://{number}.example/")
    report(client, blocked_uri="https://0.example/")

    assert [(row[2], row[3]) for row in kept()] == [
        ("https://0.example", 2),
        ("https://1.example", 1),
        ("https://2.example", 1),
        ("other", 3),
    ]


def test_the_operator_sees_them(client: Browser):
    report(client, blocked_uri="https://evil.example/x.js")
    client.force_login(User.objects.create_user("ops@example.org", name="Op S.", is_staff=True))

    page = re.sub(r"<[^>]+>", " ", client.get("/operator/").text)

    assert re.search(r"clients:client\s+script-src-elem\s+https://evil.example\s+1\s", page)
