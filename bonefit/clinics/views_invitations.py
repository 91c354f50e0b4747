"""Inviting somebody to work in the clinic, and taking an invitation back."""

from __future__ import annotations

import logging

from allauth.account.adapter import get_adapter
from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from bonefit.htmx import UNPROCESSABLE, page_before

from . import invitations
from .access import Can, MemberRequest, requires
from .forms_people import InviteForm
from .lately import lately, log_in_first
from .models import Invitation
from .people import CannotGive

logger = logging.getLogger(__name__)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@requires(Can.GIVE_ROLES)
@lately
def invite(request: MemberRequest) -> HttpResponse:
    """An address, a name, roles; a mail with a link goes out. Any address gets the same answer."""
    form = InviteForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            made, address = invitations.invite(by=request.member, now=timezone.now(), **form.said())
        except CannotGive as refused:
            form.put_wrong(refused.wrong)
        else:
            return _send(request, made, address)
    status = UNPROCESSABLE if form.is_bound else 200
    return render(request, "clinics/invite.html", {"form": form}, status=status)


def _send(request: MemberRequest, made: Invitation, address: str) -> HttpResponse:
    """The mail; an invitation that nobody gets is withdrawn."""
    clinic = request.member.clinic
    said = {"clinic_name": clinic.name, "link": address, "days": invitations.LIVES.days}
    try:
        get_adapter().render_mail("account/email/invitation", made.email, said).send()
    except OSError as error:  # SMTPException is one too, and its words may hold the address
        logger.error("An invitation could not be mailed: %s", type(error).__name__)
        invitations.withdraw(invitation=made, by=request.member, now=timezone.now())
        messages.warning(request, "The mail could not be sent just now. Try again in a while.")
    else:
        messages.success(request, f"The invitation is on its way to {made.email}.")
    return redirect("clinics:people", clinic.slug)


@require_POST
@never_cache
@requires(Can.GIVE_ROLES)
def withdraw(request: MemberRequest, pk: int) -> HttpResponseBase:
    """Its link opens nothing any more."""
    found = get_object_or_404(Invitation.objects.visible_to(request.member), pk=pk)
    if first := log_in_first(request, page_before(request)):
        return first
    if invitations.withdraw(invitation=found, by=request.member, now=timezone.now()):
        messages.success(request, "The invitation is withdrawn. Its link opens nothing any more.")
    else:
        messages.info(request, "This invitation was over already.")
    return redirect("clinics:people", request.member.clinic.slug)
