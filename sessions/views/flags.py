"""What needs a therapist: the list of flags, one flag with its history, and who has read it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from bonefit.clinics.access import Can, MemberRequest, requires
from bonefit.htmx import render_page, wants_partial
from bonefit.kept_plans import asked_all_day
from sessions import flag_list, flag_pictures, flag_work
from sessions.answers import ANSWERS
from sessions.evidence import age, name_of
from sessions.flag_list import ABOUT, Shown
from sessions.flags import BY_KIND
from sessions.forms_flags import HandOverForm
from sessions.models import Flag, FlagStep

from .flag_rows import Rows, Typed, ids


@dataclass(frozen=True, slots=True)
class Closed:
    """A flag that was closed lately: whose, what it is called, how, how long ago."""

    flag: Flag
    about: str
    name: str
    how: str
    ago: str


@asked_all_day
@require_GET
@requires(Can.SEE_FLAGS)
def flags(request: MemberRequest) -> HttpResponse:
    """Open flags by client, the worst first: ``whose``, ``severity``, ``about``, ``put_off``."""
    return list_page(request)


@require_GET
@requires(Can.SEE_FLAGS)
def flag(request: MemberRequest, pk: int) -> HttpResponse:
    """One flag as it was on the day, with everything that was done about it since."""
    return flag_page(request, get_object_or_404(flag_list.known(request.member), pk=pk))


@require_POST
@requires(Can.WORK_FLAGS)
def read(request: MemberRequest) -> HttpResponse:
    """Somebody has these red flags before her: the list says it by itself, or she taps."""
    seen = [int(pk) for pk in request.POST.getlist("flag") if pk.isdecimal()][:200]
    flag_work.mark_read(flags=seen, by=request.member, now=timezone.now())
    if wants_partial(request):
        return HttpResponse(status=204)
    return redirect("sessions:flags", request.member.clinic.slug)


# --- pages, also as the answers give them back ---------------------------------------------------


def list_page(
    request: MemberRequest,
    *,
    typed: Typed | None = None,
    focus: int | None = None,
    status: int = 200,
) -> HttpResponse:
    """The list as the address asks for it; ``typed`` is a form that came back."""
    member, now = request.member, timezone.now()
    shown = Shown.read(request.GET)
    rows = Rows(member, now, typed or Typed(), focus)
    counts = flag_list.counts_of(member, shown, now=now)
    page, groups = flag_list.page_of(member, shown, now=now)
    drawn = rows.of_groups(groups)
    flat = [row for group in drawn for row in group.rows]
    context = {
        "shown": shown,
        "suffix": f"?{shown.query()}" if shown.query() else "",
        "page": page,
        "groups": drawn,
        "weeks_word": "Last 8 weeks",
        "rows": flat,
        "unread": [row.flag.pk for row in flat if row.unread] if rows.works else [],
        "counts": counts,
        "count": counts.mine if shown.mine else counts.everyones,
        "abouts": [(key, word) for key, (word, _) in ABOUT.items()],
        "severities": [one for one in Flag.Severity.choices if one[0] != Flag.Severity.GOOD],
        "answers": ANSWERS,
        "good": [rows.of(one) for one in flag_list.good_news(member, only_mine=shown.mine)],
        "more_good": max(0, counts.good - flag_list.GOOD_SHOWN),
        "closed": _closed(rows),
        "works": rows.works,
        "swapped": wants_partial(request),
        "wrong": typed is not None,  # then the focus goes there
        "focused": any(row.focus for row in flat),
    }
    return render_page(request, "sessions/flags.html", context, partial="list", status=status)


def flag_page(
    request: MemberRequest, flag: Flag, *, typed: Typed | None = None, status: int = 200
) -> HttpResponse:
    """One flag; while it is open also what may be done about it."""
    member, now = request.member, timezone.now()
    rows = Rows(member, now, typed or Typed())
    then = flag.opened_at.astimezone(member.clinic.tz).date()
    weeks = flag_pictures.weeks_of([flag], clinic=member.clinic, today=then)
    row = rows.of(flag, weeks)
    works = rows.works and flag.resolved_at is None
    context: dict[str, Any] = {
        "row": row,
        "weeks_word": "The 8 weeks before, as recorded now",
        "flag": flag,
        "rule": BY_KIND.get(flag.kind),
        "steps": FlagStep.objects.visible_to(member)
        .filter(flag=flag)
        .select_related("by__user", "to__user"),
        "works": works,
        "answers": ANSWERS,
        "how": how(flag),
        "later": rows.later_of(flag) if works and flag_work.may_be_put_off(flag) else None,
        "hand_over": _hand_over(request, flag, typed) if works else None,
    }
    return render(request, "sessions/flag.html", context, status=status)


def _hand_over(request: MemberRequest, flag: Flag, typed: Typed | None) -> HandOverForm:
    if typed is not None and isinstance(typed.form, HandOverForm):
        return typed.form
    to = flag_work.colleagues(request.member)
    return HandOverForm(to=to, me=request.member, auto_id=ids(flag, "hand"))


def _closed(rows: Rows) -> list[Closed]:
    found = flag_list.closed_lately(rows.member, now=rows.now)
    return [
        Closed(
            one,
            rows.about(one)[0],
            name_of(one),
            how(one),
            age(one.resolved_at or rows.now, rows.now),
        )
        for one in found
    ]


def how(flag: Flag) -> str:
    """How a flag was closed, in words; "" while it is open."""
    if flag.resolution == Flag.Resolution.ANSWERED and flag.visit is not None:
        return flag.visit.get_status_display()
    return flag.get_resolution_display() if flag.resolution else ""
