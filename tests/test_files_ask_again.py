"""Every file that leaves asks for a log-in of the last quarter of an hour, or says why not."""

from __future__ import annotations

from bonefit.looked_routes import ROUTES
from tests.test_access_routes import EVERYWHERE

#: Those whose views ask themselves, and the one that does not.
OTHERWISE = {
    "clients:copy-file": "asks in sessions.views.copies.file, and leads back to its own page",
    "sessions:portal-copy-file": "the same, for the client herself",
    "clients:document": "a picture or a paper of the record, read like the rest of it",
}


def test_every_route_of_a_file_asks_again_or_is_listed_with_why() -> None:
    files = {name for name, route in ROUTES.items() if route.exports}
    views = {name: EVERYWHERE[name][1].callback for name in files}

    unasked = {name for name, view in views.items() if not getattr(view, "asks_again", False)}

    assert unasked == set(OTHERWISE)
