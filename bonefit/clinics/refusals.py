"""Counting what browsers refuse by the content policy, so that a hole or a slip is seen."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from django.db.models import F
from django.urls import Resolver404, resolve

from .models import RefusedByBrowser

#: A report is a few hundred bytes. Bytes.
MOST_BYTES = 16_000
#: Anybody can send reports, so they must not fill the table: from so many kinds on all others are
#: counted as one.
MOST_KINDS = 500
OTHER = "other"
_LETTERS = frozenset("abcdefghijklmnopqrstuvwxyz-")
#: What a reader of JSON and of its parts raises for what is no report.
MALFORMED = (ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError)


class NoReport(Exception):
    """What was sent is not a browser's report."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """One kind of refusal, as ``RefusedByBrowser`` counts it."""

    view: str
    directive: str
    source: str


def read(body: bytes) -> Refusal:
    """What a browser reports to ``report-uri``; NoReport where it is none.

    Of the page only its view's name is kept, and of what was refused its host: addresses of ours
    hold keys, and a script that got in could write a name into one.
    """
    try:
        said: Any = json.loads(body)["csp-report"]
        page = str(said["document-uri"])
        directive = str(said.get("effective-directive") or said["violated-directive"]).split()[0]
        blocked = str(said.get("blocked-uri", ""))
    except MALFORMED as error:
        raise NoReport from error
    if "\x00" in blocked:  # no browser sends it, and the database cannot keep it
        raise NoReport
    if not set(directive) <= _LETTERS or len(directive) > 50:
        raise NoReport
    return Refusal(_view(page), directive, _source(blocked))


def _view(page: str) -> str:
    try:
        return resolve(urlsplit(page).path).view_name[:100]
    except (Resolver404, ValueError):
        return OTHER


def _source(blocked: str) -> str:
    """``inline``, ``eval``, or the scheme and host of what was to be loaded."""
    try:
        parts = urlsplit(blocked)
    except ValueError:
        return OTHER
    if parts.hostname:
        return f"{parts.scheme}://{parts.hostname}"[:100]
    word = parts.scheme or parts.path
    return word[:100] if word and set(word) <= _LETTERS else OTHER


def count(refusal: Refusal, *, now: datetime) -> None:
    """One more of this kind."""
    if _more(refusal, now):
        return
    if RefusedByBrowser.objects.count() >= MOST_KINDS:
        refusal = Refusal(OTHER, OTHER, OTHER)
        if _more(refusal, now):
            return
    # Where two come at once the second one finds the row, and is counted the next time.
    RefusedByBrowser.objects.bulk_create(
        [RefusedByBrowser(**_key(refusal), first_at=now, last_at=now)], ignore_conflicts=True
    )


def _key(refusal: Refusal) -> dict[str, str]:
    return {"view": refusal.view, "directive": refusal.directive, "source": refusal.source}


def _more(refusal: Refusal, now: datetime) -> bool:
    found = RefusedByBrowser.objects.filter(**_key(refusal))
    return bool(found.update(times=F("times") + 1, last_at=now))
