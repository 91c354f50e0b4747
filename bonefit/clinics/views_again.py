"""Logging in once more, before something that only the person herself should do."""

from __future__ import annotations

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.login_by_code import LoginCodeVerificationProcess
from allauth.account.utils import get_next_redirect_url, passthrough_next_redirect_url
from allauth.core import ratelimit
from django.contrib import messages
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from bonefit.htmx import UNPROCESSABLE

from .known_devices import counted_as
from .mailed_after import log_unsent
from .models import User
from .second_step import WHILE_NONE, opens_before_second_step
from .views_login import MAIL_IS_DOWN


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@opens_before_second_step(WHILE_NONE)
@login_required
def log_in_again(request: HttpRequest) -> HttpResponse:
    """Says why; one tap logs out and mails a code, and the code leads on to where she was going."""
    user = request.user
    assert isinstance(user, User)  # @login_required has seen to it
    status = 200
    if request.method == "POST":
        key = counted_as(request, user.email.lower(), user)
        if ratelimit.consume(request, action="request_login_code", key=key):
            return _ask_for_code(request, user)
        too_many = get_adapter().error_messages["too_many_login_attempts"]
        messages.error(request, too_many)
        status = UNPROCESSABLE
    context = {"email": user.email, "next": get_next_redirect_url(request)}
    return render(request, "account/log_in_again.html", context, status=status)


def _ask_for_code(request: HttpRequest, user: User) -> HttpResponse:
    step_two = passthrough_next_redirect_url(
        request, reverse("account_confirm_login_code"), REDIRECT_FIELD_NAME
    )
    get_adapter().logout(request)
    try:
        LoginCodeVerificationProcess.initiate(request=request, user=user, email=user.email)
    except OSError as error:
        log_unsent(error)
        messages.warning(request, MAIL_IS_DOWN)
        step_one = reverse("account_request_login_code")
        return redirect(passthrough_next_redirect_url(request, step_one, REDIRECT_FIELD_NAME))
    return redirect(step_two)
