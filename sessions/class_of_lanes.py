"""What a tablet keeps of a class as a whole: its supervisors, its ratio and its plates."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from bonefit.clinics.models import Membership
from programs.plans import rules_at
from programs.rules import Rules

from .load_plan import class_plan
from .models import Supervision
from .slot_floor import HERE, is_here, ratio_line
from .together import Drawn

Whole = dict[str, Any]


def on_the_floor_of(
    member: Membership, drawn: Sequence[Drawn], *, now: datetime
) -> tuple[list[dict[str, Any]], dict[int, Whole]]:
    """Everybody who may supervise in the clinic, and of each slot what its lanes do not say."""
    clinic = member.clinic
    rules = rules_at(clinic, now).rules
    named = supervisions_of({visit.slot_id for visit, _ in drawn})
    whole = {}
    for pk in {visit.slot_id for visit, _ in drawn}:
        of_slot = [one for one in drawn if one[0].slot_id == pk]
        starts_at = of_slot[0][0].starts_at
        plan = class_plan(of_slot, rules_at(clinic, starts_at).inventory)
        whole[pk] = {
            "supervisors": [
                {"id": row.member_id, "name": row.member.user.name, "here": is_here(row)}
                for row in named[pk]
            ],
            "ratio": _ratio(of_slot, named[pk], rules),
            "plan": plan.as_json(),
            "shortages": list(plan.shortages),
        }
    return _therapists(member), whole


def supervisions_of(slots: Iterable[int]) -> dict[int, list[Supervision]]:
    """Who is planned or was named in slots, by name."""
    found: dict[int, list[Supervision]] = {pk: [] for pk in slots}
    rows = Supervision.objects.filter(slot__in=list(found)).select_related("member__user")
    for row in rows.order_by("member__user__name", "member"):
        found[row.slot_id].append(row)
    return found


def _ratio(of_slot: Sequence[Drawn], named: Sequence[Supervision], rules: Rules) -> dict[str, Any]:
    clients = {visit.client_id for visit, _ in of_slot if visit.status in HERE}
    supervisors = sum(is_here(row) for row in named)
    return {
        "warn": rules.group_warn_above,
        "block": rules.group_block_above,
        "line": ratio_line(clients=len(clients), supervisors=supervisors, rules=rules),
    }


def _therapists(member: Membership) -> list[dict[str, Any]]:
    rows = Membership.objects.supervisors().filter(clinic=member.clinic).select_related("user")
    return [{"id": row.pk, "name": row.user.name} for row in rows.order_by("user__name", "pk")]
