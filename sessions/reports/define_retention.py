"""What the figures of retention mean. Standard library only."""

from __future__ import annotations

from .define import Definition
from .table import Column, Kind

SHEET = "Protocol sheet 5.3."

RETENTION = Definition(
    code="R1",
    name="Retention",
    formula="the product, over all weeks until then in which somebody dropped out, of "
    "(1 − dropouts in that week ÷ at risk in that week)",
    notes=(
        "The share of those who started that is expected still to be there after a programme week "
        "(Kaplan and Meier 1958). A programme week is days since the start ÷ 7, rounded down, "
        "+ 1; it is week 1 on the first day, and a move to another version goes on counting.",
        "A dropout is a withdrawal for any reason but those below, and also one whose reason was "
        "not said. It is dated by the last session attended, not by the day on which somebody "
        "wrote it down; who never came dropped out in week 1.",
        "Taken out, and no dropout: moved away or went to another clinic, died, the clinic closed "
        "(in the week of the last session attended); finished the program (in the week of her last "
        "day); still running (in the week it is now). Who is still running is never called "
        "complete.",
        "At risk in a week: who was still watched in that week or for longer. Who drops out and "
        "who is taken out in the same week are both still at risk in it.",
        "The 95 % interval is Greenwood’s, on the log-log scale. Before the first dropout, and "
        "when nobody is left, there is none.",
        "Where nobody was watched for so many weeks, the figure is left blank: it is not known.",
    ),
    source=f"{SHEET} Kaplan–Meier with transfer, death and closure censored, dropout as the event.",
)

IF_LAPSED_LEFT = Definition(
    code="R2",
    name="Retention if the lapsed have left",
    formula="R1, with whoever has lapsed counted as a dropout on her last session attended",
    notes=(
        "Lapsed, as flag F04 says it: still in the program, no session attended for the clinic’s "
        "number of days (usually 21), nothing booked, and no planned pause today. It is "
        "provisional: nobody has said that she left, so R1 counts her as running.",
    ),
    source=f"{SHEET} Lapsed is provisional, same rule as F04.",
)

DEFINITIONS = (RETENTION, IF_LAPSED_LEFT)

_WEEK = Column("week", "Week", Kind.COUNT, "Programme week; week 0 is the start.")
_AT_RISK = Column(
    "at_risk", "At risk", Kind.COUNT, "Starts that were still watched in that week or for longer."
)
_LEFT_BY = Column("left", "Left by then", Kind.COUNT, "Dropouts by the end of that week.")
_SHARE = Column("share", "Retained %", Kind.PERCENT, "R1 after that week.")
_LOW = Column("low", "from %", Kind.PERCENT, "Lower end of the 95 % interval.", wide=True)
_HIGH = Column("high", "to %", Kind.PERCENT, "Upper end of the 95 % interval.", wide=True)

CURVE = (
    _WEEK,
    _AT_RISK,
    _LEFT_BY,
    _SHARE,
    _LOW,
    _HIGH,
    Column("lapsed", "If lapsed left %", Kind.PERCENT, "R2 after that week.", wide=True),
)

GROUPS = (
    Column("group", "Group", Kind.TEXT, "Whose starts."),
    Column("started", "Started", Kind.COUNT, "Enrollments that began within the dates."),
    Column("left", "Dropped out", Kind.COUNT, "Withdrew, and it counts as a dropout."),
    Column(
        "elsewhere",
        "Left otherwise",
        Kind.COUNT,
        "Moved away or to another clinic, died, or the clinic closed: taken out, no dropout.",
    ),
    Column("finished", "Finished", Kind.COUNT, "Finished the program, by a therapist’s word."),
    Column(
        "running",
        "Running",
        Kind.COUNT,
        "Still in the program. Started = dropped out + left otherwise + finished + running.",
    ),
    Column("lapsed", "of them lapsed", Kind.COUNT, "Of those running: lapsed, see R2."),
    Column("at_16", "At risk, week 16", Kind.COUNT, "Still watched in week 16.", wide=True),
    Column("share_16", "Week 16 %", Kind.PERCENT, "R1 after week 16."),
    Column("at_35", "At risk, week 35", Kind.COUNT, "Still watched in week 35.", wide=True),
    Column("share_35", "Week 35 %", Kind.PERCENT, "R1 after week 35."),
    Column("low_35", "from %", Kind.PERCENT, "Lower end of its 95 % interval.", wide=True),
    Column("high_35", "to %", Kind.PERCENT, "Upper end of its 95 % interval.", wide=True),
)

CURVES = (
    Column("group", "Group", Kind.TEXT, "Whose starts."),
    _WEEK,
    _AT_RISK,
    _LEFT_BY,
    _SHARE,
    _LOW,
    _HIGH,
)

REASONS = (
    Column("reason", "Reason", Kind.TEXT, "Chosen by the therapist who ended the program."),
    Column("counts", "Counts as", Kind.TEXT, "A dropout, or taken out of R1."),
    Column("number", "Withdrew", Kind.COUNT, "Withdrawals with that reason."),
    Column("share", "Share %", Kind.PERCENT, "Of all withdrawals in this report."),
    Column("low", "from %", Kind.PERCENT, "Lower end of Wilson’s 95 % interval.", wide=True),
    Column("high", "to %", Kind.PERCENT, "Upper end of Wilson’s 95 % interval.", wide=True),
    Column(
        "week",
        "Median week",
        Kind.NUMBER,
        "Median of the programme weeks of their last sessions attended.",
    ),
)

BEHIND = (
    Column("client", "Client", Kind.TEXT, "Who started."),
    Column("clinic", "Clinic", Kind.TEXT, "Where.", wide=True),
    Column("program", "Program", Kind.TEXT, "The program that she started with.", wide=True),
    Column("therapist", "Therapist", Kind.TEXT, "Responsible for the enrollment.", wide=True),
    Column("starts", "Started", Kind.DAY, "First day of the enrollment."),
    Column("outcome", "Now", Kind.TEXT, "What became of it."),
    Column("reason", "Reason", Kind.TEXT, "As chosen, and as written."),
    Column("ended", "Ended", Kind.DAY, "Last day, as recorded."),
    Column("came", "Last attended", Kind.DAY, "Last session attended."),
    Column("week", "Week", Kind.COUNT, "Programme week until which R1 counts it."),
)

RULES = (
    (
        "Who is in it",
        "Everyone who started on a day within the dates, followed until now: also after the last "
        "of the dates. Who started earlier is not in it, because those who left before would be "
        "missing. An enrollment that ended before its first day never started.",
    ),
    (
        "One start a row",
        "Enrollments, not people: who left and came back started twice.",
    ),
    (
        "Group",
        "The month of the start, the program she started with, the therapist responsible now, or "
        "the clinic.",
    ),
    ("Small groups", "A group with fewer than 20 starts is pale, and not to be compared."),
    (
        "Few people",
        "Whoever may read no names reads nothing of fewer than five people, however often these "
        "started: no group, week or reason, and nothing that would say it, such as how many left, "
        "or how many were at risk, in another group.",
    ),
    (
        "LIFTMOR",
        "86 of 101 completed, 85.1 % (Watson and others 2018): the share of everyone randomised, "
        "both groups, after 8 months. A trial chose its people; it is not a Kaplan–Meier figure.",
    ),
)
