"""Strings of attack in what is stored and in what is typed: they stay the text that they are.

SQL, templates, formulas, lines of a header, and paths; scripts are proven in a real browser
(tests/e2e/test_soak_attack_strings.py). ``test_soak_fuzz`` sends the same ones to each address in
any place of a request.
"""

from __future__ import annotations

import csv
import io
import re
from typing import Any

import pytest
from django.db import connection, transaction
from django.urls import reverse

from bonefit.clients.models import Client, Document
from bonefit.clinics.models import Clinic, User
from sessions.mails import mail_of
from tests.attacks import nasty
from tests.attacks.forms_on_pages import Form
from tests.attacks.judged import leads_away, wrong_with
from tests.attacks.knocks import Answer, Knock, ask, encoded
from tests.doors import FRIDAY, World
from tests.notices.test_mails import all_kinds
from tests.test_access_routes import ROWS, address, arguments, body, who_may

TYPED = {
    "SQL": nasty.SQL,
    "template": nasty.TEMPLATES,
    "header": nasty.LINES,
    "path": nasty.PATHS,
    "script": nasty.SCRIPTS,
    "formula": nasty.FORMULAS,
}
#: What one may answer to text that is not wanted there.
ANSWERS = (200, 302, 400, 404, 409, 422)


def typed_fields(forms: dict[str, list[Form]]) -> list[tuple[str, str]]:
    """Route and name of each field that somebody types in."""
    return sorted(
        {
            (route, one.name)
            for route, several in forms.items()
            for form in several
            for one in form.fields.values()
            if one.is_typed and (route, "POST") in ROWS and form.method == "POST"
        }
    )


@pytest.mark.soak
def test_in_no_field_is_text_more_than_text(
    world: World, forms: dict[str, list[Form]], soak: Any
) -> None:
    """Each alone in a form that is right otherwise; where it is taken, the page after it, too."""
    fields = typed_fields(forms)
    assert len(fields) > 150
    cases = [(field, kind) for field in fields for kind in TYPED]
    wrong: dict[str, str] = {}
    for case in soak(len(cases), 12):
        (route, name), kind = cases[case]
        who, url = who_may(route, "POST"), address(route, arguments(route, world.north))
        form = next(one for one in forms[route] if name in one.fields and one.method == "POST")
        valid = form.filled() | (body(world, route, "POST") or {})
        attack = soak.random(case).choice(TYPED[kind])
        for said in page_and_after(world, who, url, {**valid, name: attack}):
            wrong[f"{route} {name} {attack!r}"] = said
    soak.say(f"{len(fields)} fields to type in")
    assert wrong == {}


def page_and_after(world: World, who: str, url: str, said: dict[str, Any]) -> list[str]:
    """What is wrong with the answer, and with the page that it leads to."""
    browser, after = world.browsers[who], []
    knock = Knock(who, "POST", url, encoded(said))

    def look() -> None:
        # The answer is not there yet, so the page that the form stood on is asked for.
        page = browser.get(url)
        if page.status_code == 200 and not page.streaming:
            text = page.content.decode("utf-8", "replace")
            after.extend(one for one in (*nasty.SCRIPTS[:4], nasty.WORKED_OUT) if one in text)

    answer = ask(browser, knock, look)
    found = wrong_with(answer)
    if answer.status not in ANSWERS:
        found.append(str(answer.status))
    return found + [f"on the page after it: {one}" for one in after]


# --- files ----------------------------------------------------------------------------------------
#: Everything that is handed out as a file, with who may have it.
_FILE = re.compile(r"-(csv|xlsx|pdf|file|problems)$|^calendar$|^clients:document$")
FILES = sorted(route for route, method in ROWS if method == "GET" and _FILE.search(route))


def file_of(world: World, route: str) -> Answer:
    who = who_may(route, "GET")
    knock = Knock(who, "GET", address(route, arguments(route, world.north)))
    return ask(world.browsers[who], knock)


def renamed(world: World, text: str) -> None:
    """Everybody and everything that a file may name is called so."""
    Clinic.objects.filter(pk=world.north.clinic.pk).update(name=text[:60])
    User.objects.update(name=text[:80])
    for client in Client.objects.filter(clinic=world.north.clinic):
        Client.objects.filter(pk=client.pk).update(name=f"{text} {client.pk}"[:80])


@pytest.mark.parametrize("route", FILES)
@pytest.mark.parametrize("attack", [nasty.FORMULAS[0], nasty.LINES[0], f'"; x={nasty.MARK}; ../'])
def test_a_name_stays_within_its_cell_and_out_of_the_head_of_a_file(world, route, attack):
    renamed(world, attack)
    answer = file_of(world, route)
    assert (answer.status, wrong_with(answer)) == (200, [])
    assert nasty.MARK not in str(answer.headers)
    if "csv" in answer.headers["Content-Type"]:
        assert formulas_in(answer.body.decode("utf-8-sig")) == []


def formulas_in(text: str) -> list[str]:
    """Cells that a spreadsheet would work out; a negative number is none."""
    return [
        cell
        for row in csv.reader(io.StringIO(text))
        for cell in row
        if cell[:1] in tuple("=+-@\t\r") and not cell.replace(".", "").lstrip("-").isdecimal()
    ]


@pytest.mark.parametrize("name", nasty.PATHS)
def test_the_name_of_a_paper_leads_nowhere(world, name):
    """What is kept beside a paper is what it was called; where it lies, the site drew by chance."""
    paper = world.north.papers.document
    Document.objects.filter(pk=paper.pk).update(name=name.replace("\x00", "")[:100])
    answer = file_of(world, "clients:document")
    assert answer.status == 200
    assert b"root:" not in answer.body
    assert "\n" not in answer.headers["Content-Disposition"]


# --- where a log-in leads -------------------------------------------------------------------------
LOG_INS = (
    *("account_login", "account_request_login_code", "account_confirm_login_code", "log_in_again"),
    *("passkey_login", "second_step", "second_passkey", "account_logout", "second_set_up"),
)


@pytest.mark.parametrize("there", [*nasty.AWAY, *nasty.LINES])
def test_no_log_in_leads_to_another_site(world, there):
    for route in LOG_INS:
        for who in ("anonymous", "ana"):
            for method in ("GET", "POST"):
                said = encoded({"next": there})
                url = reverse(route) + ("" if method == "POST" else f"?{said.decode()}")
                knock = Knock(who, method, url, said if method == "POST" else b"")
                answer = ask(world.browsers[who], knock)
                assert wrong_with(answer) == [], (route, who, method)
                if b"<form" in answer.body:
                    assert f'action="{there}"'.encode() not in answer.body


def test_what_leads_away_is_known(world):
    assert [one for one in nasty.AWAY if not leads_away(one)] == []
    assert not leads_away("/login/code/?next=https://evil.example/")
    assert not leads_away("/c/north/today/")


def test_a_statement_that_text_got_into_would_be_seen(world):
    """The watch over statements is worth something."""
    knock = Knock("ana", "GET", "/c/north/today/")

    def look() -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"SELECT '{nasty.MARK}'")

    seen: list[str] = []
    with connection.execute_wrapper(lambda e, sql, *rest: (seen.append(sql), e(sql, *rest))[1]):
        look()
    answer = ask(world.browsers["ana"], knock)
    spoilt = Answer(answer.status, answer.headers, answer.body, (*seen,), "")
    assert wrong_with(answer) == []
    assert wrong_with(spoilt) == ["what was typed stands in a statement itself"]


# --- mails ----------------------------------------------------------------------------------------
ATTACK = "'\"><img src=x onerror=__hit=1>\r\nBcc: evil@example.org"


def test_a_mail_says_an_attack_as_the_text_that_it_is(world):
    """A mail program has no content policy: here escaping is all there is."""
    client = Client.objects.select_related("clinic", "membership").get(pk=world.north.client.pk)
    for one, room in ((client.clinic, 60), (client, 80)):
        one.name = (f"Cal {ATTACK}")[:room]
        one.save(update_fields=["name"])
    for kind in all_kinds(client):
        kind.facts = spoilt_rooms(kind.facts)
        mail = mail_of(kind, now=FRIDAY)
        mail.message()  # a subject of two lines is refused here
        assert_harmless(mail)


def spoilt_rooms(facts: Any) -> Any:
    if isinstance(facts, dict):
        return {key: ATTACK if key == "room" else spoilt_rooms(said) for key, said in facts.items()}
    return [spoilt_rooms(one) for one in facts] if isinstance(facts, list) else facts


def assert_harmless(mail: Any) -> None:
    assert mail.recipients() == ["cal@example.org"]
    assert "\nBcc:" not in mail.message().as_string().partition("\n\n")[0]
    for page, kind in mail.alternatives:
        assert kind == "text/html"
        assert "<img src=x" not in page
