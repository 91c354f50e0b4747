"""What a rule finds, and what to do so that the open flags are exactly what is true.

Standard library only, and no clock.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from hashlib import sha256

from programs.rules import Rules


class Severity(StrEnum):
    """How much it matters, the worst first. Good news is no flag to act on, and stands beside."""

    RED = "red"
    AMBER = "amber"
    INFO = "info"
    GOOD = "good"


#: As long as the column that keeps it. A longer key ends in its digest, here and so everywhere: one
#: that was only cut when it was kept would never be found again among those that were answered.
KEY_LENGTH = 200


@dataclass(frozen=True, slots=True)
class Asked:
    """The moment that a rule is asked about, its day in the clinic, and the clinic's numbers.

    ``clocks``: by how much the clock of whoever wrote a fact may have been ahead of ours. Of a past
    moment nothing is known that was written after it.
    ``only``: the ids of the rules that are asked; none is all of them.
    """

    now: datetime
    today: date
    rules: Rules
    only: frozenset[str] = frozenset()
    clocks: timedelta = timedelta(0)

    @property
    def known(self) -> datetime:
        """What was written until then is known."""
        return self.now + self.clocks

    def concerns(self, rules: frozenset[str]) -> bool:
        """Whether one of these rules, by id, is asked."""
        return not self.only or not self.only.isdisjoint(rules)


@dataclass(frozen=True, slots=True)
class Finding:
    """Something true at the moment that was asked about.

    ``subject`` is what of the enrollment it is about (a visit's uid, an exercise's slug, "" for the
    whole); ``key`` is the deciding facts and the rule's version: what a person has answered comes
    back only with another key. ``evidence`` is what is shown, now and in a year: "headline",
    "detail" and "lines" are its words (the headline follows the client's name), beside the values.
    ``about`` names the rows to look at: "visit_id", "slot_id", "member_id". ``since``: what was
    answered before this moment was answered on other evidence, though the key is the same.
    """

    subject: str
    evidence: dict[str, object]
    key: str
    severity: str = Severity.AMBER
    about: Mapping[str, int] = field(default_factory=dict)
    since: datetime | None = None

    def __post_init__(self) -> None:
        if len(self.key) > KEY_LENGTH:
            digest = sha256(self.key.encode()).hexdigest()[:32]
            object.__setattr__(self, "key", f"{self.key[: KEY_LENGTH - 33]}|{digest}")


@dataclass(frozen=True, slots=True)
class Changes:
    """What to open, what is open and still true, and the open subjects that are true no more.

    A subject that has become more or less severe is in both: its flag closes, another one opens.
    """

    to_open: tuple[Finding, ...]
    to_keep: tuple[Finding, ...]
    to_resolve: tuple[str, ...]


def reconcile(
    found: Iterable[Finding],
    open_: Mapping[str, str] | Collection[str],
    *,
    closed_keys: Mapping[str, datetime] | Collection[str] = (),
) -> Changes:
    """What to do so that the open flags of one kind are exactly what is true now.

    ``open_`` are the subjects with an open flag, with its severity where that may change. A finding
    whose key was closed before by a person (``closed_keys``, with when) is not opened again: that
    needs new evidence, hence another key, or a ``since`` after that. Doing the changes and
    reconciling again changes nothing.
    """
    severity = dict(open_) if isinstance(open_, Mapping) else dict.fromkeys(open_)
    to_open, to_keep, gone = [], [], set(severity)
    for subject, finding in {one.subject: one for one in found}.items():
        if subject in severity and severity[subject] in (None, finding.severity):
            to_keep.append(finding)
            gone.discard(subject)
        elif not _answered(finding, closed_keys):
            to_open.append(finding)
    return Changes(tuple(to_open), tuple(to_keep), tuple(sorted(gone)))


def _answered(finding: Finding, closed: Mapping[str, datetime] | Collection[str]) -> bool:
    if finding.key not in closed:
        return False
    if finding.since is None or not isinstance(closed, Mapping):
        return True
    return closed[finding.key] >= finding.since
