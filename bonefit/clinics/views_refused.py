"""Where a browser says what it did not load or run by the content policy."""

from __future__ import annotations

from allauth.core import ratelimit
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from . import refusals


# A browser sends it by itself, without the token of a form. It is counted, nothing else changes.
@csrf_exempt
@require_POST
@never_cache
def refused(request: HttpRequest) -> HttpResponse:
    """Count a report: 204, also for one too many; 400 for what is none, 413 for a large one."""
    if int(request.META.get("CONTENT_LENGTH") or 0) > refusals.MOST_BYTES:
        return HttpResponse(status=413)
    if not ratelimit.consume(request, action="refused"):
        return HttpResponse(status=204)
    try:
        refusal = refusals.read(request.body)
    except refusals.NoReport:
        return HttpResponse(status=400)
    refusals.count(refusal, now=timezone.now())
    return HttpResponse(status=204)
