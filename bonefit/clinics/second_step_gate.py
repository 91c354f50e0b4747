"""The gate: staff who have logged in with their e-mail alone see their second step only."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.contrib.auth import REDIRECT_FIELD_NAME
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse

from bonefit.htmx import page_before, page_she_is_on, wants_partial

from .known_devices import keep
from .second_step import (
    ALWAYS,
    WHILE_NONE,
    has_second_step,
    needs_second_step,
    step_taken,
)


class SecondStepFirst:
    """Asked before every view. A view opens earlier only where it is marked so.

    Who needs one is asked anew at each request of a log-in without it, so that a client who was
    made a therapist a minute ago is led to her second step.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        keep(request, response)
        return response

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: object, kwargs: object
    ) -> HttpResponse | None:
        when = getattr(view, "before_second_step", "")
        if when == ALWAYS or not request.user.is_authenticated or step_taken(request):
            return None
        # By a PIN: she took both steps on this tablet today, and it opens the board only.
        if getattr(request, "by_pin", None):
            return None
        user = request.user
        if not needs_second_step(user):
            return None
        if has_second_step(user):
            return _lead(request, "second_step")
        return None if when == WHILE_NONE else _lead(request, "second_set_up")


def _lead(request: HttpRequest, where: str) -> HttpResponse:
    """To the step, and afterwards back to the page that she wanted or was on."""
    if wants_partial(request):
        then = page_she_is_on(request)
    else:
        then = (
            request.get_full_path() if request.method in ("GET", "HEAD") else page_before(request)
        )
    return HttpResponseRedirect(f"{reverse(where)}?{urlencode({REDIRECT_FIELD_NAME: then})}")
