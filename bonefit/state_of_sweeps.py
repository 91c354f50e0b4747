"""What the operator's page and ``/metrics`` say: counts and times, of nobody in particular."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count

from bonefit import beats
from bonefit.audit.state import SealState, seal_state
from bonefit.backups.state import BackupState, backup_state
from bonefit.clinics import rows
from bonefit.clinics.models import Heartbeat
from bonefit.queue_depth import messages_waiting
from sessions import organiser_outbox, outbox, staff_outbox
from sessions.models import Flag
from sessions.reviewing import how_many_due, oldest_due


@dataclass(frozen=True, slots=True)
class Sweep:
    """One sweep of the schedule: its last beat, and whether it is late."""

    name: str
    every: int
    row: Heartbeat | None
    late: bool

    @property
    def counts(self) -> list[tuple[str, int | None]]:
        """What the last one did, by the words of the page; None where it does not say."""
        names = ("seen", "opened", "resolved", "failed")
        return [(name.capitalize(), getattr(self.row, name, None)) for name in names]

    @property
    def failing(self) -> bool:
        """Whether it has failed since it last came to its end."""
        row = self.row
        if row is None or row.error_at is None:
            return False
        return row.at is None or row.error_at > row.at


@dataclass(frozen=True, slots=True)
class State:
    """The whole: ``messages`` is None where the broker does not say. Moments are None where nothing
    waits."""

    at: datetime
    sweeps: Sequence[Sweep]
    messages: int | None
    reviews_due: int
    oldest_review: datetime | None
    oldest_notice: datetime | None
    oldest_staff_notice: datetime | None
    open_flags: Sequence[tuple[str, int]]
    backup: BackupState
    seals: SealState


def state(now: datetime) -> State:
    """Everything in seventeen queries and one question to the broker; of every clinic together."""
    with rows.seeing_every_clinic():
        return _state(now)


def _state(now: datetime) -> State:
    beating = Heartbeat.objects.in_bulk()
    late = set(beats.late_beats(now))
    unsent = (staff_outbox.oldest_unsent(now), organiser_outbox.oldest_unsent(now))
    sweeps = [
        Sweep(name, int(every), beating.get(name), name in late)
        for name, every in beats.intervals().items()
    ]
    return State(
        now,
        sweeps,
        messages_waiting(),
        how_many_due(now),
        oldest_due(now),
        outbox.oldest_unsent(now),
        min(filter(None, unsent), default=None),
        _open_flags(),
        backup_state(now),
        seal_state(now),
    )


def _open_flags() -> list[tuple[str, int]]:
    flags = Flag.objects.open().order_by("severity").values_list("severity")
    counts = dict(flags.annotate(number=Count("pk")))
    return [(one.value, counts.get(one.value, 0)) for one in Flag.Severity]
