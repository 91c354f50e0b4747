"""What the figures of operations mean. Standard library only."""

from __future__ import annotations

from .define import Definition
from .table import Column, Kind

NO_SHOW_MEAN = "10.4 ± 7.4 %"

CAPACITY = Definition(
    code="CAP",
    name="Capacity used",
    formula="places held ÷ places offered, of classes that took place",
    notes=(
        "Offered: the smallest of what the room holds, its racks × clients a rack, the most that "
        "was set for the class, and its supervisors × clients each (setting “Warn above this many "
        "clients for each supervisor”, usually 6). What nobody has said bounds nothing. "
        "Supervisors: planned and not on leave, or named on the floor.",
        "Held: a place that was not given back by the start: who came, who did not show up, and "
        "who was not recorded. It can pass 100 % where more came than there were places for.",
        "A class that is called off offers nothing. A class that nobody was planned or named to "
        "supervise has no places; it is in neither number and stands beside them.",
        "Of the whole clinic: the filters by therapist, program and client leave it as it is.",
    ),
    source="Protocol sheet 5.8. The places of a class are those that can be booked.",
)

NO_SHOW = Definition(
    code="NS",
    name="No-show rate",
    formula="no-shows ÷ scheduled sessions",
    notes=(
        "Scheduled: every session within the dates, also make-ups and extra ones, of which it is "
        "known how it ended, or that nobody recorded. Sessions released because the program ended "
        "first are in neither number.",
        f"The published figure is {NO_SHOW_MEAN}: the mean of what 634 respondents of outpatient "
        "physical therapy in the United States reported of their own clinics. It is no target.",
    ),
    source="Protocol sheet 5.2; UNLV thesis 2323.",
)

NOT_COME = Definition(
    code="NC",
    name="Cancelled or not come",
    formula="(no-shows + late cancels + cancels by the client + excused) ÷ scheduled sessions",
    notes=(
        "Client’s causes. With the clinic’s: cancelled by the clinic and closed days are added to "
        "the numerator. Scheduled as in the no-show rate.",
    ),
    source="Protocol sheet 5.2 and 8.14: no-shows and cancels ÷ all scheduled visits not deleted.",
)

MAKE_UPS = Definition(
    code="MU",
    name="Make-ups",
    formula="owed = taken + booked + open + lapsed",
    notes=(
        "Owed: a regular session within the dates that was missed, cancelled, excused or closed, "
        "and not excused by a pause. It can be made up for so many days (setting “A missed or "
        "cancelled session can be made up for”, usually 14).",
        "Taken: its make-up was attended, also after the dates. Booked: a make-up is still to "
        "come. Open: none is booked, and its days are not over. Lapsed: its days are over, or its "
        "make-up was not attended.",
    ),
    source="Protocol sheet 5.3, A4.",
)

FLAGS = Definition(
    code="FL",
    name="Flags",
    formula="median of the days from when a flag opened until a person closed it",
    notes=(
        "Opened and closed within the dates, whenever the other end was. Good news asks for "
        "nothing and is not counted. A flag that went away by itself counts as closed, and is not "
        "in the median. The severity is the one that it had last.",
        "Not useful: closed with that answer ÷ closed by a person.",
        "About clients who were in training on one of the days, and about the clinic itself.",
    ),
    source="Protocol sheet 5.8 and 6.2.",
)

RETESTS = Definition(
    code="RT",
    name="Scans and tests",
    formula="done in time ÷ came due",
    notes=(
        "Came due within the dates, while she was in training. First ones by the end of week 4; "
        "tests every 4 months from the start; a scan 12 months after the last one, or after the "
        "start, and overdue at 13 (all settings of the clinic). In time: before it was overdue.",
        "Each round of tests counts by itself: from four weeks before its day until four weeks "
        "before that of the next. A scan before its day is the one for it; one that was never "
        "taken is due once.",
    ),
    source="Protocol sheet 3.3 and F12, F13.",
)

DEFINITIONS = (CAPACITY, NO_SHOW, NOT_COME, MAKE_UPS, FLAGS, RETESTS)

_PLACES = (
    Column("classes", "Classes", Kind.COUNT, "Classes that took place and had places."),
    Column("offered", "Offered", Kind.COUNT, "Their places."),
    Column("held", "Held", Kind.COUNT, "Places held until the start."),
    Column("used", "Used %", Kind.PERCENT, "Held ÷ offered."),
    Column("came", "Came", Kind.COUNT, "Sessions attended in them."),
    Column("came_share", "Came %", Kind.PERCENT, "Came ÷ offered."),
    Column("alone", "No supervisor", Kind.COUNT, "Classes that nobody was to supervise."),
)
MONTHS = (Column("month", "Month", Kind.TEXT, "Month of the class."), *_PLACES)
ROOMS = (
    Column("room", "Room", Kind.TEXT, "As the class names it."),
    Column("clinic", "Clinic", Kind.TEXT, "Where.", wide=True),
    *_PLACES,
)
THERAPISTS = (
    Column("therapist", "Therapist", Kind.TEXT, "Planned or named: a class with two counts twice."),
    Column("clinic", "Clinic", Kind.TEXT, "Where.", wide=True),
    *_PLACES,
)
CAUSES = (
    Column("state", "How it ended", Kind.TEXT, "What became of the session."),
    Column("number", "Sessions", Kind.COUNT, "Scheduled sessions that ended so."),
    Column("share", "Share %", Kind.PERCENT, "Of all scheduled sessions."),
    Column("low", "from %", Kind.PERCENT, "Lower end of Wilson’s 95 % interval.", wide=True),
    Column("high", "to %", Kind.PERCENT, "Upper end of Wilson’s 95 % interval.", wide=True),
)
CAUSES_BY_MONTH = (
    Column("month", "Month", Kind.TEXT, "Month of the session."),
    Column("scheduled", "Scheduled", Kind.COUNT, "See the no-show rate."),
    Column("no_show", "No-show", Kind.COUNT, "No-shows."),
    Column("no_show_share", "No-show %", Kind.PERCENT, "No-shows ÷ scheduled."),
    Column("client", "Client’s causes", Kind.COUNT, "See cancelled or not come."),
    Column("client_share", "Client’s %", Kind.PERCENT, "Client’s causes ÷ scheduled."),
    Column("clinic", "Clinic’s causes", Kind.COUNT, "Cancelled by the clinic, or closed."),
    Column("clinic_share", "Clinic’s %", Kind.PERCENT, "Clinic’s causes ÷ scheduled."),
)
CREDITS = (
    Column("state", "How it ended", Kind.TEXT, "What became of the session that is owed."),
    Column("owed", "Owed", Kind.COUNT, "Taken + booked + open + lapsed."),
    Column("taken", "Taken", Kind.COUNT, "Its make-up was attended."),
    Column("booked", "Booked", Kind.COUNT, "A make-up is still to come."),
    Column("open", "Open", Kind.COUNT, "None is booked, and it can still be made up."),
    Column("lapsed", "Lapsed", Kind.COUNT, "It can no longer be made up."),
    Column("share", "Taken %", Kind.PERCENT, "Taken ÷ (taken + lapsed)."),
)
BY_FLAG = (
    Column("flag", "Flag", Kind.TEXT, "Its rule."),
    Column("severity", "Severity", Kind.TEXT, "The one that it had last."),
    Column("opened", "Opened", Kind.COUNT, "Opened within the dates."),
    Column("waits", "still open", Kind.COUNT, "Of those opened: open now."),
    Column("closed", "Closed", Kind.COUNT, "Closed within the dates."),
    Column("person", "by a person", Kind.COUNT, "Of those closed: not by itself."),
    Column("days", "Median days", Kind.NUMBER, "Until a person closed it."),
    Column("useless", "Not useful", Kind.COUNT, "Closed by a person as not useful."),
    Column("useless_share", "Not useful %", Kind.PERCENT, "Not useful ÷ closed by a person."),
)
BY_CHECK = (
    Column("check", "What", Kind.TEXT, "Scan or tests, the first ones apart."),
    Column("due", "Came due", Kind.COUNT, "Within the dates, until today."),
    Column("in_time", "In time", Kind.COUNT, "Done before they were overdue."),
    Column("late", "Late", Kind.COUNT, "Done after that."),
    Column("missing", "Not done", Kind.COUNT, "Not done until now."),
    Column("share", "In time %", Kind.PERCENT, "In time ÷ came due."),
    Column("low", "from %", Kind.PERCENT, "Lower end of Wilson’s 95 % interval.", wide=True),
    Column("high", "to %", Kind.PERCENT, "Upper end of Wilson’s 95 % interval.", wide=True),
)

_WHO = (
    Column("client", "Client", Kind.TEXT, "Whose."),
    Column("clinic", "Clinic", Kind.TEXT, "Where.", wide=True),
)
CLASSES_BEHIND = (
    Column("began", "Class", Kind.MOMENT, "When it began."),
    Column("room", "Room", Kind.TEXT, "Where."),
    Column("clinic", "Clinic", Kind.TEXT, "Whose."),
    Column("supervisors", "Supervisors", Kind.COUNT, "Planned or named."),
    Column("offered", "Offered", Kind.COUNT, "Its places; blank where nobody supervised it."),
    Column("held", "Held", Kind.COUNT, "Places held until the start."),
    Column("came", "Came", Kind.COUNT, "Sessions attended in it."),
)
SESSIONS_BEHIND = (
    Column("began", "Session", Kind.MOMENT, "When it began."),
    *_WHO,
    Column("state", "How it ended", Kind.TEXT, "What became of it."),
    Column("purpose", "Kind", Kind.TEXT, "Regular, make-up or extra.", wide=True),
    Column("why", "Why", Kind.TEXT, "What was said of it."),
)
CREDITS_BEHIND = (
    Column("began", "Session", Kind.MOMENT, "When it began."),
    *_WHO,
    Column("state", "How it ended", Kind.TEXT, "What became of it."),
    Column("became", "Make-up", Kind.TEXT, "Taken, booked, open or lapsed."),
    Column("until", "Until", Kind.DAY, "The last day on which it can be made up."),
)
FLAGS_BEHIND = (
    Column("opened", "Opened", Kind.MOMENT, "When."),
    *_WHO,
    Column("flag", "Flag", Kind.TEXT, "Its rule."),
    Column("severity", "Severity", Kind.TEXT, "The one that it had last."),
    Column("closed", "Closed", Kind.MOMENT, "When."),
    Column("resolution", "How", Kind.TEXT, "The answer that closed it."),
    Column("by", "By", Kind.TEXT, "Who closed it."),
)
CHECKS_BEHIND = (
    Column("client", "Client", Kind.TEXT, "Whose."),
    Column("clinic", "Clinic", Kind.TEXT, "Where.", wide=True),
    Column("check", "What", Kind.TEXT, "Scan or tests."),
    Column("due", "Due", Kind.DAY, "On which day."),
    Column("overdue", "Overdue from", Kind.DAY, "From which day.", wide=True),
    Column("done", "Done", Kind.DAY, "On which day."),
)
RULES = (
    ("Small rows", "A row with fewer than 20 is pale, and not to be compared."),
    (
        "Whose",
        "Sessions, make-ups, scans and tests are those of the clients asked about; places are "
        "those of the clinic.",
    ),
)
