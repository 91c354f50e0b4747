"""What the figures of the report on strength and function mean. Standard library only."""

from __future__ import annotations

from .define import Definition
from .stats import INTERVAL_FROM
from .table import Column, Kind

S1 = Definition(
    code="S1",
    name="Change of strength by lift",
    formula="last estimated best single − first estimated best single within the days",
    notes=(
        "Estimates by the clinic’s formula and rules as they are now: the best valid set of a "
        "session, and technical 5RMs. Nobody has to be tested for it.",
        "Both are of one exercise, the one of the client’s last estimate: loads of two rungs are "
        "not compared. The last one is of a later day than the first.",
    ),
    source="Protocol sheet 4.1 to 4.3. A definition of this project.",
)
S2 = Definition(
    code="S2",
    name="Change of a measure",
    formula="last value − first value within the days",
    notes=(
        "Values that stand: corrected ones as they were corrected. Of a measure that has sides, "
        "each side is a row.",
        "Scans are compared on the same scanner, side and region only. Others stand under “not "
        "comparable” and are in no mean.",
    ),
    source="Protocol sheet 3. A definition of this project.",
)
S3 = Definition(
    code="S3",
    name="Beyond measurement error",
    formula="clients whose change is at least the LSC or MDC ÷ clients whose measurement error is "
    "known",
    notes=(
        "LSC: least significant change of bone density, from the clinic’s own precision study of "
        "the scanner and site (2.77 × precision error). MDC: minimal detectable change of a test, "
        "the clinic’s own or the published one. A change that equals it counts.",
        "Where no study or no published error is known, nothing is said of the change: these "
        "clients are counted apart.",
        "“Better” is higher or lower, as the measure has it; a measure that has neither is counted "
        "as changed only. The interval is Wilson’s, at 95 %.",
    ),
    source="Protocol sheet 3.2 (ISCD) and 3.3; labels as on the client’s own page.",
)
S4 = Definition(
    code="S4",
    name="Interval of a mean",
    formula="mean ± t × SD ÷ √n, Student’s t at 95 % with n − 1 degrees of freedom",
    notes=(
        f"Below {INTERVAL_FROM} clients no interval is given. With few clients, or where one of "
        "them changed far more than the others, read the median.",
    ),
    source="Student 1908.",
)
DEFINITIONS = (S1, S2, S3, S4)

RULES = (
    (
        "Survivors",
        "A change needs two values, so these are the clients who stayed and were measured again. "
        "Who left, or was not measured again, is not in it, and may have fared otherwise. Each row "
        "says how many of how many.",
    ),
    (
        "No promise",
        "A mean of a group says nothing of what one person can expect. Nobody is promised bone.",
    ),
    (
        "No comparison group",
        "Nobody here was left untrained, so a change may also have come from learning the test, "
        "medicine, season or chance.",
    ),
    ("Who", "A client counts once, however many enrollments she has within the days."),
    (
        "Days",
        "The first and the last value within the days asked for. A baseline before the first day "
        "is not looked for: choose days that begin before the training.",
    ),
    (
        "Published means",
        "Changes within trained groups of trials, with the source and what ± is. They are not "
        "targets.",
    ),
)


def _count(key: str, name: str, meaning: str, *, wide: bool = False) -> Column:
    return Column(key, name, Kind.COUNT, meaning, wide=wide)


def _number(key: str, name: str, meaning: str, places: int = 2, *, wide: bool = False) -> Column:
    return Column(key, name, Kind.NUMBER, meaning, places, wide=wide)


def _share(key: str, name: str, meaning: str, *, wide: bool = False) -> Column:
    return Column(key, name, Kind.PERCENT, meaning, 1, "%", wide)


_WHO = (
    _count("enrolled", "Clients", "Everybody whom the filters leave, measured or not."),
    _count("both", "With both", "First and last value on two days, comparable: n of the change."),
    _count("once", "Once only", "Measured on one day only: the retest is missing."),
    _count("never", "Never", "Without a value within the days."),
)
_CHANGE = (
    _number("mean", "Mean change", "In the unit of the row.", 4),
    _number("low", "from", "Lower end of the 95 % interval of the mean (S4).", 4),
    _number("high", "to", "Upper end of it.", 4),
    _number("median", "Median change", "In the unit of the row.", 4),
    _share("percent", "Mean %", "Mean of the clients’ changes in per cent of their first value."),
    _share("percent_low", "% from", "Lower end of its 95 % interval (S4).", wide=True),
    _share("percent_high", "% to", "Upper end of it.", wide=True),
    _share("percent_median", "Median %", "Median of the same.", wide=True),
)
LIFTS = (
    Column("lift", "Lift", Kind.TEXT, "The movement."),
    Column("unit", "Unit", Kind.TEXT, "Of the change."),
    *_WHO,
    *_CHANGE,
)
MEASURES = (
    Column("measure", "Measure", Kind.TEXT, "The measure, with its side where it has one."),
    Column("unit", "Unit", Kind.TEXT, "Of the change."),
    *_WHO,
    _count("incomparable", "Not comparable", "Two scans that must not be compared.", wide=True),
    _count("not_done", "Not done", "Times that it was to be measured and was not.", wide=True),
    *_CHANGE,
    _count("judged", "Error known", "Of those with both, those whose LSC or MDC is known."),
    _count("better", "Better", "Better beyond it."),
    _count("worse", "Worse", "Worse beyond it."),
    _count("changed", "Changed", "Beyond it, where no direction is better.", wide=True),
    _share("better_share", "Better %", "Better ÷ error known."),
    _share("better_low", "Better from %", "Lower end of Wilson’s 95 % interval.", wide=True),
    _share("better_high", "Better to %", "Upper end of it.", wide=True),
    _share("beyond_share", "Beyond %", "Better, worse and changed ÷ error known."),
)
TRIALS = (
    Column("measure", "Measure", Kind.TEXT, "The measure."),
    Column("group", "Group", Kind.TEXT, "Who was trained, and for how long."),
    _number("mean", "Mean change", "Of the group, within it.", 1),
    _number("spread", "±", "As published.", 1),
    Column("spread_is", "± is", Kind.TEXT, "Standard error, or not said by the article."),
    Column("unit", "Unit", Kind.TEXT, "Of the change."),
    Column("source", "Source", Kind.TEXT, "Code of the source in the protocol sheet."),
)
PAIRS = (
    Column("client", "Client", Kind.TEXT, "Her name, or a number."),
    Column("what", "What", Kind.TEXT, "The exercise, or the measure."),
    Column("first_day", "First day", Kind.DAY, "Of the first value within the days."),
    _number("first", "First", "The value.", 4),
    Column("last_day", "Last day", Kind.DAY, "Of the last value; blank without a second one."),
    _number("last", "Last", "The value.", 4),
    _number("change", "Change", "Last − first.", 4),
    _share("percent", "Change %", "Of the first value."),
    Column("label", "Said of it", Kind.TEXT, "What may be said of the change."),
    Column("because", "Because", Kind.TEXT, "The bound it was held against, or what is missing."),
    _count("not_done", "Not done", "Times that it was to be measured and was not.", wide=True),
)
AGAIN = (
    Column("client", "Client", Kind.TEXT, "Her name, or a number."),
    _count("both", "With both", "Lifts and measures with a first and a last value."),
)
