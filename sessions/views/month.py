"""The monthly question about falls, answered by the link in a message. No log-in, and no name."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from bonefit.clients import answer_links
from bonefit.clients.answer_links import State
from bonefit.clients.models import AnswerLink, FallsMonth, Told
from bonefit.clinics import rows
from bonefit.htmx import UNPROCESSABLE
from sessions import falls
from sessions.forms_falls import TOLD_ONE_BY_ONE, MonthForm, days_of, month_words

PAGE = "sessions/month.html"
GONE, UNKNOWN = 410, 404


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def falls_month(request: HttpRequest, token: str) -> HttpResponse:
    """GET asks and writes nothing: mail programs open links to look at them. POST answers."""
    rows.see_token(token)
    link, now = answer_links.link_behind(token), timezone.now()
    if link is None or link.month is None:
        return render(request, PAGE, {"state": "unknown"}, status=UNKNOWN)
    month = link.month
    if month.answered_at is not None or link.used_at is not None:
        return _say(request, link, month, "answered")
    state = answer_links.state_of(link, now=now)
    if state is not State.GOOD:
        return _say(request, link, month, str(state), status=GONE)
    shown = _how_many_shown(request)
    if request.method != "POST":
        form = MonthForm(month=month, shown=shown) if shown else None
        return _say(request, link, month, "asks", form=form, shown=shown)
    form = MonthForm(request.POST, month=month, shown=shown)
    if not form.is_valid():
        return _say(request, link, month, "asks", form=form, shown=shown, status=UNPROCESSABLE)
    falls.answer_month(
        month=month,
        how_many=form.how_many_said,
        heard=form.heard(),
        told=Told.MAIL,
        by=None,
        now=now,
    )
    answer_links.use(link, now=now)
    return redirect("falls-month", token)


def _how_many_shown(request: HttpRequest) -> int:
    """How many falls the page asks about one by one; 0 is the first question."""
    asked = request.GET.get("falls", "")
    return int(asked) if asked in {str(n) for n in range(1, TOLD_ONE_BY_ONE + 1)} else 0


def _say(
    request: HttpRequest,
    link: AnswerLink,
    month: FallsMonth,
    state: str,
    *,
    status: int = 200,
    **more: Any,
) -> HttpResponse:
    context = {
        "state": state,
        "clinic": link.clinic,
        "month": month_words(month.month),
        "days": days_of(month.month),
        "most": TOLD_ONE_BY_ONE,
        **more,
    }
    return render(request, PAGE, context, status=status)
