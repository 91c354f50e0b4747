"""The clinic's week: its classes, day by day."""

from __future__ import annotations

from datetime import timedelta

from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from bonefit.clinics.access import Can, MemberRequest, requires
from bonefit.htmx import render_page
from bonefit.kept_plans import asked_all_day
from sessions.day import read_day_param
from sessions.week import Filter, week_of


@asked_all_day
@require_safe
@requires(Can.BOOK)
def week(request: MemberRequest) -> HttpResponse:
    """Seven days of classes from the Monday of the day that was asked for."""
    now = timezone.now()
    day = read_day_param(request.GET.get("day"), clinic=request.member.clinic, now=now)
    with_whom = request.GET.get("with", "")
    only = Filter(
        room=request.GET.get("room", "")[:60],
        member=int(with_whom) if with_whom.isdecimal() and len(with_whom) < 18 else None,
    )
    monday = day - timedelta(days=day.weekday())
    context = week_of(request.member, monday=monday, now=now, only=only)
    return render_page(request, "sessions/week.html", context, partial="week")
