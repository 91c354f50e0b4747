"""The clinic's settings: its numbers and its equipment, each edition kept."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from bonefit.htmx import UNPROCESSABLE, render_page
from programs.actions import publish_rules
from programs.forms import InventoryForm, RulesForm
from programs.history import editions
from programs.models import RuleSet
from programs.plans import RulesInForce, rules_at

from .access import Can, MemberRequest, requires
from .actions import write_emergency_plan, write_report_settings, write_what_to_bring
from .forms import BringForm, EmergencyForm, ReportSettingsForm
from .models import Clinic, ReportSettingsChange


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Can.CHANGE_SETTINGS)
def settings(request: MemberRequest) -> HttpResponse:
    """The numbers in force. Saving publishes the next edition; the past keeps its own."""
    with transaction.atomic():
        if request.method == "POST":  # one editor at a time, so that nobody's numbers are lost
            held = Clinic.objects.select_for_update(no_key=True).get(pk=request.member.clinic_id)
            request.member.clinic.rules_number = held.rules_number
        return _settings(request)


@require_POST
@requires(Can.CHANGE_SETTINGS)
def emergency(request: MemberRequest) -> HttpResponse:
    """The clinic's emergency plan: what every tablet shows when somebody is stopped."""
    with transaction.atomic():
        held = Clinic.objects.select_for_update(no_key=True).get(pk=request.member.clinic_id)
        form = EmergencyForm(request.POST, clinic=held)
        if form.is_valid():
            said = form.cleaned_data
            write_emergency_plan(clinic=held, plan=said["emergency_plan"], phone=said["phone"])
            messages.success(request, "Saved. Every tablet has it from its next update on.")
            return redirect("clinics:settings", request.member.clinic.slug)
    context = _page(request, emergency=form)
    return render_page(
        request, "clinics/settings.html", context, partial="form", status=UNPROCESSABLE
    )


@require_POST
@requires(Can.CHANGE_SETTINGS)
def bring(request: MemberRequest) -> HttpResponse:
    """What clients are told to bring: it stands on each one's page below her next session."""
    with transaction.atomic():
        held = Clinic.objects.select_for_update(no_key=True).get(pk=request.member.clinic_id)
        form = BringForm(request.POST, clinic=held)
        if form.is_valid():
            write_what_to_bring(clinic=held, words=form.cleaned_data["what_to_bring"])
            messages.success(request, "Saved. Every client’s page says it from now on.")
            return redirect("clinics:settings", request.member.clinic.slug)
    context = _page(request, bring=form)
    return render_page(
        request, "clinics/settings.html", context, partial="form", status=UNPROCESSABLE
    )


@require_POST
@requires(Can.CHANGE_SETTINGS)
def reports(request: MemberRequest) -> HttpResponse:
    """Which adherence the reports lead with, and whose figures therapists read."""
    with transaction.atomic():
        held = Clinic.objects.select_for_update(no_key=True).get(pk=request.member.clinic_id)
        form = ReportSettingsForm(request.POST, clinic=held)
        if form.is_valid():
            write_report_settings(
                clinic=held, **form.cleaned_data, by=request.member, now=timezone.now()
            )
            messages.success(request, "Saved. Reports are made like this from now on.")
            return redirect("clinics:settings", request.member.clinic.slug)
    context = _page(request, reporting=form)
    return render_page(
        request, "clinics/settings.html", context, partial="form", status=UNPROCESSABLE
    )


def _settings(request: MemberRequest) -> HttpResponse:
    data = request.POST if request.method == "POST" else None
    in_force = rules_at(request.member.clinic, timezone.now())
    numbers, equipment = _forms(data, in_force)
    if data is not None and all([numbers.is_valid(), equipment.is_valid()]):
        _publish(request, numbers, equipment, in_force)
        return redirect("clinics:settings", request.member.clinic.slug)
    context = _page(request, numbers=numbers, equipment=equipment)
    status = 200 if data is None else UNPROCESSABLE
    return render_page(request, "clinics/settings.html", context, partial="form", status=status)


def _forms(data: QueryDict | None, in_force: RulesInForce) -> tuple[RulesForm, InventoryForm]:
    return (
        RulesForm(data, rules=in_force.rules, number=in_force.number),
        InventoryForm(data, inventory=in_force.inventory, rules=in_force.rules),
    )


def _page(
    request: MemberRequest,
    *,
    numbers: RulesForm | None = None,
    equipment: InventoryForm | None = None,
    emergency: EmergencyForm | None = None,
    bring: BringForm | None = None,
    reporting: ReportSettingsForm | None = None,
) -> dict[str, Any]:
    """The whole page; a form that was sent comes back as it was typed, the others as they stand."""
    if numbers is None or equipment is None:
        numbers, equipment = _forms(None, rules_at(request.member.clinic, timezone.now()))
    history = RuleSet.objects.visible_to(request.member).select_related("by__user")
    return {
        "numbers": numbers,
        "equipment": equipment,
        "parts": [numbers, *equipment.parts],
        "editions": editions(history.order_by("number")),
        "emergency": emergency or EmergencyForm(clinic=request.member.clinic),
        "bring": bring or BringForm(clinic=request.member.clinic),
        "reporting": reporting or ReportSettingsForm(clinic=request.member.clinic),
        "reporting_changes": ReportSettingsChange.objects.visible_to(request.member)
        .select_related("by__user")
        .order_by("-pk"),
    }


def _publish(
    request: MemberRequest, numbers: RulesForm, equipment: InventoryForm, in_force: RulesInForce
) -> None:
    rules, inventory = numbers.rules(), equipment.inventory()
    if (rules, inventory) == (in_force.rules, in_force.inventory):
        messages.info(request, "Nothing was changed.")
        return
    publish_rules(
        clinic=request.member.clinic,
        rules=rules,
        inventory=inventory,
        by=request.member,
        reason=numbers.cleaned_data["reason"],
    )
    messages.success(request, "Saved. It holds from now on; what was prescribed before stays.")
