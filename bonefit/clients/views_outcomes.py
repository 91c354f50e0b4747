"""Outcomes of a client: a battery entered on one page, a correction, the timeline, its pictures."""

from __future__ import annotations

import hashlib
from datetime import date, timedelta

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.cache import get_conditional_response, patch_cache_control
from django.views.decorators.http import require_http_methods, require_safe

from bonefit.clinics.access import Can, MemberRequest, requires
from bonefit.clinics.models import Membership
from bonefit.htmx import UNPROCESSABLE, render_page
from programs.models import Enrollment, Phase
from programs.plans import rules_at
from sessions import charts
from sessions.outcome_pictures import picture_of

from . import measuring
from .forms_battery import BatteryForm
from .forms_correction import CorrectionForm
from .measured import lsc_of, numbers_of, series_of
from .measures import MEASURES, Measure
from .models import Client, Measurement, ScanDevice
from .outcome_prompts import prompts
from .trial_means import NO_PROMISE
from .views_parts import client_of, posted, today_of


@require_safe
@requires(Can.SEE_CLIENTS)
def outcomes(request: MemberRequest, pk: int) -> HttpResponse:
    """Every measure with its picture, and beside it the table with what may be said."""
    client = client_of(request, pk)
    clinic = request.member.clinic
    rules = rules_at(clinic, timezone.now()).rules
    series = series_of(client, lscs=lsc_of(clinic), numbers=numbers_of(clinic))
    context = {
        "client": client,
        "series": series,
        "no_promise": NO_PROMISE,
        "prompts": prompts(series, height_loss_cm=rules.height_loss_cm),
        "corrected": Measurement.objects.filter(client=client, replaced_by__isnull=False)
        .select_related("replaced_by__recorded_by__user")
        .order_by("measure", "taken_on", "pk"),
    }
    return render(request, "clients/outcomes.html", context)


@require_safe
@requires(Can.SEE_CLIENTS)
def chart(request: MemberRequest, pk: int, series: str) -> HttpResponse:
    """One picture, drawn when it comes into view; unchanged data are not sent again."""
    client, clinic = client_of(request, pk), request.member.clinic
    lscs, numbers = lsc_of(clinic), numbers_of(clinic)
    found = {one.key: one for one in series_of(client, lscs=lscs, numbers=numbers)}
    if series not in found:
        raise Http404
    picture = picture_of(found[series], phases=_phases(client), lscs=lscs, numbers=numbers)
    etag = f'"{hashlib.sha256(repr(picture).encode()).hexdigest()[:32]}"'
    unchanged = get_conditional_response(request, etag=etag)
    if unchanged is not None:
        return unchanged
    context = {"client": client, "picture": picture}
    if picture.drawable:
        context["svg"] = charts.draw(picture)
    response = render_page(request, "clients/outcome_chart.html", context, partial="chart")
    response["ETag"] = etag
    patch_cache_control(response, private=True, no_cache=True)
    return response


def _phases(client: Client) -> list[tuple[date, str]]:
    """The phases of the program that is followed, from the days on which they were planned."""
    enrollment = Enrollment.objects.filter(client=client).order_by("-pk").first()
    if enrollment is None:
        return []
    track = enrollment.tracks.main().order_by("-starts_on", "-pk").first()
    if track is None:
        return []
    phases = Phase.objects.filter(version=track.version_id).order_by("first_week")
    return [
        (enrollment.starts_on + timedelta(weeks=phase.first_week - 1), phase.code)
        for phase in phases
    ]


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Can.RECORD_OUTCOMES)
def battery(request: MemberRequest, pk: int) -> HttpResponse:
    """Tests and scans of one day on one page; sent twice, they are recorded once."""
    client, clinic = client_of(request, pk), request.member.clinic
    form = BatteryForm(
        posted(request),
        today=today_of(request.member),
        born_on=client.born_on,
        numbers=numbers_of(clinic),
        members=_assessors(request.member),
        devices=list(ScanDevice.objects.filter(clinic=clinic, retired_on=None).order_by("name")),
        me=request.member,
    )
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        _, made = measuring.record_battery(
            client=client,
            uid=said["uid"],
            taken_on=said["taken_on"],
            taken=form.taken,
            assessor=form.members[said["assessor"]],
            treating={"yes": True, "no": False}.get(said["treating"]),
            note=said["note"],
            by=request.member,
            now=timezone.now(),
        )
        messages.success(request, "Recorded." if made else "It was recorded already.")
        return redirect("clients:outcomes", clinic.slug, client.pk)
    status = UNPROCESSABLE if request.method == "POST" else 200
    context = {"client": client, "form": form}
    return render_page(request, "clients/battery.html", context, partial="form", status=status)


def _assessors(member: Membership) -> list[Membership]:
    found = Membership.objects.visible_to(member).supervisors()
    return list(found.select_related("user").order_by("user__name"))


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Can.RECORD_OUTCOMES)
def correct(request: MemberRequest, pk: int, taken: int) -> HttpResponse:
    """A measurement that was wrong is replaced by a further row; the first stays readable."""
    client = client_of(request, pk)
    rows = Measurement.objects.visible_to(request.member).filter(client=client)
    row = get_object_or_404(rows.select_related("device"), pk=taken)
    measure = MEASURES[row.measure]
    form = CorrectionForm(
        posted(request),
        measure=measure,
        numbers=numbers_of(request.member.clinic)[measure.slug],
        today=today_of(request.member),
        # A scanner that is retired by now may be the right one.
        devices=list(ScanDevice.objects.filter(clinic=request.member.clinic).order_by("name")),
        initial=_as_it_was(row, measure),
    )
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        try:
            measuring.correct(
                measurement=row,
                typed=said["value"],
                amount=form.amount,
                unit=said.get("unit", ""),
                not_done=said["not_done"],
                scan=form.scan(),
                taken_on=said["taken_on"],
                why=said["why"],
                by=request.member,
                now=timezone.now(),
            )
        except measuring.OutOfRange as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, "Corrected. The first value stays readable.")
            return redirect("clients:outcomes", request.member.clinic.slug, client.pk)
    status = UNPROCESSABLE if request.method == "POST" else 200
    shown = measure.shown(row.amount) if row.amount is not None else ""
    context = {"client": client, "form": form, "row": row, "measure": measure, "shown": shown}
    return render(request, "clients/measurement.html", context, status=status)


def _as_it_was(row: Measurement, measure: Measure) -> dict[str, object]:
    """A measurement as the form shows it: in the unit as typed where that was one value."""
    said = {
        "taken_on": row.taken_on,
        "not_done": row.not_done,
        "device": row.device_id,
        "side": row.side,
        "region": row.region,
        "t_score": row.t_score,
    }
    if row.amount is None:
        return said
    if len(row.trials) == 1:
        return {**said, "value": row.entered, "unit": row.entered_unit}
    return {**said, "value": measure.shown(row.amount), "unit": measure.unit}
