"""What is known of an enrollment beside its sets: its tracks, its locks, what was asked on arrival.

One value of JSON, so that it costs a set no query of its own.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import F, OuterRef
from django.db.models.functions import JSONObject

from bonefit.clients.models import Lock
from programs.models import Enrollment, Program, Track
from programs.pain import Answers
from programs.plans import plan_of
from programs.progression import Arrived, Locked, PlanChanged, Unlocked

from .models import Visit


def beside(enrollment: Any, client: Any) -> JSONObject:
    """As an expression: tracks, locks and answers of an enrollment and its client."""
    tracks = Track.objects.filter(enrollment=enrollment).order_by("starts_on", "id")
    locks = Lock.objects.filter(client=client).order_by("id")
    answers = Visit.objects.filter(enrollment=enrollment, answers__isnull=False).order_by("during")
    return JSONObject(
        tracks=ArraySubquery(
            tracks.values(
                one=JSONObject(
                    version=F("version_id"),
                    kind=F("version__program__kind"),
                    starts_on=F("starts_on"),
                    ends_on=F("ends_on"),
                )
            )
        ),
        locks=ArraySubquery(
            locks.values(
                one=JSONObject(
                    id=F("id"),
                    fact=F("fact"),
                    why=F("evidence__why"),
                    opened_at=F("opened_at"),
                    released_at=F("released_at"),
                )
            )
        ),
        answers=ArraySubquery(
            answers.values(
                one=JSONObject(
                    uid=F("uid"), starts_at=F("during__startswith"), answers=F("answers")
                )
            )
        ),
    )


def beside_of(enrollment_id: int) -> Mapping[str, Any]:
    """The same of one enrollment, asked for by itself."""
    found = Enrollment.objects.filter(pk=enrollment_id).annotate(
        beside=beside(OuterRef("pk"), OuterRef("client"))
    )
    value: Mapping[str, Any] = found.values_list("beside", flat=True)[0]
    return value


def arrived_event(
    uid: uuid.UUID, starts_at: datetime, answers: Mapping[str, Any] | None, tz: ZoneInfo
) -> Arrived:
    """An arrival: when its questions were answered, at the latest when the visit starts."""
    asked_at = (answers or {}).get("at")
    at = min(starts_at, datetime.fromisoformat(asked_at)) if asked_at else starts_at
    return Arrived(at, str(uid), starts_at.astimezone(tz).date(), Answers.from_json(answers))


@dataclass(frozen=True, slots=True)
class _Stretch:
    version: int
    block: bool
    starts_on: date
    ends_on: date | None

    def holds_on(self, day: date) -> bool:
        return self.starts_on <= day and (self.ends_on is None or day <= self.ends_on)


@dataclass(frozen=True, slots=True)
class Beside:
    """Tracks, locks and arrivals of one enrollment; days are those of the clinic."""

    stretches: tuple[_Stretch, ...]
    locks: tuple[Locked | Unlocked, ...]
    arrived: tuple[tuple[datetime, Arrived], ...]  # by the start of the visit
    tz: ZoneInfo

    @classmethod
    def read(cls, data: Mapping[str, Any], tz: ZoneInfo) -> Beside:
        """From the JSON of ``beside``."""
        return cls(
            tuple(
                _Stretch(
                    one["version"],
                    one["kind"] == Program.Kind.BLOCK,
                    date.fromisoformat(one["starts_on"]),
                    date.fromisoformat(one["ends_on"]) if one["ends_on"] else None,
                )
                for one in data["tracks"]
            ),
            tuple(event for one in data["locks"] for event in _lock_events(one)),
            tuple(_arrival(one, tz) for one in data["answers"]),
            tz,
        )

    def arrivals(self, *, before: datetime) -> list[Arrived]:
        """What was asked at the visits that started before a moment."""
        return [event for starts_at, event in self.arrived if starts_at < before]

    def versions(self, *, until: datetime) -> tuple[int, ...]:
        """The program version, then the blocks beside it, on the day of a moment."""
        return self._on(until.astimezone(self.tz).date())

    def plans(self, *, until: datetime) -> list[PlanChanged]:
        """The plan as it changed, from the first day on; its first one holds also before."""
        last = until.astimezone(self.tz).date()
        days = {one.starts_on for one in self.stretches} | {
            one.ends_on + timedelta(days=1) for one in self.stretches if one.ends_on
        }
        first, *later = sorted(days)
        return [
            PlanChanged(
                datetime.combine(day, time.min, tzinfo=self.tz),
                day.isoformat(),
                plan_of(self._on(day)),
            )
            for day in (first, *(day for day in later if day <= last))
        ]

    def _on(self, day: date) -> tuple[int, ...]:
        """A day without a program of its own follows the one before, or the first."""
        mains = [one for one in self.stretches if not one.block]
        begun = [one for one in mains if one.starts_on <= day]
        main = begun[-1] if begun else mains[0]
        blocks = [one.version for one in self.stretches if one.block and one.holds_on(day)]
        return (main.version, *blocks)


def _arrival(one: Mapping[str, Any], tz: ZoneInfo) -> tuple[datetime, Arrived]:
    starts_at = datetime.fromisoformat(one["starts_at"])
    return starts_at, arrived_event(uuid.UUID(one["uid"]), starts_at, one["answers"], tz)


def _lock_events(one: Mapping[str, Any]) -> list[Locked | Unlocked]:
    events: list[Locked | Unlocked] = [
        Locked(datetime.fromisoformat(one["opened_at"]), f"lock {one['id']}", one["why"] or "")
    ]
    if one["released_at"]:
        released = datetime.fromisoformat(one["released_at"])
        events.append(Unlocked(released, f"lock {one['id']}", of=one["fact"]))
    return events
