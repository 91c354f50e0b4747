"""Import a file: upload it, see how it is read, say what the columns are, check it, take it in."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count
from django.http import HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django_htmx.http import HttpResponseClientRefresh

from bonefit.clinics import rows
from bonefit.clinics.access import Can, MemberRequest, requires
from bonefit.clinics.lately import lately_to_take
from bonefit.htmx import UNPROCESSABLE, render_page, wants_partial
from bonefit.sheets import BYTE_ORDER_MARK, plain_text
from bonefit.uploads import too_large

from .forms_importing import ColumnsForm, ReadingForm, UploadForm
from .importing import steps
from .importing.columns import heads_said, letter
from .importing.examples import examples
from .importing.files import top_of
from .measures import MEASURES
from .models import Import, ImportProblem
from .views_parts import posted

NEWEST, SHOWN_ROWS, PAGE = 50, 5, 50
Status = Import.Status
AT_WORK = (Status.CHECKING, Status.WRITING)


def _import(request: MemberRequest, pk: int) -> Import:
    rows = Import.objects.visible_to(request.member).select_related("made_by__user", "clinic")
    return get_object_or_404(rows, pk=pk)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Can.IMPORT)
def imports(request: MemberRequest) -> HttpResponse:
    """Files that were uploaded, newest first, and a further one."""
    now = timezone.now()
    form = UploadForm(
        posted(request),
        request.FILES if request.method == "POST" else None,
        too_large="file" in too_large(request),
    )
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        source = steps.upload(kind=said["kind"], file=said["file"], by=request.member, now=now)
        return redirect("clients:import", request.member.clinic.slug, source.pk)
    rows = Import.objects.visible_to(request.member).select_related("made_by__user")
    context = {
        "form": form,
        "rows": rows.order_by("-pk")[:NEWEST],
        "measures": MEASURES.values(),
    }
    status = UNPROCESSABLE if request.method == "POST" else 200
    return render(request, "clients/imports.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Can.IMPORT)
def one_import(request: MemberRequest, pk: int) -> HttpResponse:
    """One file, at the step that it is at. While a worker is at it, htmx asks how far it is."""
    source = _import(request, pk)
    if request.method == "POST":
        return _said(request, source)
    if wants_partial(request) and source.status not in AT_WORK:
        return HttpResponseClientRefresh()
    context = {"source": source, "at_work": source.status in AT_WORK, **_before(request, source)}
    if source.status == Status.UPLOADED:
        context |= _shown(source)
    elif source.bad:
        found = source.problems.order_by("row", "pk")
        context["problems"] = Paginator(found, PAGE).get_page(request.GET.get("page"))
        # The counting of the paginator knows how many; the kinds say where to begin.
        kinds = found.order_by().values("column", "problem").annotate(rows=Count("pk"))
        context["kinds"] = kinds.filter(rows__gt=1).order_by("-rows")[:5]
    return render_page(request, "clients/import.html", context, partial="progress")


def _before(request: MemberRequest, source: Import) -> dict[str, Any]:
    """The same file, where it came before."""
    same = Import.objects.visible_to(request.member).exclude(pk=source.pk)
    rows = same.filter(sha256=source.sha256, kind=source.kind, pk__lt=source.pk)
    return {"before": rows.exclude(status=Status.DROPPED).order_by("-pk").first()}


def _shown(
    source: Import, reading: ReadingForm | None = None, columns: ColumnsForm | None = None
) -> dict[str, Any]:
    """How the file is read: its first rows, examples, and the columns once it is read right."""
    head, rows = top_of(source, SHOWN_ROWS)
    heads = heads_said(head.cells)
    columns = columns or ColumnsForm(kind=source.kind, heads=heads, mapping=source.mapping)
    width = max([len(heads), *(len(row.cells) for row in rows)])
    return {
        "reading": reading or ReadingForm(reading=source.reading),
        "columns": columns,
        "letters": [letter(at) for at in range(width)],
        "heads": [*heads, *[""] * (width - len(heads))],
        "first_rows": rows,
        "examples": examples(source, rows, timezone.now()),
        "odd_head": any(cell[:1].isdigit() or "@" in cell for cell in head.cells),
        "lines": [
            (field, [row.cells[at] for row in rows[:3] if at < len(row.cells) and row.cells[at]])
            for at, field in enumerate(columns)
        ],
    }


def _said(request: MemberRequest, source: Import) -> HttpResponse:
    """What a person says of an uploaded file: how it is read, or which column is what."""
    by, now = request.member, timezone.now()
    if source.status not in steps.OPEN:
        return _done(request, source, "This file is past that by now. Nothing changed.")
    if request.POST.get("step") == "columns":
        head, _ = top_of(source, 0)
        heads = heads_said(head.cells)
        columns = ColumnsForm(request.POST, kind=source.kind, heads=heads, mapping=source.mapping)
        if source.reading["seen"] and columns.is_valid():
            steps.check(source=source, mapping=columns.mapping, by=by, now=now)
            return _done(request, source)
        shown = _shown(source, columns=columns)
    else:
        reading = ReadingForm(request.POST, reading=source.reading)
        if reading.is_valid():
            right = steps.read_like(source=source, said=reading.cleaned_data, by=by, now=now)
            anew = "The file is another table like this. Look at it once more."
            return _done(request, source, "" if right else anew)
        shown = _shown(source, reading=reading)
    context = {"source": source, **_before(request, source), **shown}
    return render(request, "clients/import.html", context, status=UNPROCESSABLE)


def _done(request: MemberRequest, source: Import, words: str = "") -> HttpResponse:
    if words:
        messages.warning(request, words)
    return redirect("clients:import", request.member.clinic.slug, source.pk)


@require_POST
@requires(Can.IMPORT)
def take_in(request: MemberRequest, pk: int) -> HttpResponse:
    """Every row of a file without problems, or none."""
    return _step(request, pk, steps.take_in)


@require_POST
@requires(Can.IMPORT)
def change(request: MemberRequest, pk: int) -> HttpResponse:
    """Back to how it is read and to its columns; a check that goes on is stopped."""
    return _step(request, pk, steps.change)


@require_POST
@requires(Can.IMPORT)
def give_up(request: MemberRequest, pk: int) -> HttpResponse:
    """Nothing of it is taken in, and the file goes."""
    return _step(request, pk, steps.give_up)


def _step(request: MemberRequest, pk: int, step: Any) -> HttpResponse:
    source = _import(request, pk)
    try:
        step(source=source, by=request.member, now=timezone.now())
    except steps.NotNow as refusal:
        return _done(request, source, str(refusal))
    return _done(request, source)


@require_safe
@requires(Can.IMPORT)
@lately_to_take
@cache_control(private=True, no_store=True)
def problems(request: MemberRequest, pk: int) -> HttpResponseBase:
    """All problems as a spreadsheet. A cell that looks like a formula gets an apostrophe."""
    source = _import(request, pk)
    name = f"problems-of-import-{source.pk}.csv"
    return StreamingHttpResponse(
        rows.streamed(_lines(source)),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": content_disposition_header(True, name) or "attachment"},
    )


class _Echo:
    """Hands back what is written, line by line."""

    def write(self, text: str) -> str:
        return text


def _lines(source: Import) -> Iterator[str]:
    writer = csv.writer(_Echo())
    yield BYTE_ORDER_MARK
    yield writer.writerow(["Row", "Column", "What stands there", "What is wrong"])
    rows = ImportProblem.objects.filter(source=source).order_by("row", "pk")
    for one in rows.iterator(chunk_size=1000):
        said = [plain_text(text) for text in (one.column, one.said, one.problem)]
        yield writer.writerow([one.row, *said])
