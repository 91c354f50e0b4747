"""Every address × every person: who gets in, who is refused, and that a refusal changes nothing."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID

import pytest
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from bonefit.clients import answer_links
from bonefit.clinics.access import Can
from bonefit.clinics.actions import add_member
from bonefit.clinics.login_links import address_of
from bonefit.clinics.models import Membership
from sessions.calendars import token_of
from sessions.mails import reminders_token
from tests.access_sent import IDLE, SENT, TYPED, WRITES_NOTHING
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

NAMED: dict[str, Callable[[Things], Any]] = {
    "clinic": lambda things: things.clinic.slug,
    "pk": lambda things: things.client.pk,
    "uid": lambda things: things.visit.uid,
    "lift": lambda things: "hinge",
    "measure": lambda things: "tug",
    "entry": lambda things: things.entry.uid,
    "decision": lambda things: things.held.pk,
    "event": lambda things: things.event.uid,
    "track": lambda things: things.block.pk,
    "token": lambda things: token_of(things.feed),
    "number": lambda things: 1,
    "series": lambda things: "tug",
    "asked": lambda things: things.screening.draft.pk,
    "taken": lambda things: things.measured.pk,
    "fall": lambda things: things.falls.fall.pk,
    "month": lambda things: things.falls.month.pk,
    "waits": lambda things: things.booked.asks.pk,
    "place": lambda things: things.enrollment.places.first().pk,
    "pause": lambda things: things.booked.pause.pk,
    "companion": lambda things: things.booked.companion.pk,
    "change": lambda things: things.booked.given_up.seat_changes.get().pk,
    "kind": lambda things: "photos",
    "agreed": lambda things: things.papers.consent.pk,
}
#: Where an address names something else than the usual.
NAMED_BY_ROUTE: dict[str, dict[str, Callable[[Things], Any]]] = {
    "login_link": {"token": lambda things: address_of(things.link).rstrip("/").rpartition("/")[2]},
    "clients:release": {"pk": lambda things: things.locked.client_id},
    "sessions:release": {"uid": lambda things: things.locked.visits.first().uid},
    "clients:start-without": {"pk": lambda things: things.unready.pk},
    **{
        f"clients:{name}": {"pk": lambda things: things.scanner.pk}
        for name in ("device", "device-moved", "device-retired")
    },
    "clients:landing": {"pk": lambda things: things.unready.pk},
    **{
        f"clients:{name}": {"pk": lambda things: things.imports.fresh.pk}
        for name in ("import", "import-give-up", "import-problems")
    },
    **{
        f"clients:{name}": {"pk": lambda things: things.imports.ready.pk}
        for name in ("import-take-in", "import-change")
    },
    "clients:document": {"uid": lambda things: things.papers.document.uid},
    "clients:document-remove": {"uid": lambda things: things.papers.document.uid},
    "clinics:credential": {"pk": lambda things: things.papers.credential.member_id},
    "programs:assign": {"pk": lambda things: things.waiting.pk},
    "programs:end_block": {"pk": lambda things: things.block.enrollment.client_id},
    "programs:resume": {"pk": lambda things: things.stopped.pk},
    "sessions:flag-answer": {"pk": lambda things: things.missed.pk},
    "sessions:flag-take-up": {"pk": lambda things: things.missed.pk},
    **{
        f"sessions:{name}": {"pk": lambda things: things.outside.pk}
        for name in ("flag", "flag-resolve", "flag-put-off", "flag-hand-over")
    },
    **{
        f"sessions:{name}": {"pk": lambda things: things.booked.season.pk}
        for name in ("season", "season-copy", "weekly-add")
    },
    **{
        f"sessions:{name}": {"pk": lambda things: things.booked.weekly.pk}
        for name in ("weekly", "weekly-end")
    },
    "sessions:slot-change": {"pk": lambda things: things.booked.coming.slot_id},
    "sessions:room": {"pk": lambda things: things.booked.room.pk},
    "sessions:closure-reopen": {"pk": lambda things: things.booked.closure.pk},
    "sessions:leave-end": {"pk": lambda things: things.booked.leave.pk},
    "reminders": {"token": lambda things: reminders_token(things.client)},
    "clients:screening-new": {"pk": lambda things: things.screening.draft.client_id},
    **{
        f"clients:{name}": {
            "pk": lambda things: things.screening.draft.client_id,
            "asked": lambda things: things.screening.draft.pk,
        }
        for name in ("screening", "screening-confirm", "screening-link", "screening-drop")
    },
    "answer-questions": {
        "token": lambda things: (
            answer_links.address_of(things.screening.link).rstrip("/").rpartition("/")[2]
        )
    },
    "falls-month": {
        "token": lambda things: (
            answer_links.address_of(things.falls.link).rstrip("/").rpartition("/")[2]
        )
    },
    "sessions:event-review": {"event": lambda things: things.falls.event.uid},
    **{
        f"sessions:{name}": {"pk": lambda things: things.falls.letter.pk}
        for name in ("letter", "letter-pdf", "letter-sign", "letter-renew", "letter-drop")
    },
    "sessions:notice-seen": {"pk": lambda things: things.booked.notice.pk},
    "sessions:notice-again": {"pk": lambda things: things.booked.notice.pk},
    "sessions:say": {"uid": lambda things: things.silent.uid},
    "sessions:portal-cannot-come": {"uid": lambda things: things.booked.coming.uid},
    "sessions:portal-come": {"uid": lambda things: things.booked.freed.uid},
    "sessions:portal-make-up": {"uid": lambda things: things.booked.freed.uid},
    "sessions:portal-offer": {"pk": lambda things: things.booked.offer.pk},
    "sessions:room-calendar": {"pk": lambda things: things.booked.room.pk},
    **{
        f"sessions:{name}": {"pk": lambda things: things.booked.coming.slot_id}
        for name in ("slot", "seat-book", "slot-call-off")
    },
    "sessions:slot-hold": {"pk": lambda things: things.booked.off.pk},
    **{
        f"sessions:{name}": {"uid": lambda things: things.booked.coming.uid}
        for name in ("seat", "seat-cancel", "seat-move", "seat-following")
    },
    **{
        f"sessions:{name}": {"uid": lambda things: things.booked.given_up.uid}
        for name in ("seat-restore", "seat-undo")
    },
    "sessions:waiting-accept": {"waits": lambda things: things.booked.asked.pk},
    "sessions:pause-resume": {"pk": lambda things: things.booked.pause.enrollment.client_id},
    **{
        f"editor:{name}": {"pk": lambda things: things.program.pk}
        for name in ("program", "version", "copy", "start")
    },
    **{
        f"editor:{name}": {"pk": lambda things: things.drafted.pk}
        for name in ("edit", "compare", "publish", "discard")
    },
}
NO_SUCH: dict[str, Any] = {
    "pk": 10**9,
    "uid": UUID(int=1),
    "entry": UUID(int=2),
    "decision": 10**9,
    "event": UUID(int=3),
    "track": 10**9,
    "waits": 10**9,
    "place": 10**9,
    "pause": 10**9,
    "companion": 10**9,
    "change": 10**9,
    "fall": 10**9,
    "asked": 10**9,
    "taken": 10**9,
    "month": 10**9,
    "agreed": 10**9,
}
SHARED = {"clinic", "lift", "token", "number", "kind", "measure", "series"}


# --- the URLconf ----------------------------------------------------------------------------------
def walk(
    resolver: Any, path: str = "", spaces: tuple[str, ...] = ()
) -> Iterator[tuple[str, str, URLPattern]]:
    """Every route below a resolver: name, path and pattern. Django's admin counts as one."""
    for pattern in resolver.url_patterns:
        here = path + str(pattern.pattern)
        if not isinstance(pattern, URLResolver):
            yield ":".join([*spaces, pattern.name or here]), here, pattern
        elif pattern.namespace == "admin":
            yield "admin", here, pattern
        else:
            yield from walk(pattern, here, (*spaces, *filter(None, [pattern.namespace])))


PATTERNS = {name: (path, pattern) for name, path, pattern in walk(get_resolver())}


def argument_names(route: str) -> list[str]:
    return re.findall(r"<(?:\w+:)?(\w+)>", PATTERNS[route][0])


def arguments(route: str, things: Things) -> dict[str, Any]:
    named = NAMED | NAMED_BY_ROUTE.get(route, {})
    return {name: named[name](things) for name in argument_names(route)}


def address(route: str, arguments: dict[str, Any]) -> str:
    return reverse("admin:index" if route == "admin" else route, kwargs=arguments)


def body(world: World, route: str, method: str) -> dict[str, str] | None:
    """What somebody who may do it would send from the page: valid, so that it would be done."""
    if method != "POST":
        return None
    if route not in TYPED:
        named = {"colleague": str(world.cast.tess.pk)}
        return {key: named.get(said, said) for key, said in SENT.get(route, {}).items()}
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
        assert {who: wrote[who] for who in may if wrote[who]} == {}, "a GET wrote"
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
    """Somebody whom Northside lets in there: Ana, a client of hers, a companion, the admin."""
    let_in = ("200", "302", "400", "401", "422")
    return next(who for who, code in ROWS[route, method].items() if code in let_in)


# --- what belongs to another clinic is not there --------------------------------------------------
OBJECTS = [
    (route, method, name)
    for route, method in ROWS
    if PATTERNS[route][0].startswith("c/")
    for name in argument_names(route)
    if name not in SHARED
]


@pytest.mark.parametrize(("route", "method", "name"), OBJECTS)
def test_what_is_another_clinics_is_answered_like_what_does_not_exist(world, route, method, name):
    hers = world.browsers[who_may(route, method)]
    own = arguments(route, world.north)
    theirs = arguments(route, world.harbor)
    sent = body(world, route, method)

    foreign, wrote = knock(hers, method, address(route, own | {name: theirs[name]}), sent)
    missing, _ = knock(hers, method, address(route, own | {name: NO_SUCH[name]}), sent)

    # A set is named inside a visit of hers, whose page says that it is not there (any more).
    assert foreign.status_code == (422 if name == "entry" else 404)
    assert foreign.status_code == missing.status_code
    assert body_of(foreign) == body_of(missing)
    assert "Olga" not in body_of(foreign)
    assert wrote == []


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
