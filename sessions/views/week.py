"""The clinic's week: its slots, day by day."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from django.db.models import Count, Q
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from bonefit.clinics.access import Can, MemberRequest, requires
from sessions.day import read_day_param
from sessions.models import Slot, Visit


@require_safe
@requires(Can.BOOK)
def week(request: MemberRequest) -> HttpResponse:
    """Seven days of slots from the Monday of the day that was asked for."""
    clinic, now = request.member.clinic, timezone.now()
    day = read_day_param(request.GET.get("day"), clinic=clinic, now=now)
    monday = day - timedelta(days=day.weekday())
    first = datetime.combine(monday, time.min, tzinfo=clinic.tz)
    last = datetime.combine(monday + timedelta(days=7), time.min, tzinfo=clinic.tz)
    slots = (
        Slot.objects.visible_to(request.member)
        .filter(starts_at__gte=first, starts_at__lt=last)
        .annotate(booked=Count("visits", filter=~Q(visits__status__in=Visit.FREED)))
    )
    context = {
        "slots": slots,
        "monday": monday,
        "before": monday - timedelta(days=7),
        "after": monday + timedelta(days=7),
    }
    return render(request, "sessions/week.html", context)
