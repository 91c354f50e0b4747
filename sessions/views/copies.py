"""What the two pages about copies of a record say: the clinic's, and the client's own."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any
from uuid import UUID

from django.db import transaction
from django.http import FileResponse, Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils import timezone
from django_htmx.http import HttpResponseClientRefresh

from bonefit.clients.models import Client, RecordCopy
from bonefit.clinics.access import MemberRequest
from bonefit.clinics.lately import again_for, log_in_first, logged_in_lately
from bonefit.htmx import render_page, wants_partial
from sessions.record import copies
from sessions.tasks import write_copy

#: Copies that the page names; all of them are in the copy itself.
MOST = 20
PART = "clients/_copy.html"


def page(
    request: MemberRequest, client: Client, template: str, file_of: Callable[[RecordCopy], str]
) -> HttpResponse:
    """GET: what is in a copy, those that were made, how far one is. POST: ask for one."""
    if request.method == "POST":
        return log_in_first(request, request.path) or _ask(request, client)
    found = list(copies.of_client(client, request.member)[:MOST])
    mine = next((one for one in found if one.member_id == request.member.pk), None)
    at_work = mine is not None and mine.at_work
    if wants_partial(request) and not at_work:
        return HttpResponseClientRefresh()
    context: dict[str, Any] = {
        "client": client,
        "copies": found,
        "mine": mine,
        "at_work": at_work,
        "file_address": file_of(mine) if mine is not None else "",
        "days": copies.KEPT.days,
        "lately": logged_in_lately(request),
        "again": again_for(request, request.path),
        "zone": request.member.clinic.tz,
    }
    name = PART if wants_partial(request) else template
    return render_page(request, name, context, partial="progress")


def _ask(request: MemberRequest, client: Client) -> HttpResponse:
    made = copies.ask(client=client, by=request.member, now=timezone.now())
    # Where the queue is down, the sweep of the next minute wakes a worker.
    transaction.on_commit(partial(write_copy.delay, made.pk), robust=True)
    return redirect(request.path)


def file(request: MemberRequest, client: Client, uid: UUID) -> HttpResponseBase:
    """The file, to whoever asked for it, while its link is good; else 404.

    Only then is she asked to log in once more: what is not hers is not there, however she came.
    """
    member, now = request.member, timezone.now()
    found = copies.of_client(client, member).filter(uid=uid).first()
    if found is None or not copies.may_fetch(found, by=member, now=now):
        raise Http404
    return log_in_first(request, request.path) or FileResponse(
        copies.fetch(found, now=now), as_attachment=True, filename=copies.file_name(found)
    )
