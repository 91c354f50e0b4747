"""Today, and one visit: what to lift, what was lifted, and who stood beside it."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from bonefit.clinics.access import Can, MemberRequest, requires
from bonefit.clinics.tablet_pins import has_pin_here, today_of
from bonefit.htmx import UNPROCESSABLE, render_page, wants_partial
from bonefit.kept_plans import asked_all_day
from bonefit.typed import typed
from programs.calendar import week_number
from programs.plans import plan_of
from programs.reasons import INTAKE
from sessions import actions, alarms, facts, sync
from sessions.arrival import ArrivalForm, answered, arrival_operation, read_release
from sessions.board import Board, Card, board, prescription_of
from sessions.class_of_lanes import supervisions_of
from sessions.day import day_of, read_day_param
from sessions.disputes import Choice, disputes_of
from sessions.forms import SetForm, log_operation, operation, payload_of, why_of
from sessions.models import Operation, SetEntry, Visit
from sessions.on_signing import locked_by
from sessions.operations import Op, Result
from sessions.reported import safety_page
from sessions.signed import needs_why, reopen_until
from sessions.visit_story import story

KIND = Operation.Kind
#: What a therapist may say with one tap of a visit nobody lifted in.
NOT_HERE = (
    (Visit.Status.NO_SHOW, "No-show"),
    (Visit.Status.LATE_CANCEL, "Cancelled late"),
    (Visit.Status.EXCUSED, "Excused"),
    (Visit.Status.CLINIC_CANCELLED, "Clinic cancelled"),
)


@asked_all_day
@require_GET
@requires(Can.SEE_TODAY)
def today(request: MemberRequest) -> HttpResponse:
    """The day's classes; ``?day=`` shows another one."""
    now = timezone.now()
    day = read_day_param(request.GET.get("day"), clinic=request.member.clinic, now=now)
    context = day_of(request.member, day=day, now=now)
    # For the device of the floor board; the page finds out by itself whether it is one.
    context["offer_pin"] = Can.LOG_SETS in request.member.can and not has_pin_here(request, now=now)
    context["local_day"] = today_of(request.member.clinic, now)
    return render_page(request, "sessions/today.html", context, partial="day")


@asked_all_day
@require_POST
@requires(Can.LOG_SETS)
def check_in(request: MemberRequest, uid: uuid.UUID) -> HttpResponse:
    """She is here: one tap where all is well, else what hurts, where, and since when."""
    seen = get_object_or_404(Visit.objects.visible_to(request.member), uid=uid)
    applied = _applied(request, uid, arrival_operation(seen, request.POST))
    result = applied.results[0]
    if "why" in result.errors:  # signed long ago: the page has no questions any more
        messages.error(request, result.reason)
    elif result.outcome == Operation.Outcome.REFUSED:
        form = ArrivalForm.as_typed(request.POST, result, first=_is_first(applied.visit))
        return _whole(request, uid, arrival=form, status=UNPROCESSABLE)
    return redirect("sessions:visit", request.member.clinic.slug, uid)


@require_POST
@requires(Can.LOG_SETS)
def rescreen(request: MemberRequest, uid: uuid.UUID) -> HttpResponse:
    """Somebody looked at her again: what was found, and she may be prescribed for."""
    seen = get_object_or_404(
        facts.on_the_floor(request.member).select_related("enrollment"), uid=uid
    )
    seen.clinic = request.member.clinic
    found = typed(request.POST, "found")
    if not found:
        return _whole(
            request, uid, rescreen_error="Write what was found, in one line.", status=UNPROCESSABLE
        )
    actions.record_rescreen(visit=seen, found=found[:200], by=request.member)
    return redirect("sessions:visit", request.member.clinic.slug, uid)


@require_POST
@requires(Can.RELEASE_LOCKS)
def release(request: MemberRequest, uid: uuid.UUID) -> HttpResponse:
    """A named clinician has looked at her and lets her be loaded again."""
    seen = get_object_or_404(
        Visit.objects.visible_to(request.member).select_related("client"), uid=uid
    )
    said = read_release(request.POST)
    if said["release_errors"]:
        return _whole(request, uid, status=UNPROCESSABLE, **said)
    alarms.release(
        seen.client,
        clinician=said["release"]["clinician"],
        finding=said["release"]["finding"],
        by=request.member,
    )
    return redirect("sessions:visit", request.member.clinic.slug, uid)


@asked_all_day
@require_GET
@requires(Can.LOG_SETS)
def visit(request: MemberRequest, uid: uuid.UUID) -> HttpResponse:
    """One visit: ``?lift=`` opens a lift, ``?correct=`` a set to be corrected."""
    return _whole(request, uid)


def _whole(
    request: MemberRequest, uid: uuid.UUID, *, status: int = 200, **more: Any
) -> HttpResponse:
    """The visit as it stands; ``more`` is what was typed beside its sets and cannot stand."""
    found = facts.on_the_floor(request.member).select_related("enrollment")
    shown = get_object_or_404(found, uid=uid)
    shown.clinic = request.member.clinic
    entries = list(shown.sets.standing().select_related("exercise"))
    drawn = board(shown, entries, lift=request.GET.get("lift", ""))
    form = _correction(drawn, entries, request.GET.get("correct")) or SetForm.for_next(
        drawn.current
    )
    return _draw(request, shown, drawn, entries, form=form, status=status, **more)


def _correction(drawn: Board, entries: list[SetEntry], uid: str | None) -> SetForm | None:
    entry = next((entry for entry in entries if str(entry.uid) == uid), None)
    return SetForm.for_entry(drawn.current, entry) if entry else None


@asked_all_day
@require_POST
@requires(Can.LOG_SETS)
def log_set(request: MemberRequest, uid: uuid.UUID, lift: str) -> HttpResponse:
    """One tap, one set."""
    return _do(request, log_operation(uid, lift, request.POST), lift=lift)


@asked_all_day
@require_POST
@requires(Can.LOG_SETS)
def correct_set(
    request: MemberRequest, uid: uuid.UUID, lift: str, entry: uuid.UUID
) -> HttpResponse:
    """A set said something wrong; what it said stays in its history."""
    payload = payload_of(request.POST)
    op = operation(uid, KIND.CORRECT_SET, request.POST, payload=payload, entry=entry)
    return _do(request, op, lift=lift)


@asked_all_day
@require_POST
@requires(Can.LOG_SETS)
def confirm_set(
    request: MemberRequest, uid: uuid.UUID, lift: str, entry: uuid.UUID
) -> HttpResponse:
    """The load far above target was really on the bar."""
    payload = why_of(request.POST)
    op = operation(uid, KIND.CONFIRM_SET, request.POST, payload=payload, entry=entry)
    return _do(request, op, lift=lift)


@asked_all_day
@require_POST
@requires(Can.LOG_SETS)
def void_set(request: MemberRequest, uid: uuid.UUID, lift: str, entry: uuid.UUID) -> HttpResponse:
    """Take a set back; it stays readable as taken back."""
    payload = why_of(request.POST)
    op = operation(uid, KIND.VOID_SET, request.POST, payload=payload, entry=entry)
    return _do(request, op, lift=lift)


@asked_all_day
@require_POST
@requires(Can.LOG_SETS)
def complete(request: MemberRequest, uid: uuid.UUID) -> HttpResponse:
    """The visit took place; it takes the name of who completes it."""
    return _end(request, uid, lambda visit: actions.complete_visit(visit=visit, by=request.member))


@require_POST
@requires(Can.LOG_SETS)
def say(request: MemberRequest, uid: uuid.UUID) -> HttpResponse:
    """Nobody lifted: no-show, late cancel, excused, or a word taken back."""
    status, why = typed(request.POST, "status"), typed(request.POST, "why")
    return _end(
        request,
        uid,
        lambda visit: actions.say(visit=visit, status=status, why=why, by=request.member),
    )


def _end(request: MemberRequest, uid: uuid.UUID, act: Any) -> HttpResponse:
    found = get_object_or_404(Visit.objects.visible_to(request.member), uid=uid)
    try:
        act(found)
    except actions.Refused as refused:
        messages.error(request, str(refused))
    return redirect("sessions:visit", request.member.clinic.slug, uid)


@require_GET
@requires(Can.SEE_HISTORY)
def visit_history(request: MemberRequest, uid: uuid.UUID) -> HttpResponse:
    """All that became of one visit, first thing first."""
    shown = get_object_or_404(facts.on_the_floor(request.member), uid=uid)
    context = {"visit": shown, "days": story(shown, request.member)}
    return render_page(request, "sessions/visit_history.html", context, partial="history")


# --- one operation, one fragment ------------------------------------------------------------------


def _applied(request: MemberRequest, uid: uuid.UUID, op: Op) -> sync.Applied:
    try:
        return sync.apply_to_visit(uid, [op], by=request.member)
    except sync.NoSuchVisit as missing:
        raise Http404 from missing


def _do(request: MemberRequest, op: Op, *, lift: str) -> HttpResponse:
    """Apply one operation and draw the lift again: as it stands now, or as it was typed."""
    applied = _applied(request, op.visit, op)
    result = applied.results[0]
    refused = result.outcome == Operation.Outcome.REFUSED
    if not refused and not wants_partial(request):
        address = reverse("sessions:visit", args=[request.member.clinic.slug, op.visit])
        return redirect(f"{address}?lift={lift}")
    drawn = board(applied.visit, applied.entries, lift=lift)
    form = _after(request, op, result, drawn, applied.entries)
    return _draw(
        request,
        applied.visit,
        drawn,
        applied.entries,
        form=form,
        result=result,
        refused=op if refused else None,
        status=UNPROCESSABLE if refused else 200,
    )


def _after(
    request: MemberRequest, op: Op, result: Result, drawn: Board, entries: list[SetEntry]
) -> SetForm:
    """The form after an operation: for the next set, or as it was typed with what is wrong."""
    if result.outcome != Operation.Outcome.REFUSED:
        form = SetForm.for_next(drawn.current)
        # One reason may hold for several sets: it stays, to be sent with the next one.
        form.values = {**form.values, **why_of(request.POST)}
        return form
    if op.kind in (KIND.CONFIRM_SET, KIND.VOID_SET):
        form = SetForm.for_next(drawn.current)
        form.general = "" if "why" in result.errors else result.reason
        return form
    form = SetForm.as_typed(drawn.current, request.POST, result)
    form.entry = next((one for one in entries if one.uid == op.entry), None)
    return form


def _draw(
    request: MemberRequest,
    shown: Visit,
    drawn: Board,
    entries: list[SetEntry],
    *,
    form: SetForm,
    result: Result | None = None,
    refused: Op | None = None,
    status: int = 200,
    **more: Any,
) -> HttpResponse:
    now = timezone.now()
    card = drawn.current
    form.needs_why = needs_why(shown, now)
    context: dict[str, Any] = {
        "visit": shown,
        "client": shown.client,
        "board": drawn,
        "card": card,
        "form": form,
        "now": now,
        "open": shown.starts_at.astimezone(shown.clinic.tz).date()
        <= now.astimezone(shown.clinic.tz).date(),
        "disputed": _disputed(card),
        "corrected": _corrected(card),
        "not_here": NOT_HERE,
        "signable": drawn.any_done or (drawn.stopped_by("locked") and locked_by(shown)),
        "can_reopen": shown.took_place and not form.needs_why,
        "reopen_until": reopen_until(shown),
        "refused": f"{refused.entry}-{refused.kind}" if refused else "",
        "why_typed": request.POST.get("why", ""),
        "why_wrong": result.errors.get("why", "") if result else "",
        "just": _just_logged(entries, result),
    }
    if not wants_partial(request):
        context |= _page(request, shown, drawn, now)
        context |= more
    return render_page(request, "sessions/visit.html", context, partial="floor", status=status)


def _page(request: MemberRequest, shown: Visit, drawn: Board, now: Any) -> Mapping[str, Any]:
    """What stands around the floor: it does not change with a tap."""
    day = shown.starts_at.astimezone(shown.clinic.tz).date()
    clearance = shown.client.clearances.order_by("-id").first()
    standing = (
        facts.standing_now(shown.enrollment, clinic=shown.clinic, now=now)
        if shown.took_place
        else None
    )
    plan = plan_of(tuple(prescription_of(shown)["versions"]))
    return {
        "week": week_number(shown.enrollment.starts_on, day),
        "weeks": plan.weeks,
        "clearance": clearance,
        "next_time": [
            (plan.rung(target.exercise).name, target) for target in standing.targets.values()
        ]
        if standing
        else [],
        "completed_by": shown.completed_by.user.name if shown.completed_by else "",
        "supervisions": supervisions_of([shown.slot_id])[shown.slot_id],
        **_on_arrival(shown, drawn, day, now),
        **safety_page(shown, by=request.member),
    }


def _on_arrival(shown: Visit, drawn: Board, day: Any, now: Any) -> Mapping[str, Any]:
    """What is asked, and what must be done, before the first set."""
    days_away = _days_away(shown, day)
    asked = day <= now.astimezone(shown.clinic.tz).date() and not shown.took_place
    due = drawn.stopped_by("rescreen")
    locked = drawn.stopped_by("locked")
    barred = drawn.stopped_by(INTAKE)
    return {
        "days_away": days_away,
        "arrival": ArrivalForm.of(shown, first=days_away is None) if asked else None,
        "said": answered(shown),
        "checked_in": shown.status == Visit.Status.CHECKED_IN,
        "locked": locked.line if locked else "",
        "barred": barred.line if barred else "",
        "rescreen": due.line if due and asked else "",
        "restart": bool(due) and actions.starts_again(shown, days_away),
    }


def _is_first(shown: Visit) -> bool:
    return _days_away(shown, shown.starts_at.astimezone(shown.clinic.tz).date()) is None


def _days_away(shown: Visit, day: Any) -> int | None:
    """Days since the last visit with a set; None where there was none."""
    last = (
        SetEntry.objects.standing()
        .filter(enrollment_id=shown.enrollment_id, visit__during__startswith__lt=shown.starts_at)
        .order_by("-visit__during__startswith")
        .values_list("visit__during__startswith", flat=True)
        .first()
    )
    return None if last is None else (day - last.astimezone(shown.clinic.tz).date()).days


def _corrected(card: Card) -> list[tuple[SetEntry, Operation]]:
    """Sets of the open lift that said something else at first, with what they said."""
    changed = [entry for entry in card.entries if entry.revision > 1]
    if not changed:
        return []
    told = sync.history(changed)
    return [
        (entry, operation)
        for entry in changed
        for operation in told[entry.uid]
        if operation.kind == KIND.CORRECT_SET and operation.outcome == Operation.Outcome.APPLIED
    ]


def _disputed(card: Card) -> list[tuple[SetEntry, list[Choice]]]:
    """Sets of the open lift of which two persons said two things."""
    choices = disputes_of(card.entries)
    return [(entry, choices[entry.uid]) for entry in card.entries if entry.uid in choices]


def _just_logged(entries: list[SetEntry], result: Result | None) -> SetEntry | None:
    if result is None or result.outcome != Operation.Outcome.APPLIED:
        return None
    return next((one for one in entries if one.uid == result.entry), None)
