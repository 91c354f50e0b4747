"""Reports: the figures that a clinic's admin defends."""

from __future__ import annotations

from datetime import datetime

from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from bonefit.clinics.access import Can, MemberRequest, requires
from bonefit.htmx import UNPROCESSABLE, render_page
from sessions.reports import adherence as figures
from sessions.reports import definitions, exports, strips
from sessions.reports.forms import AdherenceForm

PAGE = "sessions/adherence.html"


def _asked(request: MemberRequest, now: datetime) -> AdherenceForm:
    member = request.member
    today = now.astimezone(member.clinic.tz).date()
    return AdherenceForm(request.GET, member=member, today=today)


@require_safe
@requires(Can.RUN_REPORTS)
def adherence(request: MemberRequest) -> HttpResponse:
    """Who came to what was planned, within the days of the address."""
    now = timezone.now()
    form = _asked(request, now)
    if not form.is_valid():
        wrong = {"form": form, "quick_ranges": form.quick_ranges()}
        return render_page(request, PAGE, wrong, partial="report", status=UNPROCESSABLE)
    report = figures.adherence(request.member, form.filters(), as_at=now)
    context = {
        "form": form,
        "quick_ranges": form.quick_ranges(),
        "report": report,
        "legend": [
            (mark, strips.legend(mark), number, counted)
            for mark, number, counted in figures.legend(report.total.counts)
        ],
        "definitions": definitions,
    }
    return render_page(request, PAGE, context, partial="report")


@require_safe
@requires(Can.RUN_REPORTS)
@cache_control(private=True, no_store=True)
def adherence_csv(request: MemberRequest) -> HttpResponse:
    """The same rows to keep; a question with a mistake in it is told so, not answered with none."""
    now = timezone.now()
    form = _asked(request, now)
    if not form.is_valid():
        wrong = " ".join(str(error) for errors in form.errors.values() for error in errors)
        return HttpResponse(wrong, content_type="text/plain; charset=utf-8", status=UNPROCESSABLE)
    report = figures.adherence(request.member, form.filters(), as_at=now, pictures=False)
    return HttpResponse(
        exports.adherence_csv(report),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{exports.file_name(report)}"'},
    )
