"""When a message may go: quiet hours on the clinic's clock, also when the clocks change."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from sessions.quiet import Quiet, reminder_at

SYDNEY, NEW_YORK, BERLIN, BRISBANE = (
    "Australia/Sydney",
    "America/New_York",
    "Europe/Berlin",
    "Australia/Brisbane",
)


def quiet(zone: str, from_hour: int = 20, until_hour: int = 8) -> Quiet:
    return Quiet(from_hour, until_hour, ZoneInfo(zone))


def here(zone: str, text: str, fold: int = 0) -> datetime:
    """A moment as the clock on the wall says it; ``fold=1`` is the second of two."""
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone), fold=fold)


def wall(moment: datetime, zone: str) -> str:
    return f"{moment.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M}"


@pytest.mark.parametrize(
    ("hours", "at", "covered"),
    [
        ((20, 8), "2026-03-05 19:59", False),
        ((20, 8), "2026-03-05 20:00", True),
        ((20, 8), "2026-03-06 00:00", True),
        ((20, 8), "2026-03-06 07:59", True),
        ((20, 8), "2026-03-06 08:00", False),
        ((12, 14), "2026-03-05 11:59", False),
        ((12, 14), "2026-03-05 12:00", True),
        ((12, 14), "2026-03-05 14:00", False),
        ((0, 7), "2026-03-05 00:00", True),
        ((0, 7), "2026-03-05 23:59", False),
        ((22, 0), "2026-03-05 23:59", True),
        ((22, 0), "2026-03-05 00:00", False),
        ((9, 9), "2026-03-05 09:00", False),
        ((0, 0), "2026-03-05 03:00", False),
    ],
)
def test_the_first_minute_is_quiet_and_the_last_is_not(
    hours: tuple[int, int], at: str, covered: bool
) -> None:
    assert quiet(BRISBANE, *hours).covers(here(BRISBANE, at)) is covered


@pytest.mark.parametrize(
    ("zone", "night", "began", "over", "length"),
    [
        # No change: twelve hours.
        (BRISBANE, "2026-10-04 03:00", "2026-10-03 20:00", "2026-10-04 08:00", 12),
        # The clocks go forward: an hour less.
        (SYDNEY, "2026-10-04 03:00", "2026-10-03 20:00", "2026-10-04 08:00", 11),
        (NEW_YORK, "2026-03-08 03:00", "2026-03-07 20:00", "2026-03-08 08:00", 11),
        (BERLIN, "2026-03-29 03:00", "2026-03-28 20:00", "2026-03-29 08:00", 11),
        # They go back: an hour more.
        (SYDNEY, "2026-04-05 02:30", "2026-04-04 20:00", "2026-04-05 08:00", 13),
        (NEW_YORK, "2026-11-01 01:30", "2026-10-31 20:00", "2026-11-01 08:00", 13),
        (BERLIN, "2026-10-25 02:30", "2026-10-24 20:00", "2026-10-25 08:00", 13),
    ],
)
@pytest.mark.parametrize("fold", [0, 1])
def test_the_night_begins_and_ends_by_the_clock_on_the_wall(
    zone: str, night: str, began: str, over: str, length: int, fold: int
) -> None:
    asked = here(zone, night, fold)
    hours = quiet(zone)
    assert hours.covers(asked)
    assert wall(hours.beginning(asked), zone) == began
    assert wall(hours.end(asked), zone) == over
    assert hours.end(asked) - hours.beginning(asked) == timedelta(hours=length)


@pytest.mark.parametrize(
    ("zone", "asked", "over"),
    [
        (BERLIN, "2026-03-29 01:30", "2026-03-29 03:00"),  # two o'clock is not there that night
        (BERLIN, "2026-10-25 01:30", "2026-10-25 02:00"),  # and twice in this one: the first
        (NEW_YORK, "2026-03-08 01:30", "2026-03-08 03:00"),
        (SYDNEY, "2026-10-04 01:30", "2026-10-04 03:00"),
    ],
)
def test_quiet_until_an_hour_that_is_skipped_or_comes_twice_has_an_end(
    zone: str, asked: str, over: str
) -> None:
    hours = quiet(zone, 20, 2)
    end = hours.end(here(zone, asked))
    assert wall(end, zone) == over
    assert not hours.covers(end)


@pytest.mark.parametrize(
    ("now", "before", "goes"),
    [
        ("2026-03-05 12:00", None, "2026-03-05 12:00"),
        ("2026-03-05 21:00", None, "2026-03-06 08:00"),
        ("2026-03-05 21:00", "2026-03-06 09:00", "2026-03-06 08:00"),
        # Eight o'clock would be half an hour before it: better tonight than too late.
        ("2026-03-05 21:00", "2026-03-06 08:30", "2026-03-05 21:00"),
        ("2026-03-06 02:00", "2026-03-06 06:00", "2026-03-06 02:00"),
    ],
)
def test_what_is_ready_at_night_waits_unless_that_is_too_late(
    now: str, before: str | None, goes: str
) -> None:
    chance = quiet(BRISBANE).next_chance(
        here(BRISBANE, now), before=before and here(BRISBANE, before)
    )
    assert wall(chance, BRISBANE) == goes


@pytest.mark.parametrize(
    ("start", "hours", "goes"),
    [
        ("2026-03-05 09:00", 24, "2026-03-04 09:00"),
        ("2026-03-05 08:00", 24, "2026-03-04 08:00"),
        # Seven in the morning of the day before is quiet: an hour later it is not.
        ("2026-03-05 07:00", 24, "2026-03-04 08:00"),
        ("2026-03-05 20:30", 24, "2026-03-05 08:00"),
        ("2026-03-05 09:30", 2, "2026-03-05 08:00"),
        ("2026-03-05 09:00", 2, "2026-03-05 08:00"),
        # Eight o'clock would be too late: the evening before, and not at night.
        ("2026-03-05 08:59", 2, "2026-03-04 19:30"),
        ("2026-03-05 06:00", 4, "2026-03-04 19:30"),
        ("2026-03-05 06:00", 10, "2026-03-04 19:30"),
    ],
)
def test_a_reminder_goes_when_people_are_awake(start: str, hours: int, goes: str) -> None:
    moment = reminder_at(here(BRISBANE, start), hours=hours, quiet=quiet(BRISBANE))
    assert wall(moment, BRISBANE) == goes


@pytest.mark.parametrize(
    ("zone", "start", "goes", "earlier"),
    [
        # A day before is the same time on the wall, be it 23, 24 or 25 hours.
        (BRISBANE, "2026-10-04 09:00", "2026-10-03 09:00", 24),
        (SYDNEY, "2026-10-04 09:00", "2026-10-03 09:00", 23),
        (SYDNEY, "2026-04-05 09:00", "2026-04-04 09:00", 25),
        (NEW_YORK, "2026-03-08 09:00", "2026-03-07 09:00", 23),
        (NEW_YORK, "2026-11-01 09:00", "2026-10-31 09:00", 25),
        (BERLIN, "2026-03-29 09:00", "2026-03-28 09:00", 23),
        (BERLIN, "2026-10-25 09:00", "2026-10-24 09:00", 25),
        # The reminder itself falls into the night of the change.
        (BERLIN, "2026-03-30 02:30", "2026-03-29 08:00", 18.5),
        (BERLIN, "2026-10-26 02:30", "2026-10-25 08:00", 18.5),
        (SYDNEY, "2026-10-05 02:30", "2026-10-04 08:00", 18.5),
        (NEW_YORK, "2026-03-09 02:30", "2026-03-08 08:00", 18.5),
        # A leap day.
        (BERLIN, "2028-03-01 09:00", "2028-02-29 09:00", 24),
    ],
)
def test_a_reminder_across_the_change_of_the_clocks(
    zone: str, start: str, goes: str, earlier: float
) -> None:
    begins = here(zone, start)
    moment = reminder_at(begins, hours=24, quiet=quiet(zone))
    assert wall(moment, zone) == goes
    assert begins.astimezone(UTC) - moment == timedelta(hours=earlier)


@pytest.mark.parametrize("zone", [SYDNEY, NEW_YORK, BERLIN, BRISBANE])
@pytest.mark.parametrize("hours", [2, 5, 24, 48, 168])
def test_no_reminder_is_ever_at_night_or_too_late(zone: str, hours: int) -> None:
    """Every half hour of a year, for several quiet hours."""
    for spell in ((20, 8), (22, 6), (18, 11), (12, 14), (1, 0)):
        asked = quiet(zone, *spell)
        start = datetime(2026, 1, 1, tzinfo=UTC)
        for _ in range(2 * 24 * 366 // 7):
            start += timedelta(minutes=30 * 7)
            moment = reminder_at(start, hours=hours, quiet=asked)
            assert not asked.covers(moment), (spell, start, moment)
            assert moment <= start - timedelta(hours=1), (spell, start, moment)
            assert moment >= start - timedelta(hours=hours + 25), (spell, start, moment)
