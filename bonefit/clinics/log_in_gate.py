"""The gate of log-ins: they end when they are not used, and a PIN opens the floor board only.

Whoever came in by a PIN is nobody at every address that is not marked with ``opens_with_pin``:
there she sees what anybody sees who is not logged in. So a new page is closed to PINs by itself.
"""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from typing import Any, TypeVar
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import resolve_url
from django.utils import timezone

from bonefit.htmx import page_she_is_on

from .open_log_ins import begin_if_new, use
from .second_step import ALWAYS
from .tablet_pins import pin_behind

ENDED = "Your log-in had ended. Log in, and you are back where you were."

_View = TypeVar("_View", bound=Callable[..., Any])


def opens_with_pin(view: _View) -> _View:
    """Mark a view of one clinic: the PIN of a tablet opens it. All others it does not."""
    view.opens_with_pin = True  # type: ignore[attr-defined]
    return view


def asked_by_itself(view: _View) -> _View:
    """Mark a view that a page asks for without anybody doing anything: that is no use of a log-in.

    Else a board that lies about would keep its therapist logged in.
    """
    view.asked_by_itself = True  # type: ignore[attr-defined]
    return view


class LogInsEnd:
    """Asked before every view, after Django has found whose cookie it is."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        begin_if_new(request, now=timezone.now())
        if _sent_to_log_in(response) and _had_ended(request):
            messages.info(request, ENDED)
        return response

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: object, kwargs: dict[str, Any]
    ) -> None:
        # What opens to anybody does not ask who is here.
        if getattr(view, "before_second_step", "") == ALWAYS:
            return
        now = timezone.now()
        if not request.user.is_authenticated and getattr(view, "opens_with_pin", False):
            _let_in_by_pin(request, clinic=str(kwargs.get("clinic", "")))
        if not getattr(view, "asked_by_itself", False) and not _asks_again(request):
            use(request, now=now)


def _sent_to_log_in(response: HttpResponseBase) -> bool:
    """To the log-in page because a page needs one, not after logging out."""
    if response.status_code != HTTPStatus.FOUND:
        return False
    target = urlsplit(response["Location"])
    return target.path == resolve_url(settings.LOGIN_URL) and bool(target.query)


def _had_ended(request: HttpRequest) -> bool:
    """The browser brought a key that stands for nothing any more: by time, or by hand."""
    brought = bool(request.COOKIES.get(settings.SESSION_COOKIE_NAME))
    return brought and not request.user.is_authenticated and request.session.is_empty()


def _let_in_by_pin(request: HttpRequest, *, clinic: str) -> None:
    pin = pin_behind(request, clinic=clinic, now=timezone.now())
    if pin is not None:
        request.user = request._cached_user = pin.user  # type: ignore[attr-defined]
        request.by_pin = pin  # type: ignore[attr-defined]


def _asks_again(request: HttpRequest) -> bool:
    """Whether a page asks for itself, as it does while a file is being written."""
    htmx = request.htmx  # type: ignore[attr-defined]
    if not htmx or request.method != "GET":
        return False
    return page_she_is_on(request) == request.get_full_path()
