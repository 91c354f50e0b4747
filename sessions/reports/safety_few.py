"""To how many people the harm in each row of safety came, for whoever may not read their names."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

from django.db.models import Count

from bonefit.clients.models import FallsMonth

from . import harm
from .safety_behind import EVENT_ROWS, FALL_ROWS, MONTHS
from .scope import Scope

#: All events and all falls are the figure of everybody; the others are a part of it.
_EVERYBODY = frozenset({"events", "falls"})


def few(scope: Scope) -> Mapping[str, Mapping[str, int]]:
    """People by table and row; nine queries."""
    found = harm.harm(scope)
    kinds: dict[str, set[int]] = defaultdict(set)
    for event in found.events:
        kinds[event.what].add(event.client)
    rates = {
        key: len({one.client for one in found.events if which(one)})
        for key, _, which in EVENT_ROWS
        if key not in _EVERYBODY
    }
    rates |= {
        key: len({one.client for one in found.counted if which(one)})
        for key, _, which in FALL_ROWS
        if key not in _EVERYBODY
    }
    return {
        "rates": rates,
        "kinds": {key: len(people) for key, people in kinds.items()},
        "months": _answers(scope, found),
    }


def _answers(scope: Scope, found: harm.Harm) -> Mapping[str, int]:
    within = FallsMonth.objects.filter(harm.asked_months(scope))
    asked = {
        name: Count("client_id", filter=which, distinct=True) for name, which in MONTHS.items()
    }
    outside = {one.client for one in found.falls if not one.answered}
    return {**within.aggregate(**asked), "outside": len(outside)}
