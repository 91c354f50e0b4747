"""What a person typed or tapped for one set, read into clean values or into words beside a field.

The visit page, the operations of a tablet, the seed data and an importer all come through here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from programs.loads import parse_load
from programs.pain import (
    NONE_OF_THEM,
    NOTHING_ASKED,
    RESCREENED_AFTER,
    SPINAL,
    YES_OR_NO,
    Answers,
    Pain,
)
from programs.progression import SetDone, Target
from programs.rules import Rules

from .models import PainKind, SetEntry, Site

TECHNIQUE = {"clean": True, "not_clean": False}
YES_NO = {"yes": True, "no": False}
#: What is asked on arrival with yes or no, as a question.
ASKED = {
    "fracture": "a fracture since last time?",
    "medicine": "a new medicine, diagnosis or procedure?",
    "dizzy": "dizzy or light-headed today?",
}
#: A load may be blank only where there is none: body weight and landings.
UNLOADED = frozenset({"bodyweight", "impact"})
MOST_LANDINGS = 99  # two digits: the field holds no more
MOST_SECONDS = 600
MOST_DROP_CM = 200
LAST_NUMBER = 20


def set_done(entry: SetEntry) -> SetDone:
    """A row of the log as the engine reads it."""
    return SetDone(
        number=entry.number,
        load=entry.load,
        reps=entry.reps,
        rpe=entry.rpe,
        clean=entry.clean,
        pain=entry.pain,
        confirmed=not entry.to_confirm,
        target_load=entry.prescribed_load,
        target_reps=entry.prescribed_reps,
        landings=entry.landings,
        level=entry.landing_level,
        seconds=entry.seconds,
        pain_site=entry.pain_site,
        pain_kind=entry.pain_kind,
        tolerated=entry.tolerated,
    )


class BadSet(Exception):
    """What was typed is no set; ``errors`` has a sentence for each field that is wrong."""

    def __init__(self, errors: Mapping[str, str]) -> None:
        super().__init__("; ".join(errors.values()))
        self.errors = dict(errors)


@dataclass(frozen=True, slots=True)
class SetValues:
    """One set as done. None is a field that nobody entered."""

    load: Decimal | None = None
    entered_load: str = ""
    entered_unit: str = ""
    reps: int | None = None
    landings: int | None = None
    landing_level: int | None = None
    rpe: int | None = None
    clean: bool | None = None
    pain: int | None = None
    pain_site: str = ""
    pain_kind: str = ""
    seconds: int | None = None
    tolerated: bool | None = None
    drop_cm: int | None = None

    def as_fields(self) -> dict[str, Any]:
        return asdict(self)


def more_cautious(one: SetValues, other: SetValues) -> SetValues:
    """Of two entries of one set the more cautious value of each field.

    The lower load, fewer reps, seconds and landings, the harder effort, the stronger pain; not
    clean and not tolerated win; what only one of them entered counts, but "clean" and "tolerated"
    need both.
    """
    least, most = _either(min), _either(max)
    load = least(one.load, other.load)
    typed = one if load == one.load else other
    hurt = one if (one.pain or 0, bool(one.pain_site)) >= (other.pain or 0, False) else other
    return SetValues(
        load=load,
        entered_load=typed.entered_load,
        entered_unit=typed.entered_unit,
        reps=least(one.reps, other.reps),
        seconds=least(one.seconds, other.seconds),
        landings=least(one.landings, other.landings),
        # A higher landing is what a clearance is judged by: it is never hidden.
        landing_level=most(one.landing_level, other.landing_level),
        drop_cm=most(one.drop_cm, other.drop_cm),
        rpe=most(one.rpe, other.rpe),
        clean=_both(one.clean, other.clean),
        tolerated=_both(one.tolerated, other.tolerated),
        pain=most(one.pain, other.pain),
        pain_site=hurt.pain_site or other.pain_site or one.pain_site,
        pain_kind=hurt.pain_kind or other.pain_kind or one.pain_kind,
    )


def _either(choose: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    def of(one: Any, other: Any) -> Any:
        if one is None or other is None:
            return other if one is None else one
        return choose(one, other)

    return of


def _both(one: bool | None, other: bool | None) -> bool | None:
    """A pass needs two of them; one that failed is enough; a blank is no pass."""
    if False in (one, other):
        return False
    return True if one and other else None


@dataclass(frozen=True, slots=True)
class Asked:
    """Of a target what says how a set is read; ``reps`` is None where it is timed."""

    kind: str
    reps: int | None


def read_set(
    payload: Mapping[str, Any], *, target: Target | Asked, load_type: str, unit: str, rules: Rules
) -> SetValues:
    """Clean values of a set of ``target``, from text; BadSet names every field that is wrong.

    Reps 0 is a set only with ``tried``: somebody tried and could not lift it.
    """
    reader = _Reader(payload)
    if target.kind == "impact":
        values = SetValues(
            landings=reader.whole("landings", 1, MOST_LANDINGS, "landings", needed=True),
            landing_level=reader.whole("level", 0, 5, "the landing level", needed=True),
            drop_cm=reader.whole("drop_cm", 0, MOST_DROP_CM, "the height in cm"),
            tolerated=reader.yes_no("tolerated", "Landings are tolerated or not: yes or no."),
            clean=reader.technique(),
            **reader.hurt("pain"),
        )
    else:
        unit = reader.text("unit") or unit
        typed = reader.text("load")
        values = SetValues(
            load=reader.load(unit, rules, needed=load_type not in UNLOADED),
            entered_load=typed[:16],
            entered_unit=unit if typed else "",
            reps=None if target.reps is None else reader.reps(rules),
            seconds=reader.seconds() if target.reps is None else None,
            rpe=reader.whole("rpe", 6, 20, "RPE"),
            clean=reader.technique(),
            **reader.hurt("pain"),
        )
    if reader.errors:
        raise BadSet(reader.errors)
    return values


def read_answers(payload: Mapping[str, Any], *, at: datetime) -> dict[str, Any] | None:
    """What was asked on arrival, as it is kept on the visit; None if nothing was answered.

    Raises BadSet with a sentence for each field that is wrong.
    """
    reader = _Reader(payload)
    next_day, now = reader.report("next_day"), reader.report("now")
    away = reader.text("away")
    if away not in ("", NONE_OF_THEM, *RESCREENED_AFTER):
        reader.errors["away"] = "That is a fall, an illness or a stay in hospital."
    said = {name: reader.yes_no(name, f"Answer yes or no: {ASKED[name]}") for name in YES_OR_NO}
    if reader.errors:
        raise BadSet(reader.errors)
    answers = Answers(next_day, now, away, **said)
    return None if answers == NOTHING_ASKED else {**answers.to_json(), "at": at.isoformat()}


class _Reader:
    """Reads one field at a time and collects what is wrong, so that all of it is said at once."""

    def __init__(self, payload: Mapping[str, Any]) -> None:
        self.payload = payload
        self.errors: dict[str, str] = {}

    def text(self, name: str) -> str:
        value = self.payload.get(name)
        return "" if value is None else str(value).strip()

    def whole(
        self, name: str, low: int, high: int, words: str, *, needed: bool = False
    ) -> int | None:
        typed = self.text(name)
        if not typed:
            if needed:
                self.errors[name] = f"Say {words}: a whole number from {low} to {high}."
            return None
        if not (typed.isascii() and typed.isdigit() and low <= int(typed[:6]) <= high):
            self.errors[name] = f"{words[0].upper()}{words[1:]} is a whole number, {low} to {high}."
            return None
        return int(typed)

    def report(self, name: str) -> Pain:
        """One report of pain: the score, and beside it where and of what kind."""
        score = self.whole(name, 0, 10, "pain")
        site = self._one_of(f"{name}_site", Site.values, "where it hurts")
        kind = self._one_of(f"{name}_kind", PainKind.values, "what kind of pain it is")
        if score is None and (site or kind) and name not in self.errors:
            self.errors[name] = "How strong is it, from 0 to 10?"
        if score and site in SPINAL and not kind and f"{name}_kind" not in self.errors:
            self.errors[f"{name}_kind"] = "Back, ribs or groin: is it known, or new or changed?"
        return Pain(score, site, kind) if score else Pain(score)

    def hurt(self, name: str) -> dict[str, Any]:
        pain = self.report(name)
        return {"pain": pain.score, "pain_site": pain.site, "pain_kind": pain.kind}

    def _one_of(self, name: str, values: Sequence[str], words: str) -> str:
        typed = self.text(name)
        if typed and typed not in values:
            self.errors[name] = f"Choose {words} from the list."
            return ""
        return typed

    def seconds(self) -> int | None:
        if self.text("seconds") == "0" and self.text("tried"):
            return 0
        return self.whole("seconds", 1, MOST_SECONDS, "seconds", needed=True)

    def reps(self, rules: Rules) -> int | None:
        if self.text("reps") == "0":
            if self.text("tried"):
                return 0
            self.errors["reps"] = "0 reps is no set. If she tried and could not, tap “None”."
            return None
        return self.whole("reps", 1, rules.most_reps, "reps", needed=True)

    def load(self, unit: str, rules: Rules, *, needed: bool) -> Decimal | None:
        typed = self.text("load")
        if not typed:
            if needed:
                self.errors["load"] = "Type the load that was lifted."
            return None
        try:
            load = parse_load(typed, unit)
        except ValueError as wrong:
            self.errors["load"] = str(wrong)
            return None
        if not 0 < load <= rules.heaviest_load_kg:
            most = f"{rules.heaviest_load_kg.normalize():f}"
            self.errors["load"] = f"A load is more than 0 and at most {most} kg."
            return None
        return load

    def technique(self) -> bool | None:
        typed = self.text("technique")
        if typed and typed not in TECHNIQUE:
            self.errors["technique"] = "Technique is clean or not clean."
        return TECHNIQUE.get(typed)

    def yes_no(self, name: str, words: str) -> bool | None:
        typed = self.text(name)
        if typed and typed not in YES_NO:
            self.errors[name] = words
        return YES_NO.get(typed)
