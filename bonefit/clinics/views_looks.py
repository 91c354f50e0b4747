"""The access log of a clinic: its admin searches it, and takes it as a file, which is a row too."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from django.http import Http404, HttpResponse, HttpResponseBase, QueryDict, StreamingHttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import cache_control, never_cache
from django.views.decorators.http import require_http_methods, require_safe

from bonefit.clients.forms_looks import FindClientForm, LooksForm
from bonefit.clients.models import Client
from bonefit.htmx import UNPROCESSABLE, render_page
from bonefit.sheets import BYTE_ORDER_MARK, plain_text
from sessions import who_looked
from sessions.who_looked import Asked, Entry

from . import rows
from .access import Can, MemberRequest, requires
from .lately import lately_to_take
from .models import Membership

PAGE = "clinics/looks.html"
#: So many clients of a name are offered; of more, a longer part of the name is asked for.
MOST_FOUND = 20
HEAD = ("When", "Who", "Role", "What", "Shown", "How", "Client", "Network address")


class _Echo:
    """What csv writes goes out at once."""

    def write(self, text: str) -> str:
        return text


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@requires(Can.READ_LOG, searches=True)
def looks(request: MemberRequest) -> HttpResponse:
    """Who looked at whose record, newest first. POST finds a client, whose name stays unwritten."""
    find = FindClientForm(request.POST if request.method == "POST" else None)
    found: list[Client] = []
    if request.method == "POST" and find.is_valid():
        found = _named(request.member, find.cleaned_data["q"])
        if len(found) == 1:
            return redirect(f"{_here(request)}?{_query(request.GET, client=str(found[0].pk))}")
        if not found or len(found) > MOST_FOUND:
            more = "Nobody has that name." if not found else "Too many have it. Write more of it."
            find.add_error("q", more)
            found = []
    form = _form(request)
    context: dict[str, Any] = {"form": form, "find": find, "client": _client(request)}
    context["found"] = [
        (one, f"{_here(request)}?{_query(request.GET, client=str(one.pk))}") for one in found
    ]
    if form.is_valid():
        context |= _page_of(request, _asked(form, context["client"]))
    wrong = bool(find.errors or form.errors)
    return render_page(
        request, PAGE, context, partial="log", status=UNPROCESSABLE if wrong else 200
    )


@require_safe
@requires(Can.READ_LOG)
@lately_to_take
@cache_control(private=True, no_store=True)
def looks_csv(request: MemberRequest) -> HttpResponseBase:
    """The same lines as a file, all of them, as they are read."""
    form = _form(request)
    if not form.is_valid():
        return redirect(f"{_here(request)}?{request.GET.urlencode()}")
    asked = _asked(form, _client(request))
    lines = rows.streamed(_lines(request.member, asked))
    response = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="who-looked.csv"'
    return response


def _lines(member: Membership, asked: Asked) -> Iterator[str]:
    writer = csv.writer(_Echo())
    yield BYTE_ORDER_MARK
    yield writer.writerow(HEAD)
    for entry in who_looked.every_entry(member, asked):
        yield writer.writerow(_cells(entry, member))


def _cells(entry: Entry, member: Membership) -> list[str]:
    """Local time with its distance from UTC, then the line as the page has it."""
    words = (entry.who, entry.role, entry.what, entry.shown, entry.how)
    client = entry.client.name if entry.client else ""
    at = entry.at.astimezone(member.clinic.tz).isoformat(timespec="seconds")
    return [at, *(plain_text(word) for word in (*words, client)), entry.address]


def _page_of(request: MemberRequest, asked: Asked) -> dict[str, Any]:
    shown = who_looked.entries(
        request.member, asked, before=_read_key(request.GET), most=who_looked.PAGE + 1
    )
    entries, more = shown[: who_looked.PAGE], len(shown) > who_looked.PAGE
    plain = _query(request.GET)
    return {
        "entries": entries,
        "older": f"?{_query(request.GET, before=_write_key(entries[-1].key))}" if more else "",
        "newest": f"?{plain}" if request.GET.get("before") else "",
        "file": f"{reverse('clinics:looks-csv', args=[request.member.clinic.slug])}?{plain}",
        "kept": who_looked.kept(request.member, timezone.now()),
    }


# --- what is asked --------------------------------------------------------------------------------


def _here(request: MemberRequest) -> str:
    return reverse("clinics:looks", args=[request.member.clinic.slug])


def _query(asked: QueryDict, **more: str) -> str:
    """The question as an address has it, from its first page, with something changed in it."""
    query = asked.copy()
    query.pop("before", None)
    for name, value in more.items():
        query[name] = value
    return query.urlencode()


def _form(request: MemberRequest) -> LooksForm:
    """Everybody who is or was a member may have looked."""
    members = Membership.objects.visible_to(request.member).select_related("user")
    people = [
        (str(one.pk), f"{one.name}, {who_looked.role_words(one.roles_now).lower()}")
        for one in sorted(members, key=lambda one: (one.name, one.pk))
    ]
    others = [
        (who_looked.ORGANISERS, "Admins of the organisation"),
        (who_looked.OTHERS, "Anybody else"),
    ]
    return LooksForm(request.GET, people=[*people, *others])


def _client(request: MemberRequest) -> Client | None:
    """The client that the address names; 404 for one who is not here."""
    text = request.GET.get("client", "")
    if not text:
        return None
    if not (text.isascii() and text.isdecimal() and len(text) < 19):
        raise Http404
    client = Client.objects.visible_to(request.member).filter(pk=int(text)).first()
    if client is None:
        raise Http404
    return client


def _named(member: Membership, name: str) -> list[Client]:
    found = Client.objects.visible_to(member).filter(name__icontains=name)
    return list(found.order_by("name", "pk")[: MOST_FOUND + 1])


def _asked(form: LooksForm, client: Client | None) -> Asked:
    said = form.cleaned_data
    return Asked(client, said["person"], said["what"], said["first"], said["last"])


def _write_key(key: tuple[datetime, int, int]) -> str:
    """Where a line stands, for an address: microseconds, table and row."""
    at, table, pk = key
    seconds = int(at.timestamp())
    return f"{seconds * 1_000_000 + at.microsecond}.{table}.{pk}"


def _read_key(asked: QueryDict) -> tuple[datetime, int, int] | None:
    """The line that a page begins behind; the newest where it is none that was given out."""
    parts = asked.get("before", "").split(".")
    if len(parts) != 3 or not all(p.isascii() and p.isdecimal() and len(p) < 19 for p in parts):
        return None
    micros, table, pk = map(int, parts)
    seconds, rest = divmod(micros, 1_000_000)
    try:
        at = datetime.fromtimestamp(seconds, UTC).replace(microsecond=rest)
    except (OverflowError, ValueError, OSError):
        return None
    return at, table, pk
