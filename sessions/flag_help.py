"""The help page of flags, written from the rules: what each says here, and how it has done."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Q

from bonefit.clinics.models import Membership
from programs import catalogue
from programs.rules import Rules, plain, setting

from .flag_list import ABOUT
from .flags import Rule, Severity
from .flags.rule import Action
from .models import Flag

LOOKED_AT = timedelta(days=90)
#: With fewer closed by people a share says nothing.
FEWEST = 10
#: Per cent of those that people closed; more means that the rule or its number is wrong here.
AIM = 10

SEVERITY_WORDS = {
    Severity.RED: "red",
    Severity.AMBER: "amber",
    Severity.INFO: "for information",
    Severity.GOOD: "good news",
}
ACTION_WORDS = {
    Action.ANSWER: "say what happened",
    Action.CALL: "call",
    Action.MAKE_UP: "book a make-up",
    Action.ADJUST: "adjust the plan",
    Action.REFER: "write to the doctor",
    Action.RELEASE: "record a release",
    Action.INTAKE: "open the intake",
    Action.MEASURE: "record what was measured",
    Action.SIGN: "sign the notes",
    Action.CLASS: "see the class",
    Action.CREDENTIAL: "see the papers",
    Action.LATER: "put off until a day",
}


@dataclass(frozen=True, slots=True)
class HowItDid:
    """A rule's flags of the last 90 days: raised, closed (by people), not useful of these."""

    raised: int = 0
    closed: int = 0
    by_people: int = 0
    not_useful: int = 0

    @property
    def percent(self) -> int | None:
        """Share of "not useful" among those that people closed; None where nobody closed any."""
        return round(100 * self.not_useful / self.by_people) if self.by_people else None

    @property
    def few(self) -> bool:
        return self.by_people < FEWEST

    @property
    def too_many(self) -> bool:
        return not self.few and (self.percent or 0) > AIM


@dataclass(frozen=True, slots=True)
class Explained:
    """A rule as the help page tells it, with the clinic's own numbers."""

    rule: Rule
    says: str
    severity: str
    actions: tuple[str, ...]
    numbers: tuple[str, ...]
    source: str
    did: HowItDid


def explained(
    all_rules: Iterable[Rule], *, rules: Rules, did: Mapping[str, HowItDid]
) -> list[Explained]:
    """Each rule in words; ``did`` by the kind of its flags."""
    sources = catalogue.read("sources")
    values = rules.values()
    return [
        Explained(
            rule=rule,
            says=says(rule, values),
            severity=" or ".join(SEVERITY_WORDS[one] for one in rule.severities).capitalize(),
            actions=tuple(ACTION_WORDS[one] for one in rule.actions),
            numbers=tuple(_number(key, values[key]) for key in rule.settings),
            source=sources.get(rule.source, ""),
            did=did.get(rule.kind, HowItDid()),
        )
        for rule in all_rules
    ]


def in_sections(told: Iterable[Explained]) -> list[tuple[str, str, list[Explained]]]:
    """(key, title, rules) as the list's filter has them, good news after all that asks."""
    known = {key: (key, title, list[Explained]()) for key, (title, _) in ABOUT.items()}
    good = ("good", "Good news", list[Explained]())
    for one in told:
        if Severity.GOOD in one.rule.severities:
            good[2].append(one)
        else:
            key = next(key for key, (_, kinds) in ABOUT.items() if one.rule.kind in kinds)
            known[key][2].append(one)
    return [one for one in (*known.values(), good) if one[2]]


def says(rule: Rule, values: Mapping[str, str]) -> str:
    """The rule's sentence with the clinic's numbers in the place of their keys."""
    return rule.says.format_map(values)


def _number(key: str, value: str) -> str:
    known = setting(key)
    unit = f" {known.unit}" if known.unit else ""
    default = "" if value == plain(known.default) else f" (default {plain(known.default)})"
    return f"{known.label}: {value}{unit}{default}"


def how_they_did(member: Membership, *, now: datetime) -> dict[str, HowItDid]:
    """The flags of the last 90 days of the member's clinic, by kind; one query."""
    since = now - LOOKED_AT
    closed = Q(resolved_at__gte=since)
    people = closed & ~Q(resolution=Flag.Resolution.BY_ITSELF)
    rows = (
        Flag.objects.visible_to(member)
        .filter(Q(opened_at__gte=since) | closed)
        .order_by()
        .values("kind")
        .annotate(
            raised=Count("pk", filter=Q(opened_at__gte=since)),
            closed=Count("pk", filter=closed),
            by_people=Count("pk", filter=people),
            not_useful=Count("pk", filter=closed & Q(resolution=Flag.Resolution.NOT_USEFUL)),
        )
    )
    return {
        row["kind"]: HowItDid(row["raised"], row["closed"], row["by_people"], row["not_useful"])
        for row in rows
    }


def in_all(did: Sequence[HowItDid]) -> HowItDid:
    """All rules together."""
    return HowItDid(
        sum(one.raised for one in did),
        sum(one.closed for one in did),
        sum(one.by_people for one in did),
        sum(one.not_useful for one in did),
    )
