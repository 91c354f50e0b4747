"""What stands on a client's page, as values: its parts, and the page as a whole."""

from __future__ import annotations

from dataclasses import dataclass

from bonefit.clients.models import Client
from bonefit.clinics.models import Clinic
from programs.models import Enrollment

from .lifted import Lifted
from .progress import Check, SoFar

#: What a client is told to bring where her clinic has not written its own words.
BRING = "Flat shoes, water and your glasses. Eat something small an hour before."


@dataclass(frozen=True, slots=True)
class Next:
    """The next session in words; ``visit`` is its uid where she may still say she can't come."""

    is_on: bool
    until: str
    weekday: str
    day: str
    span: str
    supervisors: str
    room: str
    visit: str


@dataclass(frozen=True, slots=True)
class Coming:
    """A line of the coming weeks; ``called_off`` says why it will not be, "" where it will.

    ``visit`` is the uid where she may say that she can't come, ``back`` where she may come after
    all.
    """

    day: str
    time: str
    called_off: str
    visit: str
    back: str
    make_up: bool


@dataclass(frozen=True, slots=True)
class MakeUp:
    """A session that may be made up for, and until when."""

    visit: str
    day: str
    until: str


@dataclass(frozen=True, slots=True)
class Offer:
    """A slot that she waits for; with ``until`` its place is offered to her."""

    waiting: int
    when: str
    until: str


@dataclass(frozen=True, slots=True)
class LastTime:
    """The last session she came to."""

    day: str
    lifts: list[Lifted]


@dataclass(frozen=True, slots=True)
class Portal:
    """Everything on a client's page. Without an enrollment there is nothing but the clinic."""

    clinic: Clinic
    #: The client whose page a companion looks at; None on one's own page.
    of: Client | None = None
    enrollment: Enrollment | None = None
    next: Next | None = None
    offers: tuple[Offer, ...] = ()
    make_ups: tuple[MakeUp, ...] = ()
    away: str = ""
    coming: tuple[Coming, ...] = ()
    last: LastTime | None = None
    so_far: SoFar | None = None
    checks: tuple[Check, ...] = ()

    @property
    def bring(self) -> str:
        """What to bring, in the clinic's words or the usual ones."""
        return self.clinic.what_to_bring.strip() or BRING

    @property
    def finished(self) -> bool:
        return self._is(Enrollment.Status.FINISHED)

    @property
    def withdrawn(self) -> bool:
        return self._is(Enrollment.Status.WITHDRAWN)

    @property
    def reminders(self) -> str:
        """Whether she is reminded of her sessions: "on" or "off"; "" where nothing can be sent."""
        if self.enrollment is None or self.finished or self.withdrawn:
            return ""
        client = self.enrollment.client
        if not client.email:
            return ""
        return "on" if client.reminders_off_at is None else "off"

    @property
    def own(self) -> bool:
        """Whether it is the reader's own page, on which she may change things."""
        return self.of is None

    def _is(self, status: str) -> bool:
        return self.enrollment is not None and self.enrollment.status == status
