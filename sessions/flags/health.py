"""Rules about the client herself: pain, locks, falls, her intake, what was outside clearance.

Standard library only, and no clock. Protocol sheet 6.2, F14 to F16, F22 and F23; those that rest on
what was measured are in ``measured.py``.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from hashlib import sha256
from typing import Self

from programs.pain import rising, rose

from . import measured
from .finding import Asked, Finding, Severity
from .rule import Action, Rule
from .said import worded

PAIN_RISING_RULE = "F14.1"
LOCKED_RULE = "F15.1"
FALL_RULE = "F16.1"
INTAKE_RULE = "F22.1"
OUTSIDE_CLEARANCE_RULE = "F23.1"

#: Scores that are compared: three sessions in a row (protocol sheet 6.5).
LOOKED_AT = 3
#: A fall is asked about for so long after it was told; its flag stays until somebody answers.
FALL_DAYS = 28
#: The subject of a lock's flag that is about a broken bone: it stands beside another lock's.
FRACTURE = "fracture"


# --- pain: F14 ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Answered:
    """What was said on one arrival: worst pain since the session before, and pain now; 0 to 10."""

    day: date
    key: str
    visit: int
    next_day: int | None
    now: int | None


@dataclass(frozen=True, slots=True)
class Worst:
    """The worst pain during an attended visit, 0 to 10; None where nobody said one."""

    day: date
    key: str
    visit: int
    score: int | None


@dataclass(frozen=True, slots=True)
class PainFacts:
    """The last answers on arrival, and the last attended visits, each oldest first."""

    answered: tuple[Answered, ...] = ()
    attended: tuple[Worst, ...] = ()

    def at(self, asked: Asked) -> Self:
        """The same, as far as it was so at an earlier moment."""
        return type(self)(
            tuple(one for one in self.answered if one.day <= asked.today),
            tuple(one for one in self.attended if one.day <= asked.today),
        )

    def again(self, asked: Asked) -> date | None:
        """Only a visit changes it."""
        return None

    def recorded_on(self) -> frozenset[date]:
        """The days of its visits."""
        answered = frozenset(one.day for one in self.answered)
        return answered | {one.day for one in self.attended}


def pain(facts: PainFacts, asked: Asked) -> Iterable[Finding]:
    """F14: strong pain in the last session (red); else pain that rises (amber). One at a time.

    Rising is over three answered visits (8.29), or by ``next_day_rise`` from one to the next.
    """
    worst = facts.attended[-1] if facts.attended else None
    if worst and worst.score is not None and worst.score > asked.rules.pain_stop_over:
        yield _strong(worst, asked.rules.pain_stop_over)
        return
    answered = facts.answered[-2 * LOOKED_AT :]
    told = [one for one in answered if one.next_day is not None][-LOOKED_AT:]
    if rising([one.next_day for one in told]):
        scores = [{"date": one.day.isoformat(), "score": one.next_day} for one in told]
        key = "|".join([PAIN_RISING_RULE, *(f"{one.key[:8]} {one.next_day}" for one in told)])
        yield _pain(told[-1].visit, {"scores": scores}, key)
        return
    if len(answered) < 2:
        return
    before, last = answered[-2:]
    base = max((one for one in (before.next_day, before.now) if one is not None), default=None)
    if rose(last.next_day, base, asked.rules):
        rise = {"date": last.day.isoformat(), "before": base or 0, "after": last.next_day}
        key = f"{PAIN_RISING_RULE}|rise|{last.key[:8]} {base or 0} {last.next_day}"
        yield _pain(last.visit, {"rise": rise}, key)


def _strong(worst: Worst, stop_over: int) -> Finding:
    said = {"worst": {"date": worst.day.isoformat(), "score": worst.score}, "stop_over": stop_over}
    key = f"{PAIN_RISING_RULE}|red|{worst.key[:8]} {worst.score}"
    return _pain(worst.visit, said, key, Severity.RED)


def _pain(
    visit: int, said: Mapping[str, object], key: str, severity: Severity = Severity.AMBER
) -> Finding:
    return Finding("", worded("pain_rising", said), key, severity, {"visit_id": visit})


# --- locks, falls, outside clearance: F15, F16, F23 -----------------------------------------------


@dataclass(frozen=True, slots=True)
class LockHeld:
    """One lock of the client. ``at``: its visit's start, or when it was opened, in the clinic."""

    kind: str
    fact: str
    why: str
    at: datetime
    opened_at: datetime
    released_at: datetime | None
    visit: int | None


@dataclass(frozen=True, slots=True)
class Fell:
    """The falls of one answer that stand. ``heard``: how it came to be known, ``lines``: each."""

    source: str
    heard: str
    lines: tuple[str, ...]
    at: datetime
    told_at: datetime
    visit: int | None


@dataclass(frozen=True, slots=True)
class SetOutside:
    """One set outside clearance. ``barred``: she was locked ("locked"), or her intake was not
    complete ("intake"); else "" and ``level`` was too high."""

    number: int
    level: int | None
    barred: str


@dataclass(frozen=True, slots=True)
class VisitOutside:
    """A visit with sets outside clearance that stand; ``at`` is its start in the clinic."""

    key: str
    visit: int
    at: datetime
    sets: tuple[SetOutside, ...]


@dataclass(frozen=True, slots=True)
class SafetyFacts:
    """Locks and falls, the oldest first; visits outside clearance, the newest last."""

    locks: tuple[LockHeld, ...] = ()
    falls: tuple[Fell, ...] = ()
    outside: tuple[VisitOutside, ...] = ()
    cleared: int = 0
    missing: tuple[str, ...] = ()

    def at(self, asked: Asked) -> Self:
        """The same, as far as it was so at an earlier moment."""
        now = asked.now
        return type(self)(
            tuple(one for one in self.locks if one.opened_at <= now),
            tuple(one for one in self.falls if one.told_at <= now),
            tuple(one for one in self.outside if one.at <= now),
            self.cleared,
            self.missing,
        )

    def again(self, asked: Asked) -> date | None:
        """Only facts change it; a fall's flag does not close with time."""
        return None


def locked(facts: SafetyFacts, asked: Asked) -> Iterable[Finding]:
    """F15: red while a lock is open; that of a broken bone (F16) beside it, as a flag of its own.

    Each is about the oldest lock that is open, so a further alarm does not change it.
    """
    open_ = [one for one in facts.locks if one.released_at is None or one.released_at > asked.now]
    for subject in ("", FRACTURE):
        mine = [one for one in open_ if (one.kind == FRACTURE) == (subject == FRACTURE)]
        if not mine:
            continue
        lock, rule = mine[0], FALL_RULE if subject else LOCKED_RULE
        about = {} if lock.visit is None else {"visit_id": lock.visit}
        said = {**_when(lock.at), "rule": rule, "why": lock.why}
        yield Finding(subject, worded("locked", said), f"{rule}|{lock.fact}", Severity.RED, about)


def falls(facts: SafetyFacts, asked: Asked) -> Iterable[Finding]:
    """F16: each fall that was told of in the last four weeks, once."""
    for one in facts.falls:
        if one.lines and one.told_at > asked.now - timedelta(days=FALL_DAYS):
            about = {} if one.visit is None else {"visit_id": one.visit}
            said = {**_when(one.at), "falls": len(one.lines), "heard": one.heard}
            evidence = worded("fall", {**said, "lines": one.lines})
            yield Finding(one.source, evidence, f"{FALL_RULE}|{one.source}", about=about)


def outside_clearance(facts: SafetyFacts, asked: Asked) -> Iterable[Finding]:
    """F23: the last visit with sets outside clearance that stand. One at a time."""
    for one in facts.outside[-1:]:
        level = max((each.level or 0 for each in one.sets), default=0)
        said: dict[str, object] = {
            **_when(one.at),
            "cleared": facts.cleared,
            "sets": [{"number": each.number, "level": each.level} for each in one.sets],
        }
        if any(each.barred == "intake" for each in one.sets):
            said["intake"] = list(facts.missing) or ["intake"]
        elif level <= facts.cleared and not any(each.barred for each in one.sets):
            said["cleared"] = None  # she is cleared for more by now
        key = f"{OUTSIDE_CLEARANCE_RULE}|{one.key}|{level}"
        evidence = worded("outside_clearance", said)
        yield Finding("", evidence, key, Severity.RED, {"visit_id": one.visit})


def _when(at: datetime) -> dict[str, object]:
    return {"date": at.date().isoformat(), "time": f"{at:%H:%M}"}


# --- intake: F22 ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class IntakeFacts:
    """What stands on the client of her intake: last day on which she may lift; what is missing."""

    until: date | None
    missing: tuple[Mapping[str, str | None], ...]

    def at(self, asked: Asked) -> Self:
        """What is known today holds for the days before: earlier papers are not kept here."""
        return self

    def again(self, asked: Asked) -> date | None:
        """The day on which the next paper is near its end, or is over."""
        warned = timedelta(days=asked.rules.expiry_warn_days)
        lasts = {date.fromisoformat(one["until"]) for one in self.missing if one["until"]}
        if self.until is not None and self.until < date.max:
            lasts.add(self.until)
        days = [last + timedelta(days=1) for last in lasts if last < date.max]
        days += [last - warned for last in lasts]
        return measured.next_of(days, asked)

    def recorded_on(self) -> frozenset[date]:
        """Nothing is known of when a paper came: only its last day counts."""
        return frozenset()


def intake(
    missing: Iterable[Mapping[str, str | None]],
    *,
    until: date | None,
    today: date,
    warn_days: int,
) -> Finding | None:
    """What of a client's intake is missing, has run out, or runs out in ``warn_days``: F22.

    ``missing``: each with ``code``, ``words`` and its last good day as text, None where it is not
    there; ``until``: the last day on which she may lift. One finding a client; severity "red" where
    she may not lift today, else "amber". Key and subject name what is said, so that a new date is
    another flag.
    """
    soon = str(today + timedelta(days=warn_days))
    said = [dict(one) for one in missing if not one["until"] or one["until"] <= soon]
    barred = until is None or until < today
    if not said and not barred:
        return None
    severity = Severity.RED if barred else Severity.AMBER
    evidence: dict[str, object] = {"severity": str(severity), "missing": said}
    if not barred:
        evidence["last_day"] = str(until)
    facts = "|".join(sorted(f"{one['code']} {one['words']} {one['until']}" for one in said))
    digest = sha256(f"{facts}|{evidence.get('last_day', '')}".encode()).hexdigest()[:24]
    key = f"{INTAKE_RULE}|{severity}|{digest}"
    return Finding(digest, worded("intake", evidence), key, severity)


def intake_now(facts: IntakeFacts, asked: Asked) -> Iterable[Finding]:
    """F22, asked with what stands on the client."""
    found = intake(
        facts.missing,
        until=facts.until,
        today=asked.today,
        warn_days=asked.rules.expiry_warn_days,
    )
    if found is not None:
        yield found


RULES: tuple[Rule, ...] = (
    *measured.RULES,
    Rule(
        id="F14",
        version=1,
        kind="pain_rising",
        name="Pain",
        says="Pain over {pain_stop_over} of 10 in any set of the last session is red. Worst pain "
        "after a session that rises over three sessions, or by {next_day_rise} points or more from "
        "one to the next, is amber.",
        severities=(Severity.RED, Severity.AMBER),
        mark="hold",
        family="pain",
        judge=pain,
        actions=(Action.CALL, Action.ADJUST, Action.REFER),
        settings=("pain_stop_over", "next_day_rise"),
        basis="Three scores that rise: protocol sheet 6.5 and vector 8.29 (design defaults, after "
        "the pain-monitoring model).",
    ),
    Rule(
        id="F15",
        version=1,
        kind="locked",
        name="Locked",
        says="A stop-sign, pain that ends all loading, dizziness or a new fracture locks a client. "
        "The flag is open until a named clinician releases her.",
        severities=(Severity.RED,),
        mark="stop",
        family="safety",
        judge=locked,
        actions=(Action.RELEASE, Action.CALL, Action.REFER),
        basis="Protocol sheet 2.5: any stop-sign (design default).",
    ),
    Rule(
        id="F16",
        version=1,
        kind="fall",
        name="A fall",
        says="Every fall that is told of is flagged once. A broken bone also locks her.",
        severities=(Severity.AMBER,),
        mark="hold",
        family="safety",
        judge=falls,
        actions=(Action.CALL, Action.ADJUST, Action.REFER),
        basis="What a fall is: ProFaNE. That each is flagged is a design default.",
        tag="V",
        source="PROF",
        once=True,
    ),
    Rule(
        id="F22",
        version=1,
        kind="intake",
        name="Intake",
        says="Red where screening, clearance or consent is missing or has run out, and nothing may "
        "be booked. Amber from {expiry_warn_days} days before it runs out.",
        severities=(Severity.RED, Severity.AMBER),
        mark="late",
        family="intake",
        judge=intake_now,
        actions=(Action.INTAKE, Action.CALL),
        settings=("expiry_warn_days",),
        basis="Design default.",
    ),
    Rule(
        id="F23",
        version=1,
        kind="outside_clearance",
        name="Outside clearance",
        says="Landings higher than she is cleared for, or any set while she is locked or has no "
        "complete intake. A correction of the sets closes it.",
        severities=(Severity.RED,),
        mark="stop",
        family="safety",
        judge=outside_clearance,
        actions=(Action.CALL, Action.ADJUST, Action.INTAKE),
        basis="No impact beyond what was cleared.",
        tag="V",
        source="SSS",
    ),
)
