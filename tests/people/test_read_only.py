"""An auditor reads: whatever the table of rights says, nothing that could change a row opens."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.urls import Resolver404, resolve

from bonefit.clinics.access import (
    GRANTS,
    READ_ONLY_ROLES,
    SAFE_METHODS,
    Can,
    Role,
    granted_to_write,
)
from bonefit.clinics.models import Membership
from tests.access_sent import WRITTEN_BY_A_GET
from tests.doors import World, knock
from tests.test_access_routes import PATTERNS, ROWS, address, arguments, body

UNSAFE = ("POST", "PUT", "PATCH", "DELETE")
INSIDE = sorted(
    name
    for name, (path, pattern) in PATTERNS.items()
    if path[:2] == "c/" and hasattr(pattern.callback, "permission")
)
#: What a POST of hers opens: it looks for somebody, and writes nothing.
SEARCHES = {"clients:list", "clinics:looks"}


def test_there_are_two_searches_and_they_say_so():
    assert len(INSIDE) > 150
    assert {name for name in INSIDE if PATTERNS[name][1].callback.searches} == SEARCHES


def test_a_read_only_role_grants_nothing_to_write_with():
    assert SAFE_METHODS.isdisjoint(UNSAFE)
    for role in READ_ONLY_ROLES:
        assert granted_to_write([role]) == frozenset()
        assert granted_to_write([role, Role.DESK]) == GRANTS[Role.DESK]


@pytest.mark.django_db
@pytest.mark.parametrize("route", INSIDE)
def test_every_unsafe_method_of_every_address_of_the_clinic_is_refused(
    world: World, route: str
) -> None:
    url = address(route, arguments(route, world.north))
    for method in UNSAFE:
        sent = body(world, route, method) if (route, method) in ROWS else None
        response, wrote = knock(world.browsers["aud"], method, url, sent)
        known = (route, method) in ROWS
        if known and route in SEARCHES:
            assert response.status_code in (200, 302)
        else:
            assert response.status_code == 403 if known else response.status_code in (403, 405)
        assert set(wrote) <= {"clients_look"}, (method, wrote)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "route", [name for name in INSIDE if (name, "POST") in ROWS and name not in SEARCHES]
)
def test_not_even_with_every_right_in_the_table(
    world: World, route: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is the role that is read-only, whatever somebody grants it by mistake."""
    url = address(route, arguments(route, world.north))
    sent = body(world, route, "POST")
    monkeypatch.setitem(GRANTS, Role.AUDITOR, frozenset(Can))
    response, wrote = knock(world.browsers["aud"], "POST", url, sent)
    assert response.status_code == 403
    assert set(wrote) <= {"clients_look"}


@pytest.mark.django_db
def test_with_another_role_she_writes_by_that_one_only(world: World) -> None:
    Membership.objects.filter(pk=world.cast.aud.pk).update(roles=["auditor", "desk"])
    aud, north = world.browsers["aud"], world.north
    for route, status in (("sessions:reminders", 302), ("sessions:flag-read", 403)):
        url = address(route, arguments(route, north))
        response, _ = knock(aud, "POST", url, body(world, route, "POST"))
        assert response.status_code == status, route


@pytest.mark.django_db
def test_she_may_log_out_and_look_after_her_own_log_in(world: World) -> None:
    assert world.browsers["aud"].get("/login/passkeys/", follow=True).status_code in (200, 404)
    assert knock(world.browsers["aud"], "POST", "/logout/")[0].status_code in (302, 404)


# --- what she may not do is not offered -----------------------------------------------------------
class _Offers(HTMLParser):
    """The links and the forms that post, of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.links: list[str] = []
        self.posts: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = {name: value or "" for name, value in attrs}
        if tag == "a" and said.get("href", "").startswith("/"):
            self.links.append(said["href"])
        if tag == "form" and said.get("method", "get").lower() == "post":
            self.posts.append(said.get("action", ""))
        for name in ("hx-post", "hx-put", "hx-delete"):
            if name in said:
                self.posts.append(said[name])


def pages_of(world: World, who: str) -> Iterator[tuple[str, str, Any]]:
    """Every page that somebody may open in the clinic, by its route: name, address, answer."""
    for route, method in ROWS:
        if method == "GET" and ROWS[route, method][who] == "200" and route in INSIDE:
            if route in WRITTEN_BY_A_GET or "chart" in route or "csv" in route or "pdf" in route:
                continue
            url = address(route, arguments(route, world.north))
            page = world.browsers[who].get(url)
            if page.headers.get("Content-Type", "").startswith("text/html"):
                yield route, url, page


def refused_by(world: World, who: str, url: str, known: dict[str, int]) -> bool:
    """Whether a link of a page leads to what she may not open."""
    where = urlsplit(url)
    try:
        match = resolve(where.path)
    except Resolver404:
        return True
    if match.view_name not in INSIDE or match.view_name in WRITTEN_BY_A_GET:
        return False
    if url not in known:
        known[url] = world.browsers[who].get(url).status_code
    return known[url] in (403, 405)


@pytest.mark.django_db
def test_no_page_offers_the_auditor_what_she_may_not_do(world: World) -> None:
    known: dict[str, int] = {}
    links, posts = set(), set()
    for route, url, page in pages_of(world, "aud"):
        offers = _Offers()
        offers.feed(page.text)
        for href in set(offers.links):
            if refused_by(world, "aud", href, known):
                links.add((route, href))
        for action in offers.posts:
            name = resolve(urlsplit(action or url).path).view_name
            if name in INSIDE and name not in SEARCHES:
                posts.add((route, name))
    assert links == set()
    assert posts == set()


@pytest.mark.django_db
def test_no_page_leads_a_lead_therapist_to_a_door_that_is_closed_to_her(world: World) -> None:
    known: dict[str, int] = {}
    closed = set()
    for route, _, page in pages_of(world, "lin"):
        offers = _Offers()
        offers.feed(page.text)
        closed |= {
            (route, href) for href in set(offers.links) if refused_by(world, "lin", href, known)
        }
    assert closed == set()


@pytest.mark.django_db
def test_she_sees_everything_that_became_of_a_visit(world: World) -> None:
    aud, client = world.browsers["aud"], world.north.client
    page = aud.get(f"/c/north/clients/{client.pk}/").text
    found = re.search(r"/c/north/visits/[0-9a-f-]+/history/", page)
    assert found, "no way to a visit's history"
    assert aud.get(found[0]).status_code == 200
