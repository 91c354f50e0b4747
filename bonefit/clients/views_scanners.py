"""Pages of an admin: the scanners with their precision, and the numbers of every measure."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from bonefit.clinics.access import Can, MemberRequest, requires
from bonefit.htmx import UNPROCESSABLE

from . import scanners
from .forms_scanners import LABELS, DeviceForm, MovedForm, NumbersForm, StudyForm, shown
from .measures import MEASURES
from .models import MeasureNumber, PrecisionStudy, ScanDevice
from .outcomes import lsc_in_words, precision
from .scanners import CannotRecord
from .views_parts import posted, today_of


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Can.CHANGE_SETTINGS)
def devices(request: MemberRequest) -> HttpResponse:
    """The clinic's scanners, and a form for a further one."""
    form = DeviceForm(posted(request))
    if request.method == "POST" and form.is_valid():
        try:
            device = scanners.add_device(**form.cleaned_data, by=request.member, now=timezone.now())
        except CannotRecord as refusal:
            form.add_error(refusal.field or None, refusal.words)
        else:
            messages.success(request, "Added. Enter its precision study, so that changes count.")
            return redirect("clients:device", request.member.clinic.slug, device.pk)
    rows = ScanDevice.objects.visible_to(request.member).order_by("name")
    context = {"form": form, "devices": rows}
    status = UNPROCESSABLE if form.is_bound else 200
    return render(request, "clients/devices.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Can.CHANGE_SETTINGS)
def device(request: MemberRequest, pk: int) -> HttpResponse:
    """One scanner: its precision studies, and a form for a new one."""
    found = _device(request, pk)
    form = StudyForm(posted(request), today=today_of(request.member))
    if request.method == "POST" and form.is_valid():
        try:
            study = scanners.record_study(
                device=found, **form.cleaned_data, by=request.member, now=timezone.now()
            )
        except CannotRecord as refusal:
            form.add_error(refusal.field or None, refusal.words)
        else:
            messages.success(request, f"Recorded: {lsc_in_words(study.lsc_micro)}.")
            return redirect("clients:device", request.member.clinic.slug, found.pk)
    return _page(request, found, form=form, status=UNPROCESSABLE if form.is_bound else 200)


@require_POST
@requires(Can.CHANGE_SETTINGS)
def moved(request: MemberRequest, pk: int) -> HttpResponse:
    """The scanner was moved or repaired: its precision studies hold no longer."""
    found = _device(request, pk)
    form = MovedForm(request.POST)
    if not form.is_valid():
        return _page(request, found, moved_form=form, status=UNPROCESSABLE)
    count = scanners.void_studies(
        device=found, why=form.cleaned_data["why"], by=request.member, now=timezone.now()
    )
    words = "Its LSC is unknown until a new study." if count else "There was no study that held."
    messages.success(request, words)
    return redirect("clients:device", request.member.clinic.slug, found.pk)


@require_POST
@requires(Can.CHANGE_SETTINGS)
def retired(request: MemberRequest, pk: int) -> HttpResponse:
    """The scanner is used no longer. What it measured stays."""
    found = _device(request, pk)
    scanners.retire_device(device=found, on=today_of(request.member), by=request.member)
    messages.success(request, "It is offered no longer. What it measured stays.")
    return redirect("clients:devices", request.member.clinic.slug)


def _device(request: MemberRequest, pk: int) -> ScanDevice:
    return get_object_or_404(ScanDevice.objects.visible_to(request.member), pk=pk)


def _page(
    request: MemberRequest,
    found: ScanDevice,
    *,
    form: StudyForm | None = None,
    moved_form: MovedForm | None = None,
    status: int = 200,
) -> HttpResponse:
    studies = PrecisionStudy.objects.visible_to(request.member).filter(device=found)
    context = {
        "device": found,
        "form": form or StudyForm(today=today_of(request.member)),
        "moved_form": moved_form or MovedForm(),
        "studies": [
            {
                "study": study,
                "lsc": lsc_in_words(study.lsc_micro),
                "people": len(study.repeats),
                "scans": len(study.repeats[0]),
                "enough": precision(study.repeats).enough,
            }
            for study in studies.select_related("recorded_by__user", "void_by__user").order_by(
                "-pk"
            )
        ],
    }
    return render(request, "clients/device.html", context, status=status)


@require_safe
@requires(Can.CHANGE_SETTINGS)
def measure_numbers(request: MemberRequest) -> HttpResponse:
    """Every measure with the numbers that hold in this clinic."""
    own: dict[str, dict[str, MeasureNumber]] = {}
    for row in MeasureNumber.objects.visible_to(request.member).order_by("pk"):
        own.setdefault(row.measure, {})[row.key] = row
    rows = [
        {
            "measure": measure,
            "numbers": [
                (LABELS[key], shown(value))
                for key, value in scanners.in_force(measure, own.get(measure.slug, {})).items()
                if value is not None
            ],
            "own": any(row.value is not None for row in own.get(measure.slug, {}).values()),
        }
        for measure in MEASURES.values()
    ]
    return render(request, "clients/measure_numbers.html", {"rows": rows})


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Can.CHANGE_SETTINGS)
def measure_number(request: MemberRequest, measure: str) -> HttpResponse:
    """The numbers of one measure: the catalogue's with their basis, and the clinic's own."""
    if measure not in MEASURES:
        raise Http404
    found = MEASURES[measure]
    own = scanners.own_numbers(request.member.clinic, found)
    form = NumbersForm(
        posted(request),
        measure=found,
        own={key: row.value for key, row in own.items()},
        seen=scanners.newest_of(own),
    )
    if request.method == "POST" and form.is_valid():
        try:
            count = scanners.set_numbers(
                measure=found,
                values=form.values(),
                seen=form.cleaned_data["seen"],
                basis=form.cleaned_data["basis"],
                by=request.member,
                now=timezone.now(),
            )
        except CannotRecord as refusal:
            form.add_error(refusal.field or None, refusal.words)
        else:
            messages.success(request, "Saved." if count else "Nothing has changed.")
            return redirect("clients:measure-numbers", request.member.clinic.slug)
    history = MeasureNumber.objects.visible_to(request.member).filter(measure=measure)
    context = {
        "measure": found,
        "form": form,
        "history": [
            (LABELS.get(row.key, row.key), shown(row.value), row)
            for row in history.select_related("recorded_by__user").order_by("-pk")
        ],
    }
    status = UNPROCESSABLE if form.is_bound else 200
    return render(request, "clients/measure_number.html", context, status=status)
