"""Where she is logged in: the browsers by name, and ending one of them or all others."""

from __future__ import annotations

import uuid
from datetime import timedelta

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from .lately import lately_to_change
from .models import User
from .open_log_ins import end, end_others, limits_of, open_of
from .second_step import WHILE_NONE, opens_before_second_step
from .tablet_pins import forget_pin, hash_of, pins_of, secret_of
from .views_passkeys import zone_of
from .views_second import user_of

ENDED = "It has ended. Whoever uses that browser is asked to log in."
ENDED_OTHERS = "All others have ended. You are logged in here only."


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@login_required
@lately_to_change
def where(request: HttpRequest) -> HttpResponse:
    """Each log-in of hers that is open, this one marked, and her PINs of today."""
    user = user_of(request)
    if request.method == "POST":
        return _ended(request, user)
    now, limits, this = timezone.now(), limits_of(user), _this(request)
    found, pins = open_of(user, now=now), pins_of(user, now=now)
    tablet = hash_of(secret_of(request))
    elsewhere = any(one.uid != this for one in found) or any(
        one.tablet_hash != tablet for one in pins
    )
    context = {
        "open": found,
        "this": this,
        "pins": pins,
        "tablet": tablet,
        "others": elsewhere,
        "idle": _said(limits.idle),
        "most": _said(limits.most),
        "tz": zone_of(user),
    }
    return render(request, "account/where.html", context)


def _ended(request: HttpRequest, user: User) -> HttpResponse:
    now, this = timezone.now(), _this(request)
    asked, pin = request.POST.get("end", ""), request.POST.get("pin", "")
    if asked == "others":
        end_others(user, but=this, tablet_hash=hash_of(secret_of(request)), now=now)
        messages.success(request, ENDED_OTHERS)
    elif pin:
        for one in pins_of(user, now=now):
            if str(one.pk) == pin:
                forget_pin(one, now=now)
                messages.success(request, "That PIN opens nothing any more.")
    else:
        uid = _uid(asked)
        # Her own place ends by logging out, which also forgets what a tablet has read.
        if uid is not None and uid != this and end(user, uid, now=now):
            messages.success(request, ENDED)
        else:
            messages.info(request, "That log-in had ended already.")
    return redirect("log_ins")


@require_POST
@never_cache
@opens_before_second_step(WHILE_NONE)
@login_required
def still_here(request: HttpRequest) -> HttpResponse:
    """She is typing: that is use of a log-in, though nothing is sent yet (``app.js``)."""
    return HttpResponse(status=204)


def _said(span: timedelta) -> str:
    """A limit in words: in days, hours or minutes, whichever comes out even."""
    minutes = int(span.total_seconds() // 60)
    units = (("day", 24 * 60), ("hour", 60), ("minute", 1))
    name, length = next(one for one in units if minutes % one[1] == 0)
    count = minutes // length
    return f"{count} {name}" if count == 1 else f"{count} {name}s"


def _this(request: HttpRequest) -> uuid.UUID | None:
    kept = request.session.kept  # type: ignore[attr-defined]
    return None if kept is None else kept.uid


def _uid(typed: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(typed)
    except ValueError:
        return None
