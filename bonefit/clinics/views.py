"""The clinic's settings: its numbers and its equipment, each edition kept."""

from __future__ import annotations

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from bonefit.htmx import UNPROCESSABLE, render_page
from programs.actions import publish_rules
from programs.forms import InventoryForm, RulesForm
from programs.history import editions
from programs.models import RuleSet
from programs.plans import RulesInForce, rules_at

from .access import Can, MemberRequest, requires
from .models import Clinic


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Can.CHANGE_SETTINGS)
def settings(request: MemberRequest) -> HttpResponse:
    """The numbers in force. Saving publishes the next edition; the past keeps its own."""
    with transaction.atomic():
        if request.method == "POST":  # one editor at a time, so that nobody's numbers are lost
            held = Clinic.objects.select_for_update(no_key=True).get(pk=request.member.clinic_id)
            request.member.clinic.rules_number = held.rules_number
        return _settings(request)


def _settings(request: MemberRequest) -> HttpResponse:
    data = request.POST if request.method == "POST" else None
    in_force = rules_at(request.member.clinic, timezone.now())
    numbers = RulesForm(data, rules=in_force.rules, number=in_force.number)
    equipment = InventoryForm(data, inventory=in_force.inventory, rules=in_force.rules)
    if data is not None and all([numbers.is_valid(), equipment.is_valid()]):
        _publish(request, numbers, equipment, in_force)
        return redirect("clinics:settings", request.member.clinic.slug)
    history = RuleSet.objects.visible_to(request.member).select_related("by__user")
    context = {
        "numbers": numbers,
        "equipment": equipment,
        "parts": [numbers, *equipment.parts],
        "editions": editions(history.order_by("number")),
    }
    status = 200 if data is None else UNPROCESSABLE
    return render_page(request, "clinics/settings.html", context, partial="form", status=status)


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
