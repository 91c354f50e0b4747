"""The falls of one client as the clinic knows them, and the months that were asked about."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from bonefit.clients.models import Client, Fall, FallsMonth, Told
from bonefit.clients.views_parts import client_of, today_of
from bonefit.clinics.access import Can, MemberRequest, requires
from bonefit.htmx import UNPROCESSABLE
from bonefit.typed import typed
from sessions import falls
from sessions.forms_falls import FallForm, MonthForm, month_words

#: Months that are shown, the newest first: two years.
MONTHS_SHOWN = 24
CHANGED = "Somebody changed this fall in the meantime. It is shown as it stands now."


@require_safe
@requires(Can.SEE_CLIENTS)
def client_falls(request: MemberRequest, pk: int) -> HttpResponse:
    """All falls that the clinic knows of, and the months that were asked about."""
    client = client_of(request, pk)
    rows = (
        Fall.objects.visible_to(request.member)
        .filter(client=client)
        .select_related("recorded_by__user", "replaced_by")
        .order_by("-fell_on", "-id")
    )
    all_rows = list(rows)
    months = FallsMonth.objects.visible_to(request.member).filter(client=client)
    context = {
        "client": client,
        "falls": [
            (row, falls.heard_of(row).words)
            for row in all_rows
            if not hasattr(row, "replaced_by") and not row.taken_back_why
        ],
        "before": [
            (row, falls.heard_of(row).words)
            for row in all_rows
            if hasattr(row, "replaced_by") or row.taken_back_why
        ],
        "months": [
            (month, month_words(month.month)) for month in months.order_by("-month")[:MONTHS_SHOWN]
        ],
        "definition": falls.DEFINITION,
    }
    return render(request, "sessions/falls.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Can.LOG_SETS)
def fall_new(request: MemberRequest, pk: int) -> HttpResponse:
    """A fall that the clinic was told of."""
    client, now = client_of(request, pk), timezone.now()
    form = FallForm(
        request.POST if request.method == "POST" else None, today=today_of(request.member)
    )
    if request.method != "POST":
        return _form(request, client, form)
    if not form.is_valid():
        return _form(request, client, form, status=UNPROCESSABLE)
    falls.record(
        client=client, key=form.typed_key(), heard=form.heard(), by=request.member, now=now
    )
    messages.success(request, "The fall is recorded.")
    return redirect("sessions:falls", request.member.clinic.slug, client.pk)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Can.LOG_SETS)
def fall(request: MemberRequest, pk: int, fall: int) -> HttpResponse:
    """Correct a fall, or take it back with a reason: what it said before stays readable."""
    client, now = client_of(request, pk), timezone.now()
    row = get_object_or_404(Fall.objects.visible_to(request.member), pk=fall, client=client)
    form = FallForm(
        request.POST if request.method == "POST" else None, today=today_of(request.member), of=row
    )
    if request.method != "POST":
        return _form(request, client, form, of=row)
    try:
        if "none" in request.POST:
            why = typed(request.POST, "why")
            if not why:
                form = FallForm(today=today_of(request.member), of=row)
                wrong = "Write why it was no fall."
                return _form(request, client, form, of=row, why_wrong=wrong, status=UNPROCESSABLE)
            falls.take_back(fall=row, why=why, by=request.member, now=now)
        elif not form.is_valid():
            return _form(request, client, form, of=row, status=UNPROCESSABLE)
        else:
            falls.correct(fall=row, heard=form.heard(), by=request.member, now=now)
    except falls.Changed:
        messages.warning(request, CHANGED)
        return redirect("sessions:falls", request.member.clinic.slug, client.pk)
    messages.success(request, "The change is saved.")
    return redirect("sessions:falls", request.member.clinic.slug, client.pk)


def _form(
    request: MemberRequest,
    client: Client,
    form: FallForm,
    *,
    of: Fall | None = None,
    status: int = 200,
    **more: Any,
) -> HttpResponse:
    context = {"client": client, "form": form, "of": of, "definition": falls.DEFINITION, **more}
    return render(request, "sessions/fall.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Can.LOG_SETS)
def month(request: MemberRequest, pk: int, month: int) -> HttpResponse:
    """She was asked about a month at the desk or at a check-in: her answer."""
    client = client_of(request, pk)
    row = get_object_or_404(FallsMonth.objects.visible_to(request.member), pk=month, client=client)
    row.client, row.clinic = client, client.clinic
    back = redirect("sessions:falls", request.member.clinic.slug, client.pk)
    if row.answered_at is not None:
        messages.info(request, "This month is answered. A fall is corrected in the list.")
        return back
    form = MonthForm(request.POST if request.method == "POST" else None, month=row, shown=0)
    context = {
        "client": client,
        "form": form,
        "words": month_words(row.month),
        "question": falls.LAY_QUESTION,
    }
    if request.method != "POST":
        return render(request, "sessions/falls_asked.html", context)
    if not form.is_valid():
        return render(request, "sessions/falls_asked.html", context, status=UNPROCESSABLE)
    falls.answer_month(
        month=row,
        how_many=form.how_many_said,
        heard=[],
        told=Told.CHECK_IN,
        by=request.member,
        now=timezone.now(),
    )
    messages.success(request, "The answer is kept.")
    return back
