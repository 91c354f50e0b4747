"""Every address × every person: who gets in, who is refused, and that a refusal changes nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from bonefit.clinics.access import Can
from bonefit.clinics.actions import add_member
from bonefit.clinics.models import Membership
from tests.access_named import NAMED, NAMED_BY_ROUTE, SHARED
from tests.access_sent import (
    IDLE,
    QUERIES,
    SENT,
    TYPED,
    WRITES_NOTHING,
    WRITTEN_BY_A_GET,
)
from tests.access_table import TABLE
from tests.doors import (
    PEOPLE,
    Things,
    World,
    body_of,
    filled,
    knock,
)

HEADER, *LINES = [line.split() for line in TABLE.splitlines() if line]
ROWS = {(line[0], line[1]): dict(zip(HEADER[2:], line[2:], strict=True)) for line in LINES}
KNOCKS = pytest.mark.parametrize(("route", "method"), ROWS, ids=[" ".join(row) for row in ROWS])
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")


# --- the URLconf ----------------------------------------------------------------------------------
def walk(
    resolver: Any, path: str = "", spaces: tuple[str, ...] = ()
) -> Iterator[tuple[str, str, URLPattern]]:
    """Every route below a resolver: name, path and pattern. Django's admin counts as one.

    What an organisation's admins may open has a table of its own (test_access_organisation).
    """
    for pattern in resolver.url_patterns:
        here = path + str(pattern.pattern)
        if not isinstance(pattern, URLResolver):
            yield ":".join([*spaces, pattern.name or here]), here, pattern
        elif pattern.namespace == "admin":
            yield "admin", here, pattern
        else:
            yield from walk(pattern, here, (*spaces, *filter(None, [pattern.namespace])))


EVERYWHERE = {name: (path, pattern) for name, path, pattern in walk(get_resolver())}
PATTERNS = {name: found for name, found in EVERYWHERE.items() if found[0][:2] != "o/"}


def argument_names(route: str) -> list[str]:
    return re.findall(r"<(?:\w+:)?(\w+)>", EVERYWHERE[route][0])


def arguments(route: str, things: Things) -> dict[str, Any]:
    named = NAMED | NAMED_BY_ROUTE.get(route, {})
    return {name: named[name](things) for name in argument_names(route)}


def address(route: str, arguments: dict[str, Any]) -> str:
    url = reverse("admin:index" if route == "admin" else route, kwargs=arguments)
    return url + QUERIES.get(route, "")


def body(world: World, route: str, method: str) -> dict[str, str] | None:
    """What somebody who may do it would send from the page: valid, so that it would be done."""
    if method != "POST":
        return None
    if route not in TYPED:
        cast = world.cast
        named = {"colleague": cast.tess.pk, "therapist": cast.ana.pk, "lead": cast.lin.pk}
        return {key: str(named.get(said, said)) for key, said in SENT.get(route, {}).items()}
    who = next(who for who, answer in ROWS[route, "GET"].items() if answer == "200")
    page = world.browsers[who].get(address(route, arguments(route, world.north)))
    assert page.status_code == 200
    return filled(page.content.decode(), **TYPED[route])


# --- the table is complete ------------------------------------------------------------------------
def test_every_address_is_in_the_table_and_no_row_is_left_of_one_that_is_gone():
    assert {route for route, _ in ROWS} == set(PATTERNS)
    assert len(ROWS) == len(LINES), "a row stands twice in the table"
    assert tuple(HEADER[2:]) == PEOPLE
    for route, method in ROWS:
        typed = method == "POST" and route in TYPED
        assert not typed or (route, "GET") in ROWS


def test_every_address_of_a_clinic_asks_for_one_permission():
    inside = {name: pattern for name, (path, pattern) in PATTERNS.items() if path[:2] == "c/"}
    bare = [
        name
        for name, pattern in inside.items()
        if not isinstance(getattr(pattern.callback, "permission", None), Can)
    ]
    # It leads each member to where her day begins, and strangers to 404, as the table says.
    assert bare == ["clinic_home"]
    assert len(inside) > 30


# --- the matrix -----------------------------------------------------------------------------------
@KNOCKS
def test_each_person_gets_the_answer_in_the_table_and_a_refusal_changes_nothing(
    world, route, method
):
    url = address(route, arguments(route, world.north))
    sent = body(world, route, method)
    answers, wrote = {}, {}
    for who in PEOPLE:
        response, wrote[who] = knock(world.browsers[who], method, url, sent)
        answers[who] = answer(response)

    assert answers == ROWS[route, method]
    refused = [who for who in PEOPLE if answers[who] in ("403", "404", "login")]
    assert {who: wrote[who] for who in refused if wrote[who]} == {}
    may = [who for who in PEOPLE if who not in refused]
    if method == "GET":
        known = WRITTEN_BY_A_GET.get(route, [])
        assert {who: wrote[who] for who in may if wrote[who] != known} == {}, "a GET wrote"
    elif PATTERNS[route][0].startswith("c/") and route not in WRITES_NOTHING:
        idle = [who for who in may if not wrote[who]]
        assert idle == IDLE.get(route, []), (
            "a request that is allowed would have done nothing: it proves nothing"
        )


def answer(response: Any) -> str:
    location = response.headers.get("Location", "")
    login = reverse("account_request_login_code")
    if response.status_code == 302 and location.split("?")[0] in (login, reverse("admin:login")):
        return "login"
    return str(response.status_code)


# django-allauth and Django answer for their own pages; the operator's is for nobody of a clinic
# (tests/test_operator_page.py).
OURS = sorted(
    {route for route, _ in ROWS if route not in ("admin", "operator") and "account_" not in route}
)


@pytest.mark.parametrize("route", OURS)
def test_no_other_method_is_answered(world, route):
    url = address(route, arguments(route, world.north))
    known = [method for method in METHODS if (route, method) in ROWS]
    may = who_may(route, known[0])
    for method in set(METHODS) - set(known):
        assert knock(world.browsers[may], method, url)[0].status_code == 405, method


def who_may(route: str, method: str) -> str:
    """Somebody whom Northside lets in there: Ana, a client of hers, a companion, the admin.

    Where everybody is led to the log-in page, as by a PIN that is on no tablet, whoever it is.
    """
    let_in = ("200", "204", "302", "400", "401", "422")
    may = (who for who, code in ROWS[route, method].items() if code in let_in)
    return next(may, "anonymous")


# --- what belongs to another clinic is not there --------------------------------------------------
# That nobody can tell it from what does not exist is in tests/attacks/test_swapped_addresses.py.
OBJECTS = [
    (route, method, name)
    for route, method in ROWS
    if PATTERNS[route][0].startswith("c/")
    for name in argument_names(route)
    if name not in SHARED
]


@pytest.mark.parametrize(("route", "method"), sorted({one[:2] for one in OBJECTS}))
def test_nothing_of_a_clinic_is_reached_through_the_address_of_another(world, route, method):
    """Olga's ids under Ana's clinic, all at once; and under Olga's, where Ana is a stranger."""
    theirs = arguments(route, world.harbor)
    hers = world.browsers[who_may(route, method)]
    sent = body(world, route, method)
    for clinic in ("north", "harbor", "nowhere"):
        url = address(route, theirs | {"clinic": clinic})
        response, wrote = knock(hers, method, url, sent)
        assert response.status_code == 404, clinic
        assert wrote == []


def test_a_stranger_sees_no_difference_between_a_clinic_and_none(world):
    otto = world.browsers["otto"]
    pages = [otto.get(f"/c/{slug}/today/") for slug in ("north", "nowhere")]
    assert [page.status_code for page in pages] == [404, 404]
    assert body_of(pages[0]) == body_of(pages[1])


def test_one_client_never_sees_another(world):
    """All that Cam can open says nothing of Cal, who trains in the same room."""
    open_to_cam = [
        (route, address(route, arguments(route, world.north)))
        for route, method in ROWS
        if method == "GET" and ROWS[route, method]["cam"] == "200" and route != "calendar"
    ]
    assert len(open_to_cam) > 4
    for route, url in open_to_cam:
        page = body_of(world.browsers["cam"].get(url))
        assert "Cal P." not in page, route
    assert "Cam Q." in body_of(world.browsers["cam"].get(f"/c/{world.north.clinic.slug}/my/"))


# --- people whose rights have changed -------------------------------------------------------------
def test_who_leaves_is_out_with_her_next_request(world):
    ana = world.browsers["ana"]
    assert ana.get("/c/north/today/").status_code == 200
    Membership.objects.filter(pk=world.cast.ana.pk).update(is_active=False)
    assert ana.get("/c/north/today/").status_code == 404


def test_who_is_both_admin_and_therapist_may_do_both(world):
    ada = world.browsers["ada"]
    Membership.objects.filter(pk=world.cast.ada.pk).update(roles=["admin", "therapist"])
    for path in ("today", "settings", "reports/adherence", "flags"):
        assert ada.get(f"/c/north/{path}/").status_code == 200, path


def test_a_right_in_one_clinic_is_none_in_another(world):
    """Ana is asked to help out at Harbor's desk: an admin there, still a therapist at Northside."""
    add_member(clinic=world.harbor.clinic, email="ana@example.org", name="Ana T.", roles=["admin"])
    ana = world.browsers["ana"]
    assert ana.get("/c/harbor/settings/").status_code == 200
    assert ana.get("/c/harbor/today/").status_code == 403
    assert ana.get("/c/north/settings/").status_code == 403
    assert ana.get(f"/c/north/visits/{world.harbor.visit.uid}/").status_code == 404
