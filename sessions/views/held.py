"""What waits for the admin: operations of people who may not log any more."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from bonefit.clinics.access import Can, MemberRequest, requires
from bonefit.htmx import UNPROCESSABLE, render_page
from sessions import held as holding
from sessions.forms_held import DecideForm
from sessions.models import HeldOperation

PAGE = "sessions/held.html"


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Can.DECIDE_HELD)
def held(request: MemberRequest) -> HttpResponse:
    """By author and visit, what each entry says; a decision on some of one visit's entries."""
    groups = holding.held_visits(request.member)
    shown, wrong = [], False
    for number, group in enumerate(groups, start=1):
        ids = [row.pk for row, _ in group.lines]
        mine = request.POST.get("group", "") in [str(pk) for pk in ids]
        form = DecideForm(request.POST if mine else None, ids=ids, prefix_id=f"group-{number}")
        if mine and form.is_valid():
            return _decide(request, form)
        wrong = wrong or mine
        shown.append((group, form))
    if request.method == "POST" and not wrong:
        messages.info(request, "Somebody has decided on all of these already.")
        return redirect("sessions:held", request.member.clinic.slug)
    lately = HeldOperation.objects.visible_to(request.member).exclude(decided_at=None)
    context = {
        "groups": shown,
        "lately": [
            (row, holding.in_words(row))
            for row in lately.select_related("author__user", "decided_by__user").order_by(
                "-decided_at", "-pk"
            )[:20]
        ],
    }
    status = UNPROCESSABLE if wrong else 200
    return render_page(request, PAGE, context, partial="list", status=status)


def _decide(request: MemberRequest, form: DecideForm) -> HttpResponse:
    said = form.cleaned_data
    decided = holding.decide(
        ids=said["op"],
        decision=said["decision"],
        reason=said["reason"],
        by=request.member,
        now=timezone.now(),
    )
    done = "applied" if said["decision"] == HeldOperation.Decision.APPLIED else "set aside"
    if decided.count:
        entries = "1 entry" if decided.count == 1 else f"{decided.count} entries"
        messages.success(request, f"{entries} {done}.")
    for why in decided.refused:
        messages.warning(request, f"Not applied. {why}")
    return redirect("sessions:held", request.member.clinic.slug)
