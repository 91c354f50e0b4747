"""Everything that is kept about a client, as a file: asked for by the staff who may."""

from __future__ import annotations

import uuid

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.views.decorators.cache import cache_control, never_cache
from django.views.decorators.http import require_http_methods, require_safe

from bonefit.clinics.access import Can, MemberRequest, requires
from sessions.views import copies

from .models import RecordCopy
from .views_parts import client_of


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Can.EXPORT_RECORD)
@never_cache
def copy(request: MemberRequest, pk: int) -> HttpResponse:
    """Ask for a copy, see how far it is, and who has asked for one before."""
    client = client_of(request, pk)

    def file_of(made: RecordCopy) -> str:
        return reverse("clients:copy-file", args=[client.clinic.slug, client.pk, made.uid])

    return copies.page(request, client, "clients/copy.html", file_of)


@require_safe
@requires(Can.EXPORT_RECORD)
@cache_control(private=True, no_store=True)
def copy_file(request: MemberRequest, pk: int, uid: uuid.UUID) -> HttpResponseBase:
    """The file itself, to whoever asked for it, until its link expires."""
    return copies.file(request, client_of(request, pk), uid)
