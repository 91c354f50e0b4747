"""Turning reminders off and on again, by the link that stands in each of them. No log-in."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods

from bonefit.clients.models import Client
from bonefit.clinics import rows
from bonefit.htmx import UNPROCESSABLE
from sessions import mails
from sessions.notices import set_reminders

#: What a mail program posts when its own button is tapped (RFC 8058); it has no page of ours.
ONE_CLICK = ("List-Unsubscribe", "One-Click")


@csrf_exempt
@never_cache
@require_http_methods(["GET", "POST"])
def reminders(request: HttpRequest, token: str) -> HttpResponse:
    """GET asks and writes nothing: mail programs open links to look at them. POST does it."""
    client = mails.client_behind(token)
    if client is None:
        raise Http404
    rows.see(clinics=[client.clinic_id], clients=[client.pk])
    name, value = ONE_CLICK
    if request.method == "POST" and request.POST.get(name) == value:
        set_reminders(client=client, wanted=False, by=None, now=timezone.now())
        return HttpResponse("Reminders are off.", content_type="text/plain")
    return _page(request, client, token)


@csrf_protect
def _page(request: HttpRequest, client: Client, token: str) -> HttpResponse:
    context = {"client": client, "clinic": client.clinic, "token": token}
    if request.method != "POST":
        return render(request, "sessions/reminders.html", context)
    wanted = {"on": True, "off": False}.get(request.POST.get("reminders", ""))
    if wanted is None:
        context["wrong"] = True
        return render(request, "sessions/reminders.html", context, status=UNPROCESSABLE)
    set_reminders(client=client, wanted=wanted, by=None, now=timezone.now())
    return redirect("reminders", token)
