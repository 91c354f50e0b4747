"""Things that happen at their moments, one after the other, until now. Standard library only."""

from __future__ import annotations

import heapq
from collections.abc import Callable
from datetime import datetime
from itertools import count

Happening = Callable[[datetime], None]


class Diary:
    """What will happen, soonest first. What would be after ``now`` does not happen."""

    def __init__(self, now: datetime) -> None:
        self.now = now
        self._order = count()
        self._ahead: list[tuple[datetime, int, Happening]] = []

    def at(self, moment: datetime, happening: Happening) -> None:
        """Note something; of two at one moment, what was noted first happens first."""
        if moment <= self.now:
            heapq.heappush(self._ahead, (moment, next(self._order), happening))

    def live(self) -> None:
        """Let it all happen, and what comes of it."""
        while self._ahead:
            moment, _, happening = heapq.heappop(self._ahead)
            happening(moment)
