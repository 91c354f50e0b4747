"""A client, or a companion whom she lets look, asks for a correction of what her record says."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from bonefit.clients.forms_rights import CorrectionForm
from bonefit.clients.models import Client, CorrectionRequest
from bonefit.clients.views_parts import posted
from bonefit.clinics.access import Can, MemberRequest, requires
from bonefit.htmx import UNPROCESSABLE, render_page
from sessions import corrections
from sessions.views.portal import accompanied, own

PAGE = "sessions/portal_correction.html"


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Can.SEE_OWN_SCHEDULE)
@never_cache
def correction(request: MemberRequest) -> HttpResponse:
    """Ask about her own record, and read what was answered."""
    back = reverse("sessions:portal", args=[request.member.clinic.slug])
    return _page(request, own(request), {"own": True, "back_to": back})


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Can.SEE_OWN_SCHEDULE)
@never_cache
def correction_of_client(request: MemberRequest, pk: int) -> HttpResponse:
    """The same about a client who lets this companion look."""
    client, context = accompanied(request, pk)
    back = reverse("sessions:portal-of", args=[request.member.clinic.slug, pk])
    return _page(request, client, {**context, "back_to": back})


def _page(request: MemberRequest, client: Client, context: dict[str, Any]) -> HttpResponse:
    client.clinic = request.member.clinic
    form, now = CorrectionForm(posted(request)), timezone.now()
    if request.method == "POST" and form.is_valid():
        try:
            corrections.ask(client=client, by=request.member, now=now, **form.cleaned_data)
        except corrections.TooMany:
            form.add_error(
                None, "Many of your requests wait for an answer already. Please call the clinic."
            )
        else:
            messages.success(request, "Thank you. We have it, and we will answer you here.")
            return redirect(request.path)
    rows = CorrectionRequest.objects.visible_to(request.member).filter(client=client)
    page = {
        **context,
        "form": form,
        "requests": rows.select_related("asked_by__user").order_by("-pk"),
        "hers": client.membership_id,
        "last_day": corrections.last_day(client, now),
        "zone": client.clinic.tz,
    }
    status = UNPROCESSABLE if request.method == "POST" else 200
    return render_page(request, PAGE, page, partial="form", status=status)
