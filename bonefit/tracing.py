"""Each request has a number, which ties the page that somebody saw to the lines of the log."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable
from contextvars import ContextVar

from django.http import HttpRequest
from django.http.response import HttpResponseBase

HEADER = "X-Request-ID"
#: Outside of a request, as in a worker: a task writes its own number into its lines.
NO_REQUEST = "-"

_current: ContextVar[str] = ContextVar("bonefit_request", default=NO_REQUEST)


def current() -> str:
    """The number of the request that is being answered; "-" where there is none."""
    return _current.get()


class RequestNumber:
    """Gives each request a number of its own, by chance: one that a browser sends is not believed.

    It says nothing of who asks or for what. It stands in the answer's header, on every page that
    says that something went wrong, and in each line of the log.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        number = secrets.token_hex(6)
        request.number = number  # type: ignore[attr-defined]
        before = _current.set(number)
        try:
            response = self.get_response(request)
        finally:
            _current.reset(before)
        response[HEADER] = number
        return response


class WithRequestNumber(logging.Filter):
    """Puts the number of the request into each line, as ``request_number``."""

    def filter(self, record: logging.LogRecord) -> bool:
        # Django logs an answer of 4xx and 5xx with its request, when that is over.
        request = getattr(record, "request", None)
        record.request_number = getattr(request, "number", None) or current()
        return True
