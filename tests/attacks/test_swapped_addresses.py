"""What is not hers is answered like what is not there: to the letter, and by the same statements.

For each id in an address: as each kind of person who may ask, with and without htmx, once with the
id of the other clinic's row and once with one that nobody has.
"""

from __future__ import annotations

from typing import Any

import pytest

from bonefit.clients.models import Client
from tests.access_named import NO_SUCH, SHARED
from tests.attacks.told_apart import difference, knocked, told
from tests.doors import World
from tests.test_access_routes import (
    PATTERNS,
    ROWS,
    address,
    argument_names,
    arguments,
    body,
)

#: One of each kind: what one therapist may is what the other may.
KINDS = ("ana", "ada", "dee", "cal", "con")
LET_IN = ("200", "302", "400", "401", "422")
OBJECTS = [
    (route, method, name)
    for route, method in ROWS
    if PATTERNS[route][0].startswith("c/")
    for name in argument_names(route)
    if name not in SHARED
]
_BODIES: dict[tuple[str, str], Any] = {}


def sent(world: World, route: str, method: str) -> Any:
    """A valid body, which takes a page to make: once for each route of this world."""
    if (route, method) not in _BODIES:
        _BODIES[route, method] = body(world, route, method)
    return _BODIES[route, method]


def apart(
    world: World,
    who: str,
    route: str,
    method: str,
    urls: tuple[str, str],
    named: tuple[Any, Any],
    *,
    htmx: bool = False,
) -> str:
    """How the two addresses can be told apart, or that something was written; "" for not at all.

    ``named`` is the id of a row that is not hers, and one that nobody has.
    """
    answers = []
    for url in urls:
        answer, wrote = knocked(world, who, method, url, sent(world, route, method), htmx=htmx)
        # A set is named inside a visit of hers, whose page says that it is not there.
        if answer.status not in (404, 422) or wrote:
            return f"{answer.status}, wrote {wrote}"
        if b"Olga" in answer.body:
            return "it names her"
        answers.append(answer)
    return difference(told(answers[0]), told(answers[1], named[1], named[0]))


def tried(world: World, route: str, method: str, name: str, who: str, htmx: bool) -> str:
    """An id of the other clinic in that place of an address, and one that nobody has."""
    own, theirs = arguments(route, world.north), arguments(route, world.harbor)[name]
    urls = (
        address(route, own | {name: theirs}),
        address(route, own | {name: NO_SUCH[name]}),
    )
    return apart(world, who, route, method, urls, (theirs, NO_SUCH[name]), htmx=htmx)


def may(route: str, method: str) -> list[str]:
    return [who for who in KINDS if ROWS[route, method][who] in LET_IN]


@pytest.mark.parametrize("number", range(len(OBJECTS)), ids=["-".join(one) for one in OBJECTS])
def test_what_is_another_clinics_is_answered_like_what_does_not_exist(world, number):
    """By turns as each who is let in, and by turns with htmx."""
    route, method, name = OBJECTS[number]
    who = may(route, method)[number % len(may(route, method))]
    assert tried(world, route, method, name, who, htmx=number % 2 == 1) == ""


@pytest.mark.soak
def test_so_it_is_for_everybody_who_is_let_in(world, soak):
    every = [
        (*one, who, htmx) for one in OBJECTS for who in may(*one[:2]) for htmx in (False, True)
    ]
    found = {}
    for case in soak(len(every), 10):
        if said := tried(world, *every[case]):
            found[every[case]] = said
    assert found == {}


#: Where Cal, or Con who may look along with him, is let in and Cam is not.
CALS = [
    (route, method, name) for route, method, name in OBJECTS if ROWS[route, method]["cam"] == "404"
]


@pytest.mark.parametrize(("route", "method", "name"), CALS)
def test_what_is_another_clients_is_answered_like_what_does_not_exist(world, route, method, name):
    own = arguments(route, world.north)
    urls = address(route, own), address(route, own | {name: NO_SUCH[name]})
    assert apart(world, "cam", route, method, urls, (own[name], NO_SUCH[name])) == ""


ACCOMPANIED = [
    (route, method)
    for route, method, name in OBJECTS
    if ROWS[route, method]["con"] in LET_IN and name == "pk"
]


@pytest.mark.parametrize(("route", "method"), ACCOMPANIED)
def test_a_companion_reaches_nobody_but_her_who_agreed(world, route, method):
    own, cam = arguments(route, world.north), Client.objects.get(membership=world.cast.cam).pk
    urls = address(route, own | {"pk": cam}), address(route, own | {"pk": NO_SUCH["pk"]})
    assert apart(world, "con", route, method, urls, (cam, NO_SUCH["pk"])) == ""


def test_there_are_such_addresses_for_every_kind_of_person(world):
    kinds = {who for row in OBJECTS for who in KINDS if ROWS[row[:2]][who] in LET_IN}
    assert kinds == set(KINDS)
    assert (len(OBJECTS) > 150, len(CALS) > 5, len(ACCOMPANIED) > 2) == (True, True, True)
