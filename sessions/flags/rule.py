"""What a rule is: its id and version, what it says, on which numbers it rests, what to do then.

Standard library only. ``registry.py`` has them all.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from .finding import Asked, Finding, Severity


class Action(StrEnum):
    """What a therapist may do about a flag, beside closing it with a reason."""

    ANSWER = "answer"  # say what happened to the visit
    CALL = "call"
    MAKE_UP = "make_up"  # book a make-up
    ADJUST = "adjust"  # the plan: load, rung, hold, phase
    REFER = "refer"  # to her doctor
    RELEASE = "release"  # a named clinician lets her be loaded again
    INTAKE = "intake"  # screening, letter, consent
    MEASURE = "measure"  # a scan, tests
    SIGN = "sign"  # the note of a visit
    CLASS = "class"  # who supervises, how many come
    CREDENTIAL = "credential"  # a supervisor's papers
    LATER = "later"  # acknowledge until a date


MOST_ACTIONS = 3

#: A rule's question: the facts of one enrollment, or of the clinic, at one moment.
Judge = Callable[[Any, Asked], Iterable[Finding]]


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of protocol sheet 6.2.

    ``kind`` is that of its flags (``Flag.Kind``). ``says`` is the sentence of the help page;
    ``{key}`` in it is the clinic's number of that setting. ``family`` names the facts that it is
    asked with (``sessions.flag_facts``); "" where the flag is written together with the fact, and
    no review asks. ``once``: an event: its flag opens once for each key, and only a person, or a
    correction of the event, closes it. ``of_clinic``: about the clinic, not about one enrollment.
    ``mark`` is the sign beside it (mock README).
    """

    id: str
    version: int
    kind: str
    name: str
    says: str
    severities: tuple[Severity, ...]
    mark: str
    family: str
    judge: Judge
    actions: tuple[Action, ...]
    settings: tuple[str, ...] = ()
    basis: str = ""
    tag: str = "D"
    source: str = ""
    once: bool = False
    of_clinic: bool = False

    def __post_init__(self) -> None:
        if len(self.actions) > MOST_ACTIONS:
            raise ValueError(f"{self.id} has more than {MOST_ACTIONS} actions.")

    @property
    def code(self) -> str:
        """Id and version, as a flag keeps it: F02.1."""
        return f"{self.id}.{self.version}"
