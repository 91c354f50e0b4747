"""What a browser is told that it may do with a page: nothing but what the page needs."""

from __future__ import annotations

import re

import pytest
from django.http import HttpResponse
from django.test import Client as Browser
from django.test import override_settings
from django.urls import reverse

from bonefit.clinics.models import User
from tests.cast import Cast

pytestmark = pytest.mark.django_db

POLICY = {
    "default-src 'none'",
    "style-src 'self'",
    "img-src 'self' data:",
    "font-src 'self'",
    "connect-src 'self'",
    "manifest-src 'self'",
    "worker-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
    "report-uri /refused/",
}


def directives(answer: HttpResponse) -> dict[str, str]:
    said = answer["Content-Security-Policy"]
    return {one.split()[0]: one for one in said.split("; ")}


@pytest.fixture
def ana(cast: Cast, client: Browser) -> Browser:
    client.force_login(cast.ana.user)
    return client


def test_a_script_runs_by_the_number_of_its_answer_and_by_nothing_else(ana: Browser):
    first, second = ana.get("/c/north/today/"), ana.get("/c/north/today/")
    numbers = []
    for answer in (first, second):
        found = directives(answer)
        number = re.fullmatch(r"script-src 'nonce-([\w+/=]{24})'", found.pop("script-src"))
        assert number
        assert set(found.values()) == POLICY
        scripts = re.findall(r"<script[^>]*>", answer.text)
        assert len(scripts) >= 2
        assert all(f'nonce="{number[1]}"' in script for script in scripts)
        numbers.append(number[1])
    assert numbers[0] != numbers[1]


def test_a_fragment_brings_no_script(ana: Browser):
    answer = ana.get("/c/north/flags/", headers={"HX-Request": "true"})
    assert answer.status_code == 200
    assert "<script" not in answer.text


def test_what_has_no_page_may_run_no_script(client: Browser):
    assert directives(client.get("/healthz/")).get("script-src", "script-src") == "script-src"


def test_djangos_admin_runs_its_own_files(client: Browser):
    client.force_login(User.objects.create_superuser("ops@example.org", name="Op S."))
    answer = client.get(reverse("admin:index"))
    assert answer.status_code == 200
    found = directives(answer)
    assert found.pop("script-src") == "script-src 'self'"
    assert set(found.values()) == POLICY


@pytest.mark.parametrize("path", ["/c/north/today/", "/c/north/floor/day/", "/c/north/nowhere/"])
def test_nothing_of_who_is_logged_in_stays_in_the_browser(ana: Browser, path: str):
    said = ana.get(path)["Cache-Control"].split(", ")
    assert {"private", "no-store"} <= set(said)


def test_what_a_view_says_of_keeping_stands(ana: Browser):
    assert ana.get(reverse("service-worker"))["Cache-Control"] == "no-cache"


def test_no_other_site_may_show_a_page_or_look_at_its_window(ana: Browser):
    for path in ("/c/north/today/", "/login/code/", "/healthz/"):
        answer = ana.get(path, follow=True)
        assert answer["Cross-Origin-Resource-Policy"] == "same-origin"
        assert answer["Cross-Origin-Opener-Policy"] == "same-origin"
        assert answer["X-Frame-Options"] == "DENY"
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert answer["Referrer-Policy"] == "same-origin"


@pytest.mark.parametrize(
    ("path", "host", "status"),
    [
        ("/static/css/base.css", "testserver", 200),
        ("/c/north/today", "testserver", 301),
        ("/", "another.example", 400),
        ("/c/north/nowhere/", "testserver", 404),
    ],
)
def test_what_answers_before_any_view_says_the_same(
    client: Browser, path: str, host: str, status: int
):
    with override_settings(WHITENOISE_USE_FINDERS=True):  # nobody has collected the files
        answer = client.get(path, headers={"Host": host})
    answer.close()
    assert answer.status_code == status
    assert directives(answer).items() >= {("default-src", "default-src 'none'")}
    assert answer["X-Frame-Options"] == "DENY"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Referrer-Policy"] == "same-origin"
    assert answer["Cross-Origin-Opener-Policy"] == "same-origin"
    assert answer["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "camera=()" in answer["Permissions-Policy"]


def test_no_page_may_use_a_camera_or_say_where_the_tablet_is(ana: Browser):
    said = ana.get("/c/north/today/")["Permissions-Policy"].split(", ")
    for name in ("camera", "microphone", "geolocation", "usb", "payment"):
        assert f"{name}=()" in said
    assert "publickey-credentials-get=(self)" in said, "a log-in with a passkey needs it"
    assert "clipboard-write=(self)" in said, "copying an address needs it"


def test_a_form_from_another_page_is_not_taken_by_its_cookie_alone(cast: Cast):
    browser = Browser(enforce_csrf_checks=True)
    browser.force_login(cast.ana.user)
    assert browser.post("/logout/").status_code == 403
