"""What the rows of the adherence report are called, and in which band they lie."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal

from bonefit.clinics.dates import say_day
from bonefit.clinics.models import Membership
from programs.models import Program
from programs.plans import rules_at
from programs.rules import DEFAULT_RULES, Rules

from .attendance import Counts, Person
from .attendance_grouped import Line
from .attendance_time import phase_names
from .scope import By, Scope

_Limits = tuple[tuple[str, Decimal], ...]
LOWEST = "Red"


class Bands:
    """The word for a row's A3, by the limits of its clinic at the moment of the report."""

    def __init__(self, scope: Scope) -> None:
        self.clinics = {clinic.pk: clinic for clinic in scope.clinics}
        self.limits = {
            clinic.pk: _limits(rules_at(clinic, scope.as_at).rules) for clinic in scope.clinics
        }
        known = set(self.limits.values())
        #: Of rows across clinics: what all of them have, else what a clinic begins with.
        self.usual = known.pop() if len(known) == 1 else _limits(DEFAULT_RULES)
        self.by_clinic = scope.filters.by == By.CLINIC

    def of(self, clinic: int, counts: Counts) -> str:
        """Of an enrollment, or of a clinic."""
        return _band(self.limits[clinic], counts)

    def of_line(self, line: Line) -> str:
        """Of several clients."""
        return self.of(int(line.key), line.counts) if self.by_clinic else self.of_all(line.counts)

    def of_all(self, counts: Counts) -> str:
        """Of everybody."""
        return _band(self.usual, counts)


def _limits(rules: Rules) -> _Limits:
    # A clinic that flags below a higher share calls nothing good that it flags.
    return (
        ("Green", max(rules.attendance_good_percent, rules.attendance_low_percent)),
        ("Yellow", rules.attendance_low_percent),
        ("Amber", rules.attendance_very_low_percent),
    )


def _band(limits: _Limits, counts: Counts) -> str:
    if not counts.counted:
        return ""
    share = 100 * counts.attended
    return next((word for word, from_ in limits if share >= from_ * counts.counted), LOWEST)


def client_names(scope: Scope, people: Sequence[Person]) -> Iterable[str]:
    """What each row of a client is called: by her name where it may be read, else by a number.

    Who has two rows is told apart by the days on which they start.
    """
    seen = Counter(one.client for one in people)
    for one in people:
        name = one.name if scope.named else f"Client {one.client}"
        yield f"{name}, from {say_day(one.starts_on)}" if seen[one.client] > 1 else name


def group_names(scope: Scope, lines: Sequence[Line]) -> list[tuple[Line, str]]:
    """The rows with their names, in the order of the names, of the months or of the plan.

    Where there are several clinics, what belongs to one of them says to which.
    """
    keys = [line.key for line in lines]
    match scope.filters.by:
        case By.THERAPIST:
            names = therapist_names(scope, keys)
        case By.PROGRAM:
            names = program_names(scope, keys)
        case By.CLINIC:
            names = {str(clinic.pk): clinic.name for clinic in scope.clinics}
        case By.PHASE:
            plan = phase_names(scope, keys)
            ordered = sorted(lines, key=lambda line: (plan[line.key][0], line.key))
            return [(line, plan[line.key][1]) for line in ordered]
        case _:
            return [(line, f"{date.fromisoformat(f'{line.key}-01'):%B %Y}") for line in lines]
    return sorted(
        ((line, names[line.key]) for line in lines), key=lambda pair: (pair[1], pair[0].key)
    )


def therapist_names(scope: Scope, keys: Iterable[str]) -> dict[str, str]:
    """What rows of therapists are called; among several clinics also where."""
    rows = Membership.objects.filter(pk__in=map(int, keys)).select_related("user", "clinic")
    several = len(scope.clinics) > 1
    return {str(row.pk): f"{row}, {row.clinic.name}" if several else str(row) for row in rows}


def program_names(scope: Scope, keys: Iterable[str]) -> dict[str, str]:
    """The same of programs; a blank key is no program."""
    rows = Program.objects.filter(pk__in=[int(key) for key in keys if key])
    several = len(scope.clinics) > 1
    names = {clinic.pk: clinic.name for clinic in scope.clinics}
    found = {
        str(row.pk): f"{row.name}, {names[row.clinic_id]}" if several else row.name for row in rows
    }
    return found | {"": "No program"}
