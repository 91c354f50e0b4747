"""The intake of one client: what is there, what is missing, and a clinician's word against it."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from bonefit.clinics.access import Can, MemberRequest, requires
from bonefit.htmx import UNPROCESSABLE
from programs.plans import rules_at
from sessions import intake_flags

from . import overrides
from .checklist import Line, checklist_of
from .forms_intake import LandingForm, StartWithoutForm
from .intake import barred
from .models import Client
from .overrides import CannotOverride
from .views_parts import client_of


@require_safe
@requires(Can.SEE_CLIENTS)
def intake_page(request: MemberRequest, pk: int) -> HttpResponse:
    """A calm list: screening, letters, clearance, consents, and the next step of each."""
    return _page(request, client_of(request, pk))


@require_POST
@requires(Can.PRESCRIBE)
def start_without(request: MemberRequest, pk: int) -> HttpResponse:
    """A named clinician lets her start before the intake is complete, where the clinic allows."""
    client, now = client_of(request, pk), timezone.now()
    form = StartWithoutForm(request.POST)
    if form.is_valid():
        rules = rules_at(request.member.clinic, now).rules
        try:
            overrides.start_without(
                client=client,
                most_days=rules.start_without_days if rules.start_without_intake else 0,
                by=request.member,
                now=now,
                **form.said(),
            )
        except CannotOverride as refusal:
            form.add_error(refusal.field or None, refusal.words)
        else:
            return _done(request, client, "It is recorded: she may start without.", now)
    return _page(request, client, status=UNPROCESSABLE, start_form=form)


@require_POST
@requires(Can.PRESCRIBE)
def end_start_without(request: MemberRequest, pk: int) -> HttpResponse:
    """A start without the intake holds no longer."""
    client, now = client_of(request, pk), timezone.now()
    ended = overrides.end_start_without(client=client, by=request.member, now=now)
    words = "It is ended. The intake counts again." if ended else "There was nothing to end."
    return _done(request, client, words, now)


@require_POST
@requires(Can.PRESCRIBE)
def allow_landing(request: MemberRequest, pk: int) -> HttpResponse:
    """A named clinician lets her land higher than her screening allows."""
    client, now = client_of(request, pk), timezone.now()
    form = _landing_form(client, data=request.POST)
    if form.is_valid():
        try:
            overrides.allow_landing(client=client, by=request.member, now=now, **form.said())
        except CannotOverride as refusal:
            form.add_error(refusal.field or None, refusal.words)
        else:
            return _done(request, client, "The higher landing is recorded.", now)
    return _page(request, client, status=UNPROCESSABLE, landing_form=form)


@require_POST
@requires(Can.PRESCRIBE)
def end_landing(request: MemberRequest, pk: int) -> HttpResponse:
    """What the screening allows counts again."""
    client, now = client_of(request, pk), timezone.now()
    ended = overrides.end_landing(client=client, by=request.member, now=now)
    words = "It is ended. The screening counts again." if ended else "There was nothing to end."
    return _done(request, client, words, now)


# --- parts ----------------------------------------------------------------------------------------
def _page(
    request: MemberRequest, client: Client, *, status: int = 200, **typed: Any
) -> HttpResponse:
    now, clinic = timezone.now(), request.member.clinic
    rules, today = rules_at(clinic, now).rules, now.astimezone(clinic.tz).date()
    found = checklist_of(client, clinic=clinic, today=today, warn_days=rules.expiry_warn_days)
    gone = barred(client, today)
    may_start_without = bool(rules.start_without_intake) and gone is not None and not found.not_now
    last = today + timedelta(days=rules.start_without_days)
    context = {
        "client": client,
        "found": found,
        "lines": [(line, _address(request, line)) for line in found.lines],
        "barred": gone,
        "today": today,
        "warn_days": rules.expiry_warn_days,
        "last_start": last,
        "start_form": (typed.get("start_form") or _start_form(last)) if may_start_without else None,
        "start_typed": "start_form" in typed,
        "refused": _refused(typed, may_start_without),
        "landing_form": typed.get("landing_form") or _landing_form(client),
        "landing_typed": "landing_form" in typed,
        "may_land_higher": found.screening is not None
        and not found.not_now
        and found.allowed < overrides.HIGHEST,
    }
    return render(request, "clients/intake.html", context, status=status)


def _refused(typed: dict[str, Any], may_start_without: bool) -> str:
    """Words for a start that was asked for where none is possible, so that no form is shown."""
    form = typed.get("start_form")
    if form is None or may_start_without:
        return ""
    said = form.non_field_errors()
    return said[0] if said else "No start without the intake is possible now."


def _start_form(last: date) -> StartWithoutForm:
    return StartWithoutForm(initial={"until": f"{last.day} {last:%B %Y}"})


def _landing_form(client: Client, data: Any = None) -> LandingForm:
    newest = overrides.newest_screening(client)
    above = newest.impact_allowed or 0 if newest else 0
    return LandingForm(data, above=above, auto_id="landing_%s")


def _address(request: MemberRequest, line: Line) -> str:
    """Where a line is settled; "" for whoever may only read."""
    if Can.ENROLL not in request.member.can:
        return ""
    return reverse(line.route, args=[request.member.clinic.slug, *line.args])


def _done(request: MemberRequest, client: Client, words: str, now: datetime) -> HttpResponse:
    intake_flags.review_client(client, now=now)
    messages.success(request, words)
    return redirect("clients:intake", request.member.clinic.slug, client.pk)
