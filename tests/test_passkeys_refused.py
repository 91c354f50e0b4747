"""What a browser sends that no device made, or made for another site or question, opens nothing."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from django.test import Client as Browser

from bonefit.clinics.forms_passkeys import MOST_PASSKEYS, NOT_KNOWN, NOT_MADE
from bonefit.clinics.models import User
from tests.cast import NOW, Cast
from tests.passkey_device import ADD, USE, Device, add, by_code, options_on, use
from tests.test_login import ASK, logged_in


@pytest.fixture
def cal(cast: Cast) -> Browser:
    """A browser in which Cal has logged in just now."""
    return by_code("cal@example.org")


def tampered(sent: dict[str, Any], part: str, value: Any) -> dict[str, Any]:
    return sent | {"response": sent["response"] | {part: value}}


BROKEN: dict[str, Callable[[dict[str, Any]], Any]] = {
    "nothing": lambda sent: "",
    "no json": lambda sent: "{",
    "a list": lambda sent: json.dumps([sent]),
    "null": lambda sent: "null",
    "an empty object": lambda sent: "{}",
    "deep": lambda sent: "[" * 5000,
    "no response": lambda sent: json.dumps(sent | {"response": None}),
    "a response of text": lambda sent: json.dumps(sent | {"response": "x"}),
    "an id of numbers": lambda sent: json.dumps(sent | {"rawId": 5, "id": 5}),
    "not base64": lambda sent: json.dumps(tampered(sent, "clientDataJSON", "é!")),
    "no client data": lambda sent: json.dumps(tampered(sent, "clientDataJSON", "e30")),
    "client data of a list": lambda sent: json.dumps(tampered(sent, "clientDataJSON", "W10")),
    "too long": lambda sent: json.dumps(sent | {"note": "x" * 20_000}),
    **{
        f"{part} is {value!r}": (
            lambda sent, part=part, value=value: json.dumps(tampered(sent, part, value))
        )
        for part in ("attestationObject", "authenticatorData", "signature", "userHandle")
        for value in ("", "AAAA", "oWNmbXQ", None, 7, "n-nonsense")
    },
}


@pytest.mark.parametrize("how", BROKEN)
def test_what_no_device_sends_is_refused_in_words_when_adding(
    cast: Cast, cal: Browser, how: str
) -> None:
    made = Device().make(options_on(cal.get(ADD)))
    if any(how.startswith(part) for part in ("authenticatorData", "signature", "userHandle")):
        made |= {"response": {"clientDataJSON": made["response"]["clientDataJSON"]}}

    page = cal.post(ADD, {"name": "Kitchen tablet", "credential": BROKEN[how](made)})

    assert page.status_code == 422
    assert 'value="Kitchen tablet"' in page.text
    assert 'class="note note-stop" role="alert"' in page.text
    assert not Authenticator.objects.exists()


@pytest.mark.parametrize("how", BROKEN)
def test_what_no_device_sends_logs_nobody_in(
    cast: Cast, cal: Browser, client: Browser, how: str
) -> None:
    phone = Device()
    add(cal, phone)
    signed = phone.use(client.get(USE).json())
    if how.startswith("attestationObject"):
        signed |= {"response": {}}

    page = client.post(USE, {"credential": BROKEN[how](signed)}, follow=True)

    assert page.redirect_chain[0][0] == ASK
    assert NOT_KNOWN in page.text
    assert not logged_in(client)


@pytest.mark.parametrize(
    ("name", "device"),
    [
        ("of another site", Device(origin="https://evil.example")),
        ("without its lock", Device(verified=False)),
    ],
)
def test_a_passkey_that_is_not_safe_is_not_kept(
    cast: Cast, cal: Browser, name: str, device: Device
) -> None:
    page = add(cal, device)

    assert page.status_code == 422
    assert NOT_MADE in page.text
    assert not Authenticator.objects.exists()


def test_an_answer_to_an_older_question_is_worth_nothing(
    cast: Cast, cal: Browser, client: Browser
) -> None:
    phone = Device()
    old = phone.make(options_on(cal.get(ADD)))
    cal.get(ADD)
    assert cal.post(ADD, {"name": "x", "credential": json.dumps(old)}).status_code == 422
    add(cal, phone)

    signed = phone.use(client.get(USE).json())
    client.get(USE)
    client.post(USE, {"credential": json.dumps(signed)})
    assert not logged_in(client)
    signed = phone.use(client.get(USE).json())
    for _ in range(2):  # what was overheard is not taken a second time
        client.post(USE, {"credential": json.dumps(signed)})
        was_in = logged_in(client)
        client.post("/logout/")
    assert not was_in


def test_a_passkey_opens_only_its_owners_log_in(cast: Cast, cal: Browser, client: Browser) -> None:
    phone = Device()
    add(cal, phone)
    theirs = Device()
    add(by_code("ana@example.org"), theirs)
    phone.owner = theirs.owner

    use(client, phone)

    assert not logged_in(client)


def test_a_closed_log_in_stays_closed_for_a_passkey(
    cast: Cast, cal: Browser, client: Browser
) -> None:
    phone = Device()
    add(cal, phone)
    User.objects.filter(pk=cast.cal.user_id).update(is_active=False)

    response = use(client, phone)

    assert response["Location"] == "/login/closed/"
    assert not logged_in(client)


def test_tries_are_counted_by_the_visitors_address(cast: Cast, client: Browser) -> None:
    with time_machine.travel(NOW + timedelta(minutes=1), tick=False):
        assert {client.get(USE).status_code for _ in range(60)} == {200}

        stopped = client.get(USE)
        page = client.post(USE, {}, follow=True)
    assert stopped.status_code == 429
    assert "Too many tries" in stopped.json()["error"]
    assert "Too many tries" in page.text
    assert "Send me the code" in page.text


@pytest.mark.parametrize(
    ("name", "said"),
    [("", "Write a name for it"), ("x" * 41, "at most 40 characters")],
)
def test_a_name_is_asked_for(cast: Cast, cal: Browser, name: str, said: str) -> None:
    page = add(cal, Device(), name)

    assert page.status_code == 422
    assert said in page.text
    assert not Authenticator.objects.exists()


def test_ten_are_the_most(cast: Cast, cal: Browser) -> None:
    for number in range(MOST_PASSKEYS):
        add(cal, Device(), f"Phone {number}")

    page = add(cal, Device())

    assert "You have 10 passkeys, and that is the most." in page.text
    assert Authenticator.objects.count() == MOST_PASSKEYS
