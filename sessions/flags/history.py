"""One client's sessions as they are fetched: what the rules of attendance count.

Standard library only, and no clock.
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import lru_cache
from typing import NamedTuple

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


class Counts(NamedTuple):
    """A session that counts for a share; ``repaid``: made up in time; ``agreed``: in a pause."""

    number: int
    of: Session
    came: bool
    repaid: date | None
    agreed: bool


class History:
    """The sessions of one enrollment, oldest first, and her pauses; both days of each included.

    A session is a key, its start in seconds since the epoch, and a letter (``LETTERS``; upper case
    where it is not regular): most of them are only counted, and nothing is made of those.
    ``silent`` are her unrecorded visits.
    """

    __slots__ = (
        *(
            "_counting",
            "_made",
            "_runs",
            "_seat",
            "details",
            "ended_on",
            "keys",
            "letters",
            "pauses",
        ),
        *("silent", "starts", "tz"),
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
        self._counting: dict[int, list[Counts]] = {}
        self._seat: tuple[datetime, Session | None] | None = None
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

    def seat(self, now: datetime, today: date) -> Session | None:
        """The next session from a day on that has a seat at a moment of it (``booked``)."""
        if self._seat is None or self._seat[0] != now:
            self._seat = now, self._next_seat(now, today)
        return self._seat[1]

    def _next_seat(self, now: datetime, today: date) -> Session | None:
        tomorrow = self.before(today + timedelta(days=1))
        for number in range(self.before(today), tomorrow):
            if self.letters[number] in "pP":
                return self.session(number)
        # By the seconds alone: of a past many sessions are to come, and most are not yet booked.
        moment = now.timestamp()
        for number in range(tomorrow, len(self.keys)):
            _, booked, freed, _ = self.details.get(self.keys[number], _NO_DETAIL)
            if booked is not None and booked <= moment and (freed is None or freed > moment):
                return self.session(number)
        return None

    def came_before(self, number: int) -> int:
        """Which was the last one attended of the first ``number``; -1 for none."""
        return max(self.letters.rfind("a", 0, number), self.letters.rfind("A", 0, number))

    def paused(self, day: date) -> bool:
        """Whether a pause covers the day."""
        return any(first <= day <= last for first, last in self.pauses)

    def counting(self, makeup_days: int) -> Sequence[Counts]:
        """The regular sessions that she came to or missed herself, oldest first."""
        if makeup_days not in self._counting:
            self._counting[makeup_days] = list(self._counts(timedelta(days=makeup_days)))
        return self._counting[makeup_days]

    def _counts(self, makeup: timedelta) -> Iterator[Counts]:
        for number in (number for number, letter in enumerate(self.letters) if letter in "anlc"):
            one = self.session(number)
            in_time = one.repaid is not None and one.repaid <= one.day + makeup
            if one.state != CALLED_OFF:
                repaid = one.repaid if in_time else None
                yield Counts(number, one, one.state == CAME, repaid, self.paused(one.day))

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
