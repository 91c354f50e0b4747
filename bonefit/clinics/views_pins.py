"""The PIN of a shared tablet: set it where one is logged in, come back to the board with it."""

from __future__ import annotations

from allauth.core.internal import ratelimit
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.middleware.csrf import rotate_token
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from bonefit.htmx import UNPROCESSABLE

from .access import Can, MemberRequest, requires
from .forms_pins import SetPinForm, UsePinForm
from .lately import lately_to_change
from .models_open import TabletPin
from .open_log_ins import PIN, begin
from .second_step import opens_before_second_step
from .tablet_pins import (
    Tried,
    end_of_today,
    forget_pin,
    give_secret,
    hash_of,
    pins_here,
    secret_of,
    set_pin,
    try_pin,
)
from .wrong_log_ins import was_turned_away, was_wrong

TOO_MANY = "Too many wrong PINs on this tablet. Wait five minutes, or log in in full."
GONE = "That was the last try. Your PIN is gone on this tablet: log in in full."


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@requires(Can.LOG_SETS)
@lately_to_change
def tablet_pin(request: MemberRequest) -> HttpResponseBase:
    """Hers on this tablet, for today: set, set anew, or forgotten."""
    now = timezone.now()
    mine = [one for one in pins_here(request, now=now) if one.user_id == request.user.pk]
    if request.method == "POST" and "forget" in request.POST:
        for one in mine:
            forget_pin(one, now=now)
        messages.success(request, "Your PIN is gone on this tablet.")
        return redirect("clinics:tablet-pin", request.member.clinic.slug)
    form = SetPinForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        pin = form.cleaned_data["pin"]
        secret = set_pin(request=request, member=request.member, pin=pin, now=now)
        messages.success(request, "Your PIN opens the floor board on this tablet, today.")
        response = redirect("clinics:tablet-pin", request.member.clinic.slug)
        give_secret(response, secret)
        return response
    here = any(one.opens_id == request.member.clinic_id for one in mine)
    status = UNPROCESSABLE if form.is_bound else 200
    return render(request, "account/pin_set.html", {"form": form, "here": here}, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@opens_before_second_step()
def enter_pin(request: HttpRequest) -> HttpResponseBase:
    """Who she is, of those with a PIN on this tablet, and the PIN; then the floor board."""
    now = timezone.now()
    if request.method == "POST" and "leave" in request.POST:
        if PIN in request.session:
            request.session.flush()
        return redirect("account_request_login_code")
    pins = pins_here(request, now=now)
    if not pins:
        return redirect("account_request_login_code")
    form = UsePinForm(request.POST if request.method == "POST" else None, pins=pins)
    if form.is_bound and form.is_valid():
        tablet = hash_of(secret_of(request))
        if not _counted(request, tablet, dry_run=True):
            was_turned_away(request, form.chosen.user_id, clinic=form.chosen.opens_id)
            form.add_error("pin", TOO_MANY)
        else:
            typed, secret = form.cleaned_data["pin"], secret_of(request)
            tried = try_pin(form.chosen, typed, secret=secret, now=now)
            if tried.right:
                return _let_in(request, form.chosen)
            _counted(request, tablet)
            was_wrong(request, form.chosen.user_id, clinic=form.chosen.opens_id)
            if tried.left == 0:
                messages.warning(request, GONE)
                return redirect("account_request_login_code")
            form.add_error("pin", _in_words(tried))
    status = UNPROCESSABLE if form.is_bound else 200
    context = {"form": form, "open": PIN in request.session}
    return render(request, "account/pin.html", context, status=status)


def _let_in(request: HttpRequest, pin: TabletPin) -> HttpResponse:
    """Under a new key. Whoever was logged in here before is logged out."""
    now = timezone.now()
    request.session.flush()
    request.session[PIN] = pin.pk
    begin(request, pin.user, now=now, ends_at=end_of_today(pin.opens, now), board_only=True)
    rotate_token(request)
    return redirect("sessions:board", pin.opens.slug)


def _in_words(tried: Tried) -> str:
    tries = "One try is" if tried.left == 1 else f"{tried.left} tries are"
    return f"This is not your PIN on this tablet. {tries} left today."


def _counted(request: HttpRequest, tablet: str, *, dry_run: bool = False) -> bool:
    """False once too many were wrong on this tablet in a short time. No other tablet is touched."""
    return bool(
        ratelimit.consume(
            request, app="allauth.account", action="tablet_pin", key=tablet, dry_run=dry_run
        )
    )
