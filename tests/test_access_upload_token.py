"""Every address × every person, with a tablet's token in the header: it opens nothing."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

import pytest
from django.utils import timezone

from sessions import uploads
from tests.doors import PEOPLE, World, body_of, knock
from tests.test_access_routes import ROWS, address, answer, arguments, body

pytestmark = pytest.mark.django_db
KNOCKS = pytest.mark.parametrize(("route", "method"), ROWS, ids=[" ".join(row) for row in ROWS])


@pytest.fixture
def bearers(world: World) -> Iterator[World]:
    """Everybody's browser sends the token of Ana's tablet along, whatever it asks for."""
    minted = uploads.mint(member=world.cast.ana, device=UUID(int=7), now=timezone.now())
    for browser in world.browsers.values():
        browser.defaults["HTTP_AUTHORIZATION"] = f"Bearer {minted.token}"
    yield world
    for browser in world.browsers.values():
        browser.defaults.pop("HTTP_AUTHORIZATION")


@KNOCKS
def test_the_token_gets_nobody_in_where_she_is_not_let_in_without_it(
    bearers: World, route: str, method: str
):
    url, sent = address(route, arguments(route, bearers.north)), body(bearers, route, method)
    for who in PEOPLE:
        response, wrote = knock(bearers.browsers[who], method, url, sent)
        if route == "upload":  # the one address that it is for: a form is no list of operations
            assert response.status_code == 400
            continue
        assert answer(response) == ROWS[route, method][who], who
        if answer(response) in ("403", "404", "login"):
            assert wrote == [], who
            assert "Cal P." not in body_of(response)
