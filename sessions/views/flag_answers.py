"""What is done about a flag, from the list or from its own page (``?on=flag``)."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.views.decorators.http import require_POST

from bonefit.clinics.access import Can, MemberRequest, requires
from bonefit.clinics.dates import say_day
from bonefit.htmx import UNPROCESSABLE, wants_partial
from sessions import actions, flag_list, flag_work
from sessions.answers import ANSWERS, answer_missed
from sessions.evidence import name_of
from sessions.flag_list import Shown
from sessions.forms_flags import FlagForm, HandOverForm, PutOffForm, ResolveForm
from sessions.models import Flag

from .flag_rows import Typed, ids
from .flags import flag_page, list_page

#: Flags that close with an answer of another kind: for the visit, or by a named clinician.
ANSWERED_ELSEWHERE = (Flag.Kind.MISSED, Flag.Kind.LOCKED)


@require_POST
@requires(Can.WORK_FLAGS)
def answer(request: MemberRequest, pk: int) -> HttpResponse:
    """One tap says what happened to a missed session."""
    flag = _flag(request, pk, kind=Flag.Kind.MISSED)
    status = request.POST.get("status", "")
    try:
        answer_missed(flag=flag, status=status, by=request.member, now=timezone.now())
    except flag_work.AlreadyResolved:
        _say_first(request)
    except actions.Refused as refusal:
        messages.error(request, str(refusal))
        return _again(request, flag)
    else:
        _say_done(request, flag, dict(ANSWERS)[status])  # type: ignore[index]
    return _back(request)


@require_POST
@requires(Can.WORK_FLAGS)
def resolve(request: MemberRequest, pk: int) -> HttpResponse:
    """Close a flag with a reason; a form that is not complete comes back with what was typed."""
    flag = _flag(request, pk)
    if flag.kind in ANSWERED_ELSEWHERE and _waits(flag):
        return HttpResponse(status=404)
    form = ResolveForm(request.POST, auto_id=ids(flag, "close"))
    reason = Flag.Resolution.SEEN if flag.severity == Flag.Severity.GOOD else ""
    if not reason and not form.is_valid():
        return _again(request, flag, "close", form)
    said = {"resolution": reason, "note": ""} if reason else form.cleaned_data

    def close() -> str:
        flag_work.resolve_flag(flag=flag, by=request.member, now=timezone.now(), **said)
        return str(Flag.Resolution(said["resolution"]).label)

    return _do(request, flag, close, "close", form)


@require_POST
@requires(Can.WORK_FLAGS)
def put_off(request: MemberRequest, pk: int) -> HttpResponse:
    """Acknowledge a flag until a day, with a reason."""
    flag, now = _flag(request, pk), timezone.now()
    last = flag_work.days_to_put_off(request.member, now)[1]
    form = PutOffForm(request.POST, last=last, auto_id=ids(flag, "later"))
    if not form.is_valid():
        return _again(request, flag, "later", form)
    said = form.cleaned_data

    def later() -> str:
        flag_work.put_off(flag=flag, by=request.member, now=now, **said)
        return f"Put off until {say_day(said['until'])}"

    return _do(request, flag, later, "later", form)


@require_POST
@requires(Can.WORK_FLAGS)
def take_up(request: MemberRequest, pk: int) -> HttpResponse:
    """A flag that was put off is back in the list now."""
    flag = _flag(request, pk)

    def again() -> str:
        flag_work.take_up(flag=flag, by=request.member, now=timezone.now())
        return "Taken up again"

    return _do(request, flag, again)


@require_POST
@requires(Can.WORK_FLAGS)
def hand_over(request: MemberRequest, pk: int) -> HttpResponse:
    """A flag is a colleague's from now on, with a word to her."""
    flag = _flag(request, pk)
    to = flag_work.colleagues(request.member)
    form = HandOverForm(request.POST, to=to, me=request.member, auto_id=ids(flag, "hand"))
    if not form.is_valid():
        return flag_page(
            request, flag, typed=Typed(flag.pk, "hand over", form), status=UNPROCESSABLE
        )
    colleague = form.people[form.cleaned_data["to"]]

    def hand() -> str:
        flag_work.hand_over(
            flag=flag,
            by=request.member,
            to=colleague,
            why=form.cleaned_data["word"],
            now=timezone.now(),
        )
        return "Handed over"

    return _do(request, flag, hand, "hand over", form)


# --- what was done, said quietly -----------------------------------------------------------------


def _do(
    request: MemberRequest,
    flag: Flag,
    act: Callable[[], str],
    which: str = "",
    form: FlagForm | None = None,
) -> HttpResponse:
    """Do it and say so; what stands in the way is said beside its field, somebody faster too."""
    try:
        words = act()
    except flag_work.AlreadyResolved:
        _say_first(request)
    except flag_work.Cannot as refusal:
        if form is None or not form.is_bound or not hasattr(form, "cleaned_data"):
            messages.error(request, str(refusal))
            return _again(request, flag)
        form.refuse(refusal)
        return _again(request, flag, which, form)
    else:
        _say_done(request, flag, words)
    return _back(request)


def _say_done(request: MemberRequest, flag: Flag, what: str) -> None:
    """No name: a message may wait in a cookie, and the day is enough to know which it was."""
    slug = request.member.clinic.slug
    subject, done = name_of(flag), what[0].lower() + what[1:]
    if flag.visit is not None:
        href, word = reverse("sessions:visit", args=[slug, flag.visit.uid]), "visit"
    elif flag.enrollment is not None:
        href, word = reverse("clients:client", args=[slug, flag.enrollment.client_id]), "client"
    else:
        href, word = reverse("sessions:flag", args=[slug, flag.pk]), "flag"
    text = '{}: {}. <a href="{}">See the {}</a>'
    messages.success(request, format_html(text, subject, done, href, word))


def _say_first(request: MemberRequest) -> None:
    messages.warning(request, "Somebody was faster: this flag is closed. Nothing was changed.")


# --- where it leads ------------------------------------------------------------------------------


def _flag(request: MemberRequest, pk: int, **of: object) -> Flag:
    return get_object_or_404(flag_list.known(request.member), pk=pk, **of)


def _waits(flag: Flag) -> bool:
    """Whether it has no other way out than its own answer."""
    return flag.kind == Flag.Kind.LOCKED or flag_work.unanswered(flag)


def _again(
    request: MemberRequest, flag: Flag, which: str = "", form: FlagForm | None = None
) -> HttpResponse:
    typed = Typed(flag.pk, which, form) if form is not None else None
    if request.GET.get("on") == "flag":
        return flag_page(request, flag, typed=typed, status=UNPROCESSABLE)
    return list_page(request, typed=typed, focus=flag.pk, status=UNPROCESSABLE)


def _back(request: MemberRequest) -> HttpResponse:
    """The list as it was, at the flag that takes the place of the one that was answered."""
    following = request.POST.get("next", "")
    after = int(following) if following.isdecimal() and len(following) < 19 else None
    if wants_partial(request):
        return list_page(request, focus=after)
    query = Shown.read(request.GET).query()
    address = reverse("sessions:flags", args=[request.member.clinic.slug])
    return redirect(f"{address}{f'?{query}' if query else ''}{f'#flag-{after}' if after else ''}")
