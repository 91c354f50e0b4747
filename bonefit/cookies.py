"""Cookies that nobody of ours has set: dropped before anything asks the database for them."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest
from django.http.response import HttpResponseBase

NUL = "\x00"


class CookiesWithoutNul:
    """A cookie may write a NUL as ``\\000``. PostgreSQL takes none: no log-in of ours has it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        for name in [name for name, value in request.COOKIES.items() if NUL in value]:
            del request.COOKIES[name]
        return self.get_response(request)
