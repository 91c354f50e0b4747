"""The calendar feed: read by telephones, which log in nowhere; its address is the secret."""

from __future__ import annotations

import hashlib

from django.http import HttpRequest, HttpResponse, HttpResponseNotFound
from django.utils import timezone
from django.utils.cache import get_conditional_response, patch_cache_control
from django.views.decorators.http import require_safe

from sessions import calendars


@require_safe
def feed(request: HttpRequest, token: str) -> HttpResponse:
    """The calendar behind the token; for another, old or revoked one the same bare 404."""
    found = calendars.feed_behind(token)
    if found is None:
        return HttpResponseNotFound("Not found.\n", content_type="text/plain; charset=utf-8")
    body = calendars.calendar_of(found, now=timezone.now())
    etag = f'"{hashlib.sha256(body).hexdigest()}"'
    response = HttpResponse(body, content_type="text/calendar; charset=utf-8")
    response["Content-Disposition"] = 'inline; filename="appointments.ics"'
    response["ETag"] = etag
    response["X-Robots-Tag"] = "noindex"
    patch_cache_control(response, private=True, no_cache=True)
    # With a response to fall back on there is always one.
    return get_conditional_response(request, etag=etag, response=response) or response
