"""The floor board: a page without data, the day's lanes as JSON, and where its operations go."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib.staticfiles.storage import staticfiles_storage
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from bonefit.clinics.access import Can, MemberRequest, requires
from sessions import sync
from sessions.day import read_day_param
from sessions.lanes import day_of_lanes, lanes_of
from sessions.operations import REFUSED, Op, Result

#: A tablet sends its queue in parts of at most so many operations, and each part is small.
MOST_OPERATIONS = 100
MOST_BYTES = 400_000

#: What the board needs to open without a network, beside its own page.
ASSETS = (
    *("css/tokens.css", "css/base.css", "css/components.css", "css/lanes.css"),
    *("css/charts.css", "css/pages.css", "css/pages/board.css"),
    *("js/app.js", "js/board/board.js", "js/board/draw.js", "js/board/model.js"),
    *("js/board/queue.js", "js/board/store.js", "img/mark.svg"),
)


@require_GET
@requires(Can.LOG_SETS)
def shell(request: MemberRequest) -> HttpResponse:
    """The board itself. It says nothing of anyone, so a tablet may keep it."""
    return render(request, "sessions/board.html")


@require_GET
@never_cache
@requires(Can.LOG_SETS)
def day(request: MemberRequest) -> JsonResponse:
    """The day's lanes, read for this member; ``?day=`` is another one."""
    now = timezone.now()
    asked = read_day_param(request.GET.get("day"), clinic=request.member.clinic, now=now)
    return JsonResponse(day_of_lanes(request.member, day=asked, now=now))


@require_POST
@never_cache
@requires(Can.LOG_SETS)
def send(request: MemberRequest) -> JsonResponse:
    """Operations in their order, each applied once; what became of each, and the lanes after it.

    A queue of somebody else is refused whole (409): it stays where it is until its author sends it.
    """
    try:
        body = json.loads(request.body[: MOST_BYTES + 1])
        author, items = body["author"], list(body["operations"])
    except (ValueError, KeyError, TypeError):
        return JsonResponse({"error": "That is no list of operations."}, status=400)
    if author != request.member.pk:
        return JsonResponse({"error": "These were done by somebody else."}, status=409)
    if len(items) > MOST_OPERATIONS:
        return JsonResponse({"error": f"At most {MOST_OPERATIONS} at once."}, status=413)
    now = timezone.now()
    read = [read_operation(item, now=now) for item in items]
    ops = [op for op in read if isinstance(op, Op)]
    applied = {result.uid: result for result in sync.apply(ops, by=request.member, now=now)}
    results = [
        _said(applied[op.uid]) if isinstance(op, Op) else {**op, "outcome": str(REFUSED)}
        for op in read
    ]
    lanes = lanes_of(request.member, {op.visit for op in ops})
    return JsonResponse({"results": results, "lanes": lanes})


def _said(result: Result) -> dict[str, Any]:
    return {
        "id": str(result.uid),
        "outcome": str(result.outcome),
        "entry": str(result.entry) if result.entry else None,
        "reason": result.reason,
        "errors": dict(result.errors),
        "again": result.again,
    }


def read_operation(item: Any, *, now: datetime) -> Op | dict[str, Any]:
    """One operation as a tablet sends it; what is wrong with it where it is none."""
    if not isinstance(item, Mapping):
        return {"id": None, "reason": "That is no operation."}
    payload = item.get("payload") or {}
    if not isinstance(payload, Mapping) or not all(isinstance(key, str) for key in payload):
        return {"id": item.get("id"), "reason": "Its content cannot be read."}
    try:
        revision = item.get("base_revision")
        return Op(
            uid=UUID(str(item["id"])),
            kind=str(item["kind"]),
            visit=UUID(str(item["visit"])),
            made_at=_moment(item.get("at"), now),
            entry=UUID(str(item["entry"])) if item.get("entry") else None,
            base_revision=None if revision is None else int(revision),
            payload=dict(payload),
        )
    except (KeyError, ValueError, TypeError):
        return {"id": item.get("id"), "reason": "It lacks an id, a visit or a kind."}


def _moment(text: Any, now: datetime) -> datetime:
    """The device's clock, which may be wrong: it is kept and orders nothing."""
    try:
        at = datetime.fromisoformat(str(text))
    except ValueError:
        return now
    return at if at.tzinfo else now


@require_GET
def service_worker(request: HttpRequest) -> HttpResponse:
    """What keeps the board on a tablet, with the files of this release by name."""
    files = [staticfiles_storage.url(name) for name in ASSETS]
    response = render(
        request,
        "sessions/_service_worker.js",
        {"files": json.dumps(files)},
        content_type="text/javascript",
    )
    response["Cache-Control"] = "no-cache"
    return response


@require_GET
def manifest(request: HttpRequest) -> JsonResponse:
    """What a tablet is told when the board is put on its home screen."""
    mark = {"src": staticfiles_storage.url("img/mark.svg"), "sizes": "any"}
    return JsonResponse(
        {
            "name": "bonefit floor board",
            "short_name": "bonefit",
            "start_url": "/",
            "scope": "/",
            "display": "standalone",
            "background_color": "#eeede8",
            "theme_color": "#09535c",
            "icons": [{**mark, "type": "image/svg+xml", "purpose": "any"}],
        },
        content_type="application/manifest+json",
    )
