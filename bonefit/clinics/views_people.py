"""Who works in the clinic, in which roles; changing them; the matrix of rights."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from bonefit.htmx import UNPROCESSABLE

from . import access_words
from .access import Can, MemberRequest, requires
from .cover import over
from .forms_people import RolesForm
from .lately import lately
from .models import Invitation, Membership, RoleChange
from .people import CannotGive, give_roles, people_of, roles_of

#: Earlier changes and covers that a page shows, the newest first.
MOST_SHOWN = 50


@require_safe
@never_cache
@requires(Can.SEE_PEOPLE)
def people(request: MemberRequest) -> HttpResponse:
    """Everybody who works here, with roles, their ends, and who stands in for whom."""
    now = timezone.now()
    changes = RoleChange.objects.visible_to(request.member)
    context = {
        "people": people_of(request.member, now),
        "today": now.astimezone(request.member.clinic.tz).date(),
        "changes": changes.select_related("member__user", "by__user")[:MOST_SHOWN],
        "invited": Invitation.objects.visible_to(request.member)
        .waiting(now)
        .select_related("by__user"),
        "covers_over": over(request.member, now)[:MOST_SHOWN],
    }
    return render(request, "clinics/people.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@requires(Can.GIVE_ROLES)
@lately
def person(request: MemberRequest, pk: int) -> HttpResponse:
    """The roles of one colleague: a tick each, a last day where it ends, and why."""
    found = Membership.objects.visible_to(request.member).staff().select_related("user", "clinic")
    member = get_object_or_404(found, pk=pk)
    if member.pk == request.member.pk:
        raise Http404
    now = timezone.now()
    form = RolesForm(request.POST if request.method == "POST" else None, of=member)
    if form.is_bound and form.is_valid():
        try:
            change = give_roles(member=member, by=request.member, now=now, **form.said())
        except CannotGive as refused:
            form.put_wrong(refused.wrong)
        else:
            messages.success(request, "Saved. It holds from now on." if change else "No change.")
            return redirect("clinics:people", request.member.clinic.slug)
    changes = RoleChange.objects.visible_to(request.member).filter(member=member)
    context = {
        "of": member,
        "form": form,
        "held": roles_of(member, now.astimezone(request.member.clinic.tz).date()),
        "changes": changes.select_related("by__user")[:MOST_SHOWN],
    }
    status = UNPROCESSABLE if form.is_bound else 200
    return render(request, "clinics/person.html", context, status=status)


@require_safe
@requires(Can.SEE_PEOPLE)
def access(request: MemberRequest) -> HttpResponse:
    """Which role may do what, from the same table that every request is checked against."""
    context = {
        "columns": access_words.columns(),
        "groups": list(access_words.matrix()),
        "read_only": access_words.read_only(),
    }
    return render(request, "clinics/access.html", context)
