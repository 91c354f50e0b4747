"""The floor board: a page without data, the day's lanes as JSON, and where its operations go."""

from __future__ import annotations

import json
from typing import Any

from django.contrib.staticfiles.storage import staticfiles_storage
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from bonefit.clinics import open_log_ins
from bonefit.clinics.access import Can, MemberRequest, requires
from bonefit.kept_plans import asked_all_day
from sessions import sync
from sessions.batches import read_operation
from sessions.by_pin import by_pin, of_today
from sessions.day import read_day_param
from sessions.lanes import day_of_lanes, lanes_of
from sessions.models import Slot, Visit
from sessions.operations import APPLIED, REFUSED, Op, Result
from sessions.views.uploads import asked_batch, held_without_the_right

#: What the board needs to open without a network, beside its own page.
ASSETS = (
    *("css/tokens.css", "css/base.css", "css/components.css", "css/lanes.css"),
    *("css/charts.css", "css/pages.css", "css/pages/board.css"),
    *("js/app.js", "js/typed.js", "js/floor_device.js", "img/mark.svg"),
    *("js/board/acts_class.js", "js/board/acts_sets.js", "js/board/acts_visit.js"),
    *("js/board/arrival.js", "js/board/board.js", "js/board/elements.js", "js/board/finish.js"),
    *("js/board/floor.js", "js/board/lane.js", "js/board/model.js", "js/board/people.js"),
    *("js/board/plates.js", "js/board/queue.js", "js/board/rests.js", "js/board/safety.js"),
    *("js/board/sender.js", "js/board/sets.js", "js/board/standing.js"),
    *("js/board/stop.js", "js/board/store.js", "js/board/strip.js", "js/board/words.js"),
)


@require_GET
@requires(Can.LOG_SETS)
def shell(request: MemberRequest) -> HttpResponse:
    """The board itself. It says nothing of anyone, so a tablet may keep it."""
    return render(request, "sessions/board.html")


@asked_all_day
@require_GET
@never_cache
@requires(Can.LOG_SETS)
def day(request: MemberRequest) -> JsonResponse:
    """The day's lanes, read for this member; ``?day=`` is another one, which no PIN opens."""
    now = timezone.now()
    wanted = None if by_pin(request) else request.GET.get("day")
    asked = read_day_param(wanted, clinic=request.member.clinic, now=now)
    return JsonResponse(day_of_lanes(request.member, day=asked, now=now))


@asked_all_day
@require_POST
@never_cache
@held_without_the_right
@requires(Can.LOG_SETS)
def send(request: MemberRequest) -> JsonResponse:
    """Operations in their order, each applied once; what became of each, and the lanes after it.

    A queue of somebody else is refused whole (409): it stays where it is until its author sends it.
    """
    asked = asked_batch(request)
    if isinstance(asked, JsonResponse):
        return asked
    body, items = asked
    if body.get("author") != request.member.pk:
        return JsonResponse({"error": "These were done by somebody else."}, status=409)
    now = timezone.now()
    read = [read_operation(item, now=now) for item in items]
    ops = [op for op in read if isinstance(op, Op)]
    applied = {result.uid: result for result in sync.apply(ops, by=request.member, now=now)}
    results = [
        _said(applied[op.uid]) if isinstance(op, Op) else {**op, "outcome": str(REFUSED)}
        for op in read
    ]
    if any(result.outcome == APPLIED and not result.again for result in applied.values()):
        # Somebody tapped something: a list of nothing, or one that comes again, is no use of it.
        open_log_ins.use(request, now=now)
    lanes = lanes_of(request.member, _read_back(request, {op.visit for op in ops}))
    return JsonResponse({"results": results, "lanes": lanes})


def _read_back(request: MemberRequest, visits: set[Any]) -> set[Any]:
    """The visits whose lanes go back: by a PIN those of the day only, whichever was sent for."""
    if not by_pin(request):
        return visits
    found = Visit.objects.visible_to(request.member).filter(uid__in=visits)
    slots = of_today(Slot.objects.visible_to(request.member), request.member.clinic)
    return set(found.filter(slot__in=slots).values_list("uid", flat=True))


def _said(result: Result) -> dict[str, Any]:
    return {
        "id": str(result.uid),
        "outcome": str(result.outcome),
        "entry": str(result.entry) if result.entry else None,
        "reason": result.reason,
        "errors": dict(result.errors),
        "again": result.again,
    }


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
