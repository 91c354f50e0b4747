"""Pages that say that something went wrong, where Django would write them without the request.

They show nothing of what it was: the number on them leads to the lines of the log.
"""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string

from bonefit.context import browser


def broken(request: HttpRequest) -> HttpResponse:
    """500. Nothing is asked of the database, which may be what is broken."""
    return HttpResponse(render_to_string("500.html", browser(request)), status=500)


def not_understood(request: HttpRequest, exception: Exception) -> HttpResponse:
    """400, as for a host that is not this site's."""
    return HttpResponse(render_to_string("400.html", browser(request)), status=400)
