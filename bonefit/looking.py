"""The access log is written here and nowhere else: after each answer, from its route and status.

``looked_routes`` says of every route whose record it shows. A page never fails for want of a row:
what the database refuses goes to the error log with the route's name, and the page goes out.
"""

from __future__ import annotations

import ipaddress
import logging
from collections.abc import Callable
from contextlib import AbstractContextManager
from http import HTTPStatus

from allauth.account.adapter import get_adapter
from django.core.exceptions import PermissionDenied
from django.db import Error
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import timezone

from bonefit.clients import looks, looks_at_log_ins
from bonefit.clients.models import Look
from bonefit.clinics import rows
from bonefit.clinics.wrong_log_ins import WrongLogIn, wrong_log_in
from bonefit.htmx import wants_partial
from bonefit.looked_routes import ROUTES
from bonefit.looked_ways import Route, clinic_of, clinics_named, whose

logger = logging.getLogger(__name__)

REFUSED = {HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND}
#: An answer with the record in it: whole, as the browser has it, or a form with its mistakes.
SHOWN = {HTTPStatus.OK, HTTPStatus.NOT_MODIFIED, HTTPStatus.UNPROCESSABLE_ENTITY}


class LooksAreKept:
    """Write down what an answer shows of a client's record, or that it was refused."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        match = request.resolver_match
        route = ROUTES.get(match.view_name) if match else None
        if route is not None:
            what = _what(request, response, route)
            if what is not None:
                _write(request, route, what)
        wrong = wrong_log_in(request)
        if wrong is not None and match is not None:
            _write_wrong(request, match.view_name, wrong)
        elif response.status_code == HTTPStatus.TOO_MANY_REQUESTS and match is not None:
            logger.info("Tries were turned away at %s.", match.view_name)
        return response


def _what(request: HttpRequest, response: HttpResponseBase, route: Route) -> Look.What | None:
    """What became of it; None where nothing was shown and nothing refused."""
    if response.status_code in REFUSED:
        return Look.What.REFUSED
    if response.status_code == HTTPStatus.FOUND and not route.by_link:
        # To the log-in page: nobody who is logged in is sent there.
        return None if request.user.is_authenticated else Look.What.REFUSED
    if response.status_code not in SHOWN or not route.shows:
        return None
    return Look.What.EXPORTED if route.exports else Look.What.VIEWED


def _write(request: HttpRequest, route: Route, what: Look.What) -> None:
    assert request.resolver_match is not None
    named = request.resolver_match.kwargs
    # A link is its own key: who else is logged in there is not asked, and costs no query.
    known = not route.by_link and request.user.is_authenticated
    seen = looks.Seen(
        where=clinic_of(route, named),
        client=whose(route, request, named),
        what=what,
        route=request.resolver_match.view_name,
        kind=route.kind,
        how=_how(request, route),
        within=_within(request, route, what),
        for_organisation="organisation" in named,
    )
    try:
        with _in_sight(request):
            looks.note(
                seen,
                user_id=request.user.pk if known else None,
                address=address_of(request),
                now=timezone.now(),
            )
    except Error as error:
        logger.error("No row in the access log for %s: %s", seen.route, type(error).__name__)


def _write_wrong(request: HttpRequest, route: str, wrong: WrongLogIn) -> None:
    """Each is a line for whoever runs the site too, also of an address that nobody has."""
    what = "turned away" if wrong.turned_away else "wrong"
    logger.info("A log-in was %s at %s.", what, route)
    try:
        looks_at_log_ins.note_wrong(
            user_id=wrong.user_id,
            clinic=wrong.clinic,
            route=route,
            address=address_of(request),
            now=timezone.now(),
            turned_away=wrong.turned_away,
        )
    except Error as error:
        logger.error("No row in the access log for %s: %s", route, type(error).__name__)


def _in_sight(request: HttpRequest) -> AbstractContextManager[None]:
    """What the row is found by and written into: the clinics whose log it belongs to, whole.

    A client who knocks at another's record sees nothing of it, and the log names it all the same.
    Where the view let somebody in, its clinics are in sight already and nothing is asked.
    """
    if hasattr(request, "member") or hasattr(request, "organiser"):
        return rows.whole_clinic()
    assert request.resolver_match is not None
    return rows.seeing(clinics=clinics_named(request.resolver_match.kwargs))


def _how(request: HttpRequest, route: Route) -> Look.How:
    if route.how is not None:
        return route.how
    return Look.How.PART if wants_partial(request) else Look.How.PAGE


def _within(request: HttpRequest, route: Route, what: Look.What) -> int:
    """In how many seconds the same is not said again. Each whole page and each file is."""
    if what == Look.What.REFUSED or wants_partial(request):
        return looks.WITHIN
    return route.within


def address_of(request: HttpRequest) -> str | None:
    """The network address that the proxy saw, as the limits of log-ins count it; None for none."""
    try:
        return str(ipaddress.ip_address(get_adapter().get_client_ip(request)))
    except (PermissionDenied, ValueError):
        return None
