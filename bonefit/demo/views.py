"""Pages of the demo alone: be one of its people with one tap, and read the mail that it sent."""

from __future__ import annotations

from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import NamedTuple

from allauth.account.internal.flows.login import record_authentication
from django.conf import settings
from django.contrib.auth import login
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from bonefit.clinics import views_home
from bonefit.clinics.models import User
from bonefit.demo import mailbox
from bonefit.demo.people import PEOPLE

#: A tap on a name is a log-in that never becomes too old: here nobody is asked again. Seconds.
ALWAYS_LATELY = datetime(2100, 1, 1, tzinfo=UTC).timestamp()


class Letter(NamedTuple):
    """One message as a page shows it."""

    subject: str
    to: str
    sent_at: datetime | None
    text: str


@never_cache
@require_safe
def front_door(request: HttpRequest) -> HttpResponseBase:
    """Who is logged in begins where she always does; nobody is asked who she wants to be."""
    return views_home.home(request) if request.user.is_authenticated else redirect("demo:people")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def people(request: HttpRequest) -> HttpResponse:
    """The people of the demo; one tap logs in as one of them. Nobody else can be had here."""
    if request.method == "POST":
        email = request.POST.get("email", "")
        if email not in {person.email for person in PEOPLE}:
            raise Http404
        user = get_object_or_404(User, email=email, is_active=True)
        login(request, user, backend=settings.AUTHENTICATION_BACKENDS[0])
        record_authentication(request, user, method="demo", at=ALWAYS_LATELY)
        return redirect("home")
    return render(request, "demo/people.html", {"people": PEOPLE})


@never_cache
@require_safe
def mail(request: HttpRequest) -> HttpResponse:
    """Every message that the site has sent, newest first."""
    found = [mailbox.read(_folder(), name) for name in mailbox.names(_folder())]
    rows = [(one.name, _letter(one.messages[0])) for one in found if one.messages]
    return render(request, "demo/mail.html", {"rows": rows})


@never_cache
@require_safe
def message(request: HttpRequest, name: str) -> HttpResponse:
    """One of them in full."""
    try:
        found = mailbox.read(_folder(), name)
    except KeyError:
        raise Http404 from None
    letters = [_letter(one) for one in found.messages]
    return render(request, "demo/message.html", {"letters": letters})


def _folder() -> Path:
    return Path(settings.EMAIL_FILE_PATH)


def _letter(one: EmailMessage) -> Letter:
    date = one.get("Date")
    return Letter(
        subject=str(one.get("Subject", "")),
        to=str(one.get("To", "")),
        sent_at=parsedate_to_datetime(str(date)) if date else None,
        text=mailbox.body(one),
    )
