"""Rules about the client herself: pain, locks, falls, measurements, intake, clearance.

Standard library only, and no clock. Protocol sheet 6.2, F12 to F18, F22 and F23.
"""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from hashlib import sha256

from .finding import Finding, Severity
from .rule import Rule

INTAKE_RULE = "F22.1"


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
    severity = Severity.RED if barred else Severity.AMBER
    evidence: dict[str, object] = {"severity": str(severity), "missing": said}
    if not barred:
        evidence["last_day"] = str(until)
    facts = "|".join(sorted(f"{one['code']} {one['words']} {one['until']}" for one in said))
    digest = sha256(f"{facts}|{evidence.get('last_day', '')}".encode()).hexdigest()[:24]
    return Finding("", evidence, f"{INTAKE_RULE}|{severity}|{digest}", severity)


RULES: tuple[Rule, ...] = ()
