"""Rules about who comes: missed, interrupted, at risk, lapsed, away; and good news of it.

Standard library only, and no clock. Protocol sheet 6.1 and 6.2, F01 to F05.
"""

from collections.abc import Iterable, Mapping

from .finding import Finding
from .rule import Rule

# The version is part of every evidence key: a changed rule may raise a closed flag again.
MISSED_RULE = "F00.1"

# Final states that are the client's own misses (protocol sheet 6.1). Excused and clinic causes
# break a run of misses, and so does a visit that nobody has recorded: absent is not unrecorded.
MISSED_STATES = frozenset({"no_show", "late_cancel", "cancelled_client"})


def missed(visit_key: str, evidence: Mapping[str, object]) -> Finding:
    """A visit with nothing recorded past its end and the clinic's grace."""
    return Finding(visit_key, dict(evidence), f"{MISSED_RULE}|{visit_key}")


def missed_runs(states: Iterable[str]) -> int:
    """The longest run of consecutive missed visits among final states, oldest first.

    Three or more are an interruption (protocol sheet F02, FAIR).
    """
    longest = run = 0
    for state in states:
        run = run + 1 if state in MISSED_STATES else 0
        longest = max(longest, run)
    return longest


RULES: tuple[Rule, ...] = ()
