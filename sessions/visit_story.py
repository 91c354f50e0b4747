"""All that became of one visit, in order: its seat, what was said of it on the floor, its notes.

Most of it is told by rows that say themselves who, when and why. What no such row tells, because a
sweep did it or somebody changed the tables by hand, is told by the history that the database keeps.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any, NamedTuple

from django.db.models import Model, Q

from bonefit.clinics.models import Clinic, Membership, RowChange

from . import saying
from .models import Operation, SeatChange, SessionNote, SetEntry, Visit
from .notes import PARTS
from .seat_words import STATUS, change_words, when_words

#: The number of a request: what is written there, the rows above tell.
_REQUEST = re.compile(r"[0-9a-f]{12}")
#: Columns that say nothing to a person: when to ask again, what was mailed, what is worked out.
_UNSPOKEN = frozenset(
    {
        *("missed_after", "sequence", "changed_at", "told", "told_sequence", "prescription"),
        *("place_id", "place_on", "revision", "slot_id"),
    }
)


class Day(NamedTuple):
    """What became of the visit on one day of the clinic."""

    first: datetime
    lines: Sequence[Line]


@dataclass(frozen=True, slots=True)
class Line:
    """One thing: when, who, what, on which set; what was said and why; what stood there before.

    ``behind``: it was changed in the database, past the application.
    """

    at: datetime
    who: str
    what: str
    subject: str = ""
    said: str = ""
    why: str = ""
    before: str = ""
    behind: bool = False


def story(visit: Visit, member: Membership) -> list[Day]:
    """The whole of it, by days, the first thing first. In seven queries, however much there is."""
    clinic = member.clinic
    sets = {entry.uid: entry for entry in visit.sets.select_related("exercise")}
    seats = list(visit.seat_changes.select_related("by__user"))
    lines = [
        *_seat(visit, seats, clinic),
        *_floor(visit, sets),
        *_notes(visit),
        *_events(visit),
        *_else(visit, sets.values(), member),
    ]
    lines.sort(key=lambda line: line.at)
    days = groupby(lines, key=lambda line: line.at.astimezone(clinic.tz).date())
    return [Day(found[0].at, found) for found in (list(lines) for _, lines in days)]


# --- what says itself who and why -----------------------------------------------------------------


def _seat(visit: Visit, seats: Sequence[SeatChange], clinic: Clinic) -> Iterator[Line]:
    if not any(change.kind == SeatChange.Kind.BOOKED for change in seats):
        whose = "from the weekly place" if visit.place_id else "with the program"
        first = next((change.before for change in seats if change.before), None) or {}
        starts_at = visit.starts_at
        if "starts_at" in first:
            starts_at = datetime.fromisoformat(first["starts_at"])
        said = when_words(starts_at, clinic)
        yield Line(visit.created_at, "by itself", f"Planned {whose}", said=said)
    for change in seats:
        words = change_words(change, clinic)
        yield Line(words.at, words.who, words.text, why=words.why)


def _floor(visit: Visit, sets: Mapping[Any, SetEntry]) -> Iterator[Line]:
    for done in visit.operations.select_related("by__user").order_by("id"):
        entry = sets.get(done.entry) if done.entry else None
        outcome = str(done.get_outcome_display()).lower()
        applied = done.outcome == Operation.Outcome.APPLIED
        yield Line(
            done.received_at,
            done.by.user.name,
            str(done.get_kind_display()) if applied else f"{done.get_kind_display()} ({outcome})",
            subject=_name(entry),
            said=saying.said({**done.payload, "why": ""}, entry),
            why=saying.stopped_for(str(done.payload.get("why") or "")),
            before=saying.stood(done.before, entry),
        )


def _notes(visit: Visit) -> Iterator[Line]:
    before: SessionNote | None = None
    for note in visit.notes.select_related("signed_by__user").order_by("version"):
        who, what, said = note.signed_by.user.name, "Note signed", ""
        if before is not None:
            what = f"Note amended, version {note.version}"
            parts = [name for name in PARTS if getattr(note, name, "") != getattr(before, name, "")]
            said = ", ".join(parts).capitalize()
        yield Line(note.signed_at, who, what, said=said, why=note.reason)
        before = note


def _events(visit: Visit) -> Iterator[Line]:
    found = visit.adverse_events.select_related("reported_by__user", "reviewed_by__user")
    for event in found.order_by("id"):
        what = "Report corrected" if event.replaces_id else "Adverse event reported"
        said = f"{event.get_what_display()}, {event.get_severity_display()}".lower()
        yield Line(event.reported_at, event.reported_by.user.name, what, said=said)
        if event.reviewed_at is not None and event.reviewed_by is not None:
            yield Line(event.reviewed_at, event.reviewed_by.user.name, "Report reviewed")


def _name(entry: SetEntry | None) -> str:
    return f"{entry.exercise.name} {entry.number}" if entry else ""


# --- what only the database knows -----------------------------------------------------------------


def _else(visit: Visit, sets: Iterable[SetEntry], member: Membership) -> Iterator[Line]:
    """Changes that no row of the application tells of."""
    rows: dict[tuple[str, int], Model] = {(_table(visit), visit.pk): visit}
    rows |= {(_table(entry), entry.pk): entry for entry in sets}
    asked = Q(table=_table(visit), row=visit.pk)
    asked |= Q(table=_table(SetEntry), row__in=[pk for table, pk in rows if table != _table(visit)])
    kept = RowChange.objects.visible_to(member).filter(asked)
    changes: dict[tuple[str, int], list[RowChange]] = defaultdict(list)
    for change in kept.select_related("member__user").order_by("-id"):
        changes[change.table, change.row].append(change)
    for key, latest_first in changes.items():
        yield from _changes(rows[key], latest_first)


def _changes(row: Model, latest_first: Sequence[RowChange]) -> Iterator[Line]:
    """Each change with what a column became: by the next change of it, or as it is now."""
    became: dict[str, Any] = {}
    for change in latest_first:
        before: dict[str, Any] = change.before or {}
        spoken = [name for name in before if name not in _UNSPOKEN]
        if change.what == RowChange.What.CHANGED and spoken and _untold(change, before):
            yield _by_hand(row, change, spoken, became)
        became |= before


def _untold(change: RowChange, before: Mapping[str, Any]) -> bool:
    """Whether no other line tells it: done by hand, or by a sweep that took up what nobody said."""
    if change.role != _APP:
        return True
    if change.source and not _REQUEST.fullmatch(change.source):
        return "status" in before and "said_at" not in before and "completed_at" not in before
    return not change.source and change.member_id is None


_APP = "bonefit_app"


def _by_hand(
    row: Model, change: RowChange, names: Sequence[str], became: Mapping[str, Any]
) -> Line:
    before: dict[str, Any] = change.before or {}
    by_task = change.role == _APP and bool(change.source)
    now = {name: became.get(name, _value(row, name)) for name in names}
    return Line(
        change.at,
        "by itself" if by_task else f"the database’s role {change.role}",
        "Changed by a sweep" if by_task else "Changed in the database",
        subject=_name(row) if isinstance(row, SetEntry) else "",
        said="; ".join(f"{_label(row, name)}: {_word(name, now[name])}" for name in names),
        why=change.why,
        before="; ".join(f"{_label(row, name)}: {_word(name, before[name])}" for name in names),
        behind=not by_task,
    )


def _table(row: Model | type[Model]) -> str:
    return row._meta.db_table


def _value(row: Model, column: str) -> Any:
    return getattr(row, column, None)


def _label(row: Model, column: str) -> str:
    names = {field.column: field.verbose_name for field in row._meta.concrete_fields}
    return str(names.get(column, column))


def _word(column: str, value: Any) -> str:
    if value is None or value == "":
        return "nothing"
    if column == "status" and value in Visit.Status.values:
        return STATUS[Visit.Status(value)].lower()
    if isinstance(value, dict | list):
        return "other details"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)
