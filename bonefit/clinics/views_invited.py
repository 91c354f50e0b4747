"""The page behind an invitation: log in with its address, then one tap takes it up."""

from __future__ import annotations

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.login_by_code import LoginCodeVerificationProcess
from allauth.core import ratelimit
from django.contrib import messages
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from .invitations import accept, behind, person_for, same_address
from .known_devices import counted_as
from .login_links import masked
from .mailed_after import log_unsent
from .models import Invitation, User
from .views_link import counted
from .views_login import MAIL_IS_DOWN


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """Who invites whom, and a button. What is no invitation is all alike.

    Staff who are logged in have taken their second step before this opens (``second_step_gate``).
    """
    if not counted(request, dry_run=True):
        return ratelimit.respond_429(request)
    now = timezone.now()
    found = behind(token, now=now)
    if found is None:
        counted(request)
        return _shown(request, "account/invitation_gone.html", status=404)
    user = request.user
    hers = isinstance(user, User) and same_address(user.email, found.email)
    context = {"invited": found, "hers": hers, "masked": masked(found.email)}
    if request.method != "POST":
        return _shown(request, "account/invitation.html", context)
    if not hers:
        return _log_in(request, found)
    assert isinstance(user, User)
    member = accept(invitation=found, user=user, now=now)
    if member is None:
        return _shown(request, "account/invitation_gone.html", status=404)
    messages.success(request, f"You work at {found.clinic.name} now.")
    return redirect("clinic_home", found.clinic.slug)


def _log_in(request: HttpRequest, found: Invitation) -> HttpResponse:
    """A code by mail to the address of the invitation, which leads back here."""
    with transaction.atomic():
        user = person_for(found)
    if user is None:
        return _shown(request, "account/invitation_gone.html", status=404)
    here = urlencode({REDIRECT_FIELD_NAME: request.path})
    key = counted_as(request, user.email.lower(), user)
    if not ratelimit.consume(request, action="request_login_code", key=key):
        messages.error(request, get_adapter().error_messages["too_many_login_attempts"])
        return redirect(request.path)
    if request.user.is_authenticated:  # somebody else, who was here before her
        get_adapter().logout(request)
    try:
        LoginCodeVerificationProcess.initiate(request=request, user=user, email=user.email)
    except OSError as error:
        log_unsent(error)
        messages.warning(request, MAIL_IS_DOWN)
        return redirect(f"{reverse('account_request_login_code')}?{here}")
    return redirect(f"{reverse('account_confirm_login_code')}?{here}")


def _shown(
    request: HttpRequest, page: str, context: dict[str, object] | None = None, status: int = 200
) -> HttpResponse:
    response = render(request, page, context, status=status)
    response["X-Robots-Tag"] = "noindex"
    return response
