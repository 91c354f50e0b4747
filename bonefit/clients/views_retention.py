"""Records that are past their time: a list for admins, and the decision on one of them."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from bonefit.clinics.access import Can, MemberRequest, requires
from bonefit.htmx import UNPROCESSABLE, render_page
from sessions import retention

from .forms_rights import RetentionForm
from .models import RetentionDecision
from .views_parts import client_of, posted, today_of

PAGE = 50


@require_safe
@requires(Can.DECIDE_RETENTION)
@never_cache
def past(request: MemberRequest) -> HttpResponse:
    """Records past their time, oldest first; below them what was decided last."""
    now, clinic = timezone.now(), request.member.clinic
    decided = RetentionDecision.objects.visible_to(request.member).order_by("-pk")
    rows = retention.past(request.member, now)
    context = {
        "page": Paginator(rows, PAGE).get_page(request.GET.get("page")),
        "released": retention.released(clinic, now)[:PAGE],
        "rule": retention.rule_of(clinic, now),
        "decided": decided.select_related("client", "decided_by__user")[:PAGE],
        "zone": clinic.tz,
    }
    return render(request, "clients/retention.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Can.DECIDE_RETENTION)
@never_cache
def decide(request: MemberRequest, pk: int) -> HttpResponse:
    """Keep one record for longer, or say that it may be deleted. Nothing is deleted here.

    What may be deleted can be kept after all, until whoever runs the site has deleted it.
    """
    client, now = client_of(request, pk), timezone.now()
    undecided = retention.past(request.member, now).filter(pk=client.pk).first()
    released = retention.released(client.clinic, now).filter(pk=client.pk).first()
    found = undecided or released
    if found is None:
        raise Http404
    form = RetentionForm(posted(request), today=today_of(request.member))
    if request.method == "POST" and form.is_valid():
        try:
            retention.decide(client=client, by=request.member, now=now, **form.cleaned_data)
        except retention.NotPast:
            messages.warning(request, "Somebody has decided already. Nothing was changed.")
        else:
            messages.success(request, "The decision is recorded. Nothing was deleted.")
        return redirect("clients:retention", client.clinic.slug)
    context = {
        "client": client,
        "found": found,
        "released": undecided is None,
        "form": form,
        "rule": retention.rule_of(client.clinic, now),
        "zone": client.clinic.tz,
    }
    status = UNPROCESSABLE if request.method == "POST" else 200
    name = "clients/retention_decide.html"
    return render_page(request, name, context, partial="form", status=status)
