"""What a client lifted and how it has grown: the top set of each visit, one exercise at a time.

Loads compare within one exercise only, so each exercise has its own picture and table. It is what
was lifted, and no more: nothing here says what that does to anybody's bones.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from itertools import groupby

from django.db.models import Min

from bonefit.clients.models import Client
from bonefit.clinics.models import Membership
from bonefit.clinics.templatetags.bonefit import plain
from programs.loads import from_kg
from programs.models import Exercise
from sessions import charts
from sessions.models import SetEntry, Visit
from sessions.models.log import SetEntryQuerySet

from .lifted import LIFT_ORDER, load_words
from .words import around

#: So many visits stand open in the table; the earlier ones are one tap away.
SHOWN = 8


@dataclass(frozen=True, slots=True)
class Top:
    """The heaviest set of a visit: ``load`` in the clinic's unit, and both in words."""

    day: date
    load: Decimal
    day_words: str
    words: str


@dataclass(frozen=True, slots=True)
class Growth:
    """The exercises a client has lifted with a load, and the tops of one of them, newest first."""

    unit: str
    exercises: tuple[Exercise, ...] = ()
    exercise: Exercise | None = None
    tops: tuple[Top, ...] = ()

    @property
    def shown(self) -> tuple[Top, ...]:
        """The newest visits."""
        return self.tops[:SHOWN]

    @property
    def earlier(self) -> tuple[Top, ...]:
        """The visits before those shown."""
        return self.tops[SHOWN:]

    @property
    def first(self) -> Top:
        return self.tops[-1]

    @property
    def last(self) -> Top:
        return self.tops[0]

    @property
    def most(self) -> Top:
        """The heaviest of all; of equal ones the first that was reached."""
        return max(reversed(self.tops), key=lambda top: top.load)

    @property
    def picture(self) -> charts.Picture:
        """The same numbers as the table, as a line from visit to visit."""
        name = self.exercise.name if self.exercise else ""
        said = (
            f"The first time {self.first.words}, {self.first.day_words}. "
            f"The last time {self.last.words}, {self.last.day_words}."
            if self.tops
            else ""
        )
        return charts.Picture(
            title=f"{name}, the heaviest set of each visit",
            words=said,
            unit=self.unit,
            points=[charts.Point(top.day, top.load) for top in reversed(self.tops)],
            large=True,
        )


def growth_of(member: Membership, client: Client, *, asked: str, now: datetime) -> Growth:
    """What this client lifted of the exercise ``asked`` (a slug); of the first where it is none.

    ``member`` is who looks. Left out are sets that were taken back, warm-ups, sets without a load,
    and sets whose load waits to be confirmed; and visits that are not written up yet.
    """
    unit = member.clinic.unit
    sets = _sets(member, client)
    exercises = _exercises(sets)
    exercise = next((one for one in exercises if one.slug == asked), None)
    exercise = exercise or (exercises[0] if exercises else None)
    if exercise is None:
        return Growth(unit)
    tops = _tops(sets.filter(exercise=exercise), exercise, member, now)
    return Growth(unit, exercises, exercise, tops)


def _sets(member: Membership, client: Client) -> SetEntryQuerySet:
    return (
        SetEntry.objects.visible_to(member)
        .standing()
        .filter(
            visit__client=client,
            visit__status__in=Visit.ATTENDANCE,
            kind=SetEntry.Kind.WORKING,
            to_confirm=False,
            load__gt=0,
        )
        .order_by()
    )


def _exercises(sets: SetEntryQuerySet) -> tuple[Exercise, ...]:
    """In the order of the lifts, and within a lift as they came."""
    found = dict(sets.values_list("exercise").annotate(first=Min("visit__slot__starts_at")))
    exercises = Exercise.objects.filter(pk__in=found)
    return tuple(sorted(exercises, key=lambda one: (LIFT_ORDER[one.lift], found[one.pk], one.pk)))


def _tops(
    sets: SetEntryQuerySet, exercise: Exercise, member: Membership, now: datetime
) -> tuple[Top, ...]:
    clinic = member.clinic
    today = now.astimezone(clinic.tz).date()
    rows = sets.order_by("visit__slot__starts_at", "visit_id").values_list(
        "visit_id", "visit__slot__starts_at", "load", "reps"
    )
    tops = []
    for _, group in groupby(rows, key=lambda row: row[0]):
        _, starts_at, load, reps = max(group, key=lambda row: (row[2] or 0, row[3] or 0))
        assert load is not None  # sets without one are left out
        day = starts_at.astimezone(clinic.tz).date()
        times = f", {reps} time{'' if reps == 1 else 's'}" if reps else ""
        words = f"{load_words(load, exercise, clinic.unit)}{times}"
        tops.append(Top(day, from_kg(load, clinic.unit), around(day, today=today), words))
    return tuple(reversed(tops))


def grown_words(growth: Growth) -> str:
    """``from 20 kg to 57.5 kg``, or that it is where it was; "" for one visit.

    It says what was lifted. A load may go down for a good reason, and the words stay as calm.
    """
    if len(growth.tops) < charts.FEWEST:
        return ""
    first, last = (f"{plain(top.load)} {growth.unit}" for top in (growth.first, growth.last))
    if first == last:
        return f"{first} the first time and the last time"
    return f"from {first} to {last}"
