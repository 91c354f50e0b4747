"""The numbers that flags rest on: what others would have raised is shown before they are saved.

Nothing is stored of a preview. The numbers, the sums so far and how far it is travel in the form.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from functools import cache
from hashlib import sha256
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from bonefit.clinics.access import Can, MemberRequest, requires
from bonefit.clinics.models import Clinic
from bonefit.htmx import UNPROCESSABLE, render_page, wants_partial
from programs.actions import publish_rules
from programs.forms import FlagRulesForm
from programs.plans import RulesInForce, rules_at
from programs.rules import Rules
from programs.settings_flags import FLAG_SETTINGS
from sessions import flag_preview
from sessions.flag_preview import PreviewCount
from sessions.flags import BY_ID, RULES, Rule

#: Enrollments that are looked at with one request.
STEP = 100
#: A preview that was begun longer ago begins anew: the facts have moved on.
FRESH = timedelta(hours=2)


@dataclass(frozen=True, slots=True)
class Line:
    """A rule with what it would have raised, and the words for how that was resolved."""

    rule: Rule
    count: PreviewCount
    resolved: str


@dataclass(slots=True)
class Preview:
    """How far a preview is: begun when, of which numbers, enrollments looked at, sums by rule."""

    at: datetime
    numbers: str
    seen: int = 0
    total: int = 0
    sums: dict[str, PreviewCount] = field(default_factory=dict)

    @property
    def running(self) -> bool:
        return self.seen < self.total

    @property
    def lines(self) -> list[Line]:
        return [
            Line(rule, self.sums[rule.id], _resolved_by(rule))
            for rule in RULES
            if rule.id in self.sums
        ]

    @property
    def packed(self) -> str:
        """The sums as they travel in the form."""
        return json.dumps({key: list(asdict(count).values()) for key, count in self.sums.items()})

    @property
    def begun(self) -> str:
        return self.at.isoformat()


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Can.CHANGE_SETTINGS)
def settings(request: MemberRequest) -> HttpResponse:
    """The numbers in force; "preview" and "part" ask what others would have done, "save" saves."""
    if request.method != "POST":
        return _page(request, _form(request, None))
    match request.POST.get("do"):
        case "save":
            with transaction.atomic():  # one editor at a time, so that nobody's numbers are lost
                held = Clinic.objects.select_for_update(no_key=True).get(
                    pk=request.member.clinic_id
                )
                request.member.clinic.rules_number = held.rules_number
                return _save(request)
        case "part":
            return _part(request)
        case _:
            form = _form(request, request.POST)
            if not form.is_valid():
                return _page(request, form, status=UNPROCESSABLE)
            return _page(request, form, preview=_next_part(request, form, None), first=True)


def _save(request: MemberRequest) -> HttpResponse:
    form = _form(request, request.POST, saving=True)
    if not form.is_valid():
        return _page(request, form, status=UNPROCESSABLE)
    in_force = _in_force(request)
    if form.rules() == in_force.rules:
        messages.info(request, "Nothing was changed.")
    else:
        publish_rules(
            clinic=request.member.clinic,
            rules=form.rules(),
            inventory=in_force.inventory,
            by=request.member,
            reason=form.cleaned_data["reason"],
        )
        messages.success(request, "Saved. Flags are raised by the new numbers from now on.")
    return redirect("sessions:flag-settings", request.member.clinic.slug)


def _part(request: MemberRequest) -> HttpResponse:
    """The next part of a preview, from where the form says it is."""
    form = _form(request, request.POST)
    if not form.is_valid():
        if wants_partial(request):
            return render(request, "sessions/_flag_preview.html", {"unreadable": True})
        return _page(request, form, status=UNPROCESSABLE)
    preview = _next_part(request, form, _read(request.POST))
    if wants_partial(request):
        return render(request, "sessions/_flag_preview.html", {"preview": preview})
    return _page(request, form, preview=preview, first=True)


def _next_part(request: MemberRequest, form: FlagRulesForm, so_far: Preview | None) -> Preview:
    """Look at the next enrollments; from the start where other numbers were typed meanwhile."""
    clinic, after, now = request.member.clinic, form.rules(), timezone.now()
    before = _in_force(request).rules
    numbers = _digest(before, after)
    old = so_far is None or not now - FRESH <= so_far.at <= now
    if so_far is None or old or so_far.numbers != numbers:
        so_far = Preview(now, numbers)
        so_far.sums = {
            rule.id: PreviewCount() for rule in flag_preview.changed_rules(before, after)
        }
    ids = flag_preview.begin(clinic, so_far.at) if so_far.sums else ()
    wanted = ids[so_far.seen : so_far.seen + STEP]
    if wanted:
        found = flag_preview.part(clinic, wanted, before, after, so_far.at)
        for key, count in found.items():
            so_far.sums[key] = so_far.sums.get(key, PreviewCount()) + count
    so_far.total = len(ids)
    so_far.seen = min(so_far.seen + STEP, so_far.total)
    return so_far


def _read(data: QueryDict) -> Preview | None:
    """How far a preview is, as the form says; None where it says nothing that can be read."""
    try:
        at = datetime.fromisoformat(data.get("preview_at", ""))
        sums = {
            key: PreviewCount(*(int(one) for one in counts))
            for key, counts in json.loads(data.get("preview_sums", "")).items()
            if key in BY_ID
        }
        seen = max(0, int(data.get("preview_seen", "")))
    except (ValueError, TypeError, AttributeError, OverflowError, RecursionError):
        return None
    if at.tzinfo is None or not 2000 <= at.year <= 2200:  # a preview is of about now
        return None
    return Preview(at, data.get("preview_numbers", ""), seen, sums=sums)


def _digest(before: Rules, after: Rules) -> str:
    """Names both sets of numbers, so that sums of different ones are never added up."""
    return sha256(f"{before.values()}{after.values()}".encode()).hexdigest()[:16]


def _resolved_by(rule: Rule) -> str:
    return "later resolved by attendance" if rule.family == "attendance" else "later resolved"


@cache
def keys() -> frozenset[str]:
    """The settings of the page: those of flags, and the others that rules rest on."""
    own = {one.key for one in FLAG_SETTINGS}
    return frozenset(own.union(*(rule.settings for rule in RULES)))


def _in_force(request: MemberRequest) -> RulesInForce:
    return rules_at(request.member.clinic, timezone.now())


def _form(request: MemberRequest, data: QueryDict | None, *, saving: bool = False) -> FlagRulesForm:
    in_force = _in_force(request)
    return FlagRulesForm(
        data, rules=in_force.rules, number=in_force.number, keys=keys(), saving=saving
    )


def _page(
    request: MemberRequest,
    form: FlagRulesForm,
    *,
    preview: Preview | None = None,
    first: bool = False,
    status: int = 200,
) -> HttpResponse:
    context: dict[str, Any] = {
        "form": form,
        "preview": preview,
        "first": first,
        "days": flag_preview.DAYS,
    }
    return render_page(
        request, "sessions/flag_settings.html", context, partial="form", status=status
    )
