"""The front door: where each person begins once she is logged in."""

from __future__ import annotations

from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from . import rows
from .access import Can
from .models import Membership, OrganisationMembership, User

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


def begins(member: Membership) -> bool:
    """Whether there is such a page: not for who holds no role any more."""
    return any(can in member.can for can, _ in BEGINNINGS)


def organisation_home(organiser: OrganisationMembership) -> str:
    """The address of the page where she begins who administers an organisation."""
    return reverse("organisation:reports", args=[organiser.organisation.slug])


def places_of(user: User) -> list[tuple[str, str]]:
    """Name and address of every place where this person begins: her clinics, then those of which
    she reads figures only."""
    members = (
        Membership.objects.active()
        .filter(user_id=user.pk)
        .select_related("clinic")
        .order_by("clinic__name", "pk")
    )
    # An organisation without a clinic has nothing to show, and no page.
    organisers = (
        OrganisationMembership.objects.filter(user_id=user.pk, is_active=True)
        .filter(organisation__clinics__isnull=False)
        .select_related("organisation")
        .order_by("organisation__name", "pk")
        .distinct()
    )
    return [
        *((member.clinic.name, beginning(member)) for member in members if begins(member)),
        *((f"{one.organisation.name}: reports", organisation_home(one)) for one in organisers),
    ]


@require_safe
@never_cache
def home(request: HttpRequest) -> HttpResponseBase:
    """To the log-in page, to the one place where she begins, or to the question which."""
    if not request.user.is_authenticated:
        return redirect("account_request_login_code")
    rows.see(person=request.user.pk)
    places = places_of(request.user)
    if not places:
        return render(request, "clinics/no_clinic.html", status=403)
    if len(places) == 1:
        return redirect(places[0][1])
    return render(request, "clinics/choose.html", {"places": places})


@require_safe
@never_cache
def clinic_home(request: HttpRequest, clinic: str) -> HttpResponseBase:
    """``/c/<clinic>/``: to where this member begins there; 404 to strangers."""
    if not request.user.is_authenticated:
        return redirect_to_login(request.get_full_path())
    rows.see(person=request.user.pk)
    member = get_object_or_404(
        Membership.objects.active().select_related("clinic"),
        user_id=request.user.pk,
        clinic__slug=clinic,
    )
    if not begins(member):
        raise Http404
    return redirect(beginning(member))
