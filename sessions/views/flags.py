"""What needs a therapist: each flag with its evidence, and its answers beside it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Case, Count, Q, When
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.http import urlencode
from django.views.decorators.http import require_GET, require_POST

from bonefit.clinics.access import Can, MemberRequest, requires
from bonefit.clinics.models import Membership
from bonefit.htmx import UNPROCESSABLE, render_page, wants_partial
from sessions import actions, flagging
from sessions.answers import ANSWERS, answer_missed
from sessions.evidence import Words, age, words_of
from sessions.forms_flags import ResolveForm
from sessions.models import Flag

PAGE = 50
LATELY = timedelta(days=7)
LATELY_SHOWN = 8
MINE = "mine"
SAFETY_FIRST = Case(
    When(kind=Flag.Kind.LOCKED, then=0),
    When(kind=Flag.Kind.INTAKE, evidence__severity="red", then=1),
    When(kind=Flag.Kind.OUTSIDE_CLEARANCE, then=1),
    default=2,
)
#: Flags that close with an answer of another kind: for the visit, or by a named clinician.
ANSWERED_ELSEWHERE = (Flag.Kind.MISSED, Flag.Kind.LOCKED)


@dataclass(frozen=True, slots=True)
class Row:
    """An open flag on the page. ``form`` is None where the answer is about the visit."""

    flag: Flag
    words: Words
    age: str
    form: ResolveForm | None


@dataclass(frozen=True, slots=True)
class Closed:
    """A flag that was closed lately: how, by whom, how long ago."""

    flag: Flag
    how: str
    ago: str


@require_GET
@requires(Can.WORK_FLAGS)
def flags(request: MemberRequest) -> HttpResponse:
    """Open flags, safety first, then the oldest; ``?whose=mine`` keeps one's own clients'."""
    return _page(request)


@require_POST
@requires(Can.WORK_FLAGS)
def answer(request: MemberRequest, pk: int) -> HttpResponse:
    """One tap says what happened to a missed session."""
    flag = get_object_or_404(_known(request.member), pk=pk, kind=Flag.Kind.MISSED)
    status = request.POST.get("status", "")
    try:
        answer_missed(flag=flag, status=status, by=request.member, now=timezone.now())
    except flagging.AlreadyResolved:
        _say_first(request)
    except actions.Refused as refusal:
        messages.error(request, str(refusal))
        return _page(request, status=UNPROCESSABLE)
    else:
        _say_done(request, flag, dict(ANSWERS)[status])  # type: ignore[index]
    return _back(request)


@require_POST
@requires(Can.WORK_FLAGS)
def resolve(request: MemberRequest, pk: int) -> HttpResponse:
    """Close a flag with a reason; a form that is not complete comes back with what was typed."""
    flag = get_object_or_404(_known(request.member).exclude(kind__in=ANSWERED_ELSEWHERE), pk=pk)
    form = ResolveForm(request.POST, auto_id=_ids(flag))
    if not form.is_valid():
        return _page(request, form=form, of=flag, status=UNPROCESSABLE)
    try:
        flagging.resolve_flag(
            flag=flag,
            by=request.member,
            resolution=form.cleaned_data["resolution"],
            note=form.cleaned_data["note"],
            now=timezone.now(),
        )
    except flagging.AlreadyResolved:
        _say_first(request)
    else:
        reason = Flag.Resolution(form.cleaned_data["resolution"])
        _say_done(request, flag, str(reason.label))
    return _back(request)


# --- what was done, said quietly -----------------------------------------------------------------


def _say_done(request: MemberRequest, flag: Flag, what: str) -> None:
    """No name: a message may wait in a cookie, and the day is enough to know which it was."""
    slug = request.member.clinic.slug
    subject, done = flag.get_kind_display(), what[0].lower() + what[1:]
    if flag.visit is not None:
        href, word = reverse("sessions:visit", args=[slug, flag.visit.uid]), "visit"
    elif flag.enrollment is not None:
        href, word = reverse("clients:client", args=[slug, flag.enrollment.client_id]), "client"
    else:
        messages.success(request, f"{subject}: {done}.")
        return
    text = '{}: {}. <a href="{}">See the {}</a>'
    messages.success(request, format_html(text, subject, done, href, word))


def _say_first(request: MemberRequest) -> None:
    messages.warning(request, "Somebody was faster: this flag is closed. Nothing was changed.")


def _back(request: MemberRequest) -> HttpResponse:
    if wants_partial(request):
        return _page(request)
    address = reverse("sessions:flags", args=[request.member.clinic.slug])
    query = _query(request)
    return redirect(f"{address}?{query}" if query else address)


# --- the page ------------------------------------------------------------------------------------


def _known(member: Membership):
    return Flag.objects.visible_to(member).select_related(
        "visit", "enrollment__client", "enrollment__therapist__user", "resolved_by__user"
    )


def _page(
    request: MemberRequest,
    *,
    form: ResolveForm | None = None,
    of: Flag | None = None,
    status: int = 200,
) -> HttpResponse:
    member, now = request.member, timezone.now()
    mine = request.GET.get("whose") == MINE
    open_now = Q(resolved_at=None)
    own = Q(enrollment__therapist=member)
    lately = Q(resolved_at__gte=now - LATELY)
    counts = Flag.objects.visible_to(member).aggregate(
        everyones=Count("pk", filter=open_now),
        mine=Count("pk", filter=open_now & own),
        lately=Count("pk", filter=lately),
    )
    shown = (
        _known(member)
        .filter(open_now & own if mine else open_now)
        .order_by(SAFETY_FIRST, "opened_at", "pk")
    )
    pages = Paginator(shown, PAGE)
    pages.count = counts["mine" if mine else "everyones"]  # known already: no second count
    page = pages.get_page(request.GET.get("page"))
    closed = _known(member).filter(lately).order_by("-resolved_at", "-pk")[:LATELY_SHOWN]
    context = {
        "page": page,
        "rows": _rows(list(page.object_list), now, form, of),
        "mine": mine,
        "query": _query(request),
        "counts": counts,
        "answers": ANSWERS,
        "closed": [Closed(flag, _how(flag), age(flag.resolved_at, now)) for flag in closed],
        "swapped": wants_partial(request),
        "wrong": form is not None,  # then the focus goes there
    }
    return render_page(request, "sessions/flags.html", context, partial="list", status=status)


def _rows(
    flags: Sequence[Flag], now: datetime, form: ResolveForm | None, of: Flag | None
) -> list[Row]:
    def form_of(flag: Flag) -> ResolveForm | None:
        if flag.kind in ANSWERED_ELSEWHERE:
            return None
        return form if flag == of else ResolveForm(auto_id=_ids(flag))

    return [Row(flag, words_of(flag), age(flag.opened_at, now), form_of(flag)) for flag in flags]


def _ids(flag: Flag) -> str:
    """Ids of a form's fields: the page has one form for each flag."""
    return f"flag-{flag.pk}-%s"


def _how(flag: Flag) -> str:
    if flag.resolution == Flag.Resolution.ANSWERED and flag.visit is not None:
        return flag.visit.get_status_display()
    return flag.get_resolution_display()


def _query(request: MemberRequest) -> str:
    """The filter and the page that one is on, to come back to."""
    kept = {name: request.GET[name] for name in ("whose", "page") if name in request.GET}
    return urlencode(kept)
