"""Passkeys: log in with one, see one's own, add one, remove one. For staff and clients alike.

For staff a passkey is both steps at once, and the last one cannot be removed without another.
"""

from __future__ import annotations

import json
from typing import Any
from zoneinfo import ZoneInfo

from allauth.account.models import Login
from allauth.account.utils import (
    get_next_redirect_url,
    passthrough_next_redirect_url,
)
from allauth.core.internal import ratelimit
from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.internal import auth, flows
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from bonefit.htmx import UNPROCESSABLE

from . import rows
from .forms_passkeys import LONGEST_NAME, NOT_KNOWN, AddPasskeyForm, UsePasskeyForm, passkeys_of
from .lately import lately
from .models import User
from .second_step import (
    STEPS,
    WHILE_NONE,
    app_of,
    needs_second_step,
    opens_before_second_step,
    recovery_codes_left,
)
from .views_second import after_set_up, user_of
from .wrong_log_ins import was_wrong

TOO_MANY = "Too many tries in a short time. Wait a minute, or log in with a code."


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def log_in_with_passkey(request: HttpRequest) -> HttpResponseBase:
    """GET: what the device is to sign, as JSON. POST: what it signed; who owns it is logged in."""
    if request.user.is_authenticated:
        return redirect("home")
    if not ratelimit.consume(request, app="allauth.account", action="passkey", limit_get=True):
        return _to_the_code(request, TOO_MANY) if request.method == "POST" else _too_many()
    if request.method != "POST":
        return JsonResponse(dict(auth.begin_authentication(user=None)))
    form = UsePasskeyForm(request.POST)
    if not form.is_valid():
        was_wrong(request, form.named)
        return _to_the_code(request, NOT_KNOWN)
    passkey = form.cleaned_data["credential"]
    login = Login(user=passkey.user, redirect_url=get_next_redirect_url(request))
    return flows.perform_passwordless_login(request, passkey, login)


def _too_many() -> JsonResponse:
    return JsonResponse({"error": TOO_MANY}, status=429)


def _to_the_code(request: HttpRequest, why: str) -> HttpResponse:
    messages.warning(request, why)
    step_one = reverse("account_request_login_code")
    return redirect(passthrough_next_redirect_url(request, step_one, REDIRECT_FIELD_NAME))


@require_safe
@never_cache
@login_required
def passkeys(request: HttpRequest) -> HttpResponse:
    """How this person logs in: her passkeys, and for staff the app and the recovery codes."""
    user = user_of(request)
    context = {
        "passkeys": [_shown(one) for one in passkeys_of(user)],
        "tz": zone_of(user),
        "staff": needs_second_step(user),
        "app": app_of(user),
        "codes_left": recovery_codes_left(user),
    }
    return render(request, "account/passkeys.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@opens_before_second_step(WHILE_NONE)
@lately
def passkey_add(request: HttpRequest) -> HttpResponse:
    """Name it, and let the device make it; the page's script asks the device."""
    user = user_of(request)
    form = AddPasskeyForm(request.POST if request.method == "POST" else None, user=user)
    if form.is_bound and form.is_valid():
        said = form.cleaned_data
        passkey, _ = flows.add_authenticator(
            request, name=said["name"], credential=said["credential"]
        )
        return after_set_up(request, passkey) if needs_second_step(user) else redirect("passkeys")
    context = {
        "form": form,
        "next": get_next_redirect_url(request),
        "options": json.dumps(dict(auth.begin_registration(user, passwordless=True))),
        "longest": LONGEST_NAME,
    }
    status = UNPROCESSABLE if form.is_bound else 200
    return render(request, "account/passkey_add.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@lately
def passkey_remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Asks first; then nobody logs in with it any more."""
    user = user_of(request)
    found = get_object_or_404(passkeys_of(user), pk=pk)
    stays = not needs_second_step(user) or _other_step(user, found)
    if request.method == "POST" and stays:
        flows.remove_authenticator(request, found)
        return redirect("passkeys")
    status = UNPROCESSABLE if request.method == "POST" else 200
    context = {"passkey": _shown(found), "stays": stays}
    return render(request, "account/passkey_remove.html", context, status=status)


def _other_step(user: User, besides: Any) -> bool:
    """Whether she can still take her second step without this passkey."""
    hers = Authenticator.objects.filter(user=user, type__in=STEPS)
    return bool(hers.exclude(pk=besides.pk).exists())


def _shown(passkey: Any) -> dict[str, Any]:
    return {
        "pk": passkey.pk,
        "name": passkey.wrap().name,
        "added_at": passkey.created_at,
        "used_at": passkey.last_used_at,
    }


def zone_of(user: User) -> ZoneInfo:
    """The zone of the person's clinic, for the days on the page."""
    with rows.seeing(person=user.pk):
        member = user.memberships.active().select_related("clinic").order_by("pk").first()
    return member.clinic.tz if member else ZoneInfo(settings.TIME_ZONE)
