"""What the figures of fidelity mean. Standard library only."""

from __future__ import annotations

from .define import Definition
from .table import Column, Kind

#: Name and exact rule of each item, by its code.
ITEMS = {
    "exercises": (
        "Correct exercises",
        "Every set of the session, warm-ups left out, is of the exercise that was asked for of its "
        "lift; a lift that was not asked for is not correct. Not applicable where nothing was "
        "logged, or where what was asked for is not kept (a session that was imported).",
    ),
    "technique": (
        "Technique passed",
        "In each lift with working sets the technique was noted as clean at least once, and of no "
        "working set as not clean. Nothing noted is no pass. Not applicable without working sets; "
        "impact sets are in no technique.",
    ),
    "load": (
        "Load in band",
        "Every working set that was asked for with a load and lifted with one was within the "
        "clinic’s per cent above or below what was asked for (setting “Ask to confirm a load this "
        "far above target”, usually 10 %). Not applicable where no set has both.",
    ),
    "effort": (
        "Effort recorded",
        "In each lift of which an effort was asked, an RPE was recorded with at least one working "
        "set. Not applicable where of none an effort was asked.",
    ),
    "ratio": (
        "Ratio within cap",
        "Not more clients in the class than its supervisors may have (setting “Refuse above this "
        "many clients for each supervisor”, usually 8). Clients: who is checked in or attended. "
        "Supervisors: who was named and stayed until the end; where nobody was named, who signed "
        "for its sessions.",
    ),
    "supervisor": (
        "Qualified supervisor",
        "Of the therapist who signed the session, on its day: licence in date, first aid in date "
        "where one is recorded, and training in the program on record. By the newest credential "
        "recorded by the end of that day; not applicable where none was.",
    ),
    "sets": (
        "Number of sets",
        "Of each lift as many sets as were asked for, warm-ups left out: no fewer and no more. Not "
        "applicable where nothing was asked for, or what was asked for is not kept.",
    ),
}

SCORE = Definition(
    code="F",
    name="Fidelity score",
    formula="items met ÷ items that apply, of each attended session",
    notes=(
        "Delivered as designed, in seven items: "
        + "; ".join(f"{name.lower()}" for name, _ in ITEMS.values())
        + ". An item that cannot be known of a session does not apply to it: it is neither met nor "
        "missed.",
        *(f"{name}: {rule}" for name, rule in ITEMS.values()),
        "The mean and the median are those of the sessions’ scores; each session counts once, "
        "however many items apply to it. All met: sessions in which every item that applies is "
        "met.",
    ),
    source="Protocol sheet 5.4. The items are published, their exact rules are of this project.",
)

IN_TIME = Definition(
    code="N",
    name="Notes signed in time",
    formula="attended sessions with a note signed in time ÷ those whose time is over or whose note "
    "was signed in time",
    notes=(
        "In time: the first version of the note was signed at most so many hours after the end of "
        "the session (setting “A session’s note is late after”, usually 24).",
    ),
    source="Protocol sheet 5.8 and flag F21.",
)

DEFINITIONS = (SCORE, IN_TIME)

_LOW = Column("low", "from %", Kind.PERCENT, "Lower end of Wilson’s 95 % interval.", wide=True)
_HIGH = Column("high", "to %", Kind.PERCENT, "Upper end of Wilson’s 95 % interval.", wide=True)

BY_ITEM = (
    Column("item", "Item", Kind.TEXT, "See the fidelity score for its exact rule."),
    Column("applies", "Applies", Kind.COUNT, "Attended sessions to which the item applies."),
    Column("met", "Met", Kind.COUNT, "Sessions in which it was met."),
    Column("missed", "Missed", Kind.COUNT, "Sessions in which it was not. Applies = met + missed."),
    Column("share", "Met %", Kind.PERCENT, "Met ÷ applies."),
    _LOW,
    _HIGH,
)

_SESSIONS = (
    Column("sessions", "Sessions", Kind.COUNT, "Attended sessions, also in part."),
    Column("mean", "Mean score %", Kind.PERCENT, "Mean of the sessions’ scores."),
    Column("median", "Median %", Kind.PERCENT, "Median of the sessions’ scores."),
    Column("whole", "All met", Kind.COUNT, "Sessions in which every item that applies is met."),
    Column("whole_share", "All met %", Kind.PERCENT, "All met ÷ sessions."),
    _LOW,
    _HIGH,
    Column("notes", "Notes due", Kind.COUNT, "Sessions whose note is signed in time or was due."),
    Column("in_time", "In time", Kind.COUNT, "Of those, with a note signed in time."),
    Column("in_time_share", "In time %", Kind.PERCENT, "In time ÷ notes due."),
)

_OVER = (
    Column(
        "over_warn",
        "Over warning",
        Kind.COUNT,
        "Classes with more clients for each supervisor than the clinic’s warning, usually 6.",
    ),
    Column(
        "over_block",
        "Over cap",
        Kind.COUNT,
        "Classes with more clients for each supervisor than the clinic’s cap, usually 8.",
    ),
)

GROUPS = (
    Column("group", "Group", Kind.TEXT, "Who signed the sessions, or their program or clinic."),
    *_SESSIONS,
    Column("classes", "Classes", Kind.COUNT, "Different classes in which these sessions were."),
    *_OVER,
)

MONTHS = (Column("month", "Month", Kind.TEXT, "The month of the session’s day."), *_SESSIONS)

SIZES = (
    Column("clients", "Clients", Kind.COUNT, "Clients in the class, checked in or attended."),
    Column("classes", "Classes", Kind.COUNT, "Classes of that size with a session in this report."),
    Column("share", "Share %", Kind.PERCENT, "Of all classes in this report."),
    *_OVER,
)

SESSIONS_BEHIND = (
    Column("began", "Session", Kind.MOMENT, "When it began."),
    Column("client", "Client", Kind.TEXT, "Who came."),
    Column("clinic", "Clinic", Kind.TEXT, "Where.", wide=True),
    Column("by", "Signed by", Kind.TEXT, "The therapist who signed the session."),
    *(
        Column(code, name, Kind.TEXT, "met, missed, or blank where it does not apply.")
        for code, (name, _) in ITEMS.items()
    ),
    Column("score", "Score %", Kind.PERCENT, "Items met ÷ items that apply."),
    Column("note_by", "Note due", Kind.MOMENT, "Until when its note was to be signed.", wide=True),
    Column("signed_at", "Note signed", Kind.MOMENT, "When its first version was signed."),
)

CLASSES_BEHIND = (
    Column("began", "Class", Kind.MOMENT, "When it began."),
    Column("room", "Room", Kind.TEXT, "Where."),
    Column("clinic", "Clinic", Kind.TEXT, "Whose."),
    Column("clients", "Clients", Kind.COUNT, "Checked in or attended."),
    Column("supervisors", "Supervisors", Kind.COUNT, "As the ratio counts them."),
)

RULES = (
    (
        "Which sessions",
        "Attended sessions of any kind, also in part, that began within the dates. A session that "
        "nobody came to was not delivered; it is in the adherence report.",
    ),
    (
        "Whose sessions",
        "By therapist means who signed the session. The filter by therapist is about the one "
        "responsible for the client.",
    ),
    ("Which program", "The program that the client followed on the day of the session."),
    (
        "Classes",
        "A class counts once in a group, with all who were in it, also clients whom the filters "
        "leave out. Two therapists who signed in one class both have it.",
    ),
    ("The clinic’s numbers", "As they are in force now, for all sessions alike."),
    (
        "Small groups",
        "A row with fewer than 20 sessions is pale, and nobody is to be compared by it. Sessions "
        "of one client go together, so true intervals are wider.",
    ),
)
