"""What was lifted, as the client is told it: in words, in the clinic's unit.

What only staff need (an effort, a pain score, a load that waits to be confirmed) is not here.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby

from bonefit.clinics.templatetags.bonefit import plain
from programs.loads import from_kg
from programs.models import Exercise, Lift
from sessions.models import SetEntry

LIFT_ORDER = {str(lift): place for place, lift in enumerate(Lift)}


@dataclass(frozen=True, slots=True)
class Lifted:
    """One exercise of the last visit: its name, and what was done in words."""

    name: str
    words: str


def lifted(entries: Iterable[SetEntry], *, unit: str) -> list[Lifted]:
    """The sets of a visit by exercise, in the order of the lifts.

    Warm-ups are left out, and so are sets whose load waits to be confirmed: it may be a slip of
    the finger, and nobody should read at home that she lifted 240 kg.
    """
    told = [
        entry
        for entry in entries
        if entry.kind != SetEntry.Kind.WARM_UP and not entry.to_confirm and not entry.voided
    ]
    told.sort(key=lambda entry: (LIFT_ORDER[entry.lift], entry.exercise_id, entry.number))
    return [
        Lifted(exercise.name, _sets_words(list(group), exercise, unit))
        for exercise, group in groupby(told, key=lambda entry: entry.exercise)
    ]


def _sets_words(entries: list[SetEntry], exercise: Exercise, unit: str) -> str:
    """``3 sets of 5 with 57.5 kg, then 2 sets of 4 with 55 kg``."""
    alike = groupby(entries, key=lambda entry: (entry.load, entry.reps, entry.landings))
    return ", then ".join(
        _alike_words(len(list(group)), values[0], values[1], values[2], exercise, unit)
        for values, group in alike
    )


def _alike_words(
    sets: int,
    load: Decimal | None,
    reps: int | None,
    landings: int | None,
    exercise: Exercise,
    unit: str,
) -> str:
    words = f"{sets} set{'' if sets == 1 else 's'}"
    if landings is not None:
        words += f" of {landings} landing{'' if landings == 1 else 's'}"
    elif reps is not None:
        words += f" of {reps}"
    return words + _load_words(load, exercise, unit)


def _load_words(load: Decimal | None, exercise: Exercise, unit: str) -> str:
    return f" with {load_words(load, exercise, unit)}" if load else ""


def load_words(load: Decimal, exercise: Exercise, unit: str) -> str:
    """``57.5 kg``, or ``6 kg in each hand``; ``load`` in kilograms, said in the clinic's unit."""
    each = " in each hand" if exercise.load_type == Exercise.LoadType.PER_HAND else ""
    return f"{plain(from_kg(load, unit))} {unit}{each}"
