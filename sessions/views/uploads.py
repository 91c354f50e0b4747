"""What a tablet may send where nobody is logged in, and how it is prepared for that."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any
from uuid import UUID

from allauth.core import ratelimit
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponseBase, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from bonefit.clinics import rows
from bonefit.clinics.access import Can, MemberRequest, requires
from bonefit.clinics.models import User
from sessions import held, uploads
from sessions.batches import MOST_BYTES, NoBatch, TooMuch, read_batch, read_operation
from sessions.lanes import day_of_lanes
from sessions.operations import REFUSED, Op

NO_LEAVE = "This tablet may not send without a log-in. Log in on it, then everything is sent."
WAIT = 60  # seconds
WAIT_FOR_THE_ADMIN = 3600


def asked_batch(request: HttpRequest) -> tuple[Mapping[str, Any], list[Any]] | JsonResponse:
    """The body of a request and its operations, or the answer that says what is wrong with it."""
    if int(request.META.get("CONTENT_LENGTH") or 0) > MOST_BYTES:
        return JsonResponse({"error": f"At most {MOST_BYTES // 1000} kB at once."}, status=413)
    try:
        return read_batch(request.body)
    except TooMuch as much:
        return JsonResponse({"error": str(much)}, status=413)
    except NoBatch:
        return JsonResponse({"error": "That is no list of operations."}, status=400)


# Safe without the token of a form: who sends is said by a secret in a header, which no browser adds
# by itself and no other site can know; cookies and the session are not looked at.
@csrf_exempt
@require_POST
@never_cache
def upload(request: HttpRequest) -> JsonResponse:
    """Operations of the author of a bearer token; what became of each, and nothing else."""
    if not ratelimit.consume(request, action="upload_wrong", dry_run=True):
        return _later()
    rows.see_token(_bearer(request))
    token = uploads.verify(_bearer(request), now=timezone.now())
    if token is None:
        ratelimit.consume(request, action="upload_wrong")
        return _no_leave()
    if not ratelimit.consume(request, action="upload", key=str(token.pk)):
        return _later()
    asked = asked_batch(request)
    if isinstance(asked, JsonResponse):
        return asked
    try:
        return JsonResponse({"results": uploads.take(token, asked[1], now=timezone.now())})
    except held.TooManyHeld:
        return _later(WAIT_FOR_THE_ADMIN)


def _bearer(request: HttpRequest) -> str:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def _no_leave() -> JsonResponse:
    """The same for a token that is unknown, over or revoked, and where there is none."""
    return JsonResponse(
        {"error": NO_LEAVE}, status=401, headers={"WWW-Authenticate": 'Bearer realm="upload"'}
    )


def _later(seconds: int = WAIT) -> JsonResponse:
    return JsonResponse(
        {"error": "Too many tries in a short time. It is tried again by itself."},
        status=429,
        headers={"Retry-After": str(seconds)},
    )


@require_POST
@never_cache
@requires(Can.LOG_SETS)
def prepare(request: MemberRequest) -> JsonResponse:
    """A token for the day's slots, and the day with it: everything a tablet needs in one tap.

    With ``silent`` the day is left out: a board that has just read it needs the token only.
    """
    try:
        body = json.loads(request.body[: MOST_BYTES + 1])
        device = UUID(str(body["device"]))
    except (ValueError, KeyError, TypeError, RecursionError):
        return JsonResponse({"error": "The tablet’s own number is missing."}, status=400)
    now = timezone.now()
    minted = uploads.mint(member=request.member, device=device, now=now)
    answer: dict[str, Any] = {
        "author": request.member.pk,
        "token": minted.token,
        "expires_at": minted.expires_at.isoformat(),
        "covers": list(minted.slots),
    }
    if not body.get("silent"):
        today = now.astimezone(request.member.clinic.tz).date()
        answer["day"] = day_of_lanes(request.member, day=today, now=now)
    return JsonResponse(answer)


def held_without_the_right(
    view: Callable[..., HttpResponseBase],
) -> Callable[..., HttpResponseBase]:
    """What somebody sends who could log once and may not any more is held, not turned away."""

    @wraps(view)
    def either(request: HttpRequest, clinic: str) -> HttpResponseBase:
        try:
            return view(request, clinic)
        except (PermissionDenied, Http404):
            if not isinstance(request.user, User):
                raise
            # What she may see of the clinic she may no more: hers is what she sends.
            with rows.seeing_person(request.user.pk):
                answer = _held(request, request.user, clinic)
            if answer is None:
                raise
            return answer

    return either


def _held(request: HttpRequest, user: User, clinic: str) -> JsonResponse | None:
    author = held.author_without_the_right(user, clinic)
    asked = asked_batch(request)
    if author is None or isinstance(asked, JsonResponse) or asked[0].get("author") != author.pk:
        return None
    now = timezone.now()
    read = [(read_operation(item, now=now), item) for item in asked[1]]
    try:
        outcomes = held.hold(
            [(op, item) for op, item in read if isinstance(op, Op)], author=author, now=now
        )
    except held.TooManyHeld:
        return _later(WAIT_FOR_THE_ADMIN)
    results = [
        {"id": str(op.uid), "outcome": str(outcomes[op.uid]), "reason": ""}
        if isinstance(op, Op)
        else {**op, "outcome": str(REFUSED)}
        for op, _ in read
    ]
    return JsonResponse({"results": results, "lanes": {}})
