"""From the answers of a screening to who may start: findings, a tier, a level, cautions.

Standard library only. Every finding names its rule, where it comes from and how sure that is
(protocol sheet 2). Thresholds are the clinic's (``EligibilityRules``). "Not sure" is an answer of
its own, and is met with care; a blank is no answer and decides nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from .eligibility_answers import MILDER, PLAIN, Plain
from .eligibility_rules import LANDINGS, EligibilityRules
from .questionnaires import UNSURE, Value

CLEARED, LETTER, NOT_NOW = "A", "B", "C"
HIGHEST_LEVEL = 5
GP = "GP"
#: Definitions, no settings (protocol sheet 2.2): RACGP, and ISCD05 for the Z-score.
LOW_BONE, OSTEOPOROSIS = Decimal("-1.0"), Decimal("-2.5")
Z_BELOW_AGE = Decimal("-2.0")


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing found. ``tier`` A is for the clinician to plan around, B wants a letter
    (``letter_from`` whom, ``letter_for`` what), C is not now. ``level``: landings at most (0 to 5).
    """

    rule: str
    tier: str
    words: str
    letter_from: str = ""
    letter_for: str = ""
    source: str = ""
    tag: str = "K"
    level: int = HIGHEST_LEVEL
    flexion: bool = False
    load: bool = False


@dataclass(frozen=True, slots=True)
class Eligibility:
    """What follows from a screening."""

    tier: str
    findings: tuple[Finding, ...]
    impact_allowed: int
    flexion_caution: bool
    load_caution: bool


def judge_answers(
    values: Mapping[str, Value], rules: EligibilityRules, *, born_on: date, sex: str, today: date
) -> Eligibility:
    """The findings of read answers (``questionnaires.read``), and the strictest of each kind.

    ``sex`` as on the client: female, male or other.
    """
    answers = _Answers(values, born_on, sex, today)
    every = (
        *_plain(answers),
        *_age(answers, rules),
        *_fractures(answers, rules),
        *_falls(answers, rules),
        *_scan(answers, rules),
        *_steroids(answers, rules),
        *_pressure(answers, rules),
        *_pain(answers, rules),
    )
    found = [
        replace(one, level=getattr(rules, LANDINGS[one.rule])) if one.rule in LANDINGS else one
        for one in every
    ]
    return Eligibility(
        tier=max((one.tier for one in found), default=CLEARED),
        findings=tuple(sorted(found, key=lambda one: (-ord(one.tier), one.rule))),
        impact_allowed=min((one.level for one in found), default=HIGHEST_LEVEL),
        flexion_caution=any(one.flexion for one in found),
        load_caution=any(one.load for one in found),
    )


def t_score_class(t_score: Decimal) -> str:
    """normal from −1.0 up, osteopenia between −2.5 and −1.0, osteoporosis from −2.5 down.

    As reported, never worked out from a density: the reference differs (protocol sheet 2.2, 8.17).
    """
    if t_score >= LOW_BONE:
        return "normal"
    return "osteopenia" if t_score > OSTEOPOROSIS else "osteoporosis"


@dataclass(frozen=True, slots=True)
class _Answers:
    values: Mapping[str, Value]
    born_on: date
    sex: str
    today: date

    def said(self, key: str, *words: str) -> bool:
        return self.values.get(key) in words

    def number(self, key: str) -> Decimal | None:
        value = self.values.get(key)
        return value if isinstance(value, Decimal) else None

    def unsure(self, key: str) -> bool:
        return self.values.get(key) == UNSURE

    @property
    def z_counts(self) -> bool:
        """Before menopause and in men under 50 a T-score has no class (protocol sheet 2.2)."""
        return self.said("menopause", "before") or (self.sex == "male" and self.age < 50)

    @property
    def age(self) -> int:
        before = (self.today.month, self.today.day) < (self.born_on.month, self.born_on.day)
        return self.today.year - self.born_on.year - before


def _plain(answers: _Answers) -> Iterator[Finding]:
    """Questions with one finding for yes, and the same or a milder one for "not sure"."""
    rows = [(key, one) for table in (PLAIN, MILDER) for key, one in _rows(table)]
    for key, plain in rows:
        answer = answers.values.get(key)
        if answer is None or isinstance(answer, Decimal | date):
            continue
        if answer in plain.strict:
            yield _finding(plain, plain.tier, plain.words)
        elif answer in plain.unsure:
            tier = LETTER if plain.tier == NOT_NOW else plain.tier
            yield _finding(plain, tier, f"Not certain: {plain.words[0].lower()}{plain.words[1:]}")


def _rows(table: Mapping[str, Plain | tuple[Plain, ...]]) -> Iterator[tuple[str, Plain]]:
    for key, plain in table.items():
        yield from ((key, one) for one in (plain if isinstance(plain, tuple) else (plain,)))


def _finding(plain: Plain, tier: str, words: str) -> Finding:
    letter = tier == LETTER
    return Finding(
        plain.rule,
        tier,
        words,
        plain.letter_from if letter else "",
        plain.letter_for if letter else "",
        plain.source,
        plain.tag,
        plain.level,
        plain.flexion,
        plain.load,
    )


def _age(answers: _Answers, rules: EligibilityRules) -> Iterator[Finding]:
    if answers.age < rules.min_age:
        words = f"{answers.age} years old: the trial’s women were over {rules.min_age}."
        yield Finding("E01", LETTER, words, GP, "heavy training at this age", "GN14", "K")
    if answers.z_counts or answers.unsure("menopause"):
        words = "Before menopause, or a man under 50: the Z-score counts, not the T-score."
        yield Finding("E02", CLEARED, words, source="ISCD05", tag="V")


def _months_since(first: date, today: date) -> int:
    return (today.year - first.year) * 12 + today.month - first.month


def _fractures(answers: _Answers, rules: EligibilityRules) -> Iterator[Finding]:
    if answers.said("fracture_spine", "yes"):
        words = "A past fracture of a vertebra: heel raises only, until a clinician decides."
        yield Finding(
            "E10", CLEARED, words, source="SSS, HANDI", tag="V", level=0, flexion=True, load=True
        )
    if answers.unsure("fracture_spine"):
        words = "A fracture of a vertebra cannot be ruled out; most are never recognised."
        yield Finding(
            "E10",
            CLEARED,
            words,
            source="VFA",
            tag="V",
            level=0,
            flexion=True,
            load=True,
        )
    if answers.unsure("fracture_ever"):
        words = "Fractures since 40 are not known."
        yield Finding("E11", CLEARED, words, tag="D", flexion=True)
    if answers.said("fracture_ever", "yes"):
        yield from _recent_fracture(answers, rules)
        yield from _low_trauma(answers, rules)
        yield Finding("E11", CLEARED, "A fracture since 40.", source="VIB", tag="V", flexion=True)
    lost = answers.number("height_lost")
    if lost is not None and lost > rules.height_loss_recalled_cm:
        words = f"{lost.normalize():f} cm shorter than in youth: an image of the spine is due."
        yield Finding(
            "E14", LETTER, words, GP, "an image of the spine, to look for fractures", "", "K",
            level=0, flexion=True, load=True,
        )  # fmt: skip
    if answers.unsure("height_lost"):
        words = "Height lost is not known: measure it, and ask again."
        yield Finding("E14", CLEARED, words, tag="K")


def _recent_fracture(answers: _Answers, rules: EligibilityRules) -> Iterator[Finding]:
    last = answers.values.get("fracture_last")
    if last is None:
        return
    ago = _months_since(last, answers.today) if isinstance(last, date) else None
    if ago is not None and ago <= rules.fracture_stop_months and rules.fracture_stop_months:
        words = f"A fracture within {rules.fracture_stop_months} months."
        yield Finding("E12", NOT_NOW, words, tag="D", level=0, flexion=True, load=True)
    elif ago is None or ago <= rules.fracture_letter_months:
        words = (
            f"A fracture within {rules.fracture_letter_months} months."
            if ago is not None
            else "When the last fracture was is not known."
        )
        yield Finding("E12", LETTER, words, GP, "loading after a fracture", "", "D", load=True)


def _low_trauma(answers: _Answers, rules: EligibilityRules) -> Iterator[Finding]:
    low = answers.number("fractures_low")
    if answers.unsure("fractures_low") or (low is not None and low >= rules.low_trauma_fractures):
        how_many = "It is not known how many" if low is None else f"{low.normalize():f}"
        words = f"{how_many} low-trauma fractures: heel raises only, until a clinician decides."
        yield Finding("E13", CLEARED, words, source="SSS", tag="V", level=0, flexion=True)


def _falls(answers: _Answers, rules: EligibilityRules) -> Iterator[Finding]:
    falls = answers.number("falls_year")
    often = answers.unsure("falls_year") or (falls is not None and falls >= rules.falls_a_year)
    if often or answers.said("falls_hurt", "yes", UNSURE):
        words = "Falls in the last year: train balance too, and ask about them every month."
        yield Finding("E15", CLEARED, words, source="PROF", tag="D")


def _scan(answers: _Answers, rules: EligibilityRules) -> Iterator[Finding]:
    if answers.said("scan_seen", "no", UNSURE):
        words = "No scan report seen. A first scan is due."
        yield Finding("E20", CLEARED, words, source="BC4", tag="D")
    said = [answers.number(key) for key in ("t_lumbar", "t_neck", "t_hip")]
    scores = [one for one in said if one is not None]
    if answers.said("scan_seen", "yes") and not scores:
        words = "No T-score was copied from the report."
        yield Finding("E20", CLEARED, words, tag="D")
    yield from _z_score(answers)
    if not scores:
        return
    lowest = min(scores)
    kind = t_score_class(lowest)
    named = "the Z-score counts, so this has no class" if answers.z_counts else kind
    words = f"Lowest T-score {lowest} as reported: {named}."
    yield Finding("E21", CLEARED, words, source="RACGP", tag="V")
    yield from _trial_bounds(lowest)
    if kind == "osteoporosis" and _fragile(answers):
        words = "Osteoporosis with a fragility fracture: avoid explosive loading and deep bending."
        yield Finding(
            "E22", CLEARED, words, source="HANDI", tag="V", flexion=True,
            load=True,
        )  # fmt: skip
    if lowest <= rules.letter_from_t_score:
        words = f"T-score {lowest}, {rules.letter_from_t_score} or below."
        yield Finding(
            "E23", LETTER, words, GP, "heavy training at this T-score", "", "D",
            flexion=True, load=True,
        )  # fmt: skip
    yield from _frax(answers, lowest)


def _z_score(answers: _Answers) -> Iterator[Finding]:
    lowest = answers.number("z_lowest")
    if lowest is not None and lowest <= Z_BELOW_AGE:
        words = f"Z-score {lowest}, below what is expected for age: suggest a talk with the GP."
        yield Finding("E25", CLEARED, words, source="ISCD05", tag="V")
    elif lowest is None and answers.z_counts and answers.said("scan_seen", "yes"):
        yield Finding("E25", CLEARED, "No Z-score was copied from the report.", tag="D")


def _trial_bounds(lowest: Decimal) -> Iterator[Finding]:
    """At exactly −1.0 a client is within one trial’s bounds and not the other’s (sheet 2.2)."""
    if lowest == LOW_BONE:
        words = "Exactly -1.0: MEDEX-OP took such women in, LIFTMOR did not."
        yield Finding("E26", CLEARED, words, source="L18, MXA1", tag="V")
    elif lowest > LOW_BONE:
        words = "Above -1.0: the trials took in women with less bone than this."
        yield Finding("E26", CLEARED, words, source="L18, MXA1", tag="V")


def _fragile(answers: _Answers) -> bool:
    low = answers.number("fractures_low")
    broke = answers.said("fracture_ever", "yes") and (
        answers.unsure("fractures_low") or (low is not None and low >= 1)
    )
    return broke or answers.said("fracture_spine", "yes", UNSURE)


def _frax(answers: _Answers, lowest: Decimal) -> Iterator[Finding]:
    """A prompt to speak with the GP about medicine, never a gate (protocol sheet 2.3)."""
    major, hip = answers.number("frax_major"), answers.number("frax_hip")
    high = (major is not None and major >= 20) or (hip is not None and hip >= 3)
    if high and OSTEOPOROSIS < lowest < LOW_BONE:
        words = "FRAX at or above a usual treatment threshold: suggest a talk with the GP."
        yield Finding("E24", CLEARED, words, source="ARD", tag="V")


def _steroids(answers: _Answers, rules: EligibilityRules) -> Iterator[Finding]:
    if answers.unsure("steroid"):
        yield Finding("E30", CLEARED, "Cortisone tablets: not certain. Ask the GP.", tag="D")
    if not answers.said("steroid", "yes"):
        return
    dose, months = answers.number("steroid_mg"), answers.number("steroid_months")
    much = answers.unsure("steroid_mg") or (dose is not None and dose >= rules.steroid_mg)
    long = answers.unsure("steroid_months") or (
        months is not None and months >= rules.steroid_months
    )
    if much and long:
        words = (
            f"Prednisolone {rules.steroid_mg.normalize():f} mg a day or more "
            f"for {rules.steroid_months} months or more, or not known."
        )
        yield Finding(
            "E31", LETTER, words, GP, "heavy training under glucocorticoids", "", "D", load=True
        )
    else:
        yield Finding("E30", CLEARED, "Takes or took cortisone tablets.", source="L18", tag="K")


def _pressure(answers: _Answers, rules: EligibilityRules) -> Iterator[Finding]:
    upper, lower = answers.number("bp_systolic"), answers.number("bp_diastolic")
    high = (upper is not None and upper > rules.highest_systolic) or (
        lower is not None and lower > rules.highest_diastolic
    )
    if high:
        words = f"Blood pressure at rest above {rules.highest_systolic}/{rules.highest_diastolic}."
        yield Finding("E40", NOT_NOW, words, tag="K", load=True)
    if answers.unsure("bp_systolic") or answers.unsure("bp_diastolic"):
        words = "Blood pressure at rest is not known: measure it before the first session."
        yield Finding("E42", CLEARED, words, tag="K", load=True)


def _pain(answers: _Answers, rules: EligibilityRules) -> Iterator[Finding]:
    pain = answers.number("pain_now")
    if pain is None:
        return
    if pain > rules.pain_stop_over:
        words = f"Pain above {rules.pain_stop_over} of 10 this week."
        yield Finding("E41", NOT_NOW, words, source="EFE", tag="D", load=True)
    elif pain >= rules.pain_hold_from:
        words = f"Pain {rules.pain_hold_from} of 10 or more this week: start with care."
        yield Finding(
            "E41", CLEARED, words, source="EFE",
            tag="D", load=True,
        )  # fmt: skip
