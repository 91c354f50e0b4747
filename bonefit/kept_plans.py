"""The database keeps its plans for the pages that are asked for all day.

A plan is a good part of what a statement takes where a policy holds each row against the clinics
in sight: the policies are planned with it. On these pages a statement is sent with values apart, so
that the connection plans it once and only fills them in. Everywhere else it is planned for its
values, which a report over years is better served by.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar, cast

from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.postgresql.base import Cursor, ServerBindingCursor
from django.db.backends.postgresql.features import DatabaseFeatures
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from psycopg import ClientCursor

_View = TypeVar("_View", bound=Callable[..., Any])

#: A statement that a connection has sent so often is sent again by its number.
AFTER = 2
#: A connection keeps so many, the ones used last.
MOST = 200


def asked_all_day(view: _View) -> _View:
    """Mark a view: what it asks of the database is planned once and kept."""
    view.asked_all_day = True  # type: ignore[attr-defined]
    return view


class PlansAreKept:
    """From the first question about who is asking to the end of the view."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        try:
            return self.get_response(request)
        finally:
            keep(False)

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: object, kwargs: object
    ) -> None:
        if getattr(view, "asked_all_day", False):
            keep(True)


@contextmanager
def two_at_once(
    wrapper: BaseDatabaseWrapper,
) -> Iterator[Callable[[str, Any], tuple[str, Any]]]:
    """Inside, a text of two statements may be sent, with what the block is given applied to it.

    The database takes one statement at a time where values are apart: they are written into the
    text, quoted by the driver, as they are on all other pages.
    """
    raw = wrapper.connection
    if raw.cursor_factory is not ServerBindingCursor:
        yield lambda text, values: (text, values)
        return
    raw.prepare_threshold = None
    try:
        yield lambda text, values: (_filled_in(raw, text, values), None)
    finally:
        raw.prepare_threshold = AFTER


def _filled_in(raw: Any, text: str, values: Any) -> str:
    return text if values is None else ClientCursor(raw).mogrify(text, values)


def keep(on: bool) -> None:
    """A connection that is made anew in the middle begins without; that is only slower."""
    if on:
        connection.ensure_connection()
    raw = connection.connection
    if raw is None:
        return
    raw.cursor_factory = ServerBindingCursor if on else Cursor
    raw.prepare_threshold = AFTER if on else None
    raw.prepared_max = MOST
    # So that who counts statements reads them as they were, with their values.
    cast(DatabaseFeatures, connection.features).uses_server_side_binding = on
