"""The calendar feed: read by telephones, which log in nowhere; its address is the secret."""

from __future__ import annotations

import hashlib
from http import HTTPStatus

from allauth.account.adapter import get_adapter
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse, HttpResponseNotFound
from django.utils import timezone
from django.utils.cache import get_conditional_response, patch_cache_control
from django.views.decorators.http import require_safe

from bonefit.clinics import rows
from sessions import calendars

PLAIN = "text/plain; charset=utf-8"
#: So many addresses that open nothing may be tried from one place in this many seconds.
GUESSES, SECONDS = 20, 60


@require_safe
def feed(request: HttpRequest, token: str) -> HttpResponse:
    """The calendar behind the token; for another, old or revoked one the same bare 404.

    Who asks for many that open nothing is told to wait, whatever she asks for meanwhile.
    """
    # django-allauth's own limits do not count what is only read.
    counter = f"calendar-guesses-{get_adapter().get_client_ip(request)}"
    guesses = cache.get(counter, 0)
    if guesses >= GUESSES:
        later = HttpResponse("Too many requests.\n", PLAIN, HTTPStatus.TOO_MANY_REQUESTS)
        later["Retry-After"] = str(SECONDS)
        return later
    rows.see_token(token)
    found = calendars.feed_behind(token)
    if found is None:
        cache.set(counter, guesses + 1, SECONDS)
        return HttpResponseNotFound("Not found.\n", content_type=PLAIN)
    if found.client_id is not None:
        rows.see(clinics=[found.clinic_id], clients=[found.client_id])
    body = calendars.calendar_of(found, now=timezone.now())
    etag = f'"{hashlib.sha256(body).hexdigest()}"'
    response = HttpResponse(body, content_type="text/calendar; charset=utf-8")
    response["Content-Disposition"] = 'inline; filename="appointments.ics"'
    response["ETag"] = etag
    response["X-Robots-Tag"] = "noindex"
    patch_cache_control(response, private=True, no_cache=True)
    # With a response to fall back on there is always one.
    return get_conditional_response(request, etag=etag, response=response) or response
