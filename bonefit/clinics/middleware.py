"""Each request begins with no row of any clinic in sight, and ends so."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from . import rows


class NothingInSight:
    """What one request was shown is never there for the next one on the same connection."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        with rows.nothing():
            return self.get_response(request)
