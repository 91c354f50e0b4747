"""Who has looked at a client's record, for her to take home on paper."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from bonefit.clinics.access import Can, MemberRequest, requires
from sessions.who_looked_pages import context_of

from .views_parts import client_of


@never_cache
@require_safe
@requires(Can.SEE_CLIENTS)
def looked(request: MemberRequest, pk: int) -> HttpResponse:
    """The list that she sees herself, to be printed when she asks for it."""
    client = client_of(request, pk)
    context = context_of(request.member, client, asked=request.GET, now=timezone.now())
    return render(request, "clients/looked.html", {"client": client, **context})
