"""The front door: where each person begins once she is logged in."""

from __future__ import annotations

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from .access import Can
from .models import Membership

#: The first that a member may do is where her day begins; who treats and administers, treats.
BEGINNINGS = (
    (Can.SEE_TODAY, "sessions:today"),
    (Can.RUN_REPORTS, "sessions:adherence"),
    (Can.BOOK, "sessions:week"),
    (Can.SEE_OWN_SCHEDULE, "sessions:portal"),
)


def beginning(member: Membership) -> str:
    """The address of the page where this member begins in her clinic."""
    view = next(view for can, view in BEGINNINGS if can in member.can)
    return reverse(view, args=[member.clinic.slug])


@require_safe
@never_cache
def home(request: HttpRequest) -> HttpResponseBase:
    """To the log-in page, to the one clinic, or to the question which clinic."""
    if not request.user.is_authenticated:
        return redirect("account_request_login_code")
    members = list(
        Membership.objects.active()
        .filter(user_id=request.user.pk)
        .select_related("clinic")
        .order_by("clinic__name", "pk")
    )
    if not members:
        return render(request, "clinics/no_clinic.html", status=403)
    if len(members) == 1:
        return redirect(beginning(members[0]))
    return render(
        request,
        "clinics/choose.html",
        {"places": [(member, beginning(member)) for member in members]},
    )


@require_safe
@never_cache
def clinic_home(request: HttpRequest, clinic: str) -> HttpResponseBase:
    """``/c/<clinic>/``: to where this member begins there; 404 to strangers."""
    if not request.user.is_authenticated:
        return redirect_to_login(request.get_full_path())
    member = get_object_or_404(
        Membership.objects.active().select_related("clinic"),
        user_id=request.user.pk,
        clinic__slug=clinic,
    )
    return redirect(beginning(member))
