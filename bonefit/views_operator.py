"""The operator's page: are the sweeps running, and what waits. Nothing of any person is on it."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from bonefit.clinics.models import RefusedByBrowser
from bonefit.state_of_sweeps import state

#: Kinds of refusals that the page shows, the latest first.
MOST_REFUSED = 50


@never_cache
@require_safe
def operator(request: HttpRequest) -> HttpResponse:
    """For who runs the site (``is_staff``); for everybody else there is no such page."""
    if not request.user.is_authenticated or not request.user.is_staff:
        raise Http404
    refused = RefusedByBrowser.objects.order_by("-last_at", "pk")[:MOST_REFUSED]
    context = {"state": state(timezone.now()), "refused": refused}
    return render(request, "operator.html", context)
