"""What is wrong with a program's content: a sentence for each field that needs another look.

Keys are paths, as ``phases-0-prescriptions-2-reps``, which are the names of the fields in the
editor. The bounds of numbers here catch slips of typing; what is right for a client is decided by
the clinic's settings and by the therapist.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from programs.content import (
    LABELS,
    LINE_CELLS,
    PHASE_CELLS,
    PROGRAM_CELLS,
    RULE_NUMBERS,
    Cell,
    Document,
    number_of,
    value_of,
)

#: Lowest and highest number that can be meant.
BOUNDS: dict[str, tuple[int, int]] = {
    "frequency": (1, 7),
    "minutes": (5, 240),
    "weeks": (1, 260),
    "first_week": (1, 260),
    "last_week": (1, 260),
    "sets": (1, 20),
    "reps": (1, 30),
    "reps_top": (1, 30),
    "seconds": (1, 600),
    "landings": (1, 50),
    "drop_cm": (1, 60),
    "effort_low": (6, 20),
    "effort_high": (6, 20),
    "rest_seconds": (0, 900),
    "gate": (1, 10),
}
REQUIRED = frozenset({"frequency", "minutes", "weeks", "first_week", "sets"})
LONGEST = {"name": 120, "summary": 400, "code": 16, "tempo": 12}
PHASE_NAME, PHASE_SUMMARY, CRITERION = 60, 200, 200
MOST_PHASES, MOST_LINES = 12, 20
MOST_PERCENT, BIGGEST_STEP = 100, 5  # of the estimated 1RM (protocol.md 4.3)

Problem = tuple[str, str]


@dataclass(frozen=True, slots=True)
class OnLadder:
    """What the check needs to know of an exercise of the catalogue."""

    slug: str
    lift: str
    lift_name: str
    impact: bool
    criteria: int


def problems(content: Document, exercises: Sequence[OnLadder]) -> dict[str, str]:
    """Path of a field → what is wrong with it and what to do; empty where it can be published."""
    ladders = _ladders(exercises)
    found: dict[str, str] = {}
    for path, sentence in _all(content, ladders):
        found.setdefault(path, sentence)  # the first word on a field is the nearest to the cause
    return found


def _ladders(exercises: Sequence[OnLadder]) -> dict[str, list[OnLadder]]:
    ladders: dict[str, list[OnLadder]] = {}
    for exercise in exercises:
        ladders.setdefault(exercise.lift, []).append(exercise)
    return ladders


def _all(content: Document, ladders: dict[str, list[OnLadder]]) -> Iterator[Problem]:
    yield from _text("name", content["name"], LONGEST["name"], "Write a name.")
    yield from _text("summary", content["summary"], LONGEST["summary"])
    for name in PROGRAM_CELLS:
        yield from _cell(name, name, content.get(name))
    yield from _aims(content, ladders)
    phases = content["phases"]
    if not phases:
        yield "phases", "A program needs at least one phase. Add one."
    if len(phases) > MOST_PHASES:
        yield "phases", f"At most {MOST_PHASES} phases."
    if content["kind"] == "block" and len(phases) > 1:
        yield "phases", "A block has one phase only. Remove the others."
    for at, phase in enumerate(phases):
        last = at == len(phases) - 1
        yield from _phase(f"phases-{at}", phase, ladders, last=last)
    yield from _codes(phases)
    yield from _weeks(content)


def _aims(content: Document, ladders: dict[str, list[OnLadder]]) -> Iterator[Problem]:
    for at, aim in enumerate(content["lifts"]):
        if aim["exercise"] not in {rung.slug for rung in ladders.get(aim["lift"], [])}:
            yield f"lifts-{at}-exercise", f"There is no exercise “{aim['exercise']}” on the ladder."


# --- one field ------------------------------------------------------------------------------------
def _text(path: str, text: str, longest: int, missing: str = "") -> Iterator[Problem]:
    if missing and not text.strip():
        yield path, missing
    if len(text) > longest:
        yield path, f"At most {longest} characters; these are {len(text)}."


def _cell(path: str, name: str, cell: Cell | None) -> Iterator[Problem]:
    low, high = BOUNDS[name]
    value = value_of(cell)
    if value is None:
        if name in REQUIRED:
            yield path, f"Write a whole number from {low} to {high}."
    elif not isinstance(value, int) or not low <= value <= high:
        yield path, f"Write a whole number from {low} to {high}."


# --- phases ---------------------------------------------------------------------------------------
def _phase(
    path: str, phase: Document, ladders: dict[str, list[OnLadder]], *, last: bool
) -> Iterator[Problem]:
    code = phase["code"]
    if not re.fullmatch(rf"[A-Za-z0-9_]{{1,{LONGEST['code']}}}", code):
        longest = LONGEST["code"]
        yield f"{path}-code", f"Write a code of 1 to {longest} letters and digits, as BUILD."
    yield from _text(f"{path}-name", phase["name"], PHASE_NAME, "Write a name.")
    yield from _text(f"{path}-summary", phase["summary"], PHASE_SUMMARY)
    for name in PHASE_CELLS:
        yield from _cell(f"{path}-{name}", name, phase.get(name))
    for criterion in phase["criteria"]:
        yield from _text(f"{path}-criteria", criterion["text"], CRITERION)
    if not last and not phase["criteria"]:
        yield f"{path}-criteria", "Write what allows the next phase, at least one line."
    lines = phase["prescriptions"]
    if not lines:
        yield f"{path}-prescriptions", "A phase needs at least one exercise. Add one."
    if len(lines) > MOST_LINES:
        yield f"{path}-prescriptions", f"At most {MOST_LINES} exercises in a phase."
    seen: set[str] = set()
    for at, line in enumerate(lines):
        here, lift = f"{path}-prescriptions-{at}", line["lift"]
        if lift in seen:
            yield f"{here}-lift", "This exercise stands in the phase already. Choose another."
        seen.add(lift)
        yield from _line(here, line, ladders.get(lift, []))


def _codes(phases: Sequence[Document]) -> Iterator[Problem]:
    seen: set[str] = set()
    for at, phase in enumerate(phases):
        code = phase["code"].upper()
        if code and code in seen:
            yield f"phases-{at}-code", "Another phase has this code already."
        seen.add(code)


def _weeks(content: Document) -> Iterator[Problem]:
    """Phases follow each other without a gap, from week 1 to the last week of the program.

    Only the last one may be open-ended; it may begin right after the program's last week, for
    those who stay on.
    """
    phases, weeks = content["phases"], number_of(content.get("weeks"))
    free: int | None = 1
    for at, phase in enumerate(phases):
        path, last = f"phases-{at}", at == len(phases) - 1
        first, end = number_of(phase["first_week"]), number_of(phase["last_week"])
        open_ended = value_of(phase["last_week"]) is None
        if first is not None and free is not None and first != free:
            yield f"{path}-first_week", _out_of_line(first, free)
        if open_ended and not last:
            yield f"{path}-last_week", "Only the last phase may be without an end."
        if first is not None and end is not None and end < first:
            yield f"{path}-last_week", f"The phase begins in week {first}."
        if weeks is not None:
            yield from _beyond(path, first, end, weeks, last=last)
        free = None if end is None else end + 1


def _out_of_line(first: int, free: int) -> str:
    if free == 1:
        return "The first phase begins in week 1."
    if first > free:
        return f"{_to_no_phase(free, first - 1)} Begin in week {free}."
    return f"The phase before ends in week {free - 1}. Begin in week {free}."


def _to_no_phase(first: int, last: int) -> str:
    if first == last:
        return f"Week {first} belongs to no phase."
    return f"Weeks {first} to {last} belong to no phase."


def _beyond(
    path: str, first: int | None, end: int | None, weeks: int, *, last: bool
) -> Iterator[Problem]:
    if end is not None and end > weeks:
        yield f"{path}-last_week", f"The program has {weeks} weeks."
    elif last and end is not None and end < weeks:
        yield f"{path}-last_week", _to_no_phase(end + 1, weeks)
    if first is not None and first > weeks + 1:
        yield f"{path}-first_week", f"The program has {weeks} weeks."


# --- one exercise in a phase ----------------------------------------------------------------------
def _line(path: str, line: Document, ladder: Sequence[OnLadder]) -> Iterator[Problem]:
    if not ladder:
        yield f"{path}-lift", "Choose an exercise from the list."
    for name in LINE_CELLS:
        if name != "tempo":
            yield from _cell(f"{path}-{name}", name, line.get(name))
    yield from _kind(path, line, ladder)
    yield from _dose(path, line)
    yield from _effort(path, line)
    yield from _rule(path, line)
    tempo = value_of(line.get("tempo"))
    if tempo is not None and not re.fullmatch(r"\d{1,2}-\d{1,2}-\d{1,2}", str(tempo)):
        yield f"{path}-tempo", "Write the seconds up, held and down, as 4-0-4."
    unseen = [rung for rung in ladder if not rung.criteria]
    if value_of(line.get("gate")) is not None and unseen:
        yield (
            f"{path}-gate",
            f"{ladder[0].lift_name} has an exercise without technique criteria, so nobody could "
            "say that a visit was clean. Leave this blank.",
        )


def _kind(path: str, line: Document, ladder: Sequence[OnLadder]) -> Iterator[Problem]:
    if line["kind"] not in ("working", "impact"):
        yield f"{path}-kind", "Choose working sets or impact sets."
    elif ladder and ladder[0].impact != (line["kind"] == "impact"):
        what = (
            "counted in landings: choose impact" if ladder[0].impact else "lifted: choose working"
        )
        yield f"{path}-kind", f"{ladder[0].lift_name} is {what} sets."


def _dose(path: str, line: Document) -> Iterator[Problem]:
    impact = line["kind"] == "impact"
    has = {name for name in LINE_CELLS if value_of(line.get(name)) is not None}
    if impact and "landings" not in has:
        yield f"{path}-landings", "Write how many landings a set has."
    if not impact and not has & {"reps", "seconds"}:
        yield f"{path}-reps", "Write reps, or the seconds of a set."
    if not impact and {"reps", "seconds"} <= has:
        yield f"{path}-seconds", "Reps or seconds, not both. Make one of them blank."
    wrong = ("reps", "reps_top", "seconds") if impact else ("landings", "drop_cm")
    words = "Impact sets have" if impact else "Working sets have"
    for name in wrong:
        if name in has:
            yield f"{path}-{name}", f"{words} no {LABELS[name].lower()}. Make it blank."
    reps, top = number_of(line.get("reps")), number_of(line.get("reps_top"))
    if reps is not None and top is not None and top < reps:
        yield f"{path}-reps_top", f"At least {reps}, where the range begins."


def _effort(path: str, line: Document) -> Iterator[Problem]:
    low, high = line.get("effort_low"), line.get("effort_high")
    if (value_of(low) is None) != (value_of(high) is None):
        missing = "effort_low" if value_of(low) is None else "effort_high"
        yield f"{path}-{missing}", "Write both ends of the band, or none."
    bottom, top = number_of(low), number_of(high)
    if bottom is not None and top is not None and bottom > top:
        yield f"{path}-effort_high", f"At least {bottom}, where the band begins."


def _rule(path: str, line: Document) -> Iterator[Problem]:
    rule = line["rule"]
    kind = rule.get("kind")
    if kind not in RULE_NUMBERS:
        yield f"{path}-rule", "Choose a load rule from the list."
        return
    if (kind == "impact") != (line["kind"] == "impact"):
        yield f"{path}-rule", "Impact sets follow the impact ladder, working sets do not."
    if kind == "effort" and value_of(line.get("effort_low")) is None:
        yield f"{path}-effort_low", "Loading by effort needs the band of effort."
    if kind == "double" and value_of(line.get("reps_top")) is None:
        yield f"{path}-reps_top", "Double progression needs the upper end of the reps."
    if kind != "double" and value_of(line.get("reps_top")) is not None:
        yield f"{path}-rule", "A range of reps goes with double progression."
    yield from _percents(path, kind, rule)


def _percents(path: str, kind: str, rule: Document) -> Iterator[Problem]:
    for name in RULE_NUMBERS[kind]:
        value = rule.get(name)
        high = BIGGEST_STEP if name == "step" else MOST_PERCENT
        if value is None and name == "entry_percent":
            continue
        if not isinstance(value, int) or not 1 <= value <= high:
            yield f"{path}-{name}", f"Write a whole number from 1 to {high} %."
    low, top = rule.get("from"), rule.get("to")
    if isinstance(low, int) and isinstance(top, int) and low > top:
        yield f"{path}-to", f"At least {low} %, where the band begins."
