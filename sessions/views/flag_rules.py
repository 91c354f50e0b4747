"""The help page of flags: when each is raised here, on what basis, and how it has done."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from bonefit.clinics.access import Can, MemberRequest, requires
from programs.forms.settings import TAGS
from programs.plans import rules_at
from sessions import flag_help
from sessions.flags import RULES


@require_GET
@requires(Can.SEE_FLAGS)
def rules(request: MemberRequest) -> HttpResponse:
    """Every rule with the clinic's own numbers, and its flags of the last 90 days."""
    now = timezone.now()
    did = flag_help.how_they_did(request.member, now=now)
    in_force = rules_at(request.member.clinic, now)
    told = flag_help.explained(RULES, rules=in_force.rules, did=did)
    context = {
        "sections": flag_help.in_sections(told),
        "in_all": flag_help.in_all(list(did.values())),
        "days": flag_help.LOOKED_AT.days,
        "aim": flag_help.AIM,
        "fewest": flag_help.FEWEST,
        "tags": TAGS,
    }
    return render(request, "sessions/flag_rules.html", context)
