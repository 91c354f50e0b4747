"""Requests to correct records: what waits in the clinic, one client's, and the answer to one."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from bonefit.clinics.access import Can, MemberRequest, requires
from bonefit.htmx import UNPROCESSABLE, render_page
from sessions.corrections import Answered, waiting
from sessions.corrections import answer as answer_request

from .forms_rights import AnswerForm
from .models import CorrectionRequest
from .views_parts import client_of, posted, today_of

PAGE = 50
WHO = ("client", "asked_by__user", "answered_by__user")


@require_safe
@requires(Can.ANSWER_CORRECTIONS)
@never_cache
def corrections(request: MemberRequest) -> HttpResponse:
    """What waits for an answer, the most pressing first."""
    rows = CorrectionRequest.objects.visible_to(request.member).open()
    rows = rows.select_related(*WHO).order_by("due_on", "pk")
    context = {
        "page": Paginator(rows, PAGE).get_page(request.GET.get("page")),
        "waiting": waiting(request.member, timezone.now()),
        "today": today_of(request.member),
    }
    return render(request, "clients/corrections.html", context)


@require_safe
@requires(Can.ANSWER_CORRECTIONS)
@never_cache
def of_client(request: MemberRequest, pk: int) -> HttpResponse:
    """All requests about one client's record, newest first, with their answers."""
    client = client_of(request, pk)
    rows = CorrectionRequest.objects.visible_to(request.member).filter(client=client)
    context = {
        "client": client,
        "requests": rows.select_related(*WHO).order_by("-pk"),
        "today": today_of(request.member),
        "zone": request.member.clinic.tz,
    }
    return render(request, "clients/client_corrections.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Can.ANSWER_CORRECTIONS)
@never_cache
def answer(request: MemberRequest, pk: int, asked: int) -> HttpResponse:
    """One request, and the form that answers it; once it is answered, the answer."""
    client = client_of(request, pk)
    rows = CorrectionRequest.objects.visible_to(request.member).select_related(*WHO)
    found = get_object_or_404(rows, client=client, pk=asked)
    form = AnswerForm(posted(request))
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        try:
            answer_request(
                request=found,
                outcome=said["answer"],
                words=said["words"],
                by=request.member,
                now=timezone.now(),
            )
        except Answered:
            messages.warning(request, "Somebody has answered it already. Nothing was changed.")
        else:
            messages.success(request, "The answer is recorded. A mail says that there is one.")
        return redirect("clients:client-corrections", client.clinic.slug, client.pk)
    context = {
        "client": client,
        "one": found,
        "form": form,
        "today": today_of(request.member),
        "zone": request.member.clinic.tz,
    }
    status = UNPROCESSABLE if request.method == "POST" else 200
    return render_page(request, "clients/correction.html", context, partial="form", status=status)
