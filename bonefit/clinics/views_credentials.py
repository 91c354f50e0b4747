"""The papers of those who supervise: what is in force, what runs out, recording what was shown."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from bonefit.htmx import UNPROCESSABLE, render_page
from programs.plans import rules_at

from .access import Can, MemberRequest, requires
from .credentials import newest_of, record, standings
from .forms_credentials import CredentialForm
from .models import Credential, Membership


@require_safe
@requires(Can.CHANGE_SETTINGS)
def credentials(request: MemberRequest) -> HttpResponse:
    """Every supervisor's papers; what ran out or soon will stands on top."""
    now, clinic = timezone.now(), request.member.clinic
    warn_days = int(rules_at(clinic, now).rules.credential_warn_days)
    today = now.astimezone(clinic.tz).date()
    found = standings(clinic, today=today, warn_days=warn_days)
    context = {
        "to_see_to": [one for one in found if one.to_see_to],
        "in_order": [one for one in found if not one.to_see_to],
        "warn_days": warn_days,
    }
    return render(request, "clinics/credentials.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Can.CHANGE_SETTINGS)
def credential(request: MemberRequest, pk: int) -> HttpResponse:
    """Record what one supervisor has shown; what was recorded before stays readable."""
    found = Membership.objects.visible_to(request.member).supervisors().select_related("user")
    member = get_object_or_404(found, pk=pk)
    now = timezone.now()
    newest = newest_of([member.pk]).get(member.pk)
    data = request.POST if request.method == "POST" else None
    today = now.astimezone(request.member.clinic.tz).date()
    form = CredentialForm(data, today=today, newest=newest)
    if data is not None and form.is_valid():
        row = record(member=member, by=request.member, now=now, **form.cleaned_data)
        unchanged = newest is not None and row.pk == newest.pk
        messages.success(request, "Nothing was changed." if unchanged else "It is recorded.")
        return redirect("clinics:credentials", request.member.clinic.slug)
    rows = Credential.objects.visible_to(request.member).filter(member=member)
    context = {
        "of": member,
        "form": form,
        "earlier": rows.select_related("recorded_by__user").order_by("-pk"),
    }
    status = 200 if data is None else UNPROCESSABLE
    return render_page(request, "clinics/credential.html", context, partial="form", status=status)
