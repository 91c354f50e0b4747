"""A message in words, for its mail and for the desk that says it on the telephone.

Plain words, and nothing about health: not what is trained, not why, not with how much.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from bonefit.clinics.models import Clinic

from .models import Notice
from .portal import clock, day_words, part_of_day, span_words
from .portal.words import month_words

#: So many sessions of one kind are named; a series that was moved would fill pages.
NAMED = 10

#: What has changed -> what is said above one session, and above several.
HEADINGS = {
    "moved": ("Your appointment has a new time", "Your appointments have new times"),
    "room": ("Your appointment is in another room", "Your appointments are in another room"),
    "called_off": ("We had to cancel this one. We are sorry.",) * 2,
    "closed": ("We are closed on this day", "We are closed on these days"),
    "not_coming": ("You are not coming to this one", "You are not coming to these"),
    "on_again": ("Your appointment is on again", "Your appointments are on again"),
    "booked": ("You have a new appointment", "You have new appointments"),
}
#: Sessions that will not be: another one may be had instead.
GONE = frozenset({"called_off", "closed", "not_coming"})


@dataclass(frozen=True, slots=True)
class Group:
    """What has changed alike: a heading, the sessions, and how many more there are."""

    heading: str
    items: tuple[str, ...]
    more: int


@dataclass(frozen=True, slots=True)
class Speech:
    """How one clinic says days and times on one day."""

    clinic: Clinic
    today: date

    def at(self, moment: str) -> str:
        """``Thursday 26 November at 9:00``; after noon also the part of the day."""
        here = self._here(moment)
        part = "" if here.hour < 12 else f" {part_of_day(here)}"
        return f"{day_words(here.date(), today=self.today)} at {clock(here)}{part}"

    def day(self, moment: str) -> str:
        """``Thursday 26 November``."""
        return day_words(self._here(moment).date(), today=self.today)

    def month(self, day: str) -> str:
        """``February 2026``."""
        return month_words(date.fromisoformat(day))

    def span(self, place: dict[str, Any]) -> str:
        """``Thursday 26 November, 9:00 to 9:30 in the morning``."""
        start, end = self._here(place["starts_at"]), self._here(place["ends_at"])
        return f"{day_words(start.date(), today=self.today)}, {span_words(start, end)}"

    def full(self, place: dict[str, Any]) -> str:
        """The span, and the room."""
        return f"{self.span(place)}, {place['room']}" if place["room"] else self.span(place)

    def _here(self, moment: str) -> datetime:
        return datetime.fromisoformat(moment).astimezone(self.clinic.tz)


def speech(clinic: Clinic, now: datetime) -> Speech:
    """The words of a clinic as of ``now``."""
    return Speech(clinic, now.astimezone(clinic.tz).date())


def place_of(clinic: Clinic) -> str:
    """The place whose clock the clinic goes by: ``New York``."""
    return clinic.timezone.rpartition("/")[2].replace("_", " ")


def subject_of(notice: Notice, said: Speech) -> str:
    """The subject line: which appointment, and when."""
    facts = notice.facts
    if notice.kind == Notice.Kind.REMINDER:
        return f"Your appointment on {said.at(facts['starts_at'])}"
    if notice.kind == Notice.Kind.OFFER:
        return f"A free place on {said.at(facts['starts_at'])}"
    if notice.kind == Notice.Kind.INTAKE:
        return "Questions before your first visit"
    if notice.kind == Notice.Kind.FALLS:
        return f"One question about {said.month(facts['month'])}"
    if notice.kind == Notice.Kind.ANSWER:
        return "We have answered you"
    lines = facts["lines"]
    if len(lines) > 1:
        return "Your appointments have changed"
    return _subject_of_one(lines[0], said)


def _subject_of_one(line: dict[str, Any], said: Speech) -> str:
    if line["what"] in GONE:
        return f"Your appointment on {said.at(line['was']['starts_at'])} is cancelled"
    when = said.at(line["now"]["starts_at"])
    if line["what"] == "moved":
        return f"Your appointment is now on {when}"
    if line["what"] == "booked":
        return f"Your new appointment on {when}"
    if line["what"] == "on_again":
        return f"Your appointment on {when} is on again"
    return f"Another room for your appointment on {when}"


def groups_of(lines: Sequence[dict[str, Any]], said: Speech) -> list[Group]:
    """What has changed, in groups of the same kind, each with its sessions, soonest first."""
    groups = []
    for what, (one, many) in HEADINGS.items():
        alike = [line for line in lines if line["what"] == what]
        if alike:
            items = tuple(_item(line, said) for line in alike[:NAMED])
            heading = one if len(alike) == 1 else many
            groups.append(Group(heading, items, max(0, len(alike) - NAMED)))
    return groups


def _item(line: dict[str, Any], said: Speech) -> str:
    if line["what"] in GONE:
        return said.span(line["was"])
    if line["what"] == "moved":
        return f"{said.full(line['now'])} (before: {said.at(line['was']['starts_at'])})"
    return said.full(line["now"])


def in_a_line(notice: Notice, said: Speech) -> str:
    """The message in one line, for the page of the desk."""
    if notice.kind in (Notice.Kind.INTAKE, Notice.Kind.ANSWER):
        return ""
    if notice.kind == Notice.Kind.FALLS:
        return f"about {said.month(notice.facts['month'])}" if "month" in notice.facts else ""
    if notice.kind != Notice.Kind.CHANGE:
        return said.full(notice.facts) if "starts_at" in notice.facts else ""
    parts = []
    for group in groups_of(notice.facts.get("lines", []), said):
        more = f" and {group.more} more" if group.more else ""
        parts.append(f"{group.heading.rstrip('.')}: {'; '.join(group.items)}{more}")
    return ". ".join(parts)
