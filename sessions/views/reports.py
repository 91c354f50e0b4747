"""Reports: a page, its tables and pictures, and the rows behind its figures.

Each view serves a clinic's reports and an organisation's alike: ``reader`` says who asks.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import cache

from django.core.paginator import Paginator
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
)
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from bonefit.clinics.access import (
    Can,
    MemberRequest,
    OrganiserRequest,
    requires,
    requires_organisation,
)
from bonefit.htmx import UNPROCESSABLE, render_page, wants_partial
from sessions.reports import drawing, on_page, strips
from sessions.reports.define import VERSION
from sessions.reports.kinds import ReportKind
from sessions.reports.lazily import Head, heads_of, heads_of_pictures, named
from sessions.reports.pictures import nothing_in
from sessions.reports.readers import ClinicReader, OrganisationReader, Reader
from sessions.reports.registry import kind_of, kinds_for
from sessions.reports.strips import Mark
from sessions.reports.table import Figure, Report
from sessions.views.report_asked import Part, Question, opens_of, question

PAGE = "sessions/figures.html"
TABLE = "sessions/figures_table.html"
BEHIND = "sessions/figures_behind.html"
MEANING = "sessions/_figures_meaning.html"
PICTURE = "sessions/figures_picture.html"
#: Each mark of the weeks with its shape, and whether the percentages count it.
LEGEND = tuple(
    (mark, strips.legend(mark), mark not in (Mark.EXCUSED, Mark.CLINIC, Mark.BESIDE))
    for mark in Mark
)
#: The number of a row has fewer digits.
DIGITS = 7


# --- the page -------------------------------------------------------------------------------------


def page(request: HttpRequest, reader: Reader, report: str) -> HttpResponse:
    """The report, its definitions beside it; a mistake in the question is said beside the field."""
    asked = question(request, reader, report)
    context = {
        "layout": reader.layout,
        "reader": reader,
        "kind": asked.kind,
        "form": asked.form,
        "quick_ranges": asked.form.quick_ranges(),
        "definitions_version": VERSION,
        "here": reader.address("figures", report),
        "list_address": reader.list_address,
        "save_address": reader.address("report-save"),
    }
    if not asked.form.is_valid():
        context["tabs"] = _tabs(reader)
        return render_page(request, PAGE, context, partial="report", status=UNPROCESSABLE)
    made, query = asked.answer(), asked.query
    opens = opens_of(reader, report, query)
    code = made.lead.code if made.lead else ""
    others = asked.form.without_rows()
    context |= {
        "report": made,
        "tabs": _tabs(reader, others),
        "lead_opens": _behind_figure(made.lead, opens),
        "beside": [(one, _behind_figure(one, opens)) for one in made.beside],
        "defined": next((one for one in asked.kind.definitions if one.code == code), None),
        "about": asked.about,
        "query": query,
        "tables": list(_tables(asked, made)),
        "pictures": [
            (head.title, asked.address("figures-picture", head.key))
            for head in heads_of_pictures(made.pictures)
        ],
        "downloads": _downloads(reader, report, query, made),
        "research": asked.kind.research is not None
        and not made.nothing
        and reader.member is not None
        and Can.REPORT_ON_CLINIC in reader.member.can_write,
        "legend": LEGEND if asked.kind.strips else (),
        "first_day": asked.form.filters().first,
        "meaning": _meaning(report),
    }
    return render_page(request, PAGE, context, partial="report")


@cache
def _meaning(report: str) -> SafeString:
    """What the figures and columns of a report mean: hundreds of words that never change."""
    kind = kind_of(report)
    return render_to_string(MEANING, {"kind": kind, "definitions_version": VERSION})


def _tables(asked: Question, made: Report) -> Iterator[Part]:
    """The first rows of the first table, and of the others as far as they do not come later."""
    for place, head in enumerate(heads_of(made.tables)):
        href = asked.address("figures-table", head.key)
        if place and asked.in_parts:
            yield Part(head, href)
        else:
            table = made.tables[place]
            yield Part(
                head, href, asked.printed(table, first=not place, start=0, most=on_page.FIRST_ROWS)
            )


def _tabs(reader: Reader, query: str = "") -> list[tuple[ReportKind, str]]:
    """The reports with their addresses, which ask the same question where there is a ``query``."""
    return [(one, f"{reader.address('figures', one.slug)}{query}") for one in kinds_for(reader)]


def _behind_figure(figure: Figure | None, opens: on_page.Opens) -> str:
    """The address of the rows behind a figure in words; "" where nothing opens."""
    if figure is None or figure.opens is None:
        return ""
    table, row, column = figure.opens
    lead = opens(table, column)
    return f"{lead}{row}" if lead else ""


def _downloads(reader: Reader, report: str, query: str, made: Report) -> list[tuple[str, str]]:
    """Name and address of each file: all tables as a spreadsheet or on paper, one as a CSV."""
    of_all = [
        (word, f"{reader.address(f'figures-{form}', report)}?{query}")
        for form, word in (("xlsx", "Excel"), ("pdf", "PDF"))
    ]
    csv = reader.address("figures-csv", report)
    tables = heads_of(made.tables)
    one = len(tables) == 1
    of_each = [
        ("CSV" if one else f"CSV: {table.title}", f"{csv}?{query}&table={table.key}")
        for table in tables
    ]
    return [*of_all, *of_each]


# --- tables, pictures, and what is behind a figure ------------------------------------------------


def table(request: HttpRequest, reader: Reader, report: str, key: str) -> HttpResponse:
    """One table: a part that htmx brings in, or a page of all its rows where there is no script.

    ``start`` in the address: for htmx only the rows from there on, as many as come at a time.
    """
    asked = question(request, reader, report)
    if not asked.form.is_valid():
        raise Http404
    start = _start(request)
    tables = asked.parts().tables
    found = named(tables, key)
    if found is None:
        raise Http404
    part = wants_partial(request)
    later = part and start > 0
    most = on_page.NEXT_ROWS if later else on_page.FIRST_ROWS if part else on_page.MOST_ROWS
    first = heads_of(tables)[0].key == key
    context = {
        "layout": reader.layout,
        "kind": asked.kind,
        "about": asked.about,
        "part": Part(
            Head(key, found.title),
            asked.address("figures-table", key),
            asked.printed(found, first=first, start=start if later else 0, most=most),
        ),
        "legend": LEGEND if asked.kind.strips else (),
        "first_day": asked.form.filters().first,
        "back": asked.address("figures"),
    }
    return render_page(request, TABLE, context, partial="later" if later else "rows")


def _start(request: HttpRequest) -> int:
    """With which row to begin; 404 for what is no number of one."""
    said = request.GET.get("start", "0")
    if not (said.isascii() and said.isdigit() and len(said) < DIGITS):
        raise Http404
    return int(said)


def picture(request: HttpRequest, reader: Reader, report: str, key: str) -> HttpResponse:
    """One picture of a report: a part that htmx brings in, or a page where there is no script."""
    asked = question(request, reader, report)
    if not asked.form.is_valid():
        raise Http404
    found = asked.parts().pictures.get(key)
    if found is None:
        raise Http404
    context = {
        "layout": reader.layout,
        "picture": found,
        "svg": "" if nothing_in(found) else drawing.draw(found),
        "back": f"{reader.address('figures', report)}?{asked.form.query()}",
    }
    return render_page(request, PICTURE, context, partial="picture")


def behind(request: HttpRequest, reader: Reader, report: str) -> HttpResponse:
    """The rows behind one figure: as many as the figure says, a page of them at a time."""
    asked = question(request, reader, report)
    if asked.kind.behind is None or not asked.form.is_valid():
        raise Http404
    table, row, column = (request.GET.get(name, "") for name in ("table", "row", "column"))
    scope = asked.scope
    found = asked.kind.behind(scope, table, row, column)
    if found is None:
        raise Http404
    page = Paginator(list(found.rows), on_page.MOST_ROWS).get_page(request.GET.get("page"))
    context = {
        "layout": reader.layout,
        "kind": asked.kind,
        "about": asked.about,
        "behind": _column(asked.kind, column),
        "page": page,
        "table": on_page.printed(
            replace(found, rows=page.object_list),
            zone=reader.clinics[0].tz,
            opens=lambda *_: "",
            year=scope.filters.last.year,
        ),
        "back": f"{reader.address('figures', report)}?{asked.form.query()}",
    }
    return render_page(request, BEHIND, context, partial="rows")


def _column(kind: ReportKind, key: str) -> str:
    """What the column of a figure is called."""
    columns = (one for _, columns in kind.columns for one in columns)
    return next((one.name for one in columns if one.key == key), "")


# --- a clinic's -----------------------------------------------------------------------------------


@require_safe
@requires(Can.RUN_REPORTS)
def figures(request: MemberRequest, report: str) -> HttpResponse:
    """A report of the clinic."""
    return page(request, ClinicReader(request.member), report)


@require_safe
@requires(Can.RUN_REPORTS)
def figures_table(request: MemberRequest, report: str, key: str) -> HttpResponse:
    """A table of a report of the clinic."""
    return table(request, ClinicReader(request.member), report, key)


@require_safe
@requires(Can.RUN_REPORTS)
@cache_control(private=True, max_age=300)
def figures_picture(request: MemberRequest, report: str, key: str) -> HttpResponse:
    """A picture of a report of the clinic."""
    return picture(request, ClinicReader(request.member), report, key)


@require_safe
@requires(Can.RUN_REPORTS)
def figures_behind(request: MemberRequest, report: str) -> HttpResponse:
    """The rows behind a figure of the clinic."""
    return behind(request, ClinicReader(request.member), report)


# --- an organisation's ----------------------------------------------------------------------------


@require_safe
@requires_organisation(Can.RUN_REPORTS)
def across(request: OrganiserRequest, report: str) -> HttpResponse:
    """A report across the clinics of an organisation."""
    return page(request, OrganisationReader(request.organiser), report)


@require_safe
@requires_organisation(Can.RUN_REPORTS)
def across_table(request: OrganiserRequest, report: str, key: str) -> HttpResponse:
    """A table of a report across clinics."""
    return table(request, OrganisationReader(request.organiser), report, key)


@require_safe
@requires_organisation(Can.RUN_REPORTS)
@cache_control(private=True, max_age=300)
def across_picture(request: OrganiserRequest, report: str, key: str) -> HttpResponse:
    """A picture of a report across clinics."""
    return picture(request, OrganisationReader(request.organiser), report, key)
