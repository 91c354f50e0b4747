"""When a message may go out: quiet hours on the clinic's clock, through both clock changes.

Standard library only.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

#: A message about something that begins sooner than this after the quiet hours does not wait.
IN_TIME = timedelta(hours=1)
#: A reminder that the night would hold back too long goes out this long before the night.
BEFORE_THE_NIGHT = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class Quiet:
    """The hours, from ``from_hour`` until ``until_hour`` (0 to 23), in which nobody is written to.

    Over midnight where ``from_hour`` is the later one; none where both are the same.
    """

    from_hour: int
    until_hour: int
    tz: ZoneInfo

    def covers(self, moment: datetime) -> bool:
        """Whether it is quiet then; the first minute is, the last one is not."""
        hour = moment.astimezone(self.tz).hour
        if self.from_hour <= self.until_hour:
            return self.from_hour <= hour < self.until_hour
        return hour >= self.from_hour or hour < self.until_hour

    def end(self, moment: datetime) -> datetime:
        """When the quiet around ``moment`` is over; the moment itself where it is not quiet."""
        if not self.covers(moment):
            return moment
        here = moment.astimezone(self.tz)
        day = here.date()
        if here.hour >= self.until_hour:  # before midnight
            day += timedelta(days=1)
        return self._at(day, self.until_hour)

    def beginning(self, moment: datetime) -> datetime:
        """When the quiet around ``moment`` began; the moment itself where it is not quiet."""
        if not self.covers(moment):
            return moment
        here = moment.astimezone(self.tz)
        day = here.date()
        if here.hour < self.from_hour:  # after midnight
            day -= timedelta(days=1)
        return self._at(day, self.from_hour)

    def next_chance(self, now: datetime, *, before: datetime | None = None) -> datetime:
        """When a message that is ready now may go: now, or when the quiet is over.

        ``before`` is when it would be pointless. Where the end of the quiet is less than an hour
        before that, waiting would say it too late, and it goes now.
        """
        end = self.end(now)
        return now if before is not None and end > before - IN_TIME else end

    def _at(self, day: date, hour: int) -> datetime:
        return datetime.combine(day, time(hour), tzinfo=self.tz).astimezone(UTC)


def reminder_at(start: datetime, *, hours: int, quiet: Quiet) -> datetime:
    """When to remind of a session: ``hours`` before it on the clinic's clock, and not at night.

    A reminder that would fall into the quiet hours goes when they are over, if that is still an
    hour before the session; else on the evening before, half an hour before they begin.
    """
    on_the_wall = start.astimezone(quiet.tz).replace(tzinfo=None) - timedelta(hours=hours)
    usual = on_the_wall.replace(tzinfo=quiet.tz).astimezone(UTC)
    if not quiet.covers(usual):
        return usual
    end = quiet.end(usual)
    return end if end <= start - IN_TIME else quiet.beginning(usual) - BEFORE_THE_NIGHT
