"""Why a load is what it is: a code with its arguments, and the one line made from them.

Standard library only. The code is what rules and tests read; the line is what a therapist reads.
"""

from typing import NamedTuple

from programs.setting import Value, plain

LINE_LENGTH = 90
#: The code of a target that is withheld for the client’s intake.
INTAKE = "intake"

# {at} is " at 57.5 kg", or nothing where there is no load (body weight, landings). {unit} is reps
# where it is not said.
TEMPLATES = {
    # no load, or a load by decision
    "no_load": "No load yet. Watch a technique set first.",
    "bodyweight": "Body weight: move up a rung by decision.",
    "impact": "Level {level} of 5. A higher level only by decision.",
    "impact_ready": "Level {level} of 5, {count} clean visits. A higher level by decision.",
    "impact_not_tolerated": "Level {level} of 5, not tolerated. A higher level only by decision.",
    "fixed": "Same again{at}. Only a decision changes it.",
    "not_cleared": "Cleared for level {cleared} only. Nothing is prescribed.",
    "start": "Starts{at}, from the technique set.",
    "started": "Starts{at}: the load lifted in every set last time.",
    "set_load": "Set to {load} kg: {why}",
    "change_rung": "{exercise} from now on{at}: {why}",
    "released": "Hold ended. Same load{at}.",
    "entry": "{load} kg: this phase begins at up to {percent} % of {one_rm} kg, as estimated.",
    "rounded": "{load} kg is the nearest below {meant} kg that this equipment makes.",
    "not_loadable": "{meant} kg is lighter than this equipment makes. Choose another rung.",
    # up
    "raised": "Up {step} kg: all {reps} {unit}, clean, RPE {rpe}.",
    "raised_in_band": "Up {step} kg: {sessions} clean visits at RPE {low} to {high}.",
    "raised_lifted": "Up {step} kg: {lifted} kg was lifted in every set, clean, RPE {rpe}.",
    "raised_percent": "Up {step} kg, to {percent} % of the estimate: clean, RPE {rpe}.",
    "raised_top": "Up {step} kg: {top} reps in every set, clean, RPE {rpe}.",
    "raised_override": "Up {step} kg, past the technique gate: {why}",
    "climbing": "Up {step} kg, back toward {anchor} kg: clean at RPE {rpe}.",
    # the same again
    "in_band": "Same again: clean at RPE {rpe}, visit {count} of {needed} before a raise.",
    "held_effort": "Same again: RPE {rpe} is above the band of {low} to {high}.",
    "held_by_therapist": "Held{at}: {why}",
    "held_pain": "Held{at}: pain {pain} of 10.",
    "held_missed": "Held{at}: {done} of {asked} {unit}.",
    "held_hard": "Held{at}: RPE {rpe}.",
    "held_unconfirmed": "Held{at}: a load far above target is not confirmed.",
    "held_sets": "Held{at}: {done} of {asked} sets done.",
    "held_load_blank": "Held{at}: load not recorded on every set.",
    "held_lighter": "Held{at}: {lifted} kg was lifted.",
    "held_technique": "Held{at}: technique not passed on {failed} of {asked} sets.",
    "held_rpe_blank": "Held{at}: no RPE on the last set.",
    "held_technique_blank": "Held{at}: technique not noted on the last set.",
    "held_pain_blank": "Held{at}: pain was not asked.",
    "held_pain_site": "Held{at}: pain {pain} of 10, and nobody said where.",
    "held_pain_score": "Held{at}: pain was named, and nobody said how strong.",
    "held_pain_spine": "Held{at}: known pain {pain} of 10 in the back, ribs or groin.",
    "held_next_day": "Held{at}: next-day pain was not asked.",
    "held_gate": "Held{at}: clean visit {count} of {needed} before a raise.",
    "held_ceiling": "Held{at}: more passes {percent} % of {one_rm} kg, as estimated.",
    "held_impact": "Held{at}: the impact level goes up, so no load does.",
    "top_percent": "Same again: {percent} % of the estimate is as far as this phase goes.",
    "reps_first": "Same load{at}: {done} of {asked} sets at {top} reps before a raise.",
    "held_step": "Held{at}: the next step is {percent} %.{hint}",
    "held_top": "Held{at}: the heaviest that this equipment makes.",
    "held_other_lift": "Held{at}: one big raise a visit, and {other} has it.",
    # down
    "dropped": "Down {step} kg: {what} twice in a row.",
    "dropped_next_day": "Down {step} kg: next-day pain rose by {rise}.",
    "dropped_next_day_level": "Level {level}: next-day pain rose by {rise}. Back by decision.",
    # after an absence
    "away_down": "{load} kg after {days} days away: {percent} % less than {anchor} kg.",
    "away_kept": "{load} kg after {days} days away, as decided since.",
    "away_impact": "Level {level} after {days} days away. A higher level only by decision.",
    "away_restart": "No load yet. {days} days away: watch a technique set first.",
    # nothing is prescribed
    "rescreen_gap": "Re-screen first: {days} days away.",
    "rescreen_after": "Re-screen first, after {what}.",
    "locked": "Locked: {why}. A named clinician releases it.",
    "intake": "Intake: {why}. Nothing is prescribed.",
    # within a visit
    "as_prescribed": "As prescribed.",
    "lowered_missed": "Lower for the rest: {done} of {asked} {unit} on set {number}.",
    "lowered_effort": "Lower for the rest: RPE {rpe} on set {number}.",
    "lowered_load": "Same as the last set, which was lower.",
    "lowest": "The lightest that this equipment makes. Choose another rung if it is too hard.",
    "stopped_place": "Stop this lift: pain of a kind or in a place that ends all loading.",
    "stopped": "Stop this lift: pain {pain} of 10.",
}

# What holds a lift on purpose, so that it is not called stalled. Blanks and lighter loads are not
# in it: nobody decided those.
HOLDING_CODES = frozenset(
    {
        "held_technique",
        "held_pain",
        "held_by_therapist",
        "held_step",
        "held_top",
        "held_other_lift",
        "not_cleared",
        "held_pain_spine",
        "held_gate",
        "held_ceiling",
        "held_impact",
        "top_percent",
        "reps_first",
        "dropped_next_day",
        "dropped_next_day_level",
        "away_down",
        "away_restart",
        "climbing",
        "rescreen_gap",
        "rescreen_after",
        "locked",
        "intake",
    }
)


class Reason(NamedTuple):
    """A code of ``TEMPLATES`` and the arguments its line is made from."""

    code: str
    args: tuple[tuple[str, Value], ...] = ()

    @property
    def holding(self) -> bool:
        """Whether it holds the lift on purpose (see ``HOLDING_CODES``)."""
        return self.code in HOLDING_CODES

    @property
    def line(self) -> str:
        """The reason in at most 90 characters; a person's own words are cut at the end."""
        values = {name: plain(value) for name, value in self.args}
        load = values.get("load")
        values.setdefault("unit", "reps")
        values["at"] = f" at {load} kg" if load else ""
        line = TEMPLATES[self.code].format_map(values)
        return line if len(line) <= LINE_LENGTH else f"{line[: LINE_LENGTH - 1].rstrip()}…"


def because(code: str, **args: Value | None) -> Reason:
    """A reason with its arguments; an argument that is None is left out."""
    for value in args.values():  # None in ... would compare it with Decimal, which is slow
        if value is None:
            args = {name: value for name, value in args.items() if value is not None}
            break
    return tuple.__new__(Reason, (code, tuple(args.items())))  # as _make, for every lift of a visit


def in_words(why: str) -> str:
    """A therapist's reason as the end of a line; her words, or that she gave none."""
    return why.strip() or "by decision."
