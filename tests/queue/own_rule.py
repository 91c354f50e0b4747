"""One rule for the tests of the queue, in place of all others, so that a worker has what to find.

It raises a flag for whoever has a visit that nobody has answered for, and fails on a client whose
name is Poison.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Self

import pytest
from django.db.models import Max

from programs.models import Enrollment
from sessions import reviewing
from sessions.flag_facts import Scope
from sessions.flags import Action, Asked, Finding, Rule, Severity
from sessions.models import Flag, Visit

KIND = Flag.Kind.LAPSED


@dataclass(frozen=True, slots=True)
class Silent:
    """Of one enrollment the newest visit without an answer."""

    name: str
    visit: int

    def at(self, asked: Asked) -> Self:
        return self

    def again(self, asked: Asked) -> date | None:
        return None


def fetch(scope: Scope) -> Mapping[int, Silent]:
    rows = (
        Enrollment.objects.filter(pk__in=scope.enrollments, visits__status=Visit.Status.UNRECORDED)
        .annotate(newest=Max("visits"))
        .values_list("pk", "client__name", "newest")
    )
    return {pk: Silent(name, newest) for pk, name, newest in rows}


def judge(facts: Silent, asked: Asked) -> Iterator[Finding]:
    if facts.name == "Poison":
        raise ValueError("Somebody's name and what ails her.")
    evidence = {"headline": "has a visit without an answer", "detail": "", "lines": []}
    yield Finding("", evidence, f"F99.1|{facts.visit}", Severity.RED)


RULE = Rule(
    id="F99",
    version=1,
    kind=KIND,
    name="Unanswered",
    says="A visit has no answer.",
    severities=(Severity.RED,),
    mark="!",
    family="silent",
    judge=judge,
    actions=(Action.CALL,),
)


def install(patch: pytest.MonkeyPatch) -> None:
    """Ask this rule and no other, in this process."""
    patch.setattr(reviewing, "ASKED", (RULE,))
    patch.setattr(reviewing, "BY_KIND", {KIND: RULE})
    patch.setattr(reviewing, "FAMILIES", {"silent": fetch})
