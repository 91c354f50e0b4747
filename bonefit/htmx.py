"""The htmx edge cases, solved once: fragments, history, expired log-ins."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render, resolve_url
from django.utils.cache import patch_vary_headers
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.csrf import csrf_failure
from django_htmx.http import HttpResponseClientRedirect

UNPROCESSABLE = 422


def wants_partial(request: HttpRequest) -> bool:
    """True when htmx will swap a fragment; boosted and history requests need whole pages."""
    htmx = request.htmx  # type: ignore[attr-defined]
    return bool(htmx) and not (htmx.boosted or htmx.history_restore_request)


def render_page(
    request: HttpRequest,
    template: str,
    context: Mapping[str, Any] | None = None,
    *,
    partial: str,
    status: int = 200,
) -> HttpResponse:
    """The page, or for htmx just its fragment ``partial``, as the headers ask."""
    name = f"{template}#{partial}" if wants_partial(request) else template
    response = render(request, name, dict(context or {}), status=status)
    patch_vary_headers(response, ["HX-Request", "HX-Boosted", "HX-History-Restore-Request"])
    return response


def page_she_is_on(request: HttpRequest) -> str:
    """The path of the page that htmx sent this from; the front door where it is none of ours."""
    try:
        return request.htmx.current_url_abs_path or "/"  # type: ignore[attr-defined]
    except ValueError:  # no address at all
        return "/"


class HtmxLoginRedirect:
    """Send an expired htmx request to the log-in page instead of swapping that into a table cell.

    After logging in the person is back on the page she was on, not at the address of the fragment,
    nor at one that only takes what a form sends.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if response.status_code != 302:
            return response
        target = response["Location"]
        login = resolve_url(settings.LOGIN_URL)
        if not request.htmx:  # type: ignore[attr-defined]
            if request.method == "POST" and target == _log_in_for(request.get_full_path()):
                response["Location"] = _log_in_for(page_before(request))
            return response
        if urlsplit(target).path == login:
            target = _log_in_for(page_she_is_on(request))
        return HttpResponseClientRedirect(target)


def _log_in_for(page: str) -> str:
    """The log-in page that leads on to ``page``, as a view without a log-in answers."""
    return str(redirect_to_login(page)["Location"])


def page_before(request: HttpRequest) -> str:
    """The page of ours that she came from, or whose form she sent; else the first one."""
    try:
        came = urlsplit(request.headers.get("Referer", ""))
    except ValueError:  # no address at all
        return "/"
    page = came._replace(scheme="", netloc="").geturl()
    ours = came.netloc == request.get_host() and url_has_allowed_host_and_scheme(page, None)
    return page if ours else "/"


#: For app.js, which says it where the page stays as it is.
OLD_PAGE = "Somebody logged in or out here since this page was loaded. Load it again to go on."


def csrf_failed(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form without the token of this log-in: a page from before it, or cookies that are gone."""
    if request.htmx and not request.user.is_authenticated:  # type: ignore[attr-defined]
        return redirect_to_login("/")  # HtmxLoginRedirect puts the page in that she was on
    response: HttpResponse = csrf_failure(request, reason)
    response["X-Words"] = OLD_PAGE
    return response
