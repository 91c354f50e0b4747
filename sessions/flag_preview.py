"""What other thresholds would have raised: the rules are asked about each of the last 90 days.

Nothing is stored. What is asked is what is known today of the time until then, so a session whose
end was told a day later counts from its own day on. The sums of the parts add up, so that a page
can ask for them one after the other and show how far it is.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import Q

from bonefit.clinics.models import Clinic
from programs.calendar import wall_time
from programs.models import Enrollment
from programs.rules import Rules

from .flag_facts import FAMILIES, HISTORY_KEYS, READ_ONCE, Scope
from .flags import Asked, Rule
from .flags.registry import RULES

#: Days that a preview looks back.
DAYS = 90


@dataclass(frozen=True, slots=True)
class PreviewCount:
    """Flags that one rule would have raised in the time, and how many resolved by themselves."""

    before: int = 0
    after: int = 0
    before_resolved: int = 0
    after_resolved: int = 0

    def __add__(self, other: PreviewCount) -> PreviewCount:
        return PreviewCount(
            self.before + other.before,
            self.after + other.after,
            self.before_resolved + other.before_resolved,
            self.after_resolved + other.after_resolved,
        )


def begin(clinic: Clinic, now: datetime) -> tuple[int, ...]:
    """The enrollments to look at: those that went on at any time in the last 90 days."""
    first = now.astimezone(clinic.tz).date() - timedelta(days=DAYS)
    rows = Enrollment.objects.filter(Q(ended_on=None) | Q(ended_on__gt=first), clinic=clinic)
    return tuple(rows.order_by("pk").values_list("pk", flat=True))


def changed_rules(before: Rules, after: Rules) -> tuple[Rule, ...]:
    """The rules whose answers the difference may change, and that a review asks."""
    keys = {key for key, value in after.values().items() if before.values()[key] != value}
    return tuple(
        rule
        for rule in RULES
        if rule.family in FAMILIES and not rule.of_clinic and keys & set(rule.settings)
    )


def part(
    clinic: Clinic, ids: Sequence[int], before: Rules, after: Rules, now: datetime
) -> dict[str, PreviewCount]:
    """What these enrollments would have raised under both sets of numbers, by the rule's id."""
    rules = changed_rules(before, after)
    old, new = (
        Scope.of(clinic, tuple(ids), now, rules=one, back=DAYS, also=other)
        for one, other in ((before, after), (after, before))
    )
    counts: dict[str, PreviewCount] = {}
    for family in {rule.family for rule in rules}:
        own = [rule for rule in rules if rule.family == family]
        told = _histories(family, old, new)
        sums = [one for scopes, history in told for one in _sums(history, own, scopes)]
        counts |= {
            rule.id: PreviewCount(*(one[rule.id][at] for at in (0, 1) for one in sums))
            for rule in own
        }
    return counts


def _histories(
    family: str, old: Scope, new: Scope
) -> list[tuple[tuple[Scope, ...], Mapping[int, Any]]]:
    """What is gone through, and under which numbers it is asked."""
    fetch, key = FAMILIES[family], HISTORY_KEYS.get(family)
    if key is not None and key(old.asked.rules) == key(new.asked.rules):
        # One that is good for both is gone through once.
        return [((old, new), fetch(old))]
    both = READ_ONCE.get(family)
    was, will = both(old, new) if both else (fetch(old), fetch(new))
    return [((old,), was), ((new,), will)]


def _sums(
    history: Mapping[int, Any], rules: Sequence[Rule], scopes: Sequence[Scope]
) -> list[dict[str, tuple[int, int]]]:
    """(raised, resolved by itself) of each rule over the days, under the numbers of each scope."""
    only = frozenset(rule.id for rule in rules)
    days = list(zip(*(_days(scope, only) for scope in scopes), strict=True))
    sums = [{rule.id: (0, 0) for rule in rules} for _ in scopes]
    for facts in history.values():
        for found, runs in zip(sums, replayed(facts, rules, days), strict=True):
            for run in runs:
                so_far = found[run.rule.id]
                found[run.rule.id] = (so_far[0] + run.raised, so_far[1] + run.resolved)
    return sums


def _days(scope: Scope, only: frozenset[str]) -> Iterator[Asked]:
    """The end of each day of the clinic, the oldest first, and now."""
    clinic, asked = scope.clinic, scope.asked
    for back in range(DAYS, 0, -1):
        day: date = asked.today - timedelta(days=back)
        end = wall_time(day + timedelta(days=1), time.min, clinic.tz)
        yield Asked(end - timedelta(microseconds=1), day, asked.rules, only)
    yield Asked(asked.now, asked.today, asked.rules, only)


def replayed(facts: Any, rules: Sequence[Rule], days: Sequence[Sequence[Asked]]) -> list[list[Run]]:
    """Reconcile day by day, as the sweep would have: what was true on the first day is old news.

    Each day is one question under each set of numbers; for each of them the runs of all rules.
    """
    sides = [[Run(rule) for rule in rules] for _ in days[0]]
    told = getattr(facts, "recorded_on", None)  # a family that does not say is asked each day
    recorded: frozenset[date] | None = told() if told else None
    # It is the end of a day that is asked about: then a limit of hours may be passed already.
    early = timedelta(days=getattr(facts, "in_hours", False))
    again: date | None = days[0][0].today
    for number, questions in enumerate(days):
        today = questions[0].today
        # On a day on which nothing was recorded and no limit is reached, nothing can change.
        waits = again is None or today + early < again
        if waits and recorded is not None and today not in recorded:
            continue
        then = facts.at(questions[0])
        again = min((day for one in questions if (day := then.again(one))), default=None)
        for asked, runs in zip(questions, sides, strict=True):
            for run in runs:
                run.day(then, asked, counts=number > 0)
    return sides


@dataclass(slots=True)
class Run:
    """One rule over the days of one enrollment: what is open, and what was raised meanwhile."""

    rule: Rule
    open: dict[str, bool] = field(default_factory=dict)
    seen: set[str] = field(default_factory=set)
    raised: int = 0
    resolved: int = 0

    def day(self, facts: Any, asked: Asked, *, counts: bool) -> None:
        """``open`` becomes what is true on this day; each subject with whether it is counted."""
        found = {one.subject: one.key for one in self.rule.judge(facts, asked)}
        if not found and not self.open:
            return
        for subject in self.open.keys() - found.keys():
            counted = self.open.pop(subject)
            self.resolved += counted and not self.rule.once
        for subject, key in found.items():
            if subject not in self.open:
                fresh = counts and key not in self.seen
                self.raised += fresh
                self.open[subject] = fresh
            self.seen.add(key)
