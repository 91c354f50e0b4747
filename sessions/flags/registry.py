"""All rules, in the order of protocol sheet 6.2; the help page is written from them.

Standard library only.
"""

from . import attendance, floor, gaps, health, lifts, loads, news, phases
from .rule import Rule

_ROOMS = (attendance, gaps, phases, lifts, loads, news, health, floor)

RULES: tuple[Rule, ...] = tuple(
    sorted((rule for room in _ROOMS for rule in room.RULES), key=lambda rule: rule.id)
)

BY_KIND: dict[str, Rule] = {rule.kind: rule for rule in RULES}
BY_ID: dict[str, Rule] = {rule.id: rule for rule in RULES}


def rules_of(family: str) -> tuple[Rule, ...]:
    """The rules that are asked with the facts of one family."""
    return tuple(rule for rule in RULES if rule.family == family)


def resting_on(keys: frozenset[str]) -> tuple[Rule, ...]:
    """The rules whose answer may change where these settings change."""
    return tuple(rule for rule in RULES if keys & set(rule.settings))
