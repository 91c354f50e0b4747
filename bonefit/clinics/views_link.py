"""The page behind a log-in link: a look uses nothing up, one tap logs in."""

from __future__ import annotations

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.login import perform_login, record_authentication
from allauth.account.models import Login
from allauth.core import ratelimit
from allauth.core.internal import ratelimit as counting
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from .login_links import clinic_of, link_behind, link_may_be_used, use_link
from .models import LoginLink
from .wrong_log_ins import was_wrong

WRONG = "login_link_wrong"


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def login_link(request: HttpRequest, token: str) -> HttpResponse:
    """Whose link it is, by the name of the clinic, and a button. What is no link is all alike."""
    if not counted(request, dry_run=True):
        return ratelimit.respond_429(request)
    now = timezone.now()
    link = link_behind(token)
    response: HttpResponse
    if link is not None and request.user.pk == link.user_id:
        response = redirect("home")  # she is in already: a good one stays good
    elif link is None or not link_may_be_used(link, now=now):
        counted(request)
        response = _gone(request, link)
    elif request.method != "POST":
        response = render(request, "account/link.html", {"clinic_name": clinic_of(link)})
    elif use_link(link, now=now):
        response = _log_in(request, link)
    else:
        response = _gone(request, link)
    response["X-Robots-Tag"] = "noindex"
    return response


def _gone(request: HttpRequest, link: LoginLink | None) -> HttpResponse:
    """To whoever asks all of them are alike. Whose it was is for the access log."""
    was_wrong(request, link.user_id if link is not None else None)
    return render(request, "account/link_gone.html", status=404)


def _log_in(request: HttpRequest, link: LoginLink) -> HttpResponse:
    """As after a code: with a new session key, so that nobody who knew the old one is in too."""
    if request.user.is_authenticated:  # somebody else, who was here before her
        get_adapter().logout(request)
    record_authentication(request, link.user, method="link")
    return perform_login(request, Login(user=link.user, email=link.sent_to))


def counted(request: HttpRequest, *, dry_run: bool = False) -> bool:
    """False once too many wrong links came from the visitor's address; looking is trying here."""
    return bool(
        counting.consume(
            request, app="allauth.account", action=WRONG, limit_get=True, dry_run=dry_run
        )
    )
