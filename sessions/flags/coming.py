"""What became of one client's sessions until a day: what the rules of attendance are asked with.

Standard library only, and no clock. A session counts from its day on, on the clinic's calendar, as
soon as it is known how it ended; so a day has one answer, and a review at any hour of it the same.
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import lru_cache
from typing import NamedTuple, Self

from programs.rules import Rules

from .finding import Asked

#: Final states that are the client's own misses (protocol sheet 6.1). Excused and clinic causes
#: break a run of misses, and so does a visit that nobody has recorded: absent is not unrecorded.
MISSED_STATES = frozenset({"no_show", "late_cancel", "cancelled_client"})

CAME = "attended"
NO_SHOW = "no_show"
#: She had cancelled it, and then the class was called off: nobody could have come.
CALLED_OFF = "called_off"
#: Nobody has said yet how it ended.
SEAT = "planned"
UNKNOWN = frozenset({"unrecorded", SEAT, "checked_in"})

#: How a session ended, a letter each: an attended one in part is an attended one.
LETTERS = {
    "a": CAME,
    "n": NO_SHOW,
    "l": "late_cancel",
    "c": "cancelled_client",
    "x": "excused",
    "u": "unrecorded",
    "p": SEAT,
}

#: Reviews look at everybody once in so many days, so a rule need not look further ahead.
AHEAD = timedelta(days=7)
#: Good news is news for so long: longer than ``AHEAD``, so that everybody is seen in time.
NEWS = timedelta(days=14)


class Session(NamedTuple):
    """One session: its visit's key, its day in the clinic, and what became of it.

    ``state`` is a status of visits. ``regular`` is False for make-ups and extras. ``repaid`` is the
    day of the make-up that was attended for it. It held a seat from ``booked_at`` (None: never)
    until ``freed_at`` (None: until its day). ``starts`` are the seconds that order a day.
    """

    key: int
    day: date
    state: str
    regular: bool = True
    repaid: date | None = None
    booked_at: datetime | None = None
    freed_at: datetime | None = None
    starts: int = 0

    def holds_a_seat(self, now: datetime) -> bool:
        """Whether it was booked at a moment before its day."""
        return (
            self.booked_at is not None
            and self.booked_at <= now
            and (self.freed_at is None or self.freed_at > now)
        )


class Silent(NamedTuple):
    """A visit that passed its grace with nothing in it, as its flag shows it."""

    key: int
    uid: str
    day: date
    time: str
    room: str
    therapist: str
    checked_in: bool
    deadline: str


class Detail(NamedTuple):
    """What is known of a session beside its end, in seconds since the epoch (see ``Session``).

    ``called_off``: she had cancelled it, and then there was no such class.
    """

    repaid: int | None = None
    booked_at: int | None = None
    freed_at: int | None = None
    called_off: bool = False


_NO_DETAIL = Detail()


class History:
    """The sessions of one enrollment, oldest first, and her pauses; both days of each included.

    A session is a key, its start in seconds since the epoch, and a letter (``LETTERS``; upper case
    where it is not regular): most of them are only counted, and nothing is made of those.
    ``silent`` are her unrecorded visits.
    """

    __slots__ = (
        *("_made", "_runs", "details", "ended_on", "keys", "letters", "pauses", "silent"),
        *("starts", "tz"),
    )

    def __init__(
        self,
        keys: Sequence[int],
        starts: Sequence[int],
        letters: str,
        *,
        tz: tzinfo,
        details: Mapping[int, Detail] | None = None,
        pauses: Iterable[tuple[date, date]] = (),
        silent: Iterable[Silent] = (),
        ended_on: date | None = None,
    ) -> None:
        self.keys, self.starts, self.letters, self.tz = keys, starts, letters, tz
        self.details = details or {}
        self.pauses = tuple(pauses)
        self.silent = tuple(silent)
        self.ended_on = ended_on
        self._made: dict[int, Session] = {}
        self._runs: tuple[Sequence[int], Sequence[tuple[int, int, int]]] | None = None

    def __len__(self) -> int:
        return len(self.keys)

    def session(self, number: int) -> Session:
        """One of the sessions, the oldest is 0."""
        known = self._made.get(number)
        if known is None:
            known = self._made[number] = self._make(number)
        return known

    def _make(self, number: int) -> Session:
        letter, key, start = self.letters[number], self.keys[number], self.starts[number]
        regular = letter.islower()
        detail = self.details.get(key, _NO_DETAIL)
        return Session(
            key,
            self._day(start),
            CALLED_OFF if detail.called_off else LETTERS[letter.lower()],
            regular,
            None if detail.repaid is None else self._day(detail.repaid),
            _moment(detail.booked_at),
            _moment(detail.freed_at),
            start,
        )

    def _day(self, seconds: int) -> date:
        return datetime.fromtimestamp(seconds, self.tz).date()

    def recorded_on(self) -> frozenset[date]:
        """The days of the sessions, and those on which a seat was booked, freed or made up."""
        seconds = {*self.starts}
        for one in self.details.values():
            seconds.update(
                moment for moment in (one.repaid, one.booked_at, one.freed_at) if moment is not None
            )
        days = {self._day(moment) for moment in seconds}
        return frozenset(days if self.ended_on is None else {*days, self.ended_on})

    def before(self, day: date) -> int:
        """How many of the sessions are before a day."""
        return bisect_left(self.starts, _begins(day, self.tz))

    def came_before(self, number: int) -> int:
        """Which was the last one attended of the first ``number``; -1 for none."""
        return max(self.letters.rfind("a", 0, number), self.letters.rfind("A", 0, number))

    def paused(self, day: date) -> bool:
        """Whether a pause covers the day."""
        return any(first <= day <= last for first, last in self.pauses)

    def runs(self) -> tuple[Sequence[int], Sequence[tuple[int, int, int]]]:
        """The regular sessions attended, and after each session: how many of them until then, the
        run that goes on, the longest one before it. A miss ends a run, also one that was made up,
        and so does a session that stayed silent; what was excused or closed neither ends it nor
        counts.
        """
        if self._runs is None:
            came: list[int] = []
            after = []
            run = best = 0
            silent = False
            for number, letter in enumerate(self.letters):
                if letter in "up":
                    silent = True
                elif letter in "anlc":
                    if silent or letter != "a":
                        best, run, silent = max(best, run), 0, False
                    if letter == "a":
                        came.append(number)
                        run += 1
                after.append((len(came), run, best))
            self._runs = came, after
        return self._runs


def _moment(seconds: int | None) -> datetime | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)


@lru_cache(maxsize=4096)
def _begins(day: date, tz: tzinfo) -> float:
    """The first second of a day."""
    return datetime.combine(day, time.min, tzinfo=tz).timestamp()


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
        return cls(history, base, asked.now, asked.today, due)

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
        for number in range(self.history.before(self.today), len(self.history)):
            one = self.history.session(number)
            if one.day == self.today:
                if one.state in UNKNOWN and one.state != "unrecorded":
                    return one
            elif one.holds_a_seat(self.now):
                return one
        return None

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
        return min((day for day in self._marks(asked.rules) if day > self.today), default=None)

    def recorded_on(self) -> frozenset[date]:
        """The days on which something of it was recorded; on the others only time has passed."""
        return self.history.recorded_on()

    def _marks(self, rules: Rules) -> Iterator[date]:
        """Days on which something passes a limit, past ones too."""
        yield from self._sessions_to_come()
        window = timedelta(weeks=rules.attendance_weeks)
        days = timedelta(days=rules.no_show_days)
        for one in self.backwards(self.today - max(window, days)):
            yield one.day + window
            if one.state == NO_SHOW:
                yield one.day + days
        gap = self.gap()
        since = self.today - timedelta(days=gap)
        yield since + timedelta(days=(gap // rules.lapsed_days + 1) * rules.lapsed_days)
        for limit in gap_limits(rules):
            yield since + timedelta(days=limit + 1)
        for first, until in self.history.pauses:
            yield first
            yield until + timedelta(days=1)

    def _sessions_to_come(self) -> Iterator[date]:
        """Those whose end is known before their day; and the day after the next seat."""
        for number in range(self.due, len(self.history)):
            one = self.history.session(number)
            if one.state not in UNKNOWN:
                yield one.day
                break
        seat = self.booked()
        if seat is not None:
            yield seat.day + timedelta(days=1)


def gap_limits(rules: Rules) -> tuple[int, int, int, int]:
    """The last day of each band of days away, the shortest first (protocol sheet 6.4)."""
    return (
        rules.gap_short_days,
        rules.gap_medium_days,
        rules.gap_long_days,
        rules.gap_restart_days,
    )
