"""A therapist's word on a plan: each a page with one question and a reason, read back later."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from bonefit.clients.models import Client
from bonefit.clinics.access import Can, MemberRequest, requires
from bonefit.htmx import UNPROCESSABLE, render_page
from programs.forms import (
    EstimateForm,
    HoldForm,
    LoadForm,
    PhaseForm,
    ReasonForm,
    RungForm,
    ladder,
)
from programs.models import Decision, Enrollment, Exercise
from sessions.actions import Refused, decide
from sessions.facts import Standing, standing_now
from sessions.overview import LiftLine, Word, lift_lines, version_of, words_of

METHODS = ["GET", "HEAD", "POST"]
PAGE = "programs/decide.html"


@dataclass(frozen=True, slots=True)
class Case:
    """The enrollment that is decided on, locked while something is written."""

    client: Client
    enrollment: Enrollment
    standing: Standing

    def line(self, lift: str) -> LiftLine:
        """The lift of the phase that is in force; 404 for any other."""
        for line in lift_lines(self.standing):
            if line.lift == lift:
                return line
        raise Http404

    @property
    def today(self) -> date:
        return timezone.now().astimezone(self.enrollment.clinic.tz).date()

    @property
    def cleared(self) -> int:
        return self.client.impact_cleared


def _case(request: MemberRequest, pk: int) -> Case:
    """The client's running enrollment; 404 where there is none to decide on."""
    client = get_object_or_404(Client.objects.visible_to(request.member), pk=pk)
    client.clinic = request.member.clinic
    active = Enrollment.objects.visible_to(request.member).active().filter(client=client)
    if request.method == "POST":
        active = active.select_for_update(of=("self",))
    enrollment = get_object_or_404(active)
    enrollment.client, enrollment.clinic = client, request.member.clinic
    standing = standing_now(enrollment, clinic=request.member.clinic, now=timezone.now())
    return Case(client, enrollment, standing)


def _data(request: MemberRequest) -> Any:
    return request.POST if request.method == "POST" else None


def _page(
    request: MemberRequest, case: Case, form: Any, *, title: str, button: str, **more: Any
) -> HttpResponse:
    """The question, again with what was typed when it cannot stand."""
    context = {"client": case.client, "form": form, "title": title, "button": button, **more}
    status = UNPROCESSABLE if request.method == "POST" else 200
    return render_page(request, PAGE, context, partial="form", status=status)


def _done(request: MemberRequest, case: Case, words: str) -> HttpResponse:
    messages.success(request, words)
    return redirect("clients:client", request.member.clinic.slug, case.client.pk)


def _prescribed(request: MemberRequest, case: Case, kind: str, lift: str, form: Any) -> bool:
    """What was typed is decided, if it is whole and nothing stands in the way of prescribing."""
    if not form.is_valid():
        return False
    try:
        decide(enrollment=case.enrollment, kind=kind, lift=lift, by=request.member, **form.said())
    except Refused as refusal:
        form.add_error(None, str(refusal))
        return False
    return True


@require_http_methods(METHODS)
@requires(Can.PRESCRIBE)
@transaction.atomic
def set_load(request: MemberRequest, pk: int, lift: str) -> HttpResponse:
    """Another load on the same exercise."""
    case = _case(request, pk)
    line = case.line(lift)
    if not line.takes_load:
        raise Http404
    rules = case.standing.rules
    form = LoadForm(
        _data(request),
        rung=Exercise.objects.get(slug=line.target.exercise),
        load=line.target.load,
        inventory=rules.inventory,
        rules=rules.rules,
    )
    if _prescribed(request, case, Decision.Kind.SET_LOAD, lift, form):
        return _done(request, case, f"{line.label}: the load is set.")
    title = f"Set the load: {line.exercise}"
    return _page(request, case, form, title=title, button="Set the load", line=line)


@require_http_methods(METHODS)
@requires(Can.PRESCRIBE)
@transaction.atomic
def change_rung(request: MemberRequest, pk: int, lift: str) -> HttpResponse:
    """Another exercise of the same ladder, or a substitute."""
    case = _case(request, pk)
    line = case.line(lift)
    rungs = ladder(list(Exercise.objects.filter(lift=lift)), lift)
    rules = case.standing.rules
    form = RungForm(
        _data(request),
        rungs=rungs,
        current=next(rung for rung in rungs if rung.slug == line.target.exercise),
        inventory=rules.inventory,
        rules=rules.rules,
        cleared=case.cleared,
    )
    if _prescribed(request, case, Decision.Kind.CHANGE_RUNG, lift, form):
        return _done(request, case, f"{line.label}: the exercise is changed.")
    title = f"Change the exercise: {line.label}"
    return _page(request, case, form, title=title, button="Change the exercise", line=line)


@require_http_methods(METHODS)
@requires(Can.PRESCRIBE)
@transaction.atomic
def hold(request: MemberRequest, pk: int, lift: str) -> HttpResponse:
    """No raise of this lift until a date, a clean visit, or until somebody ends the hold."""
    case = _case(request, pk)
    line = case.line(lift)
    form = HoldForm(_data(request), today=case.today)
    if form.is_valid():
        _decide_lift(request, case, Decision.Kind.HOLD, lift, form)
        return _done(request, case, f"{line.label} is held.")
    title = f"Hold {line.exercise}"
    return _page(request, case, form, title=title, button="Hold", line=line)


@require_http_methods(METHODS)
@requires(Can.PRESCRIBE)
@transaction.atomic
def hold_all(request: MemberRequest, pk: int) -> HttpResponse:
    """No raise of any lift."""
    case = _case(request, pk)
    form = HoldForm(_data(request), today=case.today)
    if form.is_valid():
        _decide_lift(request, case, Decision.Kind.HOLD, "", form)
        return _done(request, case, "Every lift is held.")
    return _page(request, case, form, title="Hold every lift", button="Hold every lift")


@require_http_methods(METHODS)
@requires(Can.PRESCRIBE)
@transaction.atomic
def release_all(request: MemberRequest, pk: int) -> HttpResponse:
    """Every load may rise again."""
    case = _case(request, pk)
    if not any(known.held for known in case.standing.state.lifts.values()):
        raise Http404
    form = ReasonForm(_data(request))
    if form.is_valid():
        _decide_lift(request, case, Decision.Kind.RELEASE, "", form)
        return _done(request, case, "No lift is held any more.")
    return _page(request, case, form, title="End every hold", button="End every hold")


@require_http_methods(METHODS)
@requires(Can.PRESCRIBE)
@transaction.atomic
def release(request: MemberRequest, pk: int, lift: str) -> HttpResponse:
    """The load of this lift may rise again."""
    case = _case(request, pk)
    line = case.line(lift)
    if not line.held:
        raise Http404
    form = ReasonForm(_data(request))
    if form.is_valid():
        _decide_lift(request, case, Decision.Kind.RELEASE, lift, form)
        return _done(request, case, f"{line.label} is no longer held.")
    title = f"End the hold of {line.exercise}"
    return _page(request, case, form, title=title, button="End the hold", line=line)


def _decide_lift(
    request: MemberRequest, case: Case, kind: str, lift: str, form: ReasonForm
) -> None:
    decide(enrollment=case.enrollment, kind=kind, lift=lift, by=request.member, **form.said())


@require_http_methods(METHODS)
@requires(Can.PRESCRIBE)
@transaction.atomic
def override(request: MemberRequest, pk: int, lift: str) -> HttpResponse:
    """The next visit may raise the load whatever the technique gate says, for a reason."""
    case = _case(request, pk)
    line = case.line(lift)
    if not line.takes_load:
        raise Http404
    form = ReasonForm(_data(request))
    if _prescribed(request, case, Decision.Kind.OVERRIDE, lift, form):
        return _done(request, case, f"{line.label}: the technique gate is open for one visit.")
    return _page(
        request,
        case,
        form,
        title=f"Pass the technique gate: {line.exercise}",
        button="Pass the gate once",
        line=line,
        note="The next visit may raise the load, also where technique is blank or was not passed. "
        "Reps, effort and pain still count. The gate closes again after that visit.",
    )


@require_http_methods(METHODS)
@requires(Can.PRESCRIBE)
@transaction.atomic
def estimate(request: MemberRequest, pk: int, lift: str) -> HttpResponse:
    """A technical 5RM, from which the best single is estimated. Nobody tests a 1RM."""
    case = _case(request, pk)
    line = case.line(lift)
    if not line.takes_load:
        raise Http404
    rules = case.standing.rules
    rung = Exercise.objects.get(slug=line.target.exercise)
    form = EstimateForm(_data(request), rung=rung, inventory=rules.inventory, rules=rules.rules)
    if _prescribed(request, case, Decision.Kind.ESTIMATE, lift, form):
        return _done(request, case, f"{line.label}: the technical 5RM is recorded.")
    return _page(
        request,
        case,
        form,
        title=f"Technical 5RM: {line.exercise}",
        button="Record it",
        line=line,
        note="Five reps at the heaviest load at which form holds; stop before it breaks. It moves "
        "no load by itself.",
    )


@require_http_methods(METHODS)
@requires(Can.PRESCRIBE)
@transaction.atomic
def change_phase(request: MemberRequest, pk: int) -> HttpResponse:
    """Forward when its criteria are met, or back. Weeks are only the plan."""
    case = _case(request, pk)
    phases = list(version_of(case.enrollment).phases.all())
    current = next(phase for phase in phases if phase.code == case.standing.state.phase)
    form = PhaseForm(_data(request), phases=phases, current=current.code)
    if _prescribed(request, case, Decision.Kind.PROMOTE, "", form):
        name = next(phase.name for phase in phases if phase.code == form.cleaned_data["phase"])
        return _done(request, case, f"{case.client.name} is in {name} now.")
    return _page(
        request,
        case,
        form,
        title="Change the phase",
        button="Change the phase",
        phases=phases,
        current=current,
    )


@require_http_methods(METHODS)
@requires(Can.PRESCRIBE)
@transaction.atomic
def take_back(request: MemberRequest, pk: int, decision: int) -> HttpResponse:
    """As if the decision had never been made; it stays in the history."""
    case = _case(request, pk)
    word = _word(case, decision)
    form = ReasonForm(_data(request))
    if form.is_valid():
        decide(
            enrollment=case.enrollment,
            kind=Decision.Kind.REVOKE,
            lift=word.decision.lift,
            revokes=word.decision,
            by=request.member,
            **form.said(),
        )
        return _done(request, case, "The decision is taken back.")
    return _page(request, case, form, title="Take a decision back", button="Take back", word=word)


def _word(case: Case, decision: int) -> Word:
    for word in words_of(case.enrollment, version_of(case.enrollment)):
        if word.decision.pk == decision and word.can_be_taken_back:
            return word
    raise Http404
