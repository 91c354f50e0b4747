"""What the pins of queries leave out: the one row that each answer adds to the access log.

A pin says what a page asks for. The row is the same for every page, one INSERT after it, and is
counted in tests/looks, where nothing is left out. A pytest plugin that conftest.py registers.
"""

from __future__ import annotations

from typing import Any

from django.test.utils import CaptureQueriesContext

LOOK = "INSERT INTO clients_look "

_all_captured = CaptureQueriesContext.captured_queries


def every_query(captured: CaptureQueriesContext) -> list[dict[str, Any]]:
    """All that was asked meanwhile, with the rows of the access log."""
    return list(_all_captured.fget(captured))


def _without_looks(captured: CaptureQueriesContext) -> list[dict[str, Any]]:
    return [one for one in every_query(captured) if not one["sql"].lstrip().startswith(LOOK)]


CaptureQueriesContext.captured_queries = property(_without_looks)
