"""How a clinic's staff log in, and taking away a second step whose device is lost."""

from __future__ import annotations

import logging

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from bonefit.clients.looks_at_log_ins import has_come_in
from bonefit.htmx import UNPROCESSABLE, page_before

from . import known_devices
from .access import STAFF_ROLES, Can, MemberRequest, requires
from .forms_log_ins import ResetForm
from .lately import lately, log_in_first
from .log_ins import (
    NotResettable,
    end_log_ins,
    may_end,
    reset_second_step,
    staff_of,
    tell_of_end,
    tell_of_reset,
    why_not_reset,
)
from .models import LogInsEnded, Membership, SecondStepReset

logger = logging.getLogger(__name__)

#: Resets that the page shows, the newest first.
MOST_RESETS = 50


@require_safe
@never_cache
@requires(Can.CHANGE_SETTINGS)
def log_ins(request: MemberRequest) -> HttpResponse:
    """Everybody who works here, with what she logs in with; below that resets and endings."""
    now = timezone.now()
    resets = SecondStepReset.objects.visible_to(request.member)
    ended = LogInsEnded.objects.visible_to(request.member)
    context = {
        "ended": ended.select_related("member__user", "by__user")[:MOST_RESETS],
        "staff": staff_of(request.member.clinic, now=now),
        "resets": resets.select_related("member__user", "by__user")[:MOST_RESETS],
    }
    return render(request, "clinics/log_ins.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@requires(Can.CHANGE_SETTINGS)
@lately
def reset(request: MemberRequest, pk: int) -> HttpResponse:
    """Asks why; then her devices open nothing more, all her log-ins end, and she is told."""
    found = Membership.objects.visible_to(request.member).working()
    member = get_object_or_404(found.select_related("user"), pk=pk)
    form = ResetForm(request.POST if request.method == "POST" else None)
    why_not = why_not_reset(member, by=request.member)
    if form.is_bound and not why_not and form.is_valid():
        try:
            reset_second_step(
                member=member, by=request.member, now=timezone.now(), **form.cleaned_data
            )
        except NotResettable as refused:
            why_not = str(refused)
        else:
            return _done(request, member)
    context = {"of": member, "form": form, "why_not": why_not}
    status = UNPROCESSABLE if form.is_bound else 200
    return render(request, "clinics/log_in_reset.html", context, status=status)


def _done(request: MemberRequest, member: Membership) -> HttpResponse:
    clinic = request.member.clinic
    if tell_of_reset(member.user, by=f"An admin of {clinic.name}"):
        messages.success(request, f"It is reset. We have mailed it to {member.user.name}.")
    else:
        messages.warning(request, f"It is reset. No mail could be sent: tell {member.user.name}.")
    return redirect("clinics:log-ins", clinic.slug)


@require_POST
@never_cache
@requires(Can.CHANGE_SETTINGS)
def count_anew(request: MemberRequest, pk: int) -> HttpResponseBase:
    """A colleague whom a stranger has left without codes may ask for one again."""
    found = Membership.objects.visible_to(request.member).working()
    member = get_object_or_404(found.select_related("user"), pk=pk)
    if first := log_in_first(request, page_before(request)):
        return first
    known_devices.count_anew(request, member.user)
    logger.info("Tries of member %s are counted anew, by %s.", member.pk, request.member.pk)
    messages.success(request, f"{member.user.name} can ask for a code again now.")
    return redirect("clinics:log-ins", request.member.clinic.slug)


@require_POST
@never_cache
@requires(Can.CHANGE_SETTINGS)
def end_all(request: MemberRequest, pk: int) -> HttpResponseBase:
    """Every log-in of who works here ends, a client's too; she is told by mail.

    Whom this clinic has only named, as a companion or as a client who never came in, is answered
    for as if the number were nobody's.
    """
    clinic, page = request.member.clinic, page_before(request)
    found = Membership.objects.visible_to(request.member).exclude(pk=request.member.pk)
    member = get_object_or_404(found.select_related("user", "clinic"), pk=pk)
    works = not STAFF_ROLES.isdisjoint(member.roles_now)
    if not may_end(member) or not (works or has_come_in(member.pk)):
        raise Http404
    if first := log_in_first(request, page):
        return first
    end_log_ins(member=member, by=request.member, now=timezone.now())
    if tell_of_end(member.user, by=f"An admin of {clinic.name}"):
        messages.success(request, f"{member.name} is logged out everywhere. A mail says so.")
    else:
        messages.warning(request, f"{member.name} is logged out everywhere. No mail could be sent.")
    return redirect(page)
