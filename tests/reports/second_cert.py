"""The numbers of a CERT report once more, in plain Python from protocol sheet 5.5.

What each line counts, in the order in which it says so. Nothing of sessions.reports is used; what
item 16 quotes has second implementations of its own.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from statistics import median
from typing import Any
from zoneinfo import ZoneInfo

from bonefit.clinics.models import Credential
from programs.models import Decision, Enrollment, Prescription, RuleSet, Track
from sessions.models import AdverseEvent, SetEntry, Supervision, Visit

CAME = {"attended", "attended_partial"}
OPEN = {"planned", "checked_in", "released"}


@dataclass
class Cohort:
    """Whoever was in training on one of the days or had a session in them, and what was logged."""

    clients: set[int] = field(default_factory=set)
    enrollments: dict[int, int] = field(default_factory=dict)
    visits: list[Visit] = field(default_factory=list)
    decisions: Counter[str] = field(default_factory=Counter)
    events: list[AdverseEvent] = field(default_factory=list)
    sets: list[SetEntry] = field(default_factory=list)
    #: How many came to each class, and who was planned for it, or named to be on the floor.
    sizes: Counter[int] = field(default_factory=Counter)
    planned: dict[int, set[int]] = field(default_factory=lambda: defaultdict(set))
    named: dict[int, set[int]] = field(default_factory=lambda: defaultdict(set))


def cohort(clinic: Any, first: date, last: date, as_at: datetime) -> Cohort:
    """Count by walking through the clinic's enrollments."""
    zone, found = ZoneInfo(clinic.timezone), Cohort()
    today = as_at.astimezone(zone).date()

    def within(at: datetime) -> bool:
        return first <= at.astimezone(zone).date() <= last and at < as_at

    for one in Enrollment.objects.filter(clinic=clinic):
        rows = [each for each in Visit.objects.filter(enrollment=one) if within(each.during.lower)]
        begun = one.starts_on <= min(last, today)
        enrolled = begun and (one.ended_on is None or one.ended_on >= max(first, one.starts_on))
        if not enrolled and all(each.status in OPEN for each in rows):
            continue
        found.clients.add(one.client_id)
        found.enrollments[one.pk] = one.client_id
        found.visits += [each for each in rows if each.status in CAME]
        for word in Decision.objects.filter(enrollment=one):
            found.decisions[word.kind] += within(word.at)
    corrected = set(AdverseEvent.objects.values_list("replaces_id", flat=True))
    for event in AdverseEvent.objects.filter(client__in=found.clients):
        home = _home(event, event.onset_at.astimezone(zone).date())
        theirs = home is None or home in found.enrollments
        if theirs and event.pk not in corrected and within(event.onset_at):
            found.events.append(event)
    _log(found)
    return found


def _home(event: AdverseEvent, day: date) -> int | None:
    """The enrollment of its session, else the newest one that was running on the day."""
    if event.visit is not None:
        return event.visit.enrollment_id
    running = [
        (one.starts_on, one.pk)
        for one in Enrollment.objects.filter(client=event.client_id)
        if one.starts_on <= day and (one.ended_on is None or day <= one.ended_on)
    ]
    return max(running)[1] if running else None


def _log(found: Cohort) -> None:
    rows = SetEntry.objects.filter(visit__in=found.visits, voided=False)
    found.sets = list(rows.select_related("exercise", "visit"))
    classes = {one.slot_id for one in found.visits}
    for one in Visit.objects.filter(slot__in=classes, status__in=CAME):
        found.sizes[one.slot_id] += 1
    for each in Supervision.objects.filter(slot__in=classes):
        found.planned[each.slot_id].add(each.member_id)
        if each.named_at is not None:
            found.named[each.slot_id].add(each.member_id)


def groups(found: Cohort) -> list[Any]:
    """Clients at a time in the mean of the classes, the most at a time, and attended sessions."""
    sizes = list(found.sizes.values())
    if not sizes:
        return []
    mean = Decimal(sum(sizes)) / len(sizes)
    return [mean.quantize(Decimal("0.1"), ROUND_HALF_UP), max(sizes), len(found.visits)]


def named(found: Cohort) -> list[int]:
    """Attended sessions of classes in which somebody was said to be on the floor; and all."""
    return [sum(one.slot_id in found.named for one in found.visits), len(found.visits)]


def providers(found: Cohort) -> list[Any]:
    """Profession, people, and how many of them with the training on record."""
    members: set[int] = set()
    for slot in found.sizes:
        members |= found.named.get(slot) or found.planned.get(slot, set())
    newest = [Credential.objects.filter(member=one).order_by("id").last() for one in members]
    said: dict[str, list[bool]] = defaultdict(list)
    for paper in newest:
        if paper is not None:
            said[paper.profession].append(paper.trained_on is not None)
    return [(name, len(said[name]), sum(said[name])) for name in sorted(said)]


def loads(found: Cohort) -> list[Any]:
    """Lift, median of the first loads and of the last ones, and of how many enrollments."""
    lifted = defaultdict(list)
    for one in found.sets:
        if one.kind == "working" and one.load:
            at = (one.visit.during.lower, one.number)
            lifted[one.lift, one.visit.enrollment_id].append((at, one.load))
    ends = defaultdict(list)
    for (lift, _), those in lifted.items():
        ends[lift].append((min(those)[1], max(those)[1]))
    return [
        (lift, *(_plain(median(one[end] for one in ends[lift])) for end in (0, 1)), len(ends[lift]))
        for lift in sorted(ends)
    ]


def exercises(found: Cohort) -> list[Any]:
    """Each exercise with the number of people who did it."""
    did: dict[str, set[int]] = defaultdict(set)
    for one in found.sets:
        did[one.exercise.name].add(found.enrollments[one.visit.enrollment_id])
    return [(name, len(did[name])) for name in sorted(did)]


def events(found: Cohort) -> list[int]:
    """Events, people, attended sessions, serious events."""
    serious = sum(one.serious is True for one in found.events)
    return [len(found.events), len(found.clients), len(found.visits), serious]


# --- settings and version -------------------------------------------------------------------------


def equipment(clinic: Any, as_at: datetime) -> list[str]:
    """The kilograms of bars, then pairs and kilograms of plates, of the rules in force."""
    inventory = _rules(clinic, as_at).inventory
    bars = [one["kg"] for one in inventory["bars"]]
    return bars + [str(one[name]) for one in inventory["plates"] for name in ("pairs", "kg")]


def gate(clinic: Any, as_at: datetime) -> str:
    """Clean sessions in a row before a load rises."""
    return str(_rules(clinic, as_at).values["gate_sessions"])


def _rules(clinic: Any, as_at: datetime) -> RuleSet:
    rows = list(RuleSet.objects.filter(clinic=clinic).order_by("effective_from", "number"))
    return [one for one in rows if one.effective_from <= as_at][-1]


def version(clinic: Any, first: date, last: date, as_at: datetime) -> Any:
    """The newest version of the one program that was followed within the days; None of several."""
    until = min(last, as_at.astimezone(ZoneInfo(clinic.timezone)).date())
    rows = Track.objects.filter(clinic=clinic, version__program__kind="main")
    followed = {
        one.version
        for one in rows.select_related("version")
        if one.starts_on <= until and (one.ends_on is None or one.ends_on >= first)
    }
    if len({one.program_id for one in followed}) != 1:
        return None
    return max(followed, key=lambda one: one.number)


def dose(found: Any) -> list[int]:
    """Sessions a week, minutes, weeks and sessions; of each phase its weeks, and of each line."""
    numbers = [found.frequency, found.minutes, found.weeks, found.frequency * found.weeks]
    for phase in found.phases.order_by("first_week"):
        numbers += [one for one in dict.fromkeys((phase.first_week, phase.last_week)) if one]
        for line in _lines(phase):
            much = [line.reps, line.reps_top] if line.landings is None else [line.landings]
            numbers += [line.sets, *(one for one in (*much, line.seconds) if one is not None)]
    return numbers


def efforts(found: Any) -> list[tuple[int, int]]:
    """The bands of effort, line by line."""
    lines = [line for phase in found.phases.order_by("first_week") for line in _lines(phase)]
    return [(one.effort_low, one.effort_high) for one in lines if one.effort_low is not None]


def _lines(phase: Any) -> list[Prescription]:
    return list(phase.prescriptions.order_by("position"))


def _plain(kg: Decimal) -> Decimal:
    return kg.quantize(Decimal("0.01"), ROUND_HALF_UP)
