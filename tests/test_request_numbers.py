"""A number ties the page that somebody saw to the lines of the log, and says nothing else."""

from __future__ import annotations

import io
import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client as Browser
from django.test import override_settings
from django.urls import path

from bonefit.urls import handler400, handler500
from bonefit.urls import urlpatterns as usual
from tests.cast import Cast

pytestmark = pytest.mark.django_db

__all__ = ["handler400", "handler500"]


def breaks(request: HttpRequest) -> HttpResponse:
    """A view that fails with what somebody typed."""
    raise ValueError("Cal P. weighs 61 kg")


urlpatterns = [path("breaks/", breaks), *usual]


@contextmanager
def written() -> Iterator[io.StringIO]:
    """What stands in the log meanwhile, as the console has it."""
    console = next(
        one for one in logging.getLogger().handlers if "WithoutSecrets" in repr(one.filters)
    )
    assert isinstance(console, logging.StreamHandler)
    said = io.StringIO()
    before = console.setStream(said)
    try:
        yield said
    finally:
        if before:
            console.setStream(before)


def test_each_answer_has_a_number_of_its_own(client: Browser, cast: Cast):
    first, second = client.get("/login/code/"), client.get("/healthz/")

    numbers = {first["X-Request-ID"], second["X-Request-ID"]}
    assert len(numbers) == 2
    assert all(re.fullmatch(r"[0-9a-f]{12}", number) for number in numbers)


def test_a_number_that_a_browser_sends_is_not_taken(client: Browser, cast: Cast):
    answer = client.get("/login/code/", headers={"X-Request-ID": "cafecafecafe"})
    assert answer["X-Request-ID"] != "cafecafecafe"


def test_the_page_that_is_not_there_says_the_number_of_its_line(cast: Cast, client: Browser):
    client.force_login(cast.ana.user)
    with written() as said:
        answer = client.get("/c/north/nowhere/")

    number = answer["X-Request-ID"]
    assert answer.status_code == 404
    assert f"name the number <strong>{number}</strong>" in answer.text
    assert re.search(
        rf"WARNING {number} django.request: Not Found: /c/north/nowhere/", said.getvalue()
    )


@override_settings(ROOT_URLCONF="tests.test_request_numbers")
def test_a_page_that_broke_shows_nothing_inside_and_the_log_where_it_was(
    cast: Cast, client: Browser
):
    client.raise_request_exception = False
    client.force_login(cast.ana.user)
    with written() as said:
        answer = client.get("/breaks/?name=Cal")

    number, log = answer["X-Request-ID"], said.getvalue()
    assert answer.status_code == 500
    assert f"name the number <strong>{number}</strong>" in answer.text
    for inside in ("ValueError", "Traceback", "test_request_numbers", "61 kg"):
        assert inside not in answer.text
    assert f"ERROR {number} django.request: Internal Server Error: /breaks/" in log
    assert 'in breaks\n    raise ValueError("Cal P. weighs 61 kg")' in log  # the line of code
    assert "\nValueError\n" in log, "the kind of error without its words"
    assert "?name" not in log


@override_settings(ROOT_URLCONF="tests.test_request_numbers")
def test_the_script_of_a_page_that_broke_runs(cast: Cast, client: Browser):
    client.raise_request_exception = False
    answer = client.get("/breaks/")
    nonce = re.search(r"script-src 'nonce-([^']+)'", answer["Content-Security-Policy"])
    assert nonce
    assert f'<script nonce="{nonce[1]}" src=' in answer.text


def test_a_host_that_is_not_ours_gets_a_page_with_a_number(client: Browser):
    answer = client.get("/login/code/", headers={"host": "elsewhere.example"})
    assert answer.status_code == 400
    assert answer["X-Request-ID"] in answer.text
    assert "elsewhere" not in answer.text


def test_outside_of_a_request_a_line_has_no_number():
    with written() as said:
        logging.getLogger("bonefit").warning("The sweep ends.")
    assert "WARNING - bonefit: The sweep ends." in said.getvalue()
