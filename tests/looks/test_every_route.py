"""Every address: who opens a record leaves a row that names the client; who is refused, a row."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import resolve

from bonefit.clients.models import AnswerLink, Client, Look
from bonefit.looked_routes import OUTSIDE, ROUTES
from sessions.models import CalendarFeed, Flag, Notice, ProgressLetter, Visit, Waiting
from tests.doors import PEOPLE, Things, World
from tests.looks.knocking import looks_after
from tests.test_access_routes import EVERYWHERE, PATTERNS, ROWS, address, arguments, body

OF_CLINICS = [row for row in ROWS if PATTERNS[row[0]][0].startswith("c/")]
KNOCKS = pytest.mark.parametrize(
    ("route", "method"), OF_CLINICS, ids=[" ".join(row) for row in OF_CLINICS]
)
SHOWN = ("200", "422")
#: django-allauth's, Django's, the monitors', and what is for nobody of a clinic.
NOT_OF_CLINICS = {
    *("home", "healthz", "readyz", "beats", "metrics", "operator", "admin"),
    *("service-worker", "manifest", "login_link", "invitation", "log_in_again", "refused"),
    *("second_step", "second_passkey", "second_set_up", "second_app", "second_codes"),
    *("enter_pin", "still_here", "log_ins"),
}


def test_every_route_is_in_the_table_once() -> None:
    inside = {name for name, (path, _) in EVERYWHERE.items() if path.startswith(("c/", "o/"))}
    links = set(ROUTES) - inside
    assert inside - set(ROUTES) == set()
    assert links == {"calendar", "answer-questions"}
    outside = {
        name
        for name in set(EVERYWHERE) - set(ROUTES)
        if name not in NOT_OF_CLINICS and not name.startswith(("account_", "passkey"))
    }
    assert outside == set(OUTSIDE)


def test_what_shows_no_single_client_says_why() -> None:
    silent = [
        name
        for name, route in ROUTES.items()
        if not route.reason and (not route.shows or not route.client)
    ]
    assert silent == []


def named_by(route: str, things: Things) -> int | None:
    """The client that an address is about, asked in another way than the log does."""
    named = arguments(route, things)
    match ROUTES[route].client:
        case "client":
            return int(named["pk"])
        case "visit":
            return Visit.objects.get(uid=named["uid"]).client_id
        case "flag":
            return Flag.objects.get(pk=named["pk"]).enrollment.client_id
        case "letter":
            return ProgressLetter.objects.get(pk=named["pk"]).client_id
        case "notice":
            return Notice.objects.get(pk=named["pk"]).client_id
        case "waiting":
            return Waiting.objects.get(pk=named["waits"]).client_id
        case "offer":
            return Waiting.objects.get(pk=named["pk"]).client_id
        case _:
            return None


def met(url: str) -> str:
    """The route that an address meets: that of adherence stands before that of any report."""
    return resolve(url.partition("?")[0]).view_name


def names_in(text: str, world: World, who: str) -> set[str]:
    """The clients of Northside whom a page names, beside whoever is logged in."""
    names = Client.objects.filter(clinic=world.north.clinic).values_list("name", flat=True)
    herself = {"cal": "Cal P.", "cam": "Cam Q."}.get(who, "")
    return {name for name in names if name in text and name != herself}


@KNOCKS
def test_whoever_is_let_in_leaves_the_row_that_the_table_says(
    world: World, route: str, method: str
) -> None:
    who = next((who for who, code in ROWS[route, method].items() if code in SHOWN), "")
    if not who:
        who = next(who for who, code in ROWS[route, method].items() if code in ("302", "400"))
    url, sent = address(route, arguments(route, world.north)), body(world, route, method)

    response, text, rows = looks_after(world.browsers[who], method, url, sent)

    declared, member = ROUTES[route], getattr(world.cast, who)
    if str(response.status_code) not in SHOWN:
        assert rows == [], "nothing was shown"
        return
    if not declared.shows:
        assert rows == []
        if method == "GET" and not route.startswith("sessions:figures-"):
            assert names_in(text, world, who) == set(), "it does show a client"
        return
    (row,) = rows
    client = named_by(route, world.north)
    if declared.client == "herself":
        client = Client.objects.get(membership=member).pk
    assert (row.client_id, row.member, row.clinic) == (client, member, world.north.clinic)
    assert row.what == (Look.What.EXPORTED if declared.exports else Look.What.VIEWED)
    assert (row.route, row.kind, row.roles) == (met(url), declared.kind, member.roles)
    assert row.address == "127.0.0.1"
    named = names_in(text, world, who)
    if row.client is not None and named:
        assert row.client.name in named


@KNOCKS
def test_whoever_is_refused_leaves_a_row_that_says_so(
    world: World, route: str, method: str
) -> None:
    codes = ROWS[route, method]
    url, sent = address(route, arguments(route, world.north)), body(world, route, method)
    client = named_by(route, world.north)
    told = {who: next((w for w in PEOPLE if codes[w] == code), "") for who, code in FIRST.items()}
    for code, who in zip(FIRST.values(), told.values(), strict=True):
        if not who:
            continue
        _, _, rows = looks_after(world.browsers[who], method, url, sent)
        (row,) = rows
        assert (row.what, row.route) == (Look.What.REFUSED, met(url)), (who, code)
        if ROUTES[route].client not in ("herself", "asked", "looked"):
            assert row.client_id == client, who
        here = getattr(world.cast, who, None)
        member = here if here and getattr(here, "clinic", None) == world.north.clinic else None
        assert row.member == member, who
        assert (row.user is not None) == (member is None and who != "anonymous"), who


#: One whom each kind of refusal meets.
FIRST = {"forbidden": "403", "not there": "404", "not logged in": "login"}


def test_a_number_of_another_clinic_names_nobody_of_it(world: World) -> None:
    ana = world.browsers["ana"]
    for route, name in (
        ("clients:client", "pk"),
        ("sessions:visit", "uid"),
        ("sessions:flag", "pk"),
    ):
        theirs = arguments(route, world.harbor)[name]
        url = address(route, arguments(route, world.north) | {name: theirs})
        response, _, (row,) = looks_after(ana, "GET", url)
        assert response.status_code == 404
        assert (row.what, row.member, row.client) == (Look.What.REFUSED, world.cast.ana, None)
        assert row.clinic == world.north.clinic


def test_a_stranger_stands_in_the_log_of_the_clinic_at_whose_door_she_was(world: World) -> None:
    otto = world.browsers["otto"]
    url = address("clients:client", arguments("clients:client", world.north))
    _, _, (row,) = looks_after(otto, "GET", url)
    assert (row.clinic, row.client) == (world.north.clinic, world.north.client)
    assert (row.member, row.user, row.roles) == (None, world.cast.otto.user, [])


def test_a_clinic_that_does_not_exist_has_no_log(world: World) -> None:
    response, _, rows = looks_after(world.browsers["ana"], "GET", "/c/nowhere/today/")
    assert (response.status_code, rows) == (404, [])


def test_a_report_about_one_client_names_her_and_any_other_nobody(world: World) -> None:
    ada, enrollment = world.browsers["ada"], world.north.enrollment
    for query, client in (("", None), (f"?enrollment={enrollment.pk}", world.north.client)):
        _, _, (row,) = looks_after(ada, "GET", f"/c/north/reports/adherence/{query}")
        assert (row.client, row.kind) == (client, Look.Kind.REPORT)
    foreign = f"?enrollment={world.harbor.enrollment.pk}"
    _, _, (row,) = looks_after(ada, "GET", f"/c/north/reports/adherence/{foreign}")
    assert row.client is None


# --- what opens without a log-in ------------------------------------------------------------------
def link_row(world: World, url: str) -> Any:
    """Ana is logged in there, which is not asked: the link is its own key."""
    _, _, (row,) = looks_after(world.browsers["ana"], "GET", url)
    assert (row.member, row.user, row.how) == (None, None, Look.How.LINK)
    return row


def test_a_calendar_and_questions_that_a_link_opens_name_the_client(world: World) -> None:
    feed = link_row(world, address("calendar", arguments("calendar", world.north)))
    assert feed.client == CalendarFeed.objects.get(pk=world.north.feed.pk).client
    url = address("answer-questions", arguments("answer-questions", world.north))
    asked = link_row(world, url)
    link = AnswerLink.objects.get(pk=world.north.screening.link.pk)
    assert (asked.client, asked.clinic) == (link.screening.client, world.north.clinic)


def test_a_link_that_opens_nothing_belongs_to_no_clinic(world: World) -> None:
    for url in ("/calendar/guessed.ics", "/questions/guessed/"):
        assert looks_after(world.browsers["anonymous"], "GET", url)[2] == []
