"""What stands in a cell of a client's record: as a value that JSON has, as text, and on paper."""

from __future__ import annotations

import json
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from bonefit.clients.models import Client
from bonefit.clinics.access import STAFF_ROLES
from bonefit.clinics.models import Membership, OrganisationMembership, User
from bonefit.sheets import plain_text
from programs.models import RuleSet
from sessions.models import Slot

from .table import Column

HERSELF, COMPANION, SOMEBODY = "the client", "a companion", "somebody who does not work here"
#: What a spreadsheet would take for a number or a moment is left as it is.
FIGURES = frozenset({"integer", "decimal", "day", "moment", "span", "time", "yes_no", "row"})


def person(who: Any, client: Client) -> str:
    """Who it was: by name where she worked here, else what she is to the client."""
    if isinstance(who, OrganisationMembership):
        return f"{who.user.name} (administers the organisation)"
    if isinstance(who, User):  # only whoever may take figures out
        return who.name
    assert isinstance(who, Membership)
    if who.pk == client.membership_id:
        return HERSELF
    if STAFF_ROLES & set(who.roles) or who.roles_until:
        return who.user.name
    return COMPANION if who.roles == ["companion"] else SOMEBODY


def thing(what: Any, zone: ZoneInfo) -> str:
    """Something of the clinic, in words."""
    if isinstance(what, Slot):
        start, end = moment(what.starts_at, zone), moment(what.ends_at, zone)
        return f"{start}/{end}, {what.room}"
    if isinstance(what, RuleSet):
        return f"Rules {what.number}"
    return str(what)


def moment(value: datetime, zone: ZoneInfo) -> str:
    """By the clinic's clock, with its offset from UTC."""
    return value.astimezone(zone).isoformat()


def plain(value: Any, column: Column, client: Client) -> Any:
    """The value as JSON has it: text, whole number, yes or no, null, or what JSON held already.

    A decimal is text, so that no reader rounds it.
    """
    zone = client.clinic.tz
    if value is None:
        return None
    if column.kind == "person":
        return person(value, client)
    if column.kind == "thing":
        return thing(value, zone)
    if column.kind == "span":
        return f"{moment(value.lower, zone)}/{moment(value.upper, zone)}"
    if isinstance(value, datetime):
        return moment(value, zone)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, time):
        return f"{value:%H:%M}"
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    if column.kind in ("integer", "yes_no", "json", "row"):
        return value
    return str(value)


def in_csv(value: Any, column: Column) -> str:
    """A value of ``plain`` as a cell: blank for null, yes or no, JSON as text."""
    if value is None:
        return ""
    if column.kind == "yes_no":
        return "yes" if value else "no"
    if column.kind == "json":
        return json.dumps(value, ensure_ascii=False, sort_keys=True)
    return str(value) if column.kind in FIGURES else plain_text(str(value))


def on_paper(value: Any, column: Column, zone: ZoneInfo) -> str:
    """A value of ``plain`` as a person reads it: "5 March 2026, 12:00", "Yes", words for codes."""
    if value is None or value == "":
        return "–"
    words = dict(column.codes)
    if str(value) in words:
        return words[str(value)]
    if column.kind == "yes_no":
        return "Yes" if value else "No"
    if column.kind == "day":
        return day_words(date.fromisoformat(value))
    if column.kind == "moment":
        return moment_words(datetime.fromisoformat(value).astimezone(zone))
    if column.kind == "thing" and "/" in str(value):
        start = str(value).split("/", 1)[0]
        return moment_words(datetime.fromisoformat(start).astimezone(zone))
    return str(value)


def day_words(day: date) -> str:
    """``5 March 2026``."""
    return f"{day.day} {day:%B %Y}"


def moment_words(at: datetime) -> str:
    """``5 March 2026, 12:00``, by the clock that ``at`` has."""
    return f"{day_words(at)}, {at:%H:%M}"
