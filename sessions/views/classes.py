"""A class as a whole: who may walk in, and which plates it needs in which order."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from bonefit.clinics.access import Can, MemberRequest, requires
from bonefit.clinics.templatetags.bonefit import initials, tint
from sessions.by_pin import by_pin, of_today
from sessions.day import class_now
from sessions.lanes import lanes_of
from sessions.load_plan import ClassPlan, plans_of
from sessions.models import Slot
from sessions.walk_ins import NotHere, NoWalkIn, people_for, walk_in

MOST_BYTES = 4_000
#: As long as a primary key can be: a longer number names nothing.
MOST_DIGITS = 18


@require_GET
@never_cache
@requires(Can.LOG_SETS)
def people(request: MemberRequest) -> JsonResponse:
    """Who may walk into a class: clients in training who have no place in it."""
    wanted = _number(request.GET.get("slot"))
    if wanted is None:
        return JsonResponse({"error": "Say which class."}, status=400)
    slot = _slot(request, wanted)
    if slot is None:
        return JsonResponse({"error": "There is no such class."}, status=404)
    found = [
        {"id": one.pk, "name": one.name, "initials": initials(one), "tint": tint(one)}
        for one in people_for(request.member, slot)
    ]
    return JsonResponse({"people": found})


@require_POST
@never_cache
@requires(Can.LOG_SETS)
def add_walk_in(request: MemberRequest) -> JsonResponse:
    """Somebody without a place is here: the lane of her new visit, or why she gets none."""
    try:
        said = json.loads(request.body[: MOST_BYTES + 1])
    except (ValueError, RecursionError):
        said = None
    if not isinstance(said, dict):
        return JsonResponse({"error": "That is no walk-in."}, status=400)
    client, wanted, uid = _number(said.get("client")), _number(said.get("slot")), _uid(said)
    if client is None or wanted is None or uid is None:
        return JsonResponse({"error": "Say who comes, and to which class."}, status=422)
    slot = _slot(request, wanted)
    if slot is None:
        return JsonResponse({"error": "There is no such class."}, status=422)
    now = timezone.now()
    try:
        visit = walk_in(slot=slot, client_id=client, uid=uid, by=request.member, now=now)
    except NotHere as missing:
        return JsonResponse({"error": str(missing)}, status=422)
    except NoWalkIn as refused:
        return JsonResponse({"error": str(refused)}, status=409)
    return JsonResponse({"lane": lanes_of(request.member, [visit.uid])[str(visit.uid)]})


@require_GET
@requires(Can.LOG_SETS)
def plates(request: MemberRequest) -> HttpResponse:
    """The load plan of a class, made for paper; without a class, of the one that is on or next."""
    now = timezone.now()
    if "slot" in request.GET:
        wanted = _number(request.GET["slot"])
        slot = _slot(request, wanted) if wanted is not None else None
        if slot is None:
            raise Http404
    else:
        slot = class_now(request.member, now=now)
    plan = plans_of(request.member, [slot])[slot.pk] if slot else ClassPlan()
    return render(request, "sessions/plates.html", {"slot": slot, "plan": plan})


def _slot(request: MemberRequest, pk: int) -> Slot | None:
    """A class of the clinic; for who came in by a PIN, of the day."""
    found = Slot.objects.visible_to(request.member)
    if by_pin(request):
        found = of_today(found, request.member.clinic)
    return found.filter(pk=pk).first()


def _number(typed: Any) -> int | None:
    """A primary key as it comes from an address or from JSON; None for anything else."""
    if isinstance(typed, bool):
        return None
    text = str(typed)
    plain = text.isascii() and text.isdigit() and len(text) <= MOST_DIGITS
    return int(text) if plain else None


def _uid(said: dict[str, Any]) -> UUID | None:
    try:
        return UUID(str(said.get("uid")))
    except ValueError:
        return None
