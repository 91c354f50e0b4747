"""What facts are asked for: of whom, of which moment, under which numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Protocol, Self

from bonefit.clinics.models import Clinic
from programs.plans import rules_at
from programs.rules import Rules
from sessions.flags import Asked

#: A review asks about now, and what is written is known: also where the machine that wrote it has a
#: clock that is ahead of ours by less than this. Else what a slow clock has looked at it would not
#: look at again for days.
CLOCKS = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Scope:
    """The active enrollments of one clinic that are asked about.

    ``back``: for how many days before the moment the facts are to be good as well (a preview asks
    about each of them with ``Facts.at``); 0 where only the moment counts, and then a query may
    leave out whoever no rule can concern within the next week. ``also``: other numbers that a past
    is asked about under, beside those of ``asked``.
    """

    clinic: Clinic
    enrollments: tuple[int, ...]
    asked: Asked
    back: int = 0
    also: Rules | None = None

    @classmethod
    def of(
        cls,
        clinic: Clinic,
        enrollments: tuple[int, ...],
        now: datetime,
        *,
        rules: Rules | None = None,
        back: int = 0,
        also: Rules | None = None,
    ) -> Self:
        """The scope of a moment, under the clinic's numbers then or under ``rules``."""
        clocks = timedelta(0) if back else CLOCKS
        numbers = rules or rules_at(clinic, now + clocks).rules
        asked = Asked(now, now.astimezone(clinic.tz).date(), numbers, clocks=clocks)
        return cls(clinic, enrollments, asked, back, also)


class Facts(Protocol):
    """What one family of rules is asked with, of one enrollment. Immutable; pure.

    It may have ``recorded_on() -> frozenset[date]`` as well: the days on which something of it was
    recorded. On the others only time has passed, and a preview skips those that no rule waits for.
    ``in_hours`` is True where limits are passed within the day before the one that ``again`` names.
    """

    def at(self, asked: Asked) -> Self:
        """The same, as far as it was so at an earlier moment, whatever the numbers."""
        ...

    def again(self, asked: Asked) -> date | None:
        """The next day on which time alone may change what a rule says; None: not within a week."""
        ...


class Fetch(Protocol):
    """One query for all that is asked about; an enrollment may be left out (see ``Scope``)."""

    def __call__(self, scope: Scope) -> Mapping[int, Any]: ...
