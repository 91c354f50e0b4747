"""The clinic's list of tests and scans that are due."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from bonefit.clinics.access import Can, MemberRequest, requires
from bonefit.htmx import UNPROCESSABLE
from sessions.due_list import due_list
from sessions.forms_due import DueForm


@require_safe
@requires(Can.SEE_CLIENTS)
def due(request: MemberRequest) -> HttpResponse:
    """Everything due this month or overdue, of one therapist's clients or of all; to be printed."""
    now = timezone.now()
    lines = due_list(request.member, now=now)
    form = DueForm(request.GET, therapists=[one.therapist for one in lines])
    context = {"form": form, "today": now.astimezone(request.member.clinic.tz).date()}
    if not form.is_valid():
        return render(request, "sessions/due_list.html", context, status=UNPROCESSABLE)
    if form.chosen is not None:
        lines = [one for one in lines if one.therapist.pk == form.chosen]
    overdue = sum(one.overdue for one in lines)
    return render(
        request, "sessions/due_list.html", {**context, "lines": lines, "overdue": overdue}
    )
