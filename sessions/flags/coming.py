"""What became of one client's sessions until a day: what the rules of attendance are asked with.

Standard library only, and no clock. A session counts from its day on, on the clinic's calendar, as
soon as it is known how it ended; so a day has one answer, and a review at any hour of it the same.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Self

from programs.rules import Rules

from .finding import Asked
from .history import MISSED_STATES, History, Session

#: Reviews look at everybody once in so many days, so a rule need not look further ahead.
AHEAD = timedelta(days=7)
#: Good news is news for so long: longer than ``AHEAD``, so that everybody is seen in time.
NEWS = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class Attendance:
    """The sessions of one enrollment as far as they have been due on a day.

    ``base`` is her first day, ``due`` how many of the sessions had their day.
    """

    history: History
    base: date
    now: datetime
    today: date
    due: int

    @classmethod
    def of(cls, history: History, base: date, asked: Asked) -> Self:
        """As it is at a moment."""
        due = history.before(asked.today + timedelta(days=1))
        return cls(history, base, asked.known, asked.today, due)

    def at(self, asked: Asked) -> Self:
        """The same as far as it was so on an earlier day."""
        return self.of(self.history, self.base, asked)

    @property
    def over(self) -> bool:
        """Whether training had ended."""
        return self.history.ended_on is not None and self.today >= self.history.ended_on

    @property
    def paused(self) -> bool:
        """Whether a planned pause covers the day."""
        return bool(self.history.pauses) and self.history.paused(self.today)

    @property
    def last_came(self) -> Session | None:
        """The last session attended, of any kind."""
        number = self.history.came_before(self.due)
        return self.history.session(number) if number >= 0 else None

    def gap(self) -> int:
        """Days since the last session attended, whatever was in between; before any, since the
        first day of the program, and then negative before it.
        """
        last = self.last_came
        return (self.today - (last.day if last else self.base)).days

    def booked(self) -> Session | None:
        """The next seat that she has. One of today counts until somebody has said what it was."""
        return self.history.seat(self.now, self.today)

    def backwards(self, since: date = date.min) -> Iterator[Session]:
        """The sessions that have been due, the newest first, back to those after ``since``."""
        for number in range(self.due - 1, -1, -1):
            one = self.history.session(number)
            if one.day <= since:
                return
            yield one

    def letters(self, since: date) -> str:
        """The letters of ``backwards(since)``, oldest first: to count before anything is made."""
        return self.history.letters[self.history.before(since + timedelta(days=1)) : self.due]

    def missed(self, one: Session, rules: Rules) -> bool:
        """Whether a session is missed: the client's own cause, and not made up in its days.

        What falls into a planned pause was agreed on.
        """
        return (
            one.regular
            and one.state in MISSED_STATES
            and not self.repaid(one, rules)
            and not self.history.paused(one.day)
        )

    def repaid(self, one: Session, rules: Rules) -> bool:
        """Whether the make-up of a session was attended by now, and within the clinic's days."""
        day = one.repaid
        return (
            day is not None
            and day <= self.today
            and day <= one.day + timedelta(days=rules.makeup_days)
        )

    def again(self, asked: Asked) -> date | None:
        """The next day on which time alone may change what a rule of attendance says.

        A seat to come is no such day: what becomes of it is a new fact. The day after it is.
        """
        return min((day for day in self._marks(asked) if day > self.today), default=None)

    def recorded_on(self) -> frozenset[date]:
        """The days on which something of it was recorded; on the others only time has passed."""
        return self.history.recorded_on()

    def _marks(self, asked: Asked) -> Iterator[date]:
        """Days on which something passes a limit, past ones too."""
        rules = asked.rules
        yield from self._sessions_to_come()
        if asked.concerns(_SHARES):
            # The oldest session that counts leaves first.
            yield from self._leaves(timedelta(weeks=rules.attendance_weeks), "anlc")
        if asked.concerns(_NO_SHOWS):
            yield from self._leaves(timedelta(days=rules.no_show_days), "n")
        gap = self.gap()
        since = self.today - timedelta(days=gap)
        if asked.concerns(_LAPSES):
            yield since + timedelta(days=(gap // rules.lapsed_days + 1) * rules.lapsed_days)
        if asked.concerns(_GAPS):
            for limit in gap_limits(rules):
                yield since + timedelta(days=limit + 1)
        for first, until in self.history.pauses:
            yield first
            yield until + timedelta(days=1)

    def _leaves(self, window: timedelta, letters: str) -> Iterator[date]:
        """The next day on which a session with one of these letters is as old as a window."""
        history = self.history
        for number in range(history.before(self.today - window + timedelta(days=1)), self.due):
            if history.letters[number] in letters:
                yield history.session(number).day + window
                return

    def _sessions_to_come(self) -> Iterator[date]:
        """Those whose end is known before their day; and the day after the next seat."""
        for number in range(self.due, len(self.history)):
            if self.history.letters[number] not in "upUP":
                yield self.history.session(number).day
                break
        seat = self.booked()
        if seat is not None:
            yield seat.day + timedelta(days=1)


#: Who waits for which limits, by the ids of the rules.
_SHARES, _NO_SHOWS = frozenset({"F03"}), frozenset({"F01"})
_LAPSES, _GAPS = frozenset({"F04"}), frozenset({"F05"})


def gap_limits(rules: Rules) -> tuple[int, int, int, int]:
    """The last day of each band of days away, the shortest first (protocol sheet 6.4)."""
    return (
        rules.gap_short_days,
        rules.gap_medium_days,
        rules.gap_long_days,
        rules.gap_restart_days,
    )
