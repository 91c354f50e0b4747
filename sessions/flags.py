"""When something is worth a therapist's attention, decided from facts alone.

Standard library only, and no clock: what is true now is worked out from the facts again each time
and compared with what is open. A flag is a prompt to a clinician and never changes a load.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from hashlib import sha256
from statistics import median

from programs.rules import Rules, plain

# The version is part of every evidence key: a changed rule may raise a closed flag again.
MISSED_RULE = "F01.1"
INTERRUPTED_RULE = "F02.1"
STALLED_RULE = "F06.1"
INTAKE_RULE = "F22.1"

# Final states that are the client's own misses (protocol sheet 6.1). Excused and clinic causes
# break a run of misses, and so does a visit that nobody has recorded: absent is not unrecorded.
MISSED_STATES = frozenset({"no_show", "late_cancel", "cancelled_client"})


@dataclass(frozen=True, slots=True)
class LiftSession:
    """One attended visit of one lift on one rung, as prescribed and as done.

    ``load`` is the prescribed load in kg, ``rpe`` the last set's effort (Borg 6 to 20, None if
    nobody entered it), ``effort_low`` the lower end of the band, ``holding`` whether the load was
    held on purpose (``programs.reasons.Reason.holding``).
    """

    at: datetime
    key: str
    load: Decimal | None
    all_reps: bool
    rpe: int | None
    effort_low: int | None
    holding: bool


@dataclass(frozen=True, slots=True)
class Finding:
    """Something true now. ``key`` is the deciding facts and the rule's version."""

    subject: str
    evidence: dict[str, object]
    key: str


@dataclass(frozen=True, slots=True)
class Changes:
    """What to open, what is open and still true, and the open subjects that are true no more."""

    to_open: tuple[Finding, ...]
    to_keep: tuple[Finding, ...]
    to_resolve: tuple[str, ...]


def missed(visit_key: str, evidence: Mapping[str, object]) -> Finding:
    """A visit with nothing recorded past its end and the clinic's grace."""
    return Finding(visit_key, dict(evidence), f"{MISSED_RULE}|{visit_key}")


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
    she may not lift today, else "amber". The key names what is said, so that a new date is new.
    """
    soon = str(today + timedelta(days=warn_days))
    said = [dict(one) for one in missing if not one["until"] or one["until"] <= soon]
    barred = until is None or until < today
    if not said and not barred:
        return None
    severity = "red" if barred else "amber"
    evidence: dict[str, object] = {"severity": severity, "missing": said}
    if not barred:
        evidence["last_day"] = str(until)
    facts = "|".join(sorted(f"{one['code']} {one['words']} {one['until']}" for one in said))
    digest = sha256(f"{facts}|{evidence.get('last_day', '')}".encode()).hexdigest()[:24]
    return Finding("", evidence, f"{INTAKE_RULE}|{severity}|{digest}")


def stalled(
    sessions: Sequence[LiftSession],
    *,
    exercise: str,
    rules: Rules,
    next_load: Decimal | None = None,
) -> Finding | None:
    """A lift that could go up and does not: protocol sheet F06.

    Over the last ``rules.stall_sessions`` attended visits (one lift, one rung, oldest first): no
    increase in the prescribed load, all reps done in each, none held on purpose, effort known in
    at least half of them, and its median under the band. Where ``next_load`` is known to be
    higher, the lift is moving again.

    The key names the visit at which the load last rose and how many whole windows have passed
    since, so a flag that was closed comes back only after as many visits again.
    """
    window = sessions[-rules.stall_sessions :]
    if len(window) < rules.stall_sessions:
        return None
    loads = [one.load for one in window if one.load is not None]
    if len(loads) < len(window) or _first_of_stretch(window) > 0:
        return None
    if next_load is not None and next_load > loads[-1]:
        return None
    if any(one.holding or not one.all_reps for one in window):
        return None
    efforts = [one.rpe for one in window if one.rpe is not None]
    low = window[-1].effort_low
    if low is None or 2 * len(efforts) < len(window) or median(efforts) >= low:
        return None
    first = _first_of_stretch(sessions)
    windows = (len(sessions) - first) // rules.stall_sessions
    return Finding(
        subject=exercise,
        evidence={
            "rule": STALLED_RULE,
            "exercise": exercise,
            "median_rpe": f"{median(efforts):g}",
            "effort_low": low,
            "sessions": [
                {
                    "date": one.at.date().isoformat(),
                    "key": one.key,
                    "load": plain(load),
                    "rpe": one.rpe,
                }
                for one, load in zip(window, loads, strict=True)
            ],
        },
        key=f"{STALLED_RULE}|{exercise}|{plain(loads[-1])}|{sessions[first].key}|{windows}",
    )


def _first_of_stretch(sessions: Sequence[LiftSession]) -> int:
    """Where the last stretch without an increase in prescribed load begins."""
    first = 0
    for index in range(1, len(sessions)):
        before, load = sessions[index - 1].load, sessions[index].load
        if before is None or load is None or load > before:
            first = index
    return first


def missed_runs(states: Iterable[str]) -> int:
    """The longest run of consecutive missed visits among final states, oldest first.

    Three or more are an interruption (protocol sheet F02, FAIR).
    """
    longest = run = 0
    for state in states:
        run = run + 1 if state in MISSED_STATES else 0
        longest = max(longest, run)
    return longest


def group_size(*, clients: int, supervisors: int, rules: Rules) -> str:
    """ "ok", "warn" or "block" for so many clients present with so many supervisors.

    Protocol sheet F19. Clients whom nobody supervises are always blocked.
    """
    if clients > rules.group_block_above * supervisors:
        return "block"
    return "warn" if clients > rules.group_warn_above * supervisors else "ok"


def reconcile(
    found: Iterable[Finding],
    open_: Collection[str],
    *,
    closed_keys: Collection[str] = (),
) -> Changes:
    """What to do so that the open flags of one kind are exactly what is true now.

    ``open_`` are the subjects with an open flag. A finding whose key was closed before
    (``closed_keys``) is not opened again: that needs new evidence, hence another key. Doing the
    changes and reconciling again changes nothing.
    """
    by_subject = {finding.subject: finding for finding in found}
    return Changes(
        to_open=tuple(
            finding
            for subject, finding in by_subject.items()
            if subject not in open_ and finding.key not in closed_keys
        ),
        to_keep=tuple(finding for subject, finding in by_subject.items() if subject in open_),
        to_resolve=tuple(sorted(subject for subject in open_ if subject not in by_subject)),
    )
