"""The second step of logging in: taking it, setting it up, its recovery codes."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.utils import get_next_redirect_url, passthrough_next_redirect_url
from allauth.core.internal import ratelimit
from allauth.mfa.adapter import get_adapter as mfa
from allauth.mfa.totp.internal.auth import clear_totp_secret, get_totp_secret
from allauth.mfa.webauthn.internal import auth
from django.contrib import messages
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.safestring import mark_safe
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from bonefit.htmx import UNPROCESSABLE

from .forms_passkeys import NOT_KNOWN, UsePasskeyForm, passkeys_of
from .forms_second import SecondStepForm, SetUpAppForm
from .lately import lately
from .models import User
from .second_step import (
    WHILE_NONE,
    app_of,
    has_second_step,
    make_recovery_codes,
    needs_second_step,
    opens_before_second_step,
    recovery_codes_left,
    set_up_app,
    step_taken,
    take_step,
)
from .wrong_log_ins import was_turned_away, was_wrong

TOO_MANY = "Too many tries in a short time. Wait a minute, or type a code."
FEW_CODES = 3
#: Where new recovery codes wait for the one page that shows them.
_CODES = "second_step_codes"


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@opens_before_second_step()
@login_required
def second_step(request: HttpRequest) -> HttpResponseBase:
    """A code of the app, a recovery code or a passkey; then on to where she was going."""
    user = user_of(request)
    if not has_second_step(user):
        return _on(request, "second_set_up" if needs_second_step(user) else "home")
    form = SecondStepForm(
        request.POST if request.method == "POST" else None, request=request, user=user
    )
    if form.is_bound and form.is_valid():
        return _taken(request, form.authenticator)
    context = {
        "form": form,
        "again": step_taken(request),
        "app": app_of(user) is not None,
        "passkeys": passkeys_of(user).exists(),
        "next": get_next_redirect_url(request),
    }
    status = UNPROCESSABLE if form.is_bound else 200
    return render(request, "account/second_step.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@opens_before_second_step()
@login_required
def second_passkey(request: HttpRequest) -> HttpResponseBase:
    """GET: what the device is to sign, as JSON. POST: what it signed, with a passkey of her own."""
    if not ratelimit.consume(request, app="allauth.account", action="passkey", limit_get=True):
        if request.method != "POST":
            return JsonResponse({"error": TOO_MANY}, status=429)
        was_turned_away(request, user_of(request).pk)
        return _once_more(request, TOO_MANY)
    if request.method != "POST":
        return JsonResponse(dict(auth.begin_authentication(user=None)))
    form = UsePasskeyForm(request.POST)
    if not form.is_valid() or form.cleaned_data["credential"].user_id != request.user.pk:
        was_wrong(request, request.user.pk)
        return _once_more(request, NOT_KNOWN)
    return _taken(request, form.cleaned_data["credential"])


def _taken(request: HttpRequest, authenticator: Any) -> HttpResponseBase:
    take_step(request, authenticator)
    if authenticator.type == authenticator.Type.RECOVERY_CODES:
        left = recovery_codes_left(user_of(request)) or 0
        get_adapter().send_notification_mail("mfa/email/recovery_code_used", request.user)
        say = messages.warning if left <= FEW_CODES else messages.info
        say(request, f"The recovery code is used up. You have {left} left.")
    return redirect(get_next_redirect_url(request) or "home")


def _once_more(request: HttpRequest, why: str) -> HttpResponse:
    messages.warning(request, why)
    return _on(request, "second_step")


# --- setting up -----------------------------------------------------------------------------------
@require_safe
@never_cache
@opens_before_second_step(WHILE_NONE)
@login_required
def second_set_up(request: HttpRequest) -> HttpResponse:
    """Why there is one, and the two ways: an app, or a passkey."""
    return render(
        request,
        "account/second_set_up.html",
        {"next": get_next_redirect_url(request), "first": not step_taken(request)},
    )


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@opens_before_second_step(WHILE_NONE)
@lately
def second_app(request: HttpRequest) -> HttpResponse:
    """The picture that the app reads, and the code that it shows then. It replaces one before."""
    user = user_of(request)
    secret = get_totp_secret(regenerate=request.method != "POST")
    form = SetUpAppForm(request.POST if request.method == "POST" else None, secret=secret)
    if form.is_bound and form.is_valid():
        app = set_up_app(user=user, secret=secret, counter=form.counter)
        clear_totp_secret(request)
        messages.success(request, "The app is set up. It shows your code from now on.")
        get_adapter().send_notification_mail("mfa/email/app_set_up", user)
        return after_set_up(request, app)
    url = mfa().build_totp_url(user, secret)
    context = {
        "form": form,
        "picture": mark_safe(_svg_of(url)),
        "link": url,
        "secret": " ".join(secret[at : at + 4] for at in range(0, len(secret), 4)),
        "next": get_next_redirect_url(request),
    }
    status = UNPROCESSABLE if form.is_bound else 200
    return render(request, "account/second_app.html", context, status=status)


def _svg_of(url: str) -> str:
    """A QR code as an SVG element, without what stands before it in a file."""
    drawn: str = mfa().build_totp_svg(url)
    return drawn[drawn.index("<svg") :]


def after_set_up(request: HttpRequest, authenticator: Any) -> HttpResponse:
    """She has shown that she has it, so the step is taken; recovery codes come with the first."""
    user = user_of(request)
    take_step(request, authenticator, new=True)
    if recovery_codes_left(user) is None:
        request.session[_CODES] = make_recovery_codes(user=user)
        return _on(request, "second_codes")
    return redirect(get_next_redirect_url(request) or "passkeys")


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@lately
def second_codes(request: HttpRequest) -> HttpResponse:
    """Recovery codes, shown once. POST makes new ones, and those before them are void."""
    user = user_of(request)
    if not has_second_step(user):
        return redirect("passkeys")
    if request.method == "POST":
        request.session[_CODES] = make_recovery_codes(user=user)
        get_adapter().send_notification_mail("mfa/email/recovery_codes_made", user)
        return _on(request, "second_codes")
    shown = request.session.pop(_CODES, []) if request.method == "GET" else []
    context = {
        "codes": [f"{code[:4]} {code[4:]}" for code in shown],
        "left": recovery_codes_left(user),
        "next": get_next_redirect_url(request) or reverse("passkeys"),
    }
    return render(request, "account/second_codes.html", context)


def _on(request: HttpRequest, where: str) -> HttpResponse:
    """To a page of the same way, which leads on to the same place."""
    return redirect(passthrough_next_redirect_url(request, reverse(where), REDIRECT_FIELD_NAME))


def user_of(request: HttpRequest) -> User:
    """Who is logged in, where a decorator has seen to it that somebody is."""
    user = request.user
    assert isinstance(user, User)
    return user
