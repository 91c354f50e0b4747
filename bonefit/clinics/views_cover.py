"""Handing one's clients to a colleague for a while, and ending it early."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from bonefit.htmx import UNPROCESSABLE, render_page

from .access import Can, MemberRequest, requires
from .cover import CannotCover, concerns, end_early, hand_over, may_end, not_over, over
from .dates import say_day
from .forms_people import CoverForm
from .models import Cover, Membership

#: Covers that are over, as the page shows them.
MOST_SHOWN = 20


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Can.ARRANGE_COVER)
def cover(request: MemberRequest) -> HttpResponse:
    """Who stands in for whom, now and later; below that the form for one more."""
    member, now = request.member, timezone.now()
    anybody = Can.COVER_ANYBODY in member.can
    form = CoverForm(
        request.POST if request.method == "POST" else None,
        among=Membership.objects.visible_to(member).supervisors().select_related("user"),
        by=member,
        anybody=anybody,
        today=now.astimezone(member.clinic.tz).date(),
    )
    if form.is_bound and form.is_valid():
        said = form.cleaned_data | ({} if anybody else {"therapist": member})
        try:
            made = hand_over(**said, by=member, now=now)
        except CannotCover as refused:
            form.put_wrong(refused.wrong)
        else:
            until = say_day(made.ends_on)
            messages.success(request, f"{made.colleague} stands in until {until}.")
            return redirect("clinics:cover", member.clinic.slug)
    standing, past = not_over(member, now), over(member, now)
    if not anybody:
        standing, past = concerns(standing, member), concerns(past, member)
    context = {
        "form": form,
        "anybody": anybody,
        "standing": [(one, may_end(one, member)) for one in standing],
        "past": past[:MOST_SHOWN],
        "today": now.astimezone(member.clinic.tz).date(),
    }
    status = UNPROCESSABLE if form.is_bound else 200
    return render_page(request, "clinics/cover.html", context, partial="form", status=status)


@require_POST
@requires(Can.ARRANGE_COVER)
def end(request: MemberRequest, pk: int) -> HttpResponse:
    """It ends now; each of the two may do so, and whoever finds cover for others."""
    found = Cover.objects.visible_to(request.member).select_related("therapist__user")
    ended = end_early(cover=get_object_or_404(found, pk=pk), by=request.member, now=timezone.now())
    messages.success(request, f"It is ended. {ended.therapist} sees to her own clients again.")
    return redirect("clinics:cover", request.member.clinic.slug)
