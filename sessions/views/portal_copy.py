"""A client takes along everything that is kept about her. Only she herself: no companion may."""

from __future__ import annotations

import uuid

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.views.decorators.cache import cache_control, never_cache
from django.views.decorators.http import require_http_methods, require_safe

from bonefit.clients.models import Client, RecordCopy
from bonefit.clinics.access import Can, MemberRequest, requires
from sessions.views import copies
from sessions.views.portal import own


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Can.TAKE_OWN_RECORD)
@never_cache
def copy(request: MemberRequest) -> HttpResponse:
    """Ask for a copy, and see how far it is."""
    slug = request.member.clinic.slug

    def file_of(made: RecordCopy) -> str:
        return reverse("sessions:portal-copy-file", args=[slug, made.uid])

    return copies.page(request, _herself(request), "sessions/portal_copy.html", file_of)


@require_safe
@requires(Can.TAKE_OWN_RECORD)
@cache_control(private=True, no_store=True)
def copy_file(request: MemberRequest, uid: uuid.UUID) -> HttpResponseBase:
    """The file itself, until its link expires."""
    return copies.file(request, _herself(request), uid)


def _herself(request: MemberRequest) -> Client:
    client = own(request)
    client.clinic = request.member.clinic
    return client
