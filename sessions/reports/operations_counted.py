"""What the operations report counts; each query is asked when one of its figures is looked at."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from functools import cached_property
from typing import Any, NamedTuple

from . import retests, running
from .operations_places import Places, places_of
from .retests import CameDue
from .scope import Scope


class Ended(NamedTuple):
    """How sessions ended, and what became of those that were owed."""

    states: Counter[str]
    credits: Counter[tuple[str, str]]


class Running:
    """Everything that the report counts: five queries, each asked when it is looked at."""

    def __init__(self, scope: Scope) -> None:
        self.scope = scope

    @cached_property
    def places(self) -> Sequence[Places]:
        return places_of(self.scope) if self.scope.whole else []

    @property
    def everything(self) -> Places | None:
        """All places together; None for who sees her own clients alone."""
        return next((one for one in self.places if one.what == "all"), None)

    @cached_property
    def ended(self) -> Ended:
        states: Counter[str] = Counter()
        credits: Counter[tuple[str, str]] = Counter()
        for state, became, number in self.scope.ask(running.OWING + running.STATES):
            if became is not None:
                credits[state, became] = number
            elif number:
                states[state] = number
        return Ended(states, credits)

    @cached_property
    def by_month(self) -> Mapping[date, Counter[str]]:
        """How the sessions of each month ended, the earliest first."""
        found: dict[date, Counter[str]] = defaultdict(Counter)
        for month, state, number in self.scope.ask(running.SCHEDULED + running.BY_MONTH):
            found[month][state] = number
        return dict(sorted(found.items()))

    @cached_property
    def flags(self) -> Sequence[tuple[Any, ...]]:
        """Kind and severity (None for all), and the numbers of ``running.FLAGS``."""
        return self.scope.ask(running.RAISED + running.FLAGS)

    @cached_property
    def checks(self) -> Sequence[CameDue]:
        return retests.came_due(self.scope)

    @property
    def states(self) -> Counter[str]:
        return self.ended.states

    @property
    def credits(self) -> Counter[tuple[str, str]]:
        return self.ended.credits

    @property
    def scheduled(self) -> int:
        return self.states.total()
